"""A partition as slots for the common judge: one per shape of node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import msgspec

from ...resources import Range, Resources
from ...task import Task
from ..capacity import Loop, Slot, asked
from .cluster import MIB, Cluster, Node, Partition
from .fit import memory_limit
from .question import Question

__all__ = ["effective", "roomiest", "slots"]

_NO_GPU: Final = Range(0, 0)
_Shape = tuple[int, int, tuple[tuple[str, int], ...]]
"""Processors, memory and GPUs of a node."""


def slots(partition: Partition, cluster: Cluster, nodes: int) -> tuple[Slot, ...]:
    """Return what a job of so many nodes may have in a partition, by shape of node.

    Nodes on which nothing starts count only where there are no others.
    """
    members = cluster.members(partition)
    if not members:
        return (_hidden(partition),)
    alive = [node for node in members if not node.unavailable] or list(members)
    shapes: dict[_Shape, Node] = {}
    counts: Counter[_Shape] = Counter()
    for node in alive:
        shape = (node.cpus, node.memory, tuple(sorted(node.gpus.items())))
        shapes[shape] = node
        counts[shape] += 1
    kinds = [(shapes[shape], count) for shape, count in counts.items()]
    if nodes > 1:
        # Nodes with and without GPUs may work together when nobody needs the GPUs.
        bare = [replace(node, gpus={}) for node in shapes.values()]
        shapes.update({(node.cpus, node.memory, ()): node for node in bare})
    return tuple(
        _slot(partition, cluster, shapes[shape], nodes, len(members))
        for shape in sorted(shapes, reverse=True)
        if sum(count for other, count in kinds if _holds(other, shapes[shape])) >= nodes
    )


def _hidden(partition: Partition) -> Slot:
    """Return what is known of a partition whose nodes are not shown."""
    bounds = {} if partition.max_time is None else {"duration": Range(max=partition.max_time)}
    return Slot(name=partition.name, scope=f"partition {partition.name}", bounds=bounds)


def _holds(other: Node, node: Node) -> bool:
    return (
        other.cpus >= node.cpus
        and other.memory >= node.memory
        and all(other.gpus.get(kind, 0) >= count for kind, count in node.gpus.items())
    )


def _slot(partition: Partition, cluster: Cluster, node: Node, nodes: int, members: int) -> Slot:
    cpus = min(node.cpus, partition.max_cpus_per_node or node.cpus)
    memory = min(node.memory, memory_limit(partition, cluster.settings) or node.memory)
    gpus = sum(node.gpus.values())
    bounds = {
        "cores": Range(max=cpus * nodes * 1000),
        "memory": Range(max=memory * nodes * MIB),
        "gpus": Range(max=gpus * nodes) if gpus else _NO_GPU,
        "nodes": Range(
            partition.min_nodes or None, min(partition.max_nodes or members, members)
        ),
    }
    if partition.max_time is not None:
        bounds["duration"] = Range(max=partition.max_time)
    kinds = frozenset(kind for kind in node.gpus if kind)
    return Slot(
        name=partition.name,
        scope=f"partition {partition.name}",
        bounds=bounds,
        accepts={"gpu model": kinds} if kinds else {},
    )


def roomiest(found: Sequence[Slot], task: Task) -> Slot | None:
    """Return the shape of node with most cores, then memory, of those that take a task.

    One shape and not the largest values of several: the cores of one node and the
    GPUs of another are nothing that a job could have.
    """
    terms = [term for term in asked(task) if term.subject != "nodes"]
    failures = Loop(found).judge(terms).failures()
    fitting = [slot for slot, failing in zip(found, failures, strict=True) if not failing]

    def size(slot: Slot) -> list[int]:
        bounds = [slot.bounds.get(name) for name in ("cores", "memory", "gpus")]
        return [(bound and bound.max) or 0 for bound in bounds]

    return max(fitting, key=size, default=None)


def effective(wanted: Resources, question: Question) -> tuple[Resources, dict[str, str]]:
    """Return what a job asks once Slurm's defaults are in, and which ends are defaults.

    The GPU's model becomes the cluster's own word for it, and its vendor and memory,
    which Slurm does not know, are left out.
    """
    filled: dict[str, str] = {}
    changed = wanted
    for name, default in (
        ("cores", question.cpus * question.nodes * 1000),
        ("memory", (question.default_memory or 0) * question.nodes * MIB),
        ("duration", question.minutes * 60),
    ):
        if default and getattr(wanted, name).min is None:
            changed = changed.replace(name, min=default)
            filled[f"{name}.min"] = "default"
    if wanted.gpu is not None:
        kind = question.gpu_type or None
        changed = msgspec.structs.replace(
            changed,
            gpu=msgspec.structs.replace(wanted.gpu, model=kind, vendor=None, memory=None),
        )
    return changed, filled
