"""The nodes of a Swarm as a manager lists them (Docker Engine API, ``/nodes``, ``/tasks``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from ...evidence import trim
from ...images.architecture import Architecture as Arch
from ...resources import Range
from ...units import format_cores, format_memory
from ..capacity import Slot
from .gpus import generic_gpus

__all__ = ["TASK_TYPES", "Listed", "Node", "Placed", "nodes_of"]

_NANO: Final = 1_000_000
TASK_TYPES: Final = ("uri://docker-container",)


class _Amounts(msgspec.Struct, frozen=True):
    NanoCPUs: int = 0
    MemoryBytes: int = 0
    GenericResources: list[dict[str, Any]] | None = None


class _Platform(msgspec.Struct, frozen=True):
    Architecture: str = ""
    OS: str = "linux"


class _Description(msgspec.Struct, frozen=True):
    Hostname: str = ""
    Platform: _Platform = _Platform()
    Resources: _Amounts = _Amounts()


class _Spec(msgspec.Struct, frozen=True):
    Availability: str = "active"


class _Status(msgspec.Struct, frozen=True):
    State: str = ""


class Listed(msgspec.Struct, frozen=True):
    """One entry of ``/nodes``."""

    ID: str
    Spec: _Spec = _Spec()
    Description: _Description = _Description()
    Status: _Status = _Status()


class _Reserving(msgspec.Struct, frozen=True):
    Reservations: _Amounts = _Amounts()


class _TaskSpec(msgspec.Struct, frozen=True):
    Resources: _Reserving = _Reserving()


class Placed(msgspec.Struct, frozen=True):
    """One entry of ``/tasks``."""

    NodeID: str = ""
    Spec: _TaskSpec = _TaskSpec()
    Status: _Status = _Status()


_ENDED: Final = frozenset({"complete", "failed", "shutdown", "rejected", "orphaned", "remove"})


class Node(NamedTuple):
    """One node, and what is reserved on it."""

    name: str
    architecture: Arch
    ready: bool
    """Up and taking work."""
    cores: int
    memory: int
    gpus: int
    used_cores: int
    used_memory: int
    used_gpus: int

    def slot(self, *, free: bool) -> Slot:
        """Return what it has, or what reservations leave."""
        used = (self.used_cores, self.used_memory, self.used_gpus) if free else (0, 0, 0)
        whole = zip(
            ("cores", "memory", "gpus"), (self.cores, self.memory, self.gpus), used, strict=True
        )
        bounds = {name: Range(None, max(0, most - taken)) for name, most, taken in whole}
        return Slot(
            name=self.name,
            scope="node",
            bounds={**bounds, "nodes": Range(None, 1)},
            accepts={"task type": frozenset(TASK_TYPES)},
        )

    def __str__(self) -> str:
        state = "" if self.ready else ", takes no work"
        return (
            f"{self.name}: {self.architecture}, {format_cores(self.cores)} "
            f"({format_cores(self.used_cores)} reserved), {format_memory(self.memory)} "
            f"({format_memory(self.used_memory)} reserved), GPUs {self.gpus}{state}"
        )


def nodes_of(nodes: Sequence[Listed], tasks: Sequence[Placed]) -> tuple[Node, ...]:
    """Return the nodes, each with what its tasks reserve."""
    return tuple(_node(one, [task for task in tasks if task.NodeID == one.ID]) for one in nodes)


def _node(node: Listed, tasks: Sequence[Placed]) -> Node:
    live = [one.Spec.Resources.Reservations for one in tasks if one.Status.State not in _ENDED]
    has, kind = node.Description.Resources, node.Description.Platform
    return Node(
        name=trim(node.Description.Hostname or node.ID, 80),
        architecture=Arch.of(kind.OS, kind.Architecture),
        ready=node.Status.State == "ready" and node.Spec.Availability == "active",
        cores=has.NanoCPUs // _NANO,
        memory=has.MemoryBytes,
        gpus=generic_gpus(has.GenericResources),
        used_cores=sum(one.NanoCPUs for one in live) // _NANO,
        used_memory=sum(one.MemoryBytes for one in live),
        used_gpus=sum(generic_gpus(one.GenericResources) for one in live),
    )
