"""Quantities as Kubernetes spells them, and amounts of named resources.

Source: Kubernetes API reference, "Quantity"; ``apimachinery/pkg/api/resource``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from ...errors import RequestError
from ...units import LARGEST

__all__ = [
    "CPU",
    "EPHEMERAL",
    "MEMORY",
    "Amounts",
    "add",
    "amounts",
    "largest",
    "parse",
    "spell",
    "subtract",
]

Amounts = Mapping[str, int]
"""Amount by resource name: ``cpu`` in milli-cores, everything else in its own unit."""

CPU: Final = "cpu"
MEMORY: Final = "memory"
EPHEMERAL: Final = "ephemeral-storage"

_QUANTITY: Final = re.compile(
    r"([+-]?[0-9.]{1,40})([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]{1,2})?"
)
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_ACCEPTED: Final = 'a quantity of Kubernetes such as "500m", "4", "16Gi"'


@lru_cache(maxsize=8192)
def parse(resource: str, given: str | float) -> int:
    """Read one quantity, rounded up, of a resource: milli-cores or whole units.

    Parameters
    ----------
    resource
        Its name, such as ``cpu``, ``requests.memory`` or ``nvidia.com/gpu``.
    given
        As Kubernetes or a manifest spells it.

    Raises
    ------
    RequestError
        Not a quantity, or beyond `LARGEST`.
    """
    match = _QUANTITY.fullmatch(str(given))
    digits = match.group(1) if match else ""
    if match is None or digits.count(".") > 1 or not any(c.isdigit() for c in digits):
        raise RequestError(resource, given, _ACCEPTED)
    number, suffix = Decimal(digits), match.group(2) or ""
    if suffix in _BINARY:
        number *= 2 ** _BINARY[suffix]
    elif suffix in _DECIMAL:
        number = number.scaleb(_DECIMAL[suffix])
    elif suffix:
        number = number.scaleb(int(suffix[1:]))
    if resource.rpartition(".")[2] == CPU:
        number *= 1000
    if abs(number) > LARGEST:
        raise RequestError(resource, given, _ACCEPTED)
    return int(number.to_integral_value(rounding="ROUND_CEILING"))


def amounts(given: Mapping[str, str | int | float] | None) -> dict[str, int]:
    """Read a list of resources, as ``requests``, ``limits`` or ``allocatable`` hold it."""
    return {name: parse(name, value) for name, value in (given or {}).items()}


def add(*several: Amounts) -> dict[str, int]:
    """Return the sum, resource by resource."""
    total: dict[str, int] = {}
    for each in several:
        for name, amount in each.items():
            total[name] = total.get(name, 0) + amount
    return total


def subtract(whole: Amounts, *several: Amounts) -> dict[str, int]:
    """Return what is left of a whole, resource by resource."""
    left = dict(whole)
    for each in several:
        for name, amount in each.items():
            left[name] = left.get(name, 0) - amount
    return left


def largest(several: Iterable[Amounts]) -> dict[str, int]:
    """Return the greatest amount of each resource."""
    most: dict[str, int] = {}
    for each in several:
        for name, amount in each.items():
            most[name] = max(most.get(name, 0), amount)
    return most


def spell(resource: str, amount: int) -> str:
    """Write an amount exactly, in the largest unit that does: ``500m``, ``16Gi``."""
    if resource.rpartition(".")[2] == CPU:
        return f"{amount // 1000}" if amount % 1000 == 0 else f"{amount}m"
    for suffix, power in sorted(_BINARY.items(), key=lambda item: -item[1]):
        if amount and amount % 2**power == 0:
            return f"{amount >> power}{suffix}"
    return str(amount)
