"""What is known of a cluster, as one user sees one namespace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .objects import LimitItem, Taint
from .quantity import Amounts, subtract

__all__ = ["Access", "Cluster", "Machine", "Queue", "Quota"]


@dataclass(frozen=True)
class Machine:
    """One node."""

    name: str
    """Its name."""
    labels: Mapping[str, str]
    """Its labels."""
    taints: tuple[Taint, ...]
    """What keeps pods off it."""
    allocatable: Amounts
    """What pods may have of it together; ``pods`` is their number."""
    ready: bool = True
    """Whether its kubelet says so."""
    cordoned: bool = False
    """Whether new pods are kept off (``kubectl cordon``)."""
    fixed: Amounts = field(default_factory=dict)
    """What pods take that never leave it: of DaemonSets, and static ones."""
    held: Mapping[int, Amounts] = field(default_factory=dict)
    """What all pods on it take now, by their priority."""

    @cached_property
    def ever(self) -> Amounts:
        """What a pod could have on an empty day."""
        return subtract(self.allocatable, self.fixed)

    @cached_property
    def now(self) -> Amounts:
        """What a pod could have now."""
        return subtract(self.allocatable, *self.held.values())

    def after_evicting(self, below: int) -> Amounts:
        """Return what a pod could have once all pods below a priority were gone."""
        staying = [held for priority, held in self.held.items() if priority >= below]
        return subtract(self.allocatable, *staying)


@dataclass(frozen=True)
class Quota:
    """One ResourceQuota of the namespace."""

    name: str
    """Its name."""
    hard: Amounts
    """Its limits."""
    used: Amounts
    """What counts against them now."""
    scopes: tuple[tuple[str, str, frozenset[str]], ...] = ()
    """Which pods it counts: scope, operator, values."""


@dataclass(frozen=True)
class Queue:
    """One LocalQueue of Kueue."""

    name: str
    """Its name."""
    cluster_queue: str
    """Whose quota it shares."""
    active: bool
    """Whether it admits anything."""
    pending: int
    """Workloads that wait in it."""
    why: str = ""
    """Why it is not active, in its own words."""


@dataclass(frozen=True)
class Access:
    """What the user may do, by SelfSubjectAccessReview."""

    allowed: bool
    """The server's word."""
    reason: str = ""
    """Which binding allows it."""


@dataclass(frozen=True)
class Cluster:
    """One namespace of one cluster; None is what the user may not see."""

    namespace: str
    """Which namespace."""
    server: str
    """Address of the API server."""
    machines: tuple[Machine, ...] | None = None
    """All nodes."""
    pods_shown: bool = False
    """Whether what other pods take is known."""
    quotas: tuple[Quota, ...] | None = None
    """All quotas of the namespace."""
    limits: tuple[LimitItem, ...] | None = None
    """All limits per container, pod or claim of the namespace."""
    priorities: Mapping[str, int] | None = None
    """Priority classes."""
    storage: Mapping[str, bool] | None = None
    """Storage classes, and which is the default."""
    queues: tuple[Queue, ...] | None = None
    """Queues of Kueue; None where there is no Kueue or it is not shown."""
    access: Mapping[str, Access] = field(default_factory=dict)
    """Whether the user may create ``pods``, ``jobs``."""
    grows: bool = False
    """Whether nodes come and go by themselves, so that no node count is the last word."""
