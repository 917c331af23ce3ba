"""Whether the nodes have room for all pods of a task, with counts in plain words.

One pod goes to one node. Pods of one size are counted exactly. For pods of several
sizes there is surely no room when even a tight packing cannot be, and surely room when
no order of placing them can leave one without a node.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from .certainty import surely
from .cluster import Machine
from .needs import requests
from .objects import PodSpec
from .quantity import CPU, EPHEMERAL, MEMORY, Amounts
from .selecting import keeps_off

__all__ = ["Batch", "Placement", "Room", "place", "shortfalls"]

_LACKS: Final = {
    CPU: "too few cores",
    MEMORY: "too little memory",
    EPHEMERAL: "too little disk",
    "pods": "no place for another pod",
}
_LISTED: Final = 40
"""Most nodes listed one by one."""

Room = Callable[[Machine], Amounts]


@dataclass(frozen=True)
class Batch:
    """Some pods that are all alike."""

    name: str
    """What makes them: ``Deployment/web``; empty for the task's own pod."""
    spec: PodSpec
    """Each of them."""
    count: int = 1
    """How many."""
    daemon: bool = False
    """Whether there is one on each node instead."""

    @cached_property
    def need(self) -> Amounts:
        """What one of them takes."""
        return requests(self.spec)


@dataclass(frozen=True)
class Placement:
    """How pods fit on nodes."""

    fits: bool | None
    """None when it depends on the order in which the scheduler places them."""
    failing: Batch | None = None
    """The first that has no room."""
    placed: int = 0
    """How many of its pods have room."""
    obstacles: dict[str, str] = field(default_factory=dict)
    """For each node why it takes none of the failing ones; empty where it takes some."""

    @property
    def counts(self) -> str:
        """Return what stands against it: ``0 of 3 nodes: 2 too few cores, 1 cordoned``."""
        total = len(self.obstacles)
        able = sum(not words for words in self.obstacles.values())
        why = Counter(words for words in self.obstacles.values() if words)
        told = ", ".join(f"{count} {words}" for words, count in why.most_common())
        nodes = "node" if total == 1 else "nodes"
        return f"{able} of {total} {nodes}" + (f": {told}" if told else "")

    def listing(self) -> str:
        """Return the nodes one by one, the first few of them."""
        lines = [f"{name}: {words or 'fits'}" for name, words in self.obstacles.items()]
        more = f"\nand {len(lines) - _LISTED} more" if len(lines) > _LISTED else ""
        return "\n".join(lines[:_LISTED]) + more


def shortfalls(need: Amounts, room: Amounts) -> str:
    """Say what a node has too little of, in a few words; empty when it has room."""
    lacks = [
        name for name, amount in need.items() if amount > max(0, room.get(name, 0)) and amount
    ]
    return " and ".join(_LACKS.get(name, f"too few {name}") for name in lacks)


def place(batches: Sequence[Batch], machines: Sequence[Machine], room: Room) -> Placement:
    """Place all pods on nodes that have so much room.

    Parameters
    ----------
    batches
        All pods.
    machines
        All nodes.
    room
        What of a node counts as free.
    """
    ground = _Ground(batches, machines, room)
    for batch in batches:
        if (failed := ground.alone(batch)) is not None:
            return failed
    for batch in batches:
        if batch.daemon:
            ground.settle(batch)
    others = [batch for batch in batches if not batch.daemon]
    if len(others) == 1:
        seen = ground.obstacles(others[0])
        return _tight(others, ground, seen)
    tight = _tight(others, ground.copy())
    if tight.fits is False:
        return _refused(others, tight, ground)
    return tight if _sure(others, ground) else Placement(None, others[-1])


