"""What the API server's words mean.

The three refusals that are all HTTP 403 differ by their text alone: an access rule
(``User "bob" cannot create resource``), a quota (``exceeded quota:``) and a limit
(``maximum cpu usage per Container is``). Texts: ``apiserver/pkg/authorization``,
``plugin/pkg/admission/{resourcequota,limitranger}``, recorded from 1.20.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ...answer import Code, Reason
from ...errors import RequestError
from ...evidence import trim
from .counting import Excess, field_of
from .quantity import parse, spell

__all__ = ["Refusal", "reasons"]

_QUOTA: Final = re.compile(
    r"exceeded quota: (?P<name>[^,]+), requested: (?P<asked>.+?), "
    r"used: (?P<used>.+?), limited: (?P<limit>[^\s\]]+)"
)
_RANGE: Final = re.compile(
    r"(?P<end>maximum|minimum) (?P<resource>\S+) usage per (?P<what>\w+) is (?P<limit>[^,\s]+)"
    r"(?:, but (?:limit|request) is (?P<asked>[^,\s\]]+))?"
)
_RATIO: Final = re.compile(r"(?P<resource>\S+) max limit to request ratio per \w+ is")
_PAIR: Final = re.compile(r"([^=,\s]+)=([^=,\s]+)")


@dataclass(frozen=True)
class Refusal:
    """How the API server refused to create something."""

    status: int
    """HTTP status."""
    text: str
    """Its own words."""

    @property
    def by_access(self) -> bool:
        """Whether an access rule refused it, so that nothing else was looked at."""
        return self.status == 403 and "cannot create resource" in self.text  # noqa: PLR2004

    @property
    def no_namespace(self) -> bool:
        """Whether the namespace itself is missing."""
        return self.status == 404 and "namespaces" in self.text  # noqa: PLR2004

    @property
    def untried(self) -> bool:
        """Whether a webhook cannot be asked without doing it."""
        return "does not support dry run" in self.text


_WORDS: Final[tuple[tuple[str, Code, str], ...]] = (
    ("cannot create resource", "not-authorised", "You may not create this here"),
    ("must specify", "below-minimum", "A quota wants every pod to say how much it takes"),
    ("being terminated", "closed", "The namespace is being deleted"),
    ("no PriorityClass", "no-such-resource", "There is no such priority class"),
    ("error looking up service account", "no-such-resource", "There is no such account"),
    ("violates PodSecurity", "not-authorised", "The namespace's pod security forbids it"),
    ("denied the request", "not-authorised", "A policy of the cluster forbids it"),
    ("no matches for kind", "no-such-resource", "The cluster does not know this kind"),
    ("could not find the requested", "no-such-resource", "The cluster does not know this"),
)


def reasons(refusal: Refusal, what: str) -> tuple[Reason, ...]:
    """Say why something was refused, with numbers where the server gives them.

    Parameters
    ----------
    refusal
        The server's refusal.
    what
        What was to be created, e.g. ``pod``.
    """
    text = trim(refusal.text, 500)
    found = [*_by_quota(refusal.text), *_by_range(refusal.text)]
    if not found:
        code, told = _meaning(refusal.text)
        said = trim(refusal.text, 300)
        found = [
            Reason(
                code,
                f"{told} ({what}): {said}"
                if told
                else f"Kubernetes refuses the {what}: {said}",
            )
        ]
    return tuple(_with(reason, text) for reason in found)


def _with(reason: Reason, text: str) -> Reason:
    return Reason(
        reason.code, reason.message, reason.field, reason.asked, reason.limit, reason.used,
        reason.scope, text,
    )  # fmt: skip


def _meaning(text: str) -> tuple[Code, str]:
    return next(
        ((code, told) for words, code, told in _WORDS if words in text), ("refused", "")
    )


def _by_quota(text: str) -> Iterator[Reason]:
    for match in _QUOTA.finditer(text):
        try:
            asked, used, limit = (
                {name: parse(name, value) for name, value in _PAIR.findall(match[part])}
                for part in ("asked", "used", "limit")
            )
        except RequestError:
            continue
        for name, amount in asked.items():
            if name in limit:
                excess = Excess(match["name"], name, amount, limit[name], used.get(name, 0))
                yield excess.reason()


def _by_range(text: str) -> Iterator[Reason]:
    for match in _RANGE.finditer(text):
        resource, what = match["resource"], match["what"].lower()
        try:
            limit = parse(resource, match["limit"].rstrip(".]"))
            asked = parse(resource, match["asked"]) if match["asked"] else None
        except RequestError:
            continue
        above = match["end"] == "maximum"
        field = field_of(resource)
        amount = "no amount" if asked is None else spell(resource, asked)
        side = "above the limit" if above else "below the minimum"
        yield Reason(
            "limit-exceeded" if above else "below-minimum",
            f"{resource} {amount} is {side} of {spell(resource, limit)} per {what}",
            field if above else field.replace("/min", "/max"),
            asked,
            limit,
            scope=f"limit per {what}",
        )
    for match in _RATIO.finditer(text):
        told = f"{match['resource']}: the limit is too many times the request"
        yield Reason("limit-exceeded", told, field_of(match["resource"]), scope="limit ratio")
