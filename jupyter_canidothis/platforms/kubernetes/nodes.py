"""Why the nodes have no room, in fields of the task where a field is to blame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ...answer import Code, Reason
from ...resources import Resources
from ...task import Task
from .. import capacity, refusals
from .cluster import Cluster
from .gpus import RESOURCES, products
from .offering import slots
from .placing import Batch, Placement
from .quantity import CPU, EPHEMERAL, MEMORY
from .selecting import keeps_off

__all__ = ["against"]

_CURABLE = ("cordoned", "not ready")


def against(
    task: Task, batches: Sequence[Batch], cluster: Cluster, found: Placement
) -> Iterator[Reason]:
    """Yield why pods have no room on any day.

    Parameters
    ----------
    task
        The task as asked.
    batches
        All its pods, filled in.
    cluster
        What is known; its nodes are shown.
    found
        What was found.
    """
    failing = found.failing
    if failing is None:
        return
    if len(batches) > 1 or failing.count > 1:
        pods = "pod" if failing.count == 1 else "pods"
        told = f"{failing.name}: {found.placed} of {failing.count} {pods} fit; {found.counts}"
        yield Reason("would-pend-forever", told, scope="node")
        return
    missing = list(_missing_model(task, cluster))
    yield from missing
    if missing:
        return
    by_amount = list(_by_amount(task, failing, cluster, found))
    yield from by_amount or [_counted(found)]


def _counted(found: Placement) -> Reason:
    """Say by counts alone what no single amount is to blame for."""
    why = [words for words in found.obstacles.values() if words]
    # What keeps pods off for a while only is a closed door, not a missing one.
    closed = bool(why) and any(words in _CURABLE for words in why)
    code: Code = "closed" if closed else "would-pend-forever"
    told = (
        f"No node takes it: {found.counts}" if found.obstacles else "The cluster has no nodes"
    )
    return Reason(code, told, scope="node")


def _missing_model(task: Task, cluster: Cluster) -> Iterator[Reason]:
    gpu = task.resources.gpu
    if gpu is None or not gpu.model or task.resources.gpus.max == 0:
        return
    names = sorted({name for machine in cluster.machines or () for name in products(machine)})
    wanted = gpu.model.lower().replace(" ", "-")
    if any(wanted in name.lower().replace(" ", "-") for name in names):
        return
    listed = ", ".join(names)
    if not names and any(
        m.allocatable.get(r) for m in cluster.machines or () for r in RESOURCES.values()
    ):
        told = "Nodes do not say what their GPUs are"
        yield Reason("not-published", told, "/resources/gpu/model", gpu.model, scope="node")
        return
    told = f"No node has GPU model {gpu.model}; " + (
        f"there are: {listed}" if names else "none has a GPU"
    )
    yield Reason(
        "no-such-resource", told, "/resources/gpu/model", gpu.model, listed, scope="node"
    )


def _by_amount(
    task: Task, failing: Batch, cluster: Cluster, found: Placement
) -> Iterator[Reason]:
    able = [m for m in cluster.machines or () if not keeps_off(m, failing.spec)]
    if not able:
        return
    wanted = _effective(task.resources, failing)
    terms = [
        term
        for term in capacity.asked(msgspec.structs.replace(task, resources=wanted))
        if term.subject in ("cores", "memory", "disk", "gpus") and term.end == "min"
    ]
    shapes = slots(failing.spec, cluster, bare=True)
    failures = capacity.Loop(shapes).judge(terms).failures()
    if not all(failures):
        return
    best = refusals.best_refusal(failures)
    for reason in refusals.reasons(shapes[best], failures[best]):
        told = f"{reason.message} ({found.counts})"
        yield msgspec.structs.replace(reason, message=told)


def _effective(wanted: Resources, failing: Batch) -> Resources:
    """Return what the pod really asks for, defaults included."""
    need = failing.need
    gpus = max((need.get(name, 0) for name in RESOURCES.values()), default=0)
    for dimension, amount in (
        ("cores", need.get(CPU)),
        ("memory", need.get(MEMORY)),
        ("disk", need.get(EPHEMERAL)),
        ("gpus", gpus or None),
    ):
        if amount:
            wanted = wanted.replace(dimension, min=amount)
    return msgspec.structs.replace(wanted, gpu=None)
