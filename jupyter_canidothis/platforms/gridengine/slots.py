"""A queue as slots for the common judge: one per shape of instance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from ...resources import Range, Resources
from ...task import Task
from ..capacity import Loop, Slot, asked
from .cluster import Cluster, Instance, Queue
from .fit import opening
from .limits import Limits, limits
from .question import Question

__all__ = ["alternatives", "effective", "open_members", "roomiest", "slots"]


def open_members(queue: Queue, cluster: Cluster, now: float) -> tuple[Instance, ...]:
    """Return the instances in which jobs start, now or once they open by themselves."""
    return tuple(
        each
        for each in cluster.members(queue.name)
        if not each.unavailable or opening(queue, each, cluster, now) is not None
    )


def slots(
    put: Question, queue: Queue, members: Sequence[Instance], cluster: Cluster
) -> tuple[Slot, ...]:
    """Return what a job of so many slots may have, by shape of instance."""
    shapes = dict.fromkeys(limits(put, queue, each, cluster) for each in members)
    return tuple(_slot(put, queue, shape) for shape in shapes)


def _slot(put: Question, queue: Queue, has: Limits) -> Slot:
    most = has.slots if put.suits else 1
    bounds = {"nodes": Range(max=1), "cores": Range(max=most * 1000)}
    for name, amount in (
        ("memory", has.memory),
        ("gpus", has.gpus),
        ("duration", has.seconds),
    ):
        if amount is not None:
            bounds[name] = Range(0, 0) if name == "gpus" and not amount else Range(max=amount)
    return Slot(name=queue.name, scope=f"queue {queue.name}", bounds=bounds)


def alternatives(
    put: Question, queue: Queue, members: Sequence[Instance], cluster: Cluster
) -> tuple[Slot, ...]:
    """Return the slots for as many cores as asked, and for just one.

    What is counted per slot may fit one slot where equal parts for several do not.
    """
    found = slots(put, queue, members, cluster)
    if put.slots == 1:
        return found
    single = slots(replace(put, slots=1, pe="", suits=True), queue, members, cluster)
    return (
        *found,
        *(
            msgspec.structs.replace(each, bounds={**each.bounds, "cores": Range(max=1000)})
            for each in single
            if each.bounds["cores"].max
        ),
    )


def effective(wanted: Resources, put: Question) -> Resources:
    """Return what a job takes once requests per slot are rounded up.

    The GPU's vendor, model and memory, which Grid Engine does not know, are left out.
    """
    changed = msgspec.structs.replace(wanted, gpu=None)
    if put.all_memory:
        changed = changed.replace("memory", min=put.all_memory)
    if put.all_gpus:
        changed = changed.replace("gpus", min=put.all_gpus)
    return changed


def roomiest(found: Sequence[Slot], task: Task) -> Slot | None:
    """Return the slot with most cores, then memory, of those that take a task."""
    failures = Loop(found).judge(asked(task)).failures()
    fitting = [slot for slot, failing in zip(found, failures, strict=True) if not failing]

    def size(slot: Slot) -> list[int]:
        bounds = [slot.bounds.get(name) for name in ("cores", "memory", "gpus")]
        return [(bound and bound.max) or 0 for bound in bounds]

    return max(fitting, key=size, default=None)
