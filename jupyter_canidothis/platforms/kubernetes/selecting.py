"""Which nodes a pod may go to at all: taints, labels, cordons.

Source: Kubernetes documentation, "Taints and Tolerations" and "Assigning Pods to Nodes".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .cluster import Machine
from .objects import PodSpec, Taint, Toleration

__all__ = ["keeps_off", "selected", "unjudged"]

_CORDON: Final = Taint("node.kubernetes.io/unschedulable", "", "NoSchedule")
_UNREADY: Final = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_BINDING: Final = frozenset({"NoSchedule", "NoExecute"})


def keeps_off(machine: Machine, spec: PodSpec, *, daemon: bool = False) -> str:
    """Say in a few words why a pod never goes to a node; empty when it may.

    Parameters
    ----------
    machine
        The node.
    spec
        The pod.
    daemon
        Whether a DaemonSet makes it: then cordons and conditions do not count.
    """
    if spec.node and spec.node != machine.name:
        return "not the node named"
    bears = spec.tolerations or ()
    if machine.cordoned and not daemon and not _tolerated(_CORDON, bears):
        return "cordoned"
    unready = not machine.ready or any(taint.key in _UNREADY for taint in machine.taints)
    if unready and not daemon and not _all_tolerated(machine.taints, bears, _UNREADY):
        return "not ready"
    for taint in machine.taints:
        ignored = daemon and taint.key.startswith("node.kubernetes.io/")
        if taint.effect in _BINDING and not ignored and not _tolerated(taint, bears):
            return f"tainted ({taint.key})"
    return "" if selected(machine, spec) else "without the labels asked for"


def _all_tolerated(
    taints: Sequence[Taint], bears: Sequence[Toleration], keys: Sequence[str]
) -> bool:
    """Whether a pod bears an unready node, which says so by its taints."""
    told = [taint for taint in taints if taint.key in keys and taint.effect in _BINDING]
    return bool(told) and all(_tolerated(taint, bears) for taint in told)


def _tolerated(taint: Taint, bears: Sequence[Toleration]) -> bool:
    return any(_bears(toleration, taint) for toleration in bears)


def _bears(toleration: Toleration, taint: Taint) -> bool:
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.operator == "Exists":
        return toleration.key in ("", taint.key)
    return toleration.key == taint.key and toleration.value == taint.value


def selected(machine: Machine, spec: PodSpec) -> bool:
    """Whether a node has the labels that a pod requires."""
    wanted = spec.selector or {}
    if any(machine.labels.get(key) != value for key, value in wanted.items()):
        return False
    required = _required(spec)
    if required is None:
        return True
    terms = required.get("nodeSelectorTerms") or ()
    return any(_matches(machine, term) for term in terms if isinstance(term, Mapping))


def _required(spec: PodSpec) -> Mapping[str, Any] | None:
    node = (spec.affinity or {}).get("nodeAffinity") or {}
    found = node.get("requiredDuringSchedulingIgnoredDuringExecution")
    return found if isinstance(found, Mapping) else None


def _matches(machine: Machine, term: Mapping[str, Any]) -> bool:
    """Whether a node meets all of one term; a term without conditions matches nothing."""
    labels, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    if not labels and not fields:
        return False
    named = {"metadata.name": machine.name}
    return all(_meets(machine.labels, each) for each in labels) and all(
        _meets(named, each) for each in fields
    )


def _meets(labels: Mapping[str, str], wanted: Mapping[str, Any]) -> bool:
    value, values = labels.get(str(wanted.get("key"))), list(wanted.get("values") or [])
    operator = wanted.get("operator")
    if operator in ("In", "Exists"):
        return value is not None and (operator == "Exists" or value in values)
    if operator in ("NotIn", "DoesNotExist"):
        return value is None or (operator == "NotIn" and value not in values)
    try:
        has, limit = int(value or ""), int(values[0])
    except (ValueError, IndexError):
        return False
    return has > limit if operator == "Gt" else has < limit


def unjudged(spec: PodSpec) -> tuple[str, ...]:
    """Name what of a pod the scheduler looks at and we do not."""
    affinity = spec.affinity or {}
    rule = "requiredDuringSchedulingIgnoredDuringExecution"
    kinds = ("podAffinity", "podAntiAffinity")
    found = [kind for kind in kinds if (affinity.get(kind) or {}).get(rule)]
    if any(
        each.get("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule"
        for each in spec.spread or ()
    ):
        found.append("topologySpreadConstraints")
    containers = [*(spec.first or ()), *(spec.containers or ())]
    if any(port.host for container in containers for port in container.ports or ()):
        found.append("hostPort")
    if any(
        "persistentVolumeClaim" in volume or "ephemeral" in volume
        for volume in spec.volumes or ()
    ):
        found.append("persistent volumes")
    if spec.gates:
        found.append("schedulingGates")
    if spec.claims:
        found.append("resourceClaims")
    if spec.scheduler != "default-scheduler":
        found.append(f"scheduler {spec.scheduler}")
    return tuple(found)