class _Ground:
    """The nodes while pods are placed on them."""

    def __init__(
        self, batches: Sequence[Batch], machines: Sequence[Machine], room: Room
    ) -> None:
        self.machines = machines
        self.left = {machine.name: dict(room(machine)) for machine in machines}
        self.closed = {
            id(batch): {m.name: keeps_off(m, batch.spec, daemon=batch.daemon) for m in machines}
            for batch in batches
        }

    def copy(self) -> _Ground:
        """Return the same nodes, to try something on."""
        other = _Ground((), self.machines, lambda machine: self.left[machine.name])
        other.closed = self.closed
        return other

    def able(self, batch: Batch) -> list[str]:
        """Return the nodes that pods may go to at all."""
        return [name for name, words in self.closed[id(batch)].items() if not words]

    def obstacles(self, batch: Batch) -> dict[str, str]:
        """Say for each node what keeps one more pod off it; empty words where nothing does."""
        need, left = batch.need, self.left
        return {
            name: words or shortfalls(need, left[name])
            for name, words in self.closed[id(batch)].items()
        }

    def alone(self, batch: Batch) -> Placement | None:
        """Return what keeps even one pod of a batch off every node."""
        obstacles = self.obstacles(batch)
        if batch.count == 0 or not all(obstacles.values()):
            return None
        return Placement(fits=False, failing=batch, obstacles=obstacles)

    def settle(self, batch: Batch) -> None:
        """Put one pod on each node that has room for it."""
        for name in self.able(batch):
            if not shortfalls(batch.need, self.left[name]):
                _take(self.left[name], batch.need, 1)


def _tight(
    batches: Sequence[Batch], ground: _Ground, seen: dict[str, str] | None = None
) -> Placement:
    """Fill node after node, the largest pods first."""
    left = ground.left
    for batch in sorted(batches, key=_size, reverse=True):
        need, waiting = batch.need, batch.count
        obstacles = ground.obstacles(batch)
        able = [name for name, words in obstacles.items() if not words]
        for name in sorted(able, key=lambda name: left[name].get(CPU, 0)):
            taking = min(waiting, _most(need, left[name]))
            _take(left[name], need, taking)
            waiting -= taking
            if not waiting:
                break
        if waiting:
            placed = batch.count - waiting
            return Placement(fits=False, failing=batch, placed=placed, obstacles=obstacles)
    return Placement(fits=True, obstacles=seen or {})


def _refused(batches: Sequence[Batch], tight: Placement, ground: _Ground) -> Placement:
    """Hold a packing that failed against what no packing can get around.

    Only a sum that is larger than all nodes together, or one size that alone has no
    room, is surely too much.
    """
    for batch in batches:
        alone = _tight([batch], ground.copy())
        if alone.fits is False:
            return alone
    needed: Counter[str] = Counter()
    for batch in batches:
        for name, amount in batch.need.items():
            needed[name] += amount * batch.count
    able = {name for batch in batches for name in ground.able(batch)}
    for name, amount in needed.items():
        if amount > sum(max(0, ground.left[node].get(name, 0)) for node in able):
            return tight
    return Placement(None, tight.failing, tight.placed, tight.obstacles)


def _sure(batches: Sequence[Batch], ground: _Ground) -> bool:
    names = sorted({name for batch in batches for name, need in batch.need.items() if need})
    open_to = [frozenset(ground.able(batch)) for batch in batches]
    nodes = Counter(
        (
            tuple([max(0, left.get(resource, 0)) for resource in names]),
            tuple([name in able for able in open_to]),
        )
        for name, left in ground.left.items()
    )
    needs = [batch.need for batch in batches]
    return surely(needs, [batch.count for batch in batches], nodes, names)


def _size(batch: Batch) -> tuple[int, int]:
    return batch.need.get(CPU, 0), batch.need.get(MEMORY, 0)


def _most(need: Amounts, room: Amounts) -> int:
    return min(
        (room.get(name, 0) // amount for name, amount in need.items() if amount), default=0
    )


def _take(room: dict[str, int], need: Amounts, times: int) -> None:
    for name, amount in need.items():
        room[name] = room.get(name, 0) - amount * times
