"""What pods and objects take of the quotas of their namespace.

Source: Kubernetes documentation, "Resource Quotas" (resources, scopes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...answer import Reason
from .cluster import Quota
from .needs import limits, requests
from .objects import PodSpec
from .placing import Batch
from .quantity import CPU, EPHEMERAL, MEMORY, Amounts, spell

__all__ = ["FIELDS", "Excess", "excesses", "field_of", "left_of", "shown"]

FIELDS: Final = {
    CPU: "/resources/cores/min",
    MEMORY: "/resources/memory/min",
    EPHEMERAL: "/resources/disk/min",
}
"""Which field of a task a resource comes from; GPUs are extended resources."""


@dataclass(frozen=True)
class Excess:
    """One quota that does not hold what is asked."""

    quota: str
    """Its name."""
    resource: str
    """As it spells it, such as ``requests.cpu``."""
    asked: int
    """How much is asked."""
    limit: int
    """How much it holds."""
    used: int
    """How much of it is taken."""

    def reason(self) -> Reason:
        """Say it: for ever where the quota is too small, else as things stand."""
        ever = self.asked > self.limit
        asked, limit, used = (
            spell(self.resource, amount) for amount in (self.asked, self.limit, self.used)
        )
        told = f"{self.resource} {asked} is above the limit of {limit} of quota {self.quota}"
        if not ever:
            told = (
                f"{self.resource} {asked} is above what is left of quota {self.quota}: "
                f"{used} of {limit} is taken"
            )
        return Reason(
            "limit-exceeded" if ever else "quota-exhausted",
            told,
            field_of(self.resource),
            self.asked,
            self.limit,
            self.used,
            scope=f"quota {self.quota}",
        )


def field_of(resource: str) -> str:
    """Return the field of a task that a resource of a quota or a node comes from."""
    bare = resource.removeprefix("requests.").removeprefix("limits.")
    if bare in FIELDS:
        return FIELDS[bare]
    return "/resources/gpus/min" if "gpu" in bare else ""


def shown(resource: str) -> str:
    """Return what a person calls a resource."""
    return {CPU: "Cores", MEMORY: "Memory", EPHEMERAL: "Disk"}.get(resource, resource)


def left_of(quota: Quota) -> Amounts:
    """Return what is left of a quota."""
    return {name: max(0, hard - quota.used.get(name, 0)) for name, hard in quota.hard.items()}


def excesses(
    quotas: Sequence[Quota], batches: Sequence[Batch], objects: Mapping[str, int]
) -> Iterator[Excess]:
    """Yield every limit of a quota that all pods and objects together go beyond.

    Parameters
    ----------
    quotas
        Of the namespace.
    batches
        All pods; those of DaemonSets count once, their number is the nodes' affair.
    objects
        How many other objects there are, as quotas name them, and what storage they ask.
    """
    for quota in quotas:
        asked = dict(objects)
        for batch in batches:
            if counts(quota, batch.spec):
                for name, amount in _usage(batch.spec).items():
                    asked[name] = asked.get(name, 0) + amount * batch.count
        for name, hard in quota.hard.items():
            used, wanted = quota.used.get(name, 0), asked.get(name, 0)
            if wanted and wanted + used > hard:
                yield Excess(quota.name, name, wanted, hard, used)


def _usage(spec: PodSpec) -> dict[str, int]:
    """Return what a pod takes of a quota, under every name that a quota may use."""
    asks, most = requests(spec), limits(spec)
    usage = {"pods": 1, "count/pods": 1}
    for name, amount in asks.items():
        if name != "pods":
            usage[f"requests.{name}"] = amount
    for name in (CPU, MEMORY, EPHEMERAL):
        usage[name] = asks.get(name, 0)
        usage[f"limits.{name}"] = most.get(name, 0)
    return usage


def counts(quota: Quota, spec: PodSpec) -> bool:
    """Whether a quota counts a pod, by its scopes."""
    return all(_in_scope(spec, *scope) for scope in quota.scopes)


def _in_scope(spec: PodSpec, scope: str, operator: str, values: frozenset[str]) -> bool:
    if scope in ("BestEffort", "NotBestEffort"):
        sizes = {**requests(spec), **limits(spec)}
        best_effort = not sizes.get(CPU) and not sizes.get(MEMORY)
        return best_effort == (scope == "BestEffort")
    if scope in ("Terminating", "NotTerminating"):
        return (spec.deadline is not None) == (scope == "Terminating")
    if scope == "PriorityClass":
        return _named(spec.priority_class, operator, values)
    return False


def _named(name: str, operator: str, values: frozenset[str]) -> bool:
    if operator in ("Exists", "DoesNotExist"):
        return bool(name) == (operator == "Exists")
    return (name in values) == (operator == "In")
