"""What a snapshot of an engine holds, and the slots that follow from it."""

from __future__ import annotations

from typing import Final, NamedTuple

from ...evidence import Evidence, trim
from ...resources import Range
from ...units import format_cores, format_memory
from ..capacity import Slot
from .gpus import Gpus
from .reading import Info, Running

__all__ = ["DISK", "GPUS", "INFO", "RUNNING", "TASK_TYPES", "TYPES", "State", "free", "room"]

TASK_TYPES: Final = ("uri://docker-container", "uri://jupyter-notebook", "uri://docker-compose")
INFO, RUNNING, GPUS, TYPES, DISK = range(5)
"""Places in a snapshot's evidence."""


class State(NamedTuple):
    """What an engine publishes."""

    info: Info
    """The engine and its host."""
    running: tuple[Running, ...]
    """Running containers, as far as they could be read."""
    gpus: Gpus
    """What it can give to a container."""
    disk: int | None = None
    """Free bytes where images and containers lie; None when nobody says."""
    least_cores: int | None = None
    """Least limit of cores it takes, in milli-cores."""
    least_memory: int | None = None
    """Least limit of memory it takes, in bytes."""

    @property
    def used(self) -> tuple[int, int]:
        """Cores and memory promised to running containers by their limits."""
        return sum(one.cores for one in self.running), sum(one.memory for one in self.running)

    def evidence(self) -> Evidence:
        """Say what runs, and with which limits."""
        lines = [
            f"{one.Name.lstrip('/')}: "
            + (f"{format_cores(one.cores)}, " if one.cores else "cores unlimited, ")
            + (format_memory(one.memory) if one.memory else "memory unlimited")
            for one in self.running
        ]
        told = "\n".join(lines) or "no container runs"
        return Evidence("live-read", "GET /containers/json, /containers/{id}/json", trim(told))


def room(state: State) -> Slot:
    """Return what the engine's host has at all.

    The engine itself checks cores only (Docker) or nothing (Podman) before it starts
    a container: a limit of memory above the host's is taken and can never be used.
    """
    info, gpus = state.info, state.gpus
    bounds = {
        "cores": Range(state.least_cores, info.NCPU * 1000),
        "memory": Range(state.least_memory, info.MemTotal),
        "nodes": Range(None, 1),
    }
    accepts = {"task type": frozenset(TASK_TYPES)}
    if gpus.number is not None:
        bounds["gpus"] = Range(None, gpus.number)
    if gpus.vendors is not None:
        accepts["gpu vendor"] = gpus.vendors
    if state.disk is not None:
        bounds["disk"] = Range(None, state.disk)
    return Slot(scope="host", bounds=bounds, accepts=accepts)


def free(state: State) -> Slot:
    """Return what the limits of running containers leave."""
    whole, (cores, memory) = room(state), state.used
    left = {
        "cores": Range(None, max(0, state.info.NCPU * 1000 - cores)),
        "memory": Range(None, max(0, state.info.MemTotal - memory)),
    }
    return Slot(scope="host", bounds={**whole.bounds, **left}, accepts=whole.accepts)
