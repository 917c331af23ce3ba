"""Amounts a task asks for and a platform grants: ranges, GPUs and their table.

Units inside the package and in its JSON: cores in milli-cores, memory and disk
in bytes, time in seconds, the rest as counts; all integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Final, NamedTuple

import msgspec

from . import units
from .errors import RequestError

__all__ = ["DIMENSIONS", "Dimension", "Gpu", "Range", "Resources"]

Amount = Annotated[int, msgspec.Meta(ge=0, le=units.LARGEST)]


class Range(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """From a least to a greatest amount; an absent end is open."""

    min: Amount | None = None
    """Needs at least this much."""
    max: Amount | None = None
    """Can use up to this much."""

    def __bool__(self) -> bool:
        return self.min is not None or self.max is not None

    def overlap(self, other: Range) -> Range | None:
        """Return what both ranges allow, or None when they share nothing."""
        lows = [low for low in (self.min, other.min) if low is not None]
        highs = [high for high in (self.max, other.max) if high is not None]
        low, high = max(lows, default=None), min(highs, default=None)
        if low is not None and high is not None and low > high:
            return None
        return Range(low, high)


class Gpu(msgspec.Struct, frozen=True, omit_defaults=True):
    """What each GPU has to be; how many is `Resources.gpus`."""

    vendor: str | None = None
    """``nvidia``, ``amd`` or ``intel``; None accepts any."""
    model: str | None = None
    """Product name or the platform's type, e.g. ``a100``; None accepts any."""
    memory: Amount | None = None
    """Least memory of one GPU, in bytes."""


class Resources(msgspec.Struct, frozen=True, omit_defaults=True):
    """Amounts for the whole task; an empty range asks for nothing in particular."""

    cores: Range = Range()
    """Processor cores, in milli-cores."""
    memory: Range = Range()
    """Main memory, in bytes."""
    duration: Range = Range()
    """Run time, in seconds."""
    startup: Range = Range()
    """Time from asking to running, in seconds."""
    gpus: Range = Range()
    """Number of GPUs."""
    disk: Range = Range()
    """Disk space, in bytes."""
    nodes: Range = Range()
    """Number of hosts the task may be spread over; empty means one."""
    gpu: Gpu | None = None
    """What each GPU has to be."""

    def __iter__(self) -> Iterator[tuple[str, Range]]:
        """Yield each dimension with its range, in the order of `DIMENSIONS`."""
        return ((name, getattr(self, name)) for name in DIMENSIONS)

    def replace(self, dimension: str, **ends: int | None) -> Resources:
        """Return a copy with ``min`` and/or ``max`` of one dimension changed."""
        current: Range = getattr(self, dimension)
        changed = msgspec.structs.replace(current, **ends)
        return msgspec.structs.replace(self, **{dimension: changed})

    def check(self) -> None:
        """Refuse ranges whose minimum is above their maximum.

        Raises
        ------
        RequestError
            Names the dimension.
        """
        for name, asked in self:
            if asked.min is not None and asked.max is not None and asked.min > asked.max:
                raise RequestError(
                    f"resources.{name}",
                    f"{asked.min}:{asked.max}",
                    "a minimum that is not above the maximum",
                )


class Dimension(NamedTuple):
    """How one dimension of `Resources` is named, parsed and printed."""

    name: str
    """Field of `Resources` and of our JSON."""
    label: str
    """What a person reads."""
    parse: Callable[[object, str], int]
    """Text or number to the internal integer."""
    format: Callable[[int], str]
    """Internal integer to text for a person."""


DIMENSIONS: Final[dict[str, Dimension]] = {
    dimension.name: dimension
    for dimension in (
        Dimension("cores", "Cores", units.parse_cores, units.format_cores),
        Dimension("memory", "Memory", units.parse_memory, units.format_memory),
        Dimension("duration", "Duration", units.parse_duration, units.format_duration),
        Dimension("startup", "Start-up", units.parse_duration, units.format_duration),
        Dimension("gpus", "GPUs", units.parse_count, units.format_count),
        Dimension("disk", "Disk", units.parse_memory, units.format_memory),
        Dimension("nodes", "Nodes", units.parse_count, units.format_count),
    )
}
