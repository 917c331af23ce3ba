"""A real HTCondor pool, started here: what we say, and that asking changes nothing."""

import shutil
import signal
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from live.condor_pool import CondorPool, Machine

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.errors import (
    PlatformNotAuthorised,
    PlatformTimeout,
    PlatformUnreachable,
)
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.htcondor import HTCondor
from jupyter_canidothis.platforms.registry import Entry, describe
from jupyter_canidothis.resources import Gpu, Range, Resources
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.units import GIB

pytestmark = pytest.mark.live

MIB = 2**20
ASK = Ask(deadline=30.0)


@pytest.fixture(scope="module")
def pool():
    if missing := CondorPool.missing():
        pytest.skip(missing)
    with CondorPool() as started:
        started.quiet()
        yield started


def task(gpu=None, **ranges):
    resources = Resources(gpu=gpu, **{name: Range(least) for name, least in ranges.items()})
    return Task(Executable("uri://jupyter-notebook", languages=("python",)), resources)


SLEEPER = """
executable = /bin/sleep
arguments = 600
transfer_executable = false
request_cpus = 1
request_memory = 10
request_disk = 10
queue
"""


def picture(pool):
    """Everything about a pool that asking must not change."""
    return (
        pool.run("condor_q", "-all", "-af", "ClusterId", "JobStatus", "RequestMemory"),
        sorted(pool.run("condor_status", "-af", "Name", "State", "Cpus", "GPUs").splitlines()),
        pool.run("condor_userprio", "-allusers", "-af", "Name"),
    )


def configured(pool, **keys):
    entry = {"kind": "htcondor", "collector": pool.address, "bin": pool.bin, "owner": "alice"}
    return HTCondor.configure({**entry, **keys})


async def ask(pool, wanted, **keys):
    """Ask, and hold the pool before and after against each other."""
    platform = configured(pool, **keys)
    before = picture(pool)
    answer = await platform.ask(wanted, await platform.snapshot(ASK), ASK)
    assert picture(pool) == before
    return answer


async def test_a_task_that_fits_is_taken_and_filled_in(pool):
    answer = await ask(pool, task(cores=2000, memory=8 * GIB))
    assert (answer.verdict, answer.now, answer.sure) == (Verdict.YES, Verdict.YES, "checked")
    best = answer.offers[0]
    assert "@big@" in best.name
    assert best.resources.cores == Range(2000, 8000)
    assert best.resources.memory == Range(8 * GIB, 32000 * MIB)
    assert best.filled["cores.max"] == "offered"
    assert best.start.earliest == 0
    assert any(e.how == "dry-run" and "Matched" in e.text for e in answer.evidence)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (task(cores=9000), ("limit-exceeded", "/resources/cores/min", 8000)),
        (task(memory=64 * GIB), ("limit-exceeded", "/resources/memory/min", 32000 * MIB)),
        (task(gpus=3), ("limit-exceeded", "/resources/gpus/min", 2)),
        (task(gpus=1, cores=6000), ("limit-exceeded", "/resources/cores/min", 4000)),
        (task(nodes=2), ("limit-exceeded", "/resources/nodes/min", 1)),
        (
            task(gpu=Gpu(model="h100"), gpus=1),
            ("no-such-resource", "/resources/gpu/model", "NVIDIA A100-SXM4-40GB"),
        ),
    ],
)
async def test_a_refusal_names_the_field_and_the_limit(pool, wanted, told):
    answer = await ask(pool, wanted)
    assert (answer.verdict, answer.now) == (Verdict.NO, Verdict.NO)
    reason = answer.reasons[0]
    assert (reason.code, reason.field, reason.limit) == told


async def test_a_pool_is_asked_without_its_commands_and_without_a_login(pool, tmp_path):
    answer = await ask(pool, task(gpus=1, gpu=Gpu(model="A100")), bin=str(tmp_path))
    assert answer.verdict is Verdict.YES
    assert answer.offers[0].name.startswith("slot1@gpu")
    assert not any(evidence.how == "dry-run" for evidence in answer.evidence)


async def test_the_nearest_change_is_checked_by_asking_again(pool):
    platform = configured(pool)
    planner = Planner(
        [Entry(describe(platform, "configured"), platform)],
        deadline=60.0,
        platform_deadline=60.0,
    )
    (answer,) = (await planner.ask(task(memory=500 * GIB))).answers
    assert answer.verdict is Verdict.NO
    assert answer.changes[0].checked
    assert answer.changes[0].edits[0].after == 32000 * MIB


async def test_a_full_slot_is_not_now_and_never_a_no():
    if missing := CondorPool.missing():
        pytest.skip(missing)
    with CondorPool([Machine("only", "cpus=4, memory=8000, disk=5%")]) as pool:
        lines = ("executable = /bin/sleep", "arguments = 600", "transfer_executable = false",
                 "should_transfer_files = YES", "request_cpus = 3", "request_memory = 6000", "request_disk = 1024", "queue", "")  # fmt: skip
        pool.run("condor_submit", "-", stdin="\n".join(lines))
        free = ("condor_status", "-af", "SlotType", "Cpus", "-constraint", "Cpus == 1")
        pool.until(lambda: "Partitionable 1" in pool.run(*free), 60)
        pool.quiet()
        full = await ask(pool, task(cores=2000))
        assert (full.verdict, full.now) == (Verdict.YES, Verdict.NO)
        assert full.reasons[0].code == "full-now"
        assert full.offers[0].start.earliest is None
        small = await ask(pool, task(cores=1000))
        assert (small.verdict, small.now) == (Verdict.YES, Verdict.YES)
        never = await ask(pool, task(cores=5000))
        assert (never.verdict, never.now) == (Verdict.NO, Verdict.NO)
        await silent_collector(pool)
        await forbidden_to_read(pool)


