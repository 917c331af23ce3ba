"""From the API server's lists to what is known of a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from . import objects
from .cluster import Machine, Queue, Quota
from .needs import requests
from .quantity import amounts

__all__ = ["Load", "read_machine", "read_queue", "read_quota", "read_storage", "with_load"]

_DONE = frozenset({"Succeeded", "Failed"})
_STAY = frozenset({"DaemonSet", "Node"})
"""Owners whose pods never leave their node; a static pod's mirror belongs to its Node."""
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def read_machine(node: objects.Node) -> Machine:
    """Read one node."""
    ready = [c.status == "True" for c in node.status.conditions or () if c.type == "Ready"]
    return Machine(
        node.metadata.name,
        node.metadata.labels or {},
        tuple(node.spec.taints or ()),
        amounts(node.status.allocatable),
        ready=all(ready),
        cordoned=node.spec.unschedulable,
    )


@dataclass
class Load:
    """What pods take of their nodes; pods are added up and forgotten."""

    held: dict[str, dict[int, dict[str, int]]] = field(default_factory=dict)
    """By node and priority."""
    fixed: dict[str, dict[str, int]] = field(default_factory=dict)
    """By node, of pods that stay."""
    count: int = 0
    """How many pods were read."""

    def add(self, pod: objects.RunningPod) -> None:
        """Add one pod, unless it has no node or has ended."""
        self.count += 1
        node = pod.spec.node
        if not node or pod.status.phase in _DONE:
            return
        taken = requests(pod.spec)
        _add_to(self.held.setdefault(node, {}).setdefault(pod.spec.priority, {}), taken)
        if any(owner.kind in _STAY for owner in pod.metadata.owners or ()):
            _add_to(self.fixed.setdefault(node, {}), taken)


def _add_to(total: dict[str, int], more: Mapping[str, int]) -> None:
    for name, amount in more.items():
        total[name] = total.get(name, 0) + amount


def with_load(machines: Iterable[Machine], load: Load) -> tuple[Machine, ...]:
    """Return the nodes with what their pods take."""
    return tuple(
        replace(
            machine,
            held=load.held.get(machine.name, {}),
            fixed=load.fixed.get(machine.name, {}),
        )
        for machine in machines
    )


def read_quota(quota: objects.Quota) -> Quota:
    """Read one ResourceQuota; its status holds what is enforced, its spec what will be."""
    scopes = [(scope, "Exists", frozenset[str]()) for scope in quota.spec.scopes or ()]
    selector = quota.spec.selector
    if selector is not None:
        scopes += [
            (each.name, each.operator, frozenset(each.values or ()))
            for each in selector.expressions or ()
        ]
    hard = amounts(quota.status.hard if quota.status.hard is not None else quota.spec.hard)
    used = amounts(quota.status.used)
    return Quota(quota.metadata.name, hard, used, tuple(scopes))


def read_queue(queue: objects.LocalQueue) -> Queue:
    """Read one LocalQueue (Kueue API reference, condition ``Active``)."""
    active = [c for c in queue.status.conditions or () if c.type == "Active"]
    works = all(c.status == "True" for c in active) and queue.spec.stop == "None"
    why = next((c.message for c in active if c.status != "True"), "")
    if queue.spec.stop != "None":
        why = f"stopPolicy {queue.spec.stop}"
    name, whole = queue.metadata.name, queue.spec.cluster_queue
    return Queue(name, whole, works, queue.status.pending, why)


def read_storage(classes: Iterable[objects.StorageClass]) -> dict[str, bool]:
    """Return the storage classes by name, and which is the default."""
    return {
        each.metadata.name: (each.metadata.annotations or {}).get(_DEFAULT_CLASS) == "true"
        for each in classes
    }
