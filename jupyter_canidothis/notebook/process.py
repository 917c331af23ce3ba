"""The kernel's process tree in the process table (``proc(5)``), read-only."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from .gpu import gpu_memory

if TYPE_CHECKING:
    import psutil

__all__ = ["Process", "read_process"]

_HIGH_WATER: Final = "VmHWM:"
_GPU_RUNTIMES: Final = ("libcuda.so", "libcudart", "libamdhip64", "libze_loader")
FILES_CAP: Final = 100
"""Most open files that are kept."""


class Process(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the process table tells about a kernel."""

    pid: int
    """Its process."""
    memory: int
    """Bytes it and its children hold now (resident)."""
    peak: int
    """Most bytes its processes ever held (sum of ``VmHWM``)."""
    threads: int
    """Threads of its own process."""
    processes: int
    """Processes of its tree, itself included."""
    cpu_seconds: float
    """Processor time used so far, ended children included."""
    started: float
    """When it was started, in seconds since the Unix epoch."""
    read_at: float
    """When this was read."""
    gpu_memory: int | None = None
    """Bytes its processes hold on NVIDIA GPUs; None when that cannot be told."""
    gpu_runtime: str = ""
    """GPU library it has loaded, or empty."""
    files: tuple[str, ...] = ()
    """Data files that it holds open."""


def read_process(pid: int) -> Process | None:
    """Read a kernel's process tree; None when it cannot be seen from here."""
    import psutil

    try:
        kernel = psutil.Process(pid)
        tree = [kernel, *kernel.children(recursive=True)]
        started, threads = kernel.create_time(), kernel.num_threads()
    except (psutil.Error, OSError, ValueError, OverflowError):
        return None
    memory, peak, seconds, count = 0, 0, 0.0, 0
    for one in tree:
        with contextlib.suppress(psutil.Error, OSError):
            held, times = one.memory_info().rss, one.cpu_times()
            memory += held
            peak += max(held, _high_water(one.pid))
            seconds += times.user + times.system
            count += 1
    return Process(
        pid=pid,
        memory=memory,
        peak=peak,
        threads=threads,
        processes=count,
        cpu_seconds=seconds,
        started=started,
        read_at=time.time(),
        gpu_memory=gpu_memory({one.pid for one in tree}),
        gpu_runtime=_gpu_runtime(pid),
        files=_open_files(kernel),
    )


def _high_water(pid: int) -> int:
    """Read the largest resident size a process ever had, in bytes; 0 when not told."""
    for line in _proc(pid, "status").splitlines():
        if line.startswith(_HIGH_WATER):
            return int(line.split()[1]) * 1024
    return 0


def _gpu_runtime(pid: int) -> str:
    """Name the GPU library that a process has mapped, or return empty."""
    maps = _proc(pid, "maps")
    return next((name for name in _GPU_RUNTIMES if name in maps), "")


def _proc(pid: int, file: str) -> str:
    try:
        return Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _open_files(kernel: psutil.Process) -> tuple[str, ...]:
    """List what it holds open that looks like data: no program, log or history."""
    import psutil

    try:
        paths = [file.path for file in kernel.open_files()]
    except (psutil.Error, OSError):
        return ()
    data = [path for path in paths if "/.ipython/" not in path and "-packages/" not in path]
    return tuple(dict.fromkeys(data))[:FILES_CAP]
