"""What an HTCondor pool publishes: slots, those alike together, schedds and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

__all__ = [
    "AMOUNTS",
    "KIB",
    "MIB",
    "VENDORS",
    "Closed",
    "Pool",
    "Room",
    "Schedd",
    "Shape",
    "vendor_of",
]

MIB: Final = 2**20
KIB: Final = 2**10
AMOUNTS: Final = ("Cpus", "Memory", "Disk", "GPUs")
"""Amounts of a slot, in processors, MiB, KiB and pieces (machine ClassAd attributes)."""

Closed = Literal["", "drained", "draining", "offline"]
"""Why nothing starts on a slot whatever the task."""


@dataclass(frozen=True)
class Room:
    """One slot, as it is at this moment."""

    name: str
    """As the pool calls it."""
    free: tuple[float, ...]
    """What is free of each of `AMOUNTS`."""
    claimed: bool
    """Whether it is taken as a whole; a partitionable slot never is."""
    facts: Mapping[str, str]
    """Its ad: attribute to expression."""


@dataclass(frozen=True)
class Shape:
    """Slots that take the same jobs once they are empty."""

    ad: Any
    """Ad of an empty slot of this shape (`classad2.ClassAd`)."""
    facts: Mapping[str, str]
    """The same as attribute to expression, names in lower case."""
    total: tuple[float, ...]
    """How much it has of each of `AMOUNTS`."""
    rooms: tuple[Room, ...]
    """The slots of this shape."""
    closed: Closed = ""
    """Why nothing starts on them."""
    gpu_models: frozenset[str] = frozenset()
    """Names of its GPUs; empty when it does not publish them."""
    gpu_vendors: frozenset[str] = frozenset()
    """Who makes them."""
    gpu_memory: int | None = None
    """Memory of its smallest GPU in MiB; None when it does not publish it."""

    def refers_to(self, *names: str) -> bool:
        """Whether what decides about a job names one of these attributes."""
        text = " ".join(self.facts.get(name, "") for name in _DECIDING).lower()
        return any(name.lower() in text for name in names)


VENDORS: Final[Mapping[str, str]] = {"amd": "amd|radeon|instinct", "intel": "intel"}
"""Words in the names of GPUs by vendor; what has none of them is of NVIDIA, as those often
do not say so ("Tesla V100-SXM2-16GB")."""


def vendor_of(model: str) -> str:
    """Return who makes a GPU, by its product name."""
    words = model.lower()
    found = (
        name
        for name, known in VENDORS.items()
        if any(word in words for word in known.split("|"))
    )
    return next(found, "nvidia")


_DECIDING: Final = ("start", "requirements", "withinresourcelimits")


@dataclass(frozen=True)
class Schedd:
    """A queue that jobs are submitted to."""

    name: str
    most_running: int | None = None
    """``MaxJobsRunning``; None when it is not published."""
    running: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Pool:
    """All that is known of a pool."""

    shapes: tuple[Shape, ...] = ()
    schedds: tuple[Schedd, ...] = ()
    negotiator: bool = True
    """Whether somebody matches jobs with slots at all."""
    cycle: int | None = None
    """Seconds from one negotiation to the next."""
    params: Mapping[str, str] = field(default_factory=dict)
    """Settings of the submitting side."""
    version: str = ""

    @property
    def slots(self) -> int:
        """How many slots there are, dynamic ones not counted."""
        return sum(len(shape.rooms) for shape in self.shapes)
