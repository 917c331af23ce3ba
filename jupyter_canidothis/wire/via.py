"""Request headers that planners send each other: who asked before, and how long they wait."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ..errors import RequestError

__all__ = [
    "DEADLINE",
    "HOPS",
    "VIA",
    "read_deadline",
    "read_via",
    "write_deadline",
    "write_via",
]

VIA: Final = "X-CanIDoThis-Via"
"""Ids of the plans that led to this question, oldest first."""
DEADLINE: Final = "X-CanIDoThis-Deadline"
"""Milliseconds that the asker will wait for the whole answer."""
HOPS: Final = 8
"""Most planners between the person and a platform; longer chains are loops."""

_LISTED: Final = 32
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def write_via(plans: Sequence[str]) -> str:
    """Spell the ids of the plans that led to a question."""
    return ", ".join(plans)


def read_via(header: str) -> tuple[str, ...]:
    """Read the ids of the plans that led to a question.

    Raises
    ------
    RequestError
        Too many, or not ids.
    """
    plans = tuple(part.strip() for part in header.split(",") if part.strip())
    if len(plans) > _LISTED or not all(map(_ID.fullmatch, plans)):
        raise RequestError(VIA, header, f"at most {_LISTED} plan ids, separated by commas")
    return plans


def write_deadline(seconds: float) -> str:
    """Spell how long the asker waits."""
    return str(max(1, round(seconds * 1000)))


def read_deadline(header: str) -> float | None:
    """Read how long the asker waits, in seconds; None when the header is empty.

    Raises
    ------
    RequestError
        Not a whole number of milliseconds.
    """
    if not header:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", header):
        raise RequestError(DEADLINE, header, "a whole number of milliseconds")
    return int(header) / 1000
