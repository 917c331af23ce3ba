"""Read a ``WWW-Authenticate`` challenge, to show it; nothing in it is ever followed."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ..credentials import Origin
from ..evidence import trim

__all__ = ["Challenge", "describe", "parse"]

_LIMIT: Final = 4096
"""Longest header looked at, in characters."""
_PIECE: Final = re.compile(
    r"""\s*,*\s*(?:
        (?P<key>[A-Za-z0-9_.-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s,"]+))
        |(?P<scheme>[A-Za-z][A-Za-z0-9_-]*)(?=\s|,|$)
        |(?P<noise>[^\s,]+)
    )""",
    re.VERBOSE,
)
_WHERE: Final = ("access_url", "discovery_url", "authorization_uri", "realm")
"""Parameters that say where to log in, best first (AuthVO working draft; RFC 6750)."""


class Challenge(NamedTuple):
    """One scheme that would be accepted (RFC 9110 section 11.6.1)."""

    scheme: str
    """Such as ``Bearer``, ``Basic``, ``ivoa_bearer``, ``ivoa_x509``, ``ivoa_cookie``."""
    parameters: dict[str, str]
    """Its parameters, keys in lower case."""


def parse(header: str) -> tuple[Challenge, ...]:
    """Read the challenges of a header value; what does not parse is skipped."""
    found: list[Challenge] = []
    for piece in _PIECE.finditer(header[:_LIMIT]):
        if scheme := piece["scheme"]:
            found.append(Challenge(scheme, {}))
        elif piece["key"] and found:
            quoted = piece["quoted"]
            value = piece["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            found[-1].parameters.setdefault(piece["key"].lower(), value)
    return tuple(found)


def describe(header: str) -> str:
    """Say in a few words from where a login is wanted, or return an empty text."""
    shown: list[str] = []
    for challenge in parse(header)[:8]:
        where = next((challenge.parameters[k] for k in _WHERE if k in challenge.parameters), "")
        text = f"{_place(where)} ({challenge.scheme})" if where else challenge.scheme
        if text not in shown:
            shown.append(text)
    return trim(" or ".join(shown), 300)


def _place(where: str) -> str:
    try:
        # The origin says who asks; the rest of a login address may hold state.
        return str(Origin.of(where))
    except ValueError:
        return f'"{trim(where, 80)}"'
