"""How much the notebook needs: each range with the reason for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from ..evidence import Evidence
from ..resources import Gpu, Range, Resources
from ..units import GIB, format_duration, format_memory
from .kernel import LiveKernel
from .process import Process
from .uses import Use

__all__ = ["Needs", "Seen", "find_needs"]

HEAD_ROOM: Final = 1.25
"""Factor between what was used and what is asked for."""
TIME_HEAD_ROOM: Final = 1.5
"""The same for time, which varies more between machines."""
STEP: Final = GIB // 2
"""Memory is asked for in steps of this many bytes."""
DEFAULT_MEMORY: Final = 2 * GIB
DEFAULT_CORES: Final = 1000
DEFAULT_DURATION: Final = 3600
WORTH_TELLING: Final = 60
"""Processor time of a kernel from which a run time may be concluded, in seconds."""
_STEPS: Final = ((360, 60), (1800, 300), (5400, 900))
"""Run times up to so many seconds are asked for in steps of so many."""


class Seen(NamedTuple):
    """What was seen of the notebook and its kernel."""

    cells: int
    """How many code cells it has."""
    times: Sequence[float]
    """Seconds that cells took when last run, of those that tell."""
    kernel: LiveKernel | None
    cores: Sequence[Use]
    gpus: Sequence[Use]
    disk: int
    """Bytes of the local data that it reads."""
    point: Callable[[tuple[int, int], str], Evidence]
    """Turns a place in a cell and what is there into evidence."""


class Needs(NamedTuple):
    """Resources, and where each comes from by field path."""

    resources: Resources
    evidence: dict[str, tuple[Evidence, ...]]


def find_needs(seen: Seen) -> Needs:
    """Return the ranges of a notebook with the reason for each."""
    cores, cores_why = _cores(seen)
    memory, memory_why = _memory(seen.kernel)
    duration, duration_why = _duration(seen)
    gpus, gpu, gpus_why = _gpus(seen)
    disk, disk_why = _disk(seen.disk)
    evidence = {
        "resources.cores": cores_why,
        "resources.memory": memory_why,
        "resources.duration": duration_why,
        "resources.gpus": gpus_why,
        "resources.disk": disk_why,
    }
    return Needs(
        Resources(cores=cores, memory=memory, duration=duration, gpus=gpus, disk=disk, gpu=gpu),
        {field: why for field, why in evidence.items() if why},
    )


def _default(text: str) -> tuple[Evidence, ...]:
    return (Evidence("default", "jupyter_canidothis", text),)


def _cores(seen: Seen) -> tuple[Range, tuple[Evidence, ...]]:
    counts = [use.number for use in seen.cores if use.number is not None]
    why = tuple(seen.point(use.where, use.what) for use in seen.cores)
    if process := seen.kernel.process if seen.kernel else None:
        busy, evidence = _parallel(process, sum(seen.times))
        counts += [busy] if busy > 1 else []
        why += evidence
    if not why:
        return Range(min=DEFAULT_CORES), _default(
            "one core is where we start; nothing in the code asks for more"
        )
    most = max(counts, default=None)
    return Range(min=DEFAULT_CORES, max=most * 1000 if most and most > 1 else None), why


def _parallel(process: Process, seconds: float) -> tuple[int, tuple[Evidence, ...]]:
    """Conclude from processor time and run time how many cores were kept busy."""
    if process.cpu_seconds < WORTH_TELLING or seconds < WORTH_TELLING:
        return 1, ()
    used = process.cpu_seconds / seconds
    text = (
        f"{format_duration(round(process.cpu_seconds))} of processor time in"
        f" {format_duration(round(seconds))} of cells: {used:.1f} cores kept busy"
    )
    evidence = Evidence("kernel", f"/proc/{process.pid}/stat", text, at=round(process.read_at))
    return math.ceil(used - 0.25), (evidence,)


def _memory(kernel: LiveKernel | None) -> tuple[Range, tuple[Evidence, ...]]:
    process = kernel.process if kernel else None
    held = sum(one.size for one in kernel.objects) if kernel else 0
    if process is None and held < STEP:
        return Range(min=DEFAULT_MEMORY), _default(
            f"no kernel was looked at; we start at {format_memory(DEFAULT_MEMORY)}"
        )
    used = max(process.memory, process.peak) if process else held
    asked = max(STEP, math.ceil(used * HEAD_ROOM / STEP) * STEP)
    rounded = f"with a quarter more, rounded up: {format_memory(asked)}"
    if process is None:
        text = f"its biggest objects take {format_memory(held)}; {rounded}"
        return Range(min=asked), (Evidence("kernel", "silent execute_request", text),)
    text = (
        f"holds {format_memory(process.memory)} now, {format_memory(used)} at its peak as run"
        f" so far; {rounded}"
    )
    source = f"/proc/{process.pid}/status"
    why = (Evidence("kernel", source, text, at=round(process.read_at)),)
    return Range(min=asked), why + _biggest(kernel)


def _biggest(kernel: LiveKernel | None) -> tuple[Evidence, ...]:
    objects = kernel.objects[:3] if kernel else ()
    if not objects:
        return ()
    shown = ", ".join(f"{one.name} ({one.type}, {format_memory(one.size)})" for one in objects)
    return (Evidence("kernel", "silent execute_request", f"biggest objects: {shown}"),)


def _duration(seen: Seen) -> tuple[Range, tuple[Evidence, ...]]:
    times = seen.times
    process = seen.kernel.process if seen.kernel else None
    if times:
        asked = _rounded(sum(times) * TIME_HEAD_ROOM)
        text = (
            f"{len(times)} of {seen.cells} cells took {format_duration(round(sum(times)))}"
            f" when last run; with half as much again, rounded up: {format_duration(asked)}"
        )
        return Range(min=asked), (Evidence("static", "cell metadata: execution", text),)
    if process is not None and process.cpu_seconds > WORTH_TELLING:
        asked = _rounded(process.cpu_seconds * TIME_HEAD_ROOM)
        text = (
            f"the kernel has used {format_duration(round(process.cpu_seconds))} of processor"
            f" time; with half as much again, rounded up: {format_duration(asked)}"
        )
        source = f"/proc/{process.pid}/stat"
        return Range(min=asked), (Evidence("kernel", source, text, at=round(process.read_at)),)
    return Range(min=DEFAULT_DURATION), _default(
        f"no cell times are recorded; we start at {format_duration(DEFAULT_DURATION)}"
    )


def _rounded(seconds: float) -> int:
    """Round a run time up to a step that people ask for."""
    step = next((step for most, step in _STEPS if seconds <= most), 3600)
    return max(step, math.ceil(seconds / step) * step)


def _gpus(seen: Seen) -> tuple[Range, Gpu | None, tuple[Evidence, ...]]:
    """Ask for a GPU where the kernel holds memory on one, or the code cannot do without."""
    why = tuple(seen.point(use.where, use.what) for use in seen.gpus)
    held = _gpu_memory(seen.kernel)
    if held:
        text = f"its libraries or processes hold {format_memory(held)} on a GPU"
        needed = math.ceil(held * HEAD_ROOM / GIB) * GIB
        return Range(min=1), Gpu(memory=needed), (Evidence("kernel", "GPU memory", text), *why)
    process = seen.kernel.process if seen.kernel else None
    if not seen.gpus and process and process.gpu_runtime:
        text = f"{process.gpu_runtime} is loaded, and nothing is held on a GPU: it can use one"
        return Range(max=1), None, (Evidence("kernel", f"/proc/{process.pid}/maps", text),)
    if not seen.gpus:
        return Range(), None, ()
    if all(use.certain for use in seen.gpus):
        return Range(min=1), None, why
    # It asks whether there is a GPU: it can use one and runs without.
    return Range(max=1), None, why


def _gpu_memory(kernel: LiveKernel | None) -> int:
    if kernel is None:
        return 0
    told = kernel.process.gpu_memory if kernel.process else None
    return max(told or 0, sum(kernel.gpu.values()))


def _disk(size: int) -> tuple[Range, tuple[Evidence, ...]]:
    if size < GIB:
        return Range(), ()
    asked = math.ceil(size * HEAD_ROOM / GIB) * GIB
    text = (
        f"the local files that it reads take {format_memory(size)}; with a quarter more,"
        f" rounded up: {format_memory(asked)}"
    )
    return Range(min=asked), (Evidence("arithmetic", "sizes of the data", text),)
