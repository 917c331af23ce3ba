"""What a pod takes of its node.

Source: Kubernetes documentation, "Init Containers", "Sidecar Containers", "Pod Overhead";
``pkg/api/v1/resource``: the larger of all containers together and of each init container,
where sidecars (init containers that restart) run beside whatever comes after them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .objects import Container, PodSpec, ResourceNeeds, RunningSpec
from .quantity import add, amounts, largest

__all__ = ["limits", "requests"]

Side = Literal["requests", "limits"]


def requests(spec: PodSpec | RunningSpec) -> dict[str, int]:
    """Return what a pod reserves, by resource, its own place among the ``pods`` included."""
    return {**_taken(spec, "requests"), "pods": 1}


def limits(spec: PodSpec) -> dict[str, int]:
    """Return what a pod may use at most, for the resources that every container limits."""
    return _taken(spec, "limits")


def _taken(spec: PodSpec | RunningSpec, side: Side) -> dict[str, int]:
    sidecars: dict[str, int] = {}
    peaks = []
    for container in spec.first or ():
        own = _of(container, side)
        if container.restart == "Always":
            sidecars = add(sidecars, own)
            peaks.append(sidecars)
        else:
            peaks.append(add(sidecars, own))
    together = add(sidecars, *(_of(container, side) for container in spec.containers or ()))
    whole = largest([together, *peaks])
    whole.update(_side(spec.resources, side))
    return add(whole, amounts(spec.overhead)) if spec.overhead else whole


def _of(container: Container, side: Side) -> dict[str, int]:
    given = _side(container.resources, side)
    if side == "requests" and container.resources is not None and container.resources.limits:
        # A container that has only a limit asks for as much (API defaulting).
        return {**amounts(container.resources.limits), **given}
    return given


def _side(resources: ResourceNeeds | None, side: Side) -> dict[str, int]:
    if resources is None:
        return {}
    given: Mapping[str, str | int | float] | None = getattr(resources, side)
    return amounts(given)
