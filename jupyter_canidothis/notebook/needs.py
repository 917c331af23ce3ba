"""How much the notebook needs: each range with the reason for it."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import Final

from ..evidence import Evidence
from ..resources import Range, Resources
from ..units import GIB, format_duration, format_memory
from .cells import Cell, mapping
from .kernel import LiveKernel

__all__ = ["Needs", "find_needs"]

HEAD_ROOM: Final = 1.25
"""Factor between what was used and what is asked for."""
STEP: Final = GIB // 2
"""Memory is asked for in steps of this many bytes."""
DEFAULT_MEMORY: Final = 2 * GIB
DEFAULT_CORES: Final = 1000
DEFAULT_DURATION: Final = 3600
WORTH_TELLING: Final = 60
"""Processor time of a kernel from which a run time may be concluded, in seconds."""

Needs = tuple[Resources, dict[str, tuple[Evidence, ...]]]


def find_needs(cells: tuple[Cell, ...], kernel: LiveKernel | None) -> Needs:
    """Return the resources, and where each comes from by field path."""
    memory, memory_why = _memory(kernel)
    duration, duration_why = _duration(cells, kernel)
    cores_why = _default("one core is where we start; nothing in the code asks for more")
    return (
        Resources(
            cores=Range(min=DEFAULT_CORES),
            memory=Range(min=memory),
            duration=Range(min=duration),
        ),
        {
            "resources.cores": (cores_why,),
            "resources.memory": (memory_why,),
            "resources.duration": (duration_why,),
        },
    )


def _default(text: str) -> Evidence:
    return Evidence("default", "jupyter_canidothis", text)


def _memory(kernel: LiveKernel | None) -> tuple[int, Evidence]:
    if kernel is None or kernel.memory is None:
        return DEFAULT_MEMORY, _default(
            f"no kernel was looked at; we start at {format_memory(DEFAULT_MEMORY)}"
        )
    used = max(kernel.memory, kernel.peak or 0)
    asked = max(STEP, math.ceil(used * HEAD_ROOM / STEP) * STEP)
    text = (
        f"holds {format_memory(kernel.memory)} now, {format_memory(used)} at its peak as run so"
        f" far; with a quarter more, rounded up: {format_memory(asked)}"
    )
    return asked, Evidence("kernel", f"/proc/{kernel.pid}/status", text)


def _duration(cells: tuple[Cell, ...], kernel: LiveKernel | None) -> tuple[int, Evidence]:
    times = [seconds for cell in cells if (seconds := cell_seconds(cell)) is not None]
    if times:
        asked = _rounded(sum(times) * 1.5)
        text = (
            f"{len(times)} of {len(cells)} cells took {format_duration(round(sum(times)))} when"
            f" last run; with half as much again, rounded up: {format_duration(asked)}"
        )
        return asked, Evidence("static", "cell metadata: execution", text)
    if kernel is not None and kernel.cpu_seconds and kernel.cpu_seconds > WORTH_TELLING:
        asked = _rounded(kernel.cpu_seconds * 1.5)
        text = (
            f"the kernel has used {format_duration(round(kernel.cpu_seconds))} of processor"
            f" time; with half as much again, rounded up: {format_duration(asked)}"
        )
        return asked, Evidence("kernel", f"/proc/{kernel.pid}/stat", text)
    return DEFAULT_DURATION, _default(
        f"no cell times are recorded; we start at {format_duration(DEFAULT_DURATION)}"
    )


def _rounded(seconds: float) -> int:
    """Round a duration up to a step that people ask for."""
    step = next((s for s in (60, 300, 900) if seconds <= s * 6), 3600)
    return max(60, math.ceil(seconds / step) * step)


def cell_seconds(cell: Cell) -> float | None:
    """Return how long a cell ran by its metadata, in seconds, or None.

    Keys: JupyterLab ``recordTiming`` (``execution``), papermill (``duration``),
    and the ExecuteTime extension (``start_time``, ``end_time``).
    """
    papermill = mapping(cell.metadata.get("papermill"))
    if isinstance(duration := papermill.get("duration"), (int, float)):
        return _plausible(float(duration))
    for key, first, last in (
        ("execution", "iopub.execute_input", "shell.execute_reply"),
        ("execution", "shell.execute_reply.started", "shell.execute_reply"),
        ("execution", "iopub.execute_input", "iopub.status.idle"),
        ("ExecuteTime", "start_time", "end_time"),
    ):
        times = mapping(cell.metadata.get(key))
        start, end = _moment(times.get(first)), _moment(times.get(last))
        if start and end:
            return _plausible((end - start).total_seconds())
    return None


def _plausible(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) and 0 <= seconds < 366 * 86400 else None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
