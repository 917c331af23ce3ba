"""The nodes as slots for the common judge: what one more pod may have, by shape of node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from ...answer import Change
from ...resources import Range, Resources
from ...task import Task
from .. import refusals
from ..capacity import Loop, Slot, asked
from .cluster import Cluster, Machine
from .counting import counts, left_of
from .gpus import RESOURCES, products
from .objects import PodSpec
from .quantity import CPU, EPHEMERAL, MEMORY, Amounts, amounts
from .selecting import keeps_off

__all__ = ["nearest", "offered", "slots"]

_DIMENSIONS: Final = {"cores": CPU, "memory": MEMORY, "disk": EPHEMERAL}
_SHAPES: Final = 64
"""Most shapes of nodes that are looked at, the largest first."""


def slots(spec: PodSpec, cluster: Cluster, *, bare: bool = False) -> tuple[Slot, ...]:
    """Return what a pod of these tolerations and labels may have on an empty day.

    Bounded by the nodes it may go to, and, unless bare, by what is left of quotas and by
    the limits of the namespace. One pod fits on one node.
    """
    caps = {} if bare else _caps(spec, cluster)
    if cluster.machines is None:
        return (_slot(None, caps),)
    able = [machine for machine in cluster.machines if not keeps_off(machine, spec)]
    shapes = {_shape(machine): machine for machine in able}
    largest = sorted(shapes, reverse=True)[:_SHAPES]
    return tuple(_slot(shapes[shape], caps) for shape in largest)


def _shape(machine: Machine) -> tuple[Any, ...]:
    sizes = machine.ever
    gpus = tuple(sizes.get(name, 0) for name in RESOURCES.values())
    plain = tuple(sizes.get(name, 0) for name in _DIMENSIONS.values())
    return (*gpus, *plain, *sorted(products(machine)))


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


def _slot(machine: Machine | None, caps: Amounts) -> Slot:
    sizes = machine.ever if machine is not None else None
    bounds = {"nodes": Range(max=1)}
    for dimension, resource in _DIMENSIONS.items():
        limits = [] if sizes is None else [max(0, sizes.get(resource, 0))]
        limits += [caps[resource]] if resource in caps else []
        if limits:
            bounds[dimension] = Range(max=min(limits))
    gpus = [0] if sizes is not None else []
    for resource in RESOURCES.values():
        own = [sizes.get(resource, 0)] if sizes is not None else []
        own += [caps[resource]] if resource in caps else []
        gpus += [min(own)] if own else []
    if gpus:
        bounds["gpus"] = Range(max=max(gpus))
    accepts = {}
    if machine is not None and bounds["gpus"].max:
        accepts["gpu model"] = frozenset(name.replace("-", " ") for name in products(machine))
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
