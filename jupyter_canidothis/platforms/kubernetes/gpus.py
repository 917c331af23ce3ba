"""GPUs on Kubernetes: resources of device plugins, products by node label.

Source: Kubernetes documentation, "Schedule GPUs"; labels of NVIDIA's GPU feature
discovery, AMD's node labeller, and of managed clusters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...task import Gpu, Task
from .cluster import Machine

__all__ = ["MEMORY_LABEL", "RESOURCES", "Chosen", "chosen", "products", "resource_for"]

RESOURCES: Final[Mapping[str, str]] = {
    "nvidia": "nvidia.com/gpu",
    "amd": "amd.com/gpu",
    "intel": "gpu.intel.com/i915",
}
"""What a pod asks for, by vendor."""
MEMORY_LABEL: Final = "nvidia.com/gpu.memory"
"""Memory of one GPU of a node, in MiB."""
_PRODUCTS: Final = (
    "nvidia.com/gpu.product",
    "amd.com/gpu.product-name",
    "cloud.google.com/gke-accelerator",
    "k8s.amazonaws.com/accelerator",
)
_MIB: Final = 2**20


@dataclass(frozen=True)
class Chosen:
    """How a pod asks for its GPUs."""

    count: int = 0
    """How many."""
    resource: str = ""
    """Of which resource."""
    terms: Sequence[Mapping[str, Any]] = ()
    """Node selector terms, any of which has the ones that are wanted."""


def chosen(task: Task, machines: Sequence[Machine] | None) -> Chosen:
    """Return how a task asks for its GPUs on these nodes; None are hidden ones."""
    gpu, asked = task.resources.gpu, task.resources.gpus
    described = gpu is not None and asked.max != 0
    count = asked.min or (1 if described and asked.min is None else 0)
    if not count:
        return Chosen()
    return Chosen(count, resource_for(gpu, machines), _terms(gpu, machines))


def resource_for(gpu: Gpu | None, machines: Sequence[Machine] | None) -> str:
    """Return which resource a pod asks for; the commonest on the nodes when any will do."""
    if gpu is not None and gpu.vendor:
        return RESOURCES.get(gpu.vendor.lower(), f"{gpu.vendor.lower()}.com/gpu")
    seen = Counter(
        name
        for machine in machines or ()
        for name in RESOURCES.values()
        if machine.allocatable.get(name)
    )
    return seen.most_common(1)[0][0] if seen else RESOURCES["nvidia"]


def products(machine: Machine) -> frozenset[str]:
    """Return the product names that a node's labels give to its GPUs."""
    return frozenset(machine.labels[label] for label in _PRODUCTS if label in machine.labels)


def _terms(gpu: Gpu | None, machines: Sequence[Machine] | None) -> list[dict[str, Any]]:
    """Return node selector terms; empty where any will do, or no node's label is known."""
    if gpu is None or machines is None or not (gpu.model or gpu.memory):
        return []
    memory = []
    if gpu.memory:
        least = -(-gpu.memory // _MIB)
        memory = [{"key": MEMORY_LABEL, "operator": "Gt", "values": [str(least - 1)]}]
    if not gpu.model:
        return [{"matchExpressions": memory}]
    terms = []
    for label in _PRODUCTS:
        values = {machine.labels[label] for machine in machines if label in machine.labels}
        fitting = sorted(value for value in values if _same(gpu.model, value))
        if fitting:
            wanted = {"key": label, "operator": "In", "values": fitting}
            terms.append({"matchExpressions": [wanted, *memory]})
    return terms or [{"matchExpressions": [_none(gpu.model), *memory]}]


def _same(model: str, value: str) -> bool:
    """Whether a label names the product: ``NVIDIA A100`` in ``NVIDIA-A100-SXM4-40GB``."""
    return model.lower().replace(" ", "-") in value.lower().replace(" ", "-")


def _none(model: str) -> dict[str, Any]:
    kept = "".join(c if c.isalnum() else "-" for c in model)[:60].strip("-") or "none"
    return {"key": _PRODUCTS[0], "operator": "In", "values": [kept]}
