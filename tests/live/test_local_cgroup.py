"""A real process in a real control group, read through its process id."""

import contextlib
import os
import subprocess
import uuid
from pathlib import Path

import pytest

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.local import Local
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task

pytestmark = pytest.mark.live

LIMIT = 512 * 2**20
NAME = f"canidothis-test-{uuid.uuid4().hex[:8]}"


def mounts(kind, option=""):
    """Where hierarchies of a kind are mounted."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        fields = right.split()
        if fields[0] == kind and (not option or option in fields[-1].split(",")):
            yield Path(left.split()[4])


def version_1(controller, files):
    """Make a version 1 group below the controller's mount point."""
    for mount in mounts("cgroup", controller):
        group = mount / NAME
        group.mkdir()
        for name, value in files:
            (group / name).write_text(value)
        return [group]
    return []


def version_2():
    """Make a version 2 group, where memory and processor time are controlled there."""
    for mount in mounts("cgroup2"):
        enabled = (mount / "cgroup.subtree_control").read_text().split()
        if {"memory", "cpu"} <= set(enabled):
            group = mount / NAME
            group.mkdir()
            (group / "memory.max").write_text(str(LIMIT))
            (group / "cpu.max").write_text("50000 100000")
            return [group]
    return []


@pytest.fixture
def limited():
    """A child process limited to 512 MiB and half a processor, and its groups."""
    if os.geteuid() != 0:
        pytest.skip("making a control group needs root")
    groups = []
    child = None
    try:
        try:
            groups += version_1("memory", [("memory.limit_in_bytes", str(LIMIT))])
            half = [("cpu.cfs_period_us", "100000"), ("cpu.cfs_quota_us", "50000")]
            groups += version_1("cpu", half)
            groups += version_2() if not groups else []
        except OSError as error:
            pytest.skip(f"control groups cannot be written here: {error}")
        if not groups:
            pytest.skip("no hierarchy here controls memory and processor time")
        child = subprocess.Popen(["sleep", "600"])
        for group in groups:
            (group / "cgroup.procs").write_text(str(child.pid))
        yield child.pid, groups
    finally:
        if child:
            child.kill()
            child.wait()
        for group in groups:
            with contextlib.suppress(FileNotFoundError):
                group.rmdir()


def settings_of(groups):
    """Every setting and member of the groups; counters that tick by themselves left out."""
    ticking = ("stat", "usage", "pressure", "numa", "failcnt", "current", "peak", "events")
    return {
        str(file): file.read_text()
        for group in groups
        for file in group.iterdir()
        if os.access(file, os.R_OK)
        and file.stat().st_mode & 0o400
        and not any(word in file.name for word in ticking)
    }


def children():
    """Processes started by this one."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


async def test_a_real_limit_is_reported_through_the_process_id_and_nothing_changes(limited):
    pid, groups = limited
    platform = Local.configure({"kind": "local", "pid": pid})
    before = settings_of(groups), children(), [list(group.iterdir()) for group in groups]
    snapshot = await platform.snapshot(Ask())
    wanted = Task(
        executable=Executable(type="uri://jupyter-notebook"),
        resources=Resources(memory=Range(2 * LIMIT), cores=Range(1000)),
    )
    answer = await platform.ask(wanted, snapshot, Ask())
    after = settings_of(groups), children(), [list(group.iterdir()) for group in groups]

    assert answer.verdict is Verdict.NO
    told = {reason.field: reason for reason in answer.reasons}
    assert told["/resources/memory/min"].limit == LIMIT
    assert told["/resources/cores/min"].limit == 500
    for reason in told.values():
        assert reason.scope == f"cgroup /{NAME}"
        assert NAME in answer.evidence[reason.evidence[0]].source
    assert after == before


async def test_our_own_process_is_not_bound_by_the_child_s_group(limited):
    platform = Local.configure({"kind": "local"})
    readings = (await platform.snapshot(Ask())).content.readings
    assert not any(NAME in reading.scope for reading in readings)


async def test_what_a_limited_process_may_still_take_is_free_now(limited):
    pid, _ = limited
    platform = Local.configure({"kind": "local", "pid": pid})
    readings = (await platform.snapshot(Ask())).content.readings
    (free,) = [one for one in readings if one.free and NAME in one.scope]
    assert 0 < free.amount <= LIMIT
