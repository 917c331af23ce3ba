"""What the running kernel shows from outside, without being disturbed.

The process table answers for any language, also while the kernel is busy and
also while one long C call holds its interpreter lock (``proc(5)``).
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Final

import msgspec

__all__ = ["LiveKernel", "read_process"]

_HIGH_WATER: Final = "VmHWM:"


class LiveKernel(msgspec.Struct, frozen=True, omit_defaults=True):
    """Facts about one running kernel; the front end may send them for a remote one."""

    pid: int | None = None
    """Its process, when it runs on this host."""
    busy: bool = False
    """Whether it was running a cell when it was looked at."""
    memory: int | None = None
    """Bytes it and its children hold now (resident)."""
    peak: int | None = None
    """Most bytes its processes ever held (``VmHWM``)."""
    threads: int | None = None
    """Threads of its process."""
    processes: int | None = None
    """Processes of its tree, itself included."""
    cpu_seconds: float | None = None
    """Processor time used so far."""
    wall_seconds: float | None = None
    """Time since it was started."""
    notes: tuple[str, ...] = ()
    """What could not be learned, and why."""


def read_process(pid: int, *, busy: bool = False) -> LiveKernel:
    """Read a kernel's process tree from the process table."""
    import psutil

    try:
        kernel = psutil.Process(pid)
        tree = [kernel, *kernel.children(recursive=True)]
        started = kernel.create_time()
        threads = kernel.num_threads()
    except (psutil.Error, OSError, ValueError, OverflowError):
        gone = f"process {pid} of the kernel cannot be seen from here"
        return LiveKernel(pid=pid, busy=busy, notes=(gone,))
    memory, peak, seconds, count = 0, 0, 0.0, 0
    for process in tree:
        with contextlib.suppress(psutil.Error, OSError):
            held = process.memory_info().rss
            times = process.cpu_times()
            memory += held
            peak += max(held, _high_water(process.pid))
            seconds += times.user + times.system
            count += 1
    return LiveKernel(
        pid=pid,
        busy=busy,
        memory=memory,
        peak=peak,
        threads=threads,
        processes=count,
        cpu_seconds=seconds,
        wall_seconds=max(0.0, time.time() - started),
    )


def _high_water(pid: int) -> int:
    """Read the largest resident size a process ever had, in bytes; 0 when not told."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith(_HIGH_WATER):
            return int(line.split()[1]) * 1024
    return 0
