"""Quantities as text: parse and print memory, durations, cores, counts and ranges.

Inside the package every quantity is an integer: cores in milli-cores, memory
and disk in bytes, time in seconds. This module and the wire codecs are the
only places that know any other spelling.

Memory suffixes follow the batch systems (``sbatch(1)``, ``qsub(1)``) and the
Execution Planner note: ``8G`` and ``8GiB`` are both 8 × 2³⁰ bytes. Only the
explicit ``GB`` is decimal (10⁹).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final

from .errors import RequestError

__all__ = [
    "GIB",
    "LARGEST",
    "format_cores",
    "format_count",
    "format_duration",
    "format_memory",
    "parse_cores",
    "parse_count",
    "parse_duration",
    "parse_memory",
    "parse_pair",
    "spell_duration",
    "spell_memory",
]

GIB: Final = 2**30
LARGEST: Final = 2**53 - 1
"""Largest quantity accepted anywhere: what JSON readers in every language keep exact."""

_LONGEST: Final = 40
"""Longest spelling of one quantity, in characters."""
_PREFIXES: Final = "KMGTPE"
_MEMORY: Final = re.compile(r"([0-9]*\.?[0-9]+)\s*([KMGTPE]?)(i?B|i)?", re.IGNORECASE)
_MEMORY_ACCEPTED: Final = 'bytes as a whole number, or text such as "512M", "8G", "8GiB"'
_CLOCK: Final = re.compile(r"(?:([0-9]+)-)?([0-9]+):([0-9]{1,2})(?::([0-9]{1,2}))?")
_WORDS: Final = re.compile(
    r"(?:([0-9.]+)\s*d)?\s*(?:([0-9.]+)\s*h)?\s*"
    r"(?:([0-9.]+)\s*m(?:in)?)?\s*(?:([0-9.]+)\s*s)?",
    re.IGNORECASE,
)
_ISO: Final = re.compile(r"P(?:([0-9.]+)D)?(?:T(?:([0-9.]+)H)?(?:([0-9.]+)M)?(?:([0-9.]+)S)?)?")
_DURATION_ACCEPTED: Final = (
    'seconds as a whole number, or text such as "10m", "9h30m", "PT9H30M", "2-00:00:00"'
)
_CORES_ACCEPTED: Final = 'a number of cores from 0.001, or text such as "4", "0.5", "500m"'


def _bounded(value: Decimal, field: str, given: object, accepted: str) -> int:
    if not value.is_finite() or value < 0 or value > LARGEST:
        raise RequestError(field, given, f"{accepted}, from 0 to {LARGEST}")
    return int(value.to_integral_value(rounding="ROUND_CEILING"))


def _decimal(text: str, field: str, given: object, accepted: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise RequestError(field, given, accepted) from error


def _number(value: object, field: str, accepted: str) -> Decimal | None:
    """Return a plain JSON or YAML number exactly, or None when it is text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise RequestError(field, value, accepted)
    if isinstance(value, str):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        raise RequestError(field, value, accepted)
    return Decimal(str(value))


def parse_memory(value: object, field: str = "memory") -> int:
    """Read an amount of memory or disk.

    Parameters
    ----------
    value
        Bytes as a number, or text with a unit.
    field
        How the caller spells this field, for the error.

    Returns
    -------
    int
        Bytes, rounded up.

    Raises
    ------
    RequestError
        Not an amount, negative, or above `LARGEST`.
    """
    number = _number(value, field, _MEMORY_ACCEPTED)
    if number is not None:
        return _bounded(number, field, value, _MEMORY_ACCEPTED)
    text = str(value).strip()
    match = _MEMORY.fullmatch(text)
    if match is None or len(text) > _LONGEST:
        raise RequestError(field, value, _MEMORY_ACCEPTED)
    digits, prefix, suffix = match.groups()
    power = _PREFIXES.index(prefix.upper()) + 1 if prefix else 0
    base = 1000 if suffix and suffix.upper() == "B" and prefix else 1024
    amount = _decimal(digits, field, value, _MEMORY_ACCEPTED) * base**power
    return _bounded(amount, field, value, _MEMORY_ACCEPTED)


def parse_duration(value: object, field: str = "duration") -> int:
    """Read a duration.

    Accepts seconds as a number, ``9h30m``, ISO 8601 ``PT9H30M``, and the clock
    forms of ``sbatch(1)``: ``minutes:seconds``, ``hours:minutes:seconds``,
    ``days-hours:minutes[:seconds]``.

    Returns
    -------
    int
        Seconds, rounded up.

    Raises
    ------
    RequestError
        Not a duration, negative, or above `LARGEST`.
    """
    number = _number(value, field, _DURATION_ACCEPTED)
    if number is not None:
        return _bounded(number, field, value, _DURATION_ACCEPTED)
    text = str(value).strip()
    if not text or len(text) > _LONGEST:
        raise RequestError(field, value, _DURATION_ACCEPTED)
    if text.isascii() and text.isdigit():
        return _bounded(Decimal(text), field, value, _DURATION_ACCEPTED)
    if clock := _CLOCK.fullmatch(text):
        return _bounded(_clock_seconds(clock), field, value, _DURATION_ACCEPTED)
    match = _ISO.fullmatch(text.upper()) or _WORDS.fullmatch(text)
    if match is None or not any(match.groups()):
        raise RequestError(field, value, _DURATION_ACCEPTED)
    factors = (86400, 3600, 60, 1)
    total = sum(
        (
            _decimal(part, field, value, _DURATION_ACCEPTED) * factor
            for part, factor in zip(match.groups(), factors, strict=True)
            if part
        ),
        Decimal(0),
    )
    return _bounded(total, field, value, _DURATION_ACCEPTED)


