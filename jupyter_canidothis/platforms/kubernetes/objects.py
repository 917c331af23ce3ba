"""What we read of the objects of the Kubernetes API; every other field is skipped.

Source: Kubernetes API reference, v1. A field that Go left empty may be ``null``.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

__all__ = [
    "Container",
    "Items",
    "LimitRange",
    "LocalQueue",
    "Named",
    "Node",
    "Pod",
    "PodSpec",
    "PriorityClass",
    "Quota",
    "Review",
    "RunningPod",
    "Status",
    "StorageClass",
    "Taint",
    "Toleration",
]

Quantities = dict[str, str | int | float]


class _Read(msgspec.Struct, frozen=True, gc=False):
    """Read and thrown away again; see the API reference for the meaning of each field."""


class Owner(_Read, frozen=True):
    """Who made a pod."""

    kind: str = ""


class Meta(_Read, frozen=True):
    """Names and labels."""

    name: str = ""
    namespace: str = ""
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owners: list[Owner] | None = msgspec.field(default=None, name="ownerReferences")


class ListMeta(_Read, frozen=True):
    """Where a list goes on."""

    next: str = msgspec.field(default="", name="continue")


class Items(_Read, frozen=True):
    """One page of a list, its items still raw."""

    metadata: ListMeta = ListMeta()
    items: list[msgspec.Raw] | None = None


class Taint(_Read, frozen=True):
    """What keeps pods off a node."""

    key: str = ""
    value: str = ""
    effect: str = ""


class NodeSpec(_Read, frozen=True):
    """See the API reference."""

    taints: list[Taint] | None = None
    unschedulable: bool = False


class Condition(_Read, frozen=True):
    """See the API reference."""

    type: str = ""
    status: str = ""
    message: str = ""


class NodeStatus(_Read, frozen=True):
    """See the API reference."""

    allocatable: Quantities | None = None
    conditions: list[Condition] | None = None


class Node(_Read, frozen=True):
    """A node."""

    metadata: Meta = Meta()
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


class ResourceNeeds(_Read, frozen=True):
    """What a container asks for."""

    requests: Quantities | None = None
    limits: Quantities | None = None
    claims: list[Any] | None = None


class Port(_Read, frozen=True):
    """A port of a container."""

    host: int = msgspec.field(default=0, name="hostPort")


class Container(_Read, frozen=True):
    """A container of a pod."""

    name: str = ""
    image: str = ""
    resources: ResourceNeeds | None = None
    ports: list[Port] | None = None
    restart: str = msgspec.field(default="", name="restartPolicy")


class Toleration(_Read, frozen=True):
    """Which taints a pod bears."""

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""


class PodSpec(_Read, frozen=True):
    """What a pod is to be."""

    containers: list[Container] | None = None
    first: list[Container] | None = msgspec.field(default=None, name="initContainers")
    resources: ResourceNeeds | None = None
    overhead: Quantities | None = None
    selector: dict[str, str] | None = msgspec.field(default=None, name="nodeSelector")
    affinity: dict[str, Any] | None = None
    tolerations: list[Toleration] | None = None
    spread: list[dict[str, Any]] | None = msgspec.field(
        default=None, name="topologySpreadConstraints"
    )
    volumes: list[dict[str, Any]] | None = None
    node: str = msgspec.field(default="", name="nodeName")
    scheduler: str = msgspec.field(default="default-scheduler", name="schedulerName")
    priority: int = 0
    priority_class: str = msgspec.field(default="", name="priorityClassName")
    preemption: str = msgspec.field(default="PreemptLowerPriority", name="preemptionPolicy")
    deadline: int | None = msgspec.field(default=None, name="activeDeadlineSeconds")
    gates: list[Any] | None = msgspec.field(default=None, name="schedulingGates")
    claims: list[Any] | None = msgspec.field(default=None, name="resourceClaims")


class Pod(_Read, frozen=True):
    """A pod as a dry run gives it back."""

    metadata: Meta = Meta()
    spec: PodSpec = PodSpec()


class RunningSpec(_Read, frozen=True):
    """Of a pod that runs only what it takes of its node."""

    node: str = msgspec.field(default="", name="nodeName")
    containers: list[Container] | None = None
    first: list[Container] | None = msgspec.field(default=None, name="initContainers")
    resources: ResourceNeeds | None = None
    overhead: Quantities | None = None
    priority: int = 0


class Phase(_Read, frozen=True):
    """See the API reference."""

    phase: str = ""


class RunningPod(_Read, frozen=True):
    """A pod that is on a node."""

    metadata: Meta = Meta()
    spec: RunningSpec = RunningSpec()
    status: Phase = Phase()


class Expression(_Read, frozen=True):
    """One condition of a selector."""

    name: str = msgspec.field(default="", name="scopeName")
    operator: str = ""
    values: list[str] | None = None


class ScopeSelector(_Read, frozen=True):
    """See the API reference."""

    expressions: list[Expression] | None = msgspec.field(default=None, name="matchExpressions")


class QuotaSpec(_Read, frozen=True):
    """See the API reference."""

    hard: Quantities | None = None
    scopes: list[str] | None = None
    selector: ScopeSelector | None = msgspec.field(default=None, name="scopeSelector")


class QuotaStatus(_Read, frozen=True):
    """See the API reference."""

    hard: Quantities | None = None
    used: Quantities | None = None


class Quota(_Read, frozen=True):
    """A ResourceQuota."""

    metadata: Meta = Meta()
    spec: QuotaSpec = QuotaSpec()
    status: QuotaStatus = QuotaStatus()


class LimitItem(_Read, frozen=True):
    """One entry of a LimitRange."""

    type: str = ""
    max: Quantities | None = None
    min: Quantities | None = None
    default: Quantities | None = None
    request: Quantities | None = msgspec.field(default=None, name="defaultRequest")
    ratio: Quantities | None = msgspec.field(default=None, name="maxLimitRequestRatio")


class LimitSpec(_Read, frozen=True):
    """See the API reference."""

    limits: list[LimitItem] | None = None


class LimitRange(_Read, frozen=True):
    """A LimitRange."""

    metadata: Meta = Meta()
    spec: LimitSpec = LimitSpec()


class PriorityClass(_Read, frozen=True):
    """A PriorityClass."""

    metadata: Meta = Meta()
    value: int = 0


class StorageClass(_Read, frozen=True):
    """A StorageClass."""

    metadata: Meta = Meta()


class QueueSpec(_Read, frozen=True):
    """See the Kueue API reference."""

    cluster_queue: str = msgspec.field(default="", name="clusterQueue")
    stop: str = msgspec.field(default="None", name="stopPolicy")


class QueueStatus(_Read, frozen=True):
    """See the Kueue API reference."""

    pending: int = msgspec.field(default=0, name="pendingWorkloads")
    conditions: list[Condition] | None = None


class LocalQueue(_Read, frozen=True):
    """A LocalQueue of Kueue."""

    metadata: Meta = Meta()
    spec: QueueSpec = QueueSpec()
    status: QueueStatus = QueueStatus()


class ReviewStatus(_Read, frozen=True):
    """See the API reference."""

    allowed: bool = False
    reason: str = ""


class Review(_Read, frozen=True):
    """A SelfSubjectAccessReview."""

    status: ReviewStatus = ReviewStatus()


class Status(_Read, frozen=True):
    """How the API server says no."""

    message: str = ""
    reason: str = ""
    code: Annotated[int, msgspec.Meta(ge=0)] = 0


class Named(_Read, frozen=True):
    """Anything with a name, e.g. an API group."""

    name: str = ""
