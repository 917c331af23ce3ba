"""The nodes as slots for the common judge: what one more pod may have, by shape of node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import ge
from typing import Final

import msgspec

from ...answer import Change, Cliff
from ...resources import Range, Resources
from ...task import Task
from .. import refusals
from ..capacity import Loop, Slot, asked
from ..cliffs import cliffs
from .cluster import Cluster
from .counting import counts, left_of
from .gpus import RESOURCES, products
from .objects import PodSpec
from .placing import Room
from .quantity import CPU, EPHEMERAL, MEMORY, Amounts, amounts
from .selecting import keeps_off

__all__ = ["marks", "nearest", "offered", "slots"]

_DIMENSIONS: Final = {"cores": CPU, "memory": MEMORY, "disk": EPHEMERAL}
_GPUS: Final = tuple(RESOURCES.values())


def slots(spec: PodSpec, cluster: Cluster, *, bare: bool = False) -> tuple[Slot, ...]:
    """Return what a pod of these tolerations and labels may have on an empty day.

    Bounded by the nodes it may go to, and, unless bare, by what is left of quotas and by
    the limits of the namespace. One pod fits on one node.
    """
    return _slots(spec, cluster, {} if bare else _caps(spec, cluster), lambda each: each.ever)


def marks(task: Task, spec: PodSpec, cluster: Cluster) -> tuple[Cliff, ...]:
    """Return up to where the cluster would take the task, and up to where at once.

    Parameters
    ----------
    task
        The task as asked.
    spec
        Its pod.
    cluster
        What is known.
    """
    terms, caps = asked(_plain(task)), _caps(spec, cluster)
    ever = cliffs(
        Loop(_slots(spec, cluster, caps, lambda each: each.ever)).judge(terms).tally()
    )
    if cluster.machines is None or not cluster.pods_shown:
        return ever
    free = _slots(spec, cluster, caps, lambda each: each.now)
    most = {cliff.field: cliff.at for cliff in ever}
    now = cliffs(Loop(free).judge(terms).tally(), "later")
    return (*(c for c in now if c.at < most.get(c.field, c.at + 1)), *ever)


def _slots(spec: PodSpec, cluster: Cluster, caps: Amounts, room: Room) -> tuple[Slot, ...]:
    if cluster.machines is None:
        return (_slot(None, frozenset(), caps),)
    shapes: dict[frozenset[str], set[tuple[int, ...]]] = {}
    names = (*_GPUS, *_DIMENSIONS.values())
    for machine in cluster.machines:
        if not keeps_off(machine, spec):
            left = room(machine)
            sizes = tuple([max(0, left.get(name, 0)) for name in names])
            shapes.setdefault(products(machine), set()).add(sizes)
    return tuple(
        _slot(dict(zip(names, sizes, strict=True)), models, caps)
        for models, found in shapes.items()
        for sizes in _largest(found)
    )


def _largest(found: Iterable[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Leave out every shape that another one has all of: nothing fits it alone."""
    kept: list[tuple[int, ...]] = []
    for sizes in sorted(found, reverse=True):
        if not any(all(map(ge, other, sizes)) for other in kept):
            kept.append(sizes)
    return kept


def _caps(spec: PodSpec, cluster: Cluster) -> dict[str, int]:
    """Return the most that quotas and limits leave, by resource."""
    found: list[Amounts] = []
    for quota in cluster.quotas or ():
        if counts(quota, spec):
            names = ("requests.", "limits.", "")
            found += [
                {
                    name.removeprefix(prefix): amount
                    for name, amount in left_of(quota).items()
                    if name.startswith(prefix)
                }
                for prefix in names
            ]
    found += [
        amounts(item.max) for item in cluster.limits or () if item.type in ("Container", "Pod")
    ]
    caps: dict[str, int] = {}
    for each in found:
        for name, amount in each.items():
            caps[name] = min(amount, caps.get(name, amount))
    return caps


def _slot(sizes: Amounts | None, models: frozenset[str], caps: Amounts) -> Slot:
    bounds = {"nodes": Range(max=1)}
    for dimension, resource in _DIMENSIONS.items():
        limits = [] if sizes is None else [sizes[resource]]
        limits += [caps[resource]] if resource in caps else []
        if limits:
            bounds[dimension] = Range(max=min(limits))
    gpus = [0] if sizes is not None else []
    for resource in _GPUS:
        own = [sizes[resource]] if sizes is not None else []
        own += [caps[resource]] if resource in caps else []
        gpus += [min(own)] if own else []
    if gpus:
        bounds["gpus"] = Range(max=max(gpus))
    accepts = {}
    if sizes is not None and bounds["gpus"].max:
        accepts["gpu model"] = frozenset(name.replace("-", " ") for name in models)
    return Slot(scope="node", bounds=bounds, accepts=accepts)


def offered(task: Task, found: Sequence[Slot]) -> tuple[Resources, dict[str, str]]:
    """Return what was asked with its open ends filled by the roomiest slot that takes it."""
    plain = _plain(task)
    failures = Loop(found).judge(asked(plain)).failures() if found else []
    taking = [slot for slot, failed in zip(found, failures, strict=True) if not failed]
    if not taking:
        return task.resources, {}
    roomiest = max(
        taking, key=lambda slot: slot.bounds["cores"].max or 0 if "cores" in slot.bounds else 0
    )
    resources, filled = refusals.granted(roomiest, plain.resources)
    return msgspec.structs.replace(
        resources, gpu=task.resources.gpu, nodes=task.resources.nodes
    ), filled


def nearest(task: Task, pod: Callable[[Task], PodSpec], cluster: Cluster) -> tuple[Change, ...]:
    """Return the changes that nodes, quotas and limits suggest, smallest first.

    Parameters
    ----------
    task
        The refused task.
    pod
        Makes the pod of a task.
    cluster
        What is known.
    """
    open_to_all = msgspec.structs.replace(
        task, resources=msgspec.structs.replace(task.resources, gpu=None)
    )
    return refusals.changes(_plain(task), slots(pod(open_to_all), cluster))


def _plain(task: Task) -> Task:
    """Leave out what no slot knows: the run time, and what is known by label alone."""
    wanted, gpu = task.resources, task.resources.gpu
    known = None if gpu is None else msgspec.structs.replace(gpu, vendor=None, memory=None)
    if known is not None and known.model:
        known = msgspec.structs.replace(known, model=known.model.replace("-", " "))
    return msgspec.structs.replace(task, resources=msgspec.structs.replace(wanted, gpu=known))
