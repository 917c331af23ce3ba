"""Grid Engine's amounts (complex(5), sge_types(1)): memory, time, counts."""

from __future__ import annotations

import math
import re
from typing import Final

__all__ = ["read_amount", "read_count", "read_memory", "read_seconds"]

_MULTIPLIERS: Final = {
    "": 1,
    **{letter: 1000**power for power, letter in enumerate("kmgtp", 1)},
    **{letter: 1024**power for power, letter in enumerate("KMGTP", 1)},
}
"""Lower case is decimal, upper case binary (sge_types(1), memory_specifier)."""
_MEMORY: Final = re.compile(r"([0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)([kmgtpKMGTP]?)")
_UNLIMITED: Final = frozenset({"", "NONE", "INFINITY", "INF", "UNLIMITED", "UNDEFINED", "-"})


def read_amount(text: str) -> float | None:
    """Return a number with an optional multiplier; None where there is no limit."""
    found = _MEMORY.fullmatch(text.strip())
    if text.strip().upper() in _UNLIMITED or found is None:
        return None
    factor: int = _MULTIPLIERS[found.group(2)]
    return float(found.group(1)) * factor


def read_memory(text: str) -> int | None:
    """Return bytes; None where there is no limit."""
    amount = read_amount(text)
    return None if amount is None else math.floor(amount)


def read_count(text: str) -> int | None:
    """Return a whole number, rounded down; None where there is none."""
    return read_memory(text)


def read_seconds(text: str) -> int | None:
    """Return seconds from ``h:m:s`` or a number; None where there is no limit."""
    stripped = text.strip()
    if ":" not in stripped:
        return read_memory(stripped)
    parts = stripped.split(":")
    if len(parts) != 3 or not all(part.isdigit() or not part for part in parts):  # noqa: PLR2004
        return None
    hours, minutes, seconds = (int(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds
