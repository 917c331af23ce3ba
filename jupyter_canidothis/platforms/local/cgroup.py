"""Limits of a process's own control groups: version 1, version 2, or a mixture.

Which version rules is decided for each controller alone, because hybrid hosts keep
some controllers in the old hierarchies. Every ancestor's limit binds, so each one
that can be seen is read. Sources: ``cgroups(7)``, ``proc_pid_cgroup(5)``,
``proc_pid_mountinfo(5)``, the kernel's ``cgroup-v1/memory.rst``, ``cgroup-v2.rst``
and ``scheduler/sched-bwc.rst``.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join, normpath
from typing import Final, NamedTuple

from .readings import Place, Reading, count_list

__all__ = ["Group", "chain", "cpu_readings", "memory_readings"]

_UNLIMITED: Final = 2**60
"""From here on a version 1 limit is none: it is 2⁶³ rounded down to a page."""


class Group(NamedTuple):
    """One control group of a process."""

    version: int
    """1 or 2."""
    directory: str
    """Where its files are."""
    path: str
    """Its name below the mount point, ``/`` for the outermost that can be seen."""


class _Mount(NamedTuple):
    root: str
    point: str


def chain(place: Place, pid: str, controller: str) -> list[Group]:
    """Return the groups of a process for one controller, innermost first.

    Parameters
    ----------
    place
        Where ``/proc`` and ``/sys`` are.
    pid
        Process id, or ``self``.
    controller
        ``memory``, ``cpu`` or ``cpuset``.
    """
    paths = _paths(place, pid)
    mounts = _mounts(place)
    version = 1 if controller in paths and controller in mounts else 2
    key = controller if version == 1 else ""
    if key not in paths or key not in mounts:
        return []
    return [
        Group(version, directory, directory.removeprefix(mounts[key].point) or "/")
        for directory in _ancestors(place, paths[key], mounts[key])
    ]


def _paths(place: Place, pid: str) -> dict[str, str]:
    """Return the group path for each version 1 controller, and for version 2 as ``""``."""
    paths = {}
    for line in (place.read(f"/proc/{pid}/cgroup") or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        paths.update(dict.fromkeys(controllers.split(","), path))
    return paths


def _mounts(place: Place) -> dict[str, _Mount]:
    """Return where the hierarchies are mounted, by controller, version 2 as ``""``."""
    mounts: dict[str, _Mount] = {}
    for line in (place.read("/proc/self/mountinfo") or "").splitlines():
        left, _, right = line.partition(" - ")
        fields, kind = left.split(), right.split()
        if len(fields) < 5 or not kind:  # noqa: PLR2004 - root and mount point are 4th and 5th
            continue
        mount = _Mount(fields[3], fields[4].replace("\\040", " "))
        if kind[0] == "cgroup2":
            mounts.setdefault("", mount)
        elif kind[0] == "cgroup":
            for option in kind[-1].split(","):
                mounts.setdefault(option, mount)
    return mounts


def _ancestors(place: Place, path: str, mount: _Mount) -> Iterator[str]:
    # In a container the path may name the group as the host sees it; the mount then
    # shows only the part below its own root, and "/.." what lies outside of our view.
    inner = path.removeprefix(mount.root) if mount.root != "/" else path
    directory = normpath(join(mount.point, inner.lstrip("/")))
    if not f"{directory}/".startswith(f"{mount.point}/") or not place.at(directory).is_dir():
        directory = mount.point
    while True:
        yield directory
        if directory == mount.point:
            return
        directory = directory.rpartition("/")[0]


def memory_readings(place: Place, pid: str) -> Iterator[Reading]:
    """Yield every memory limit of a process's groups, and what is free below each."""
    for group in chain(place, pid, "memory"):
        names = (
            ("memory.limit_in_bytes",) if group.version == 1 else ("memory.max", "memory.high")
        )
        for name in names:
            limit = place.number(join(group.directory, name))
            if limit is None or limit >= _UNLIMITED:
                continue
            scope, source = f"cgroup {group.path}", join(group.directory, name)
            yield Reading("memory", limit, scope, source, str(limit))
            yield from _free_memory(place, group, limit, scope)


def _free_memory(place: Place, group: Group, limit: int, scope: str) -> Iterator[Reading]:
    old = group.version == 1
    source = join(group.directory, "memory.usage_in_bytes" if old else "memory.current")
    used = place.number(source)
    if used is None:
        return
    # File pages that nobody touched lately are given back before anything is refused.
    stat = place.table(join(group.directory, "memory.stat"))
    idle = int(stat.get("total_inactive_file" if old else "inactive_file", "0"))
    free = max(0, limit - max(0, used - idle))
    text = f"{used}, of which {idle} inactive file pages"
    yield Reading("memory", free, scope, source, text, free=True)


def cpu_readings(place: Place, pid: str) -> Iterator[Reading]:
    """Yield every limit on processor time or processors of a process's groups."""
    for group in chain(place, pid, "cpu"):
        source, text = _quota(place, group)
        quota, _, period = text.partition(" ")
        if quota.isdigit() and period.isdigit() and int(period):
            cores = max(1, int(quota) * 1000 // int(period))
            yield Reading("cores", cores, f"cgroup {group.path}", source, text)
    for group in chain(place, pid, "cpuset"):
        names = (
            ("cpuset.effective_cpus", "cpuset.cpus")
            if group.version == 1
            else ("cpuset.cpus.effective",)
        )
        for source in (join(group.directory, name) for name in names):
            text = place.read(source) or ""
            if count := count_list(text):
                yield Reading("cores", count * 1000, f"cgroup {group.path}", source, text)
                # The innermost set in effect is within all others.
                return


def _quota(place: Place, group: Group) -> tuple[str, str]:
    """Return the source and text ``quota period`` in microseconds; no number is no limit."""
    if group.version == 1:
        source = join(group.directory, "cpu.cfs_quota_us")
        period = place.read(join(group.directory, "cpu.cfs_period_us"))
        return source, f"{place.read(source)} {period}"
    source = join(group.directory, "cpu.max")
    return source, place.read(source) or ""
