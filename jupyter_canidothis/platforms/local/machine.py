"""What this machine, and the process itself, allow apart from control groups."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from .readings import Place, Reading, count_list

__all__ = ["disk_readings", "machine_readings", "process_readings"]


def machine_readings(place: Place) -> Iterator[Reading]:
    """Yield processors and memory of the whole machine.

    From ``/proc/meminfo`` and ``/sys/devices/system/cpu/online``; where there is no
    ``/proc`` (macOS, Windows), from psutil.
    """
    meminfo = place.table("/proc/meminfo")
    if "MemTotal" not in meminfo:
        yield from _psutil_readings()
        return
    for key, free in (("MemTotal", False), ("MemAvailable", True)):
        amount = meminfo.get(key, "").removesuffix("kB").strip()
        if amount.isdigit():
            text = f"{key}: {amount} kB"
            yield Reading("memory", int(amount) * 1024, "machine", "/proc/meminfo", text, free)
    source = "/sys/devices/system/cpu/online"
    text = place.read(source) or ""
    if count := count_list(text):
        yield Reading("cores", count * 1000, "machine", source, text)


def _psutil_readings() -> Iterator[Reading]:
    import psutil

    memory, source = psutil.virtual_memory(), "psutil.virtual_memory()"
    yield Reading("memory", memory.total, "machine", source, str(memory.total))
    yield Reading(
        "memory", memory.available, "machine", source, str(memory.available), free=True
    )
    if count := psutil.cpu_count():
        yield Reading("cores", count * 1000, "machine", "psutil.cpu_count()", str(count))


def process_readings(place: Place, pid: str) -> Iterator[Reading]:
    """Yield the processors a process may use and the address space it may map.

    From ``Cpus_allowed_list`` (``proc_pid_status(5)``) and ``Max address space``
    (``proc_pid_limits(5)``, `RLIMIT_AS`).
    """
    source = f"/proc/{pid}/status"
    text = place.table(source).get("Cpus_allowed_list", "")
    if count := count_list(text):
        line = f"Cpus_allowed_list: {text}"
        yield Reading("cores", count * 1000, "affinity", source, line)
    source = f"/proc/{pid}/limits"
    for line in (place.read(source) or "").splitlines():
        words = line.split()
        if words[:3] == ["Max", "address", "space"] and words[3].isdigit():
            scope = "address space limit"
            yield Reading("memory", int(words[3]), scope, source, " ".join(words))


def disk_readings(directory: str) -> Iterator[Reading]:
    """Yield size and free space of the file system that holds a directory."""
    try:
        usage = shutil.disk_usage(directory)
    except OSError:
        return
    source = f"statvfs {directory}"
    yield Reading("disk", usage.total, "file system", source, f"size {usage.total}")
    yield Reading("disk", usage.free, "file system", source, f"free {usage.free}", free=True)