def _clock_seconds(clock: re.Match[str]) -> Decimal:
    days, first, second, third = clock.groups()
    if days is None and third is None:
        return Decimal(int(first) * 60 + int(second))
    return Decimal(
        int(days or 0) * 86400 + int(first) * 3600 + int(second) * 60 + int(third or 0)
    )


def parse_cores(value: object, field: str = "cores") -> int:
    """Read a number of cores.

    Returns
    -------
    int
        Milli-cores: ``4`` is 4000, ``"500m"`` is 500.

    Raises
    ------
    RequestError
        Not a number of cores, negative, or too large.
    """
    number = _number(value, field, _CORES_ACCEPTED)
    if number is None:
        text = str(value).strip()
        milli = text.endswith("m")
        if not re.fullmatch(r"[0-9]*\.?[0-9]+m?", text) or len(text) > _LONGEST:
            raise RequestError(field, value, _CORES_ACCEPTED)
        number = _decimal(text.removesuffix("m"), field, value, _CORES_ACCEPTED)
        if milli:
            number /= 1000
    return _bounded(number * 1000, field, value, _CORES_ACCEPTED)


def parse_count(value: object, field: str = "count") -> int:
    """Read a whole number of things (GPUs, nodes).

    Raises
    ------
    RequestError
        Not a whole number from 0.
    """
    accepted = "a whole number from 0"
    number = _number(value, field, accepted)
    if number is None:
        text = str(value).strip()
        if not re.fullmatch(r"[0-9]{1,16}", text):
            raise RequestError(field, value, accepted)
        number = Decimal(text)
    if number != number.to_integral_value():
        raise RequestError(field, value, accepted)
    return _bounded(number, field, value, accepted)


def parse_pair(
    value: object, parse: Callable[[object, str], int], field: str
) -> tuple[int | None, int | None]:
    """Read ``MIN:MAX``, ``MIN``, ``MIN:`` or ``:MAX``.

    A clock duration holds colons itself, so its range is written with ``..``
    (``01:00:00..02:00:00``); both separators work for every quantity.

    Returns
    -------
    tuple
        The parsed ends, None where open.

    Raises
    ------
    RequestError
        An end does not parse, or the minimum is above the maximum.
    """
    low: object = value
    high: object = None
    if isinstance(value, str):
        text = value.strip()
        if ".." in text:
            low, _, high = text.partition("..")
        elif ":" in text and not (parse is parse_duration and _CLOCK.fullmatch(text)):
            low, _, high = text.partition(":")
    least = None if low in (None, "") else parse(low, field)
    most = None if high in (None, "") else parse(high, field)
    if least is None and most is None:
        raise RequestError(field, value, "a value, or a range MIN:MAX")
    if least is not None and most is not None and least > most:
        raise RequestError(field, value, "a range whose minimum is not above its maximum")
    return least, most


def format_memory(amount: int) -> str:
    """Print bytes for a person: ``16 GiB``, ``1.5 GiB``, ``300 MiB``."""
    for power in range(len(_PREFIXES), 0, -1):
        size = 1024**power
        if amount >= size:
            scaled = amount / size
            text = f"{scaled:.2f}".rstrip("0").rstrip(".")
            return f"{text} {_PREFIXES[power - 1]}iB"
    return f"{amount} B"


def spell_memory(amount: int) -> str:
    """Print bytes for the wire, exactly: ``8G``, ``1536M``, ``1000``."""
    for power in range(len(_PREFIXES), 0, -1):
        size = 1024**power
        if amount and amount % size == 0:
            return f"{amount // size}{_PREFIXES[power - 1]}"
    return str(amount)


_STEPS: Final = ((86400, "d", "d"), (3600, "h", "h"), (60, "min", "m"), (1, "s", "s"))


def format_duration(seconds: int) -> str:
    """Print seconds for a person: ``2 h``, ``9 h 30 min``, ``5 s``."""
    parts = []
    for size, word, _ in _STEPS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {word}")
    return " ".join(parts[:2]) or "0 s"


def spell_duration(seconds: int) -> str:
    """Print seconds for the wire, exactly: ``9h30m``, ``60s`` is ``1m``."""
    parts = []
    for size, _, letter in _STEPS[1:]:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{letter}")
    return "".join(parts) or "0s"


def format_cores(millicores: int) -> str:
    """Print milli-cores for a person: ``4 cores``, ``0.5 cores``, ``1 core``."""
    whole = f"{millicores / 1000:g}"
    return f"{whole} core" if whole == "1" else f"{whole} cores"


def format_count(count: int) -> str:
    """Print a plain count."""
    return str(count)