async def silent_collector(pool):
    """A collector that accepts and says nothing costs no more than our own deadline."""
    collector = collector_of(pool)
    collector.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    try:
        with pytest.raises(PlatformTimeout):
            await configured(pool).snapshot(Ask(deadline=2.0))
    finally:
        collector.send_signal(signal.SIGCONT)
    assert time.monotonic() - began < 10
    children = [child.cmdline() for child in psutil.Process().children()]
    assert not any("probe.py" in " ".join(line) for line in children)


def collector_of(pool):
    """Return the process of this pool's collector, and of no other on this machine."""
    inside = psutil.Process(pool.process.pid).children(recursive=True)
    found = [process for process in inside if "collector" in process.name()]
    # It answers larger questions in children of the same name.
    return min(found, key=psutil.Process.create_time)


async def forbidden_to_read(pool):
    with (pool.folder / "condor_config").open("a") as conf:
        conf.write("DENY_READ = *\nALLOW_READ = 192.0.2.1\n")
    collector_of(pool).send_signal(signal.SIGHUP)
    platform = configured(pool)

    async def refused():
        try:
            await platform.snapshot(ASK)
        except PlatformNotAuthorised as error:
            return error
        return None

    deadline = time.monotonic() + 60
    while (error := await refused()) is None:
        assert time.monotonic() < deadline
    assert "does not let you read" in error.message


async def test_a_collector_that_is_not_there_is_unreachable(pool):
    with pytest.raises(PlatformUnreachable, match="collector"):
        await configured(pool, collector="127.0.0.1:1").snapshot(ASK)


async def test_the_description_really_runs_the_notebook():
    if missing := CondorPool.missing():
        pytest.skip(missing)
    with CondorPool() as pool:
        await handed_over(pool)


async def handed_over(pool):
    folder = pool.folder / "home"
    cells = [nbformat.v4.new_code_cell("import os\nprint(6 * 7, os.cpu_count() > 0)")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "stars.ipynb")
    executable = Executable(
        "uri://jupyter-notebook", location="/pool/home/stars.ipynb", kernel="python3"
    )
    wanted = Task(executable, Resources(cores=Range(1000), memory=Range(500 * MIB)))
    platform = configured(pool)
    answer = await platform.ask(wanted, await platform.snapshot(ASK), ASK)
    made = platform.handover(wanted, answer.offers[0])
    assert made.command.startswith("condor_submit ")
    (folder / made.name).write_text(made.content)
    for path in folder.iterdir():
        shutil.chown(path, 1000, 1000)
    pool.as_alice("cd /pool/home && " + made.command)
    result = folder / "stars.out.ipynb"
    pool.until(lambda: result.exists() or held(pool), 120)
    assert not held(pool)
    outputs = nbformat.read(result, as_version=4).cells[0].outputs
    assert outputs[0].text == "42 True\n"


def held(pool):
    return pool.run("condor_q", "-all", "-hold", "-af", "HoldReason").strip()


def test_nothing_is_left_behind_when_a_pool_stops():
    if missing := CondorPool.missing():
        pytest.skip(missing)
    with CondorPool([Machine("one", "cpus=1, memory=1000, disk=1%")]) as pool:
        inside = psutil.Process(pool.process.pid).children(recursive=True)
        assert len(inside) > 4
    assert not any(process.is_running() for process in inside)
    assert not pool.folder.exists()
    assert str(pool.folder) not in Path("/proc/self/mountinfo").read_text()


async def test_quotas_of_groups_and_ceilings_of_users_are_held_against_the_job():
    if missing := CondorPool.missing():
        pytest.skip(missing)
    names = ("zero", "two")
    conf = [f"GROUP_NAMES = {', '.join(f'group_{name}' for name in names)}"]
    conf += ["GROUP_QUOTA_group_zero = 0", "GROUP_QUOTA_group_two = 2"]
    conf += ["GROUP_ACCEPT_SURPLUS = False"]
    with CondorPool(conf=conf) as pool:
        rows = ("condor_status", "-any", "-af", "Name", "EffectiveQuota")
        pool.until(lambda: "group_two 2" in pool.run(*rows))
        before = picture(pool)

        async def asked(**keys):
            platform = configured(pool, **keys)
            snapshot = await platform.snapshot(ASK)
            answer = await platform.ask(task(cores=1000), snapshot, ASK)
            codes = [reason.code for reason in answer.reasons]
            return answer.verdict, codes, answer

        verdict, codes, _ = await asked(group="group_zero")
        assert (verdict, codes) == (Verdict.NO, ["limit-exceeded"])
        verdict, codes, answer = await asked(group="group_two")
        assert (verdict, answer.now) == (Verdict.YES, Verdict.YES)
        assert "accounting_group = group_two" in answer.offers[0].service_info["description"]
        assert (await asked(group="group_other"))[0] is Verdict.YES
        limits = {"ConcurrencyLimits": '"licence"'}
        assert (await asked(attributes=limits))[0] is Verdict.CANNOT_TELL
        assert picture(pool) == before
        # The negotiator tells of users who have had jobs only.
        pool.run("condor_submit", "-terse", "-", stdin=SLEEPER)
        pool.until(lambda: pool.run("condor_q", "-all", "-af", "JobStatus").strip() == "2")
        pool.as_root("condor_userprio", "-setceil", "alice@pool.example", "0")
        rows = ("condor_status", "-any", "-af", "Name", "Ceiling")
        pool.until(lambda: "alice@pool.example 0" in pool.run(*rows))
        verdict, codes, _ = await asked()
        assert (verdict, codes) == (Verdict.NO, ["limit-exceeded"])
