"""A real Grid Engine, started here: what we say, and that asking changes nothing."""

import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from truth.gridengine_settings import SETTINGS

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.demo import DemoError, GridEngineCluster
from jupyter_canidothis.demo.__main__ import main
from jupyter_canidothis.errors import PlatformUnreachable
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.gridengine import GridEngine
from jupyter_canidothis.platforms.gridengine.script import job_script
from jupyter_canidothis.platforms.registry import Entry, describe
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.units import GIB

pytestmark = pytest.mark.live

HOUR = 3600
ASKING = Ask(deadline=30.0)


@pytest.fixture(scope="session", autouse=True)
def installed():
    if missing := GridEngineCluster.missing():
        pytest.skip(f"Grid Engine is not installed: {', '.join(missing)} missing")


@pytest.fixture(scope="module")
def cluster():
    """One with every way we know in which a queue can refuse."""
    with (
        tempfile.TemporaryDirectory(prefix="sge-") as parent,
        SETTINGS[0].cluster(Path(parent, "c")) as started,
    ):
        for command in SETTINGS[0].commands:
            started.run(*command)
        yield started


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="sge-") as parent:
        yield Path(parent, "c")


def until(done, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def task(**ranges):
    resources = Resources(**{name: Range(amount) for name, amount in ranges.items()})
    return Task(Executable("uri://jupyter-notebook", languages=("python",)), resources)


def platform(cluster, **keys):
    env = cluster.env
    where = {
        "root": env["SGE_ROOT"],
        "cell": env["SGE_CELL"],
        "qmaster_port": int(env["SGE_QMASTER_PORT"]),
        "execd_port": int(env["SGE_EXECD_PORT"]),
    }
    return GridEngine.configure({"kind": "gridengine", **where, **keys})


def picture(cluster):
    """Everything about a cluster that asking must not change."""
    # The line that begins with a job's number ends before its priority, which ages.
    jobs = [line.split()[:1] + line.split()[4:5] for line in qstat(cluster)]
    states = [
        line.split()[0::5] for line in cluster.run("qstat", "-f").splitlines() if "@" in line
    ]
    scripts = sorted(path.name for path in cluster.folder.glob("spool/**/job_scripts/*"))
    return jobs, states, scripts, cluster.run("qconf", "-sq", "*")


def qstat(cluster):
    return cluster.run("qstat", "-u", "*").splitlines()[2:]


async def ask(cluster, wanted, **keys):
    """Ask, and hold the cluster before and after against each other."""
    asked = platform(cluster, **keys)
    before = picture(cluster)
    answer = await asked.ask(wanted, await asked.snapshot(ASKING), ASKING)
    assert picture(cluster) == before
    return answer


async def test_a_task_that_fits_is_taken_and_filled_in(cluster):
    answer = await ask(cluster, task(cores=2000, memory=2 * GIB), queues=["short.q", "long.q"])
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)
    best = answer.offers[0]
    assert best.name == "short.q"
    assert best.resources.cores == Range(2000, 8000)
    assert best.resources.memory == Range(2 * GIB, 16 * GIB)
    assert best.start.earliest == 0


NOS = (
    ("short.q", {"cores": 9000}, "limit-exceeded", False),
    ("short.q", {"duration": 2 * HOUR + 1}, "limit-exceeded", False),
    ("lean.q", {"cores": 3000}, "limit-exceeded", False),
    ("acl.q", {}, "not-authorised", False),
    ("closed.q", {}, "closed", True),
    ("night.q", {}, "closed", True),
    ("suspended.q", {}, "closed", True),
)
"""Queue, task, reason, and whether ``-w v`` says that it would run."""


async def test_a_no_is_one_also_where_the_dry_run_says_yes(cluster):
    before = picture(cluster)
    snapshot = await platform(cluster).snapshot(ASKING)
    for queue, wanted, code, dry_run in NOS:
        answer = await platform(cluster, queues=[queue]).ask(task(**wanted), snapshot, ASKING)
        assert (answer.verdict, answer.reasons[0].code) == (Verdict.NO, code), queue
        assert ("found suitable queue" in answer.reasons[0].text) is dry_run, queue
    assert picture(cluster) == before


async def test_the_nearest_change_is_checked_by_asking_again(cluster):
    asked = platform(cluster, queues=["short.q"])
    before = picture(cluster)
    planner = Planner([Entry(describe(asked, "configured"), asked)])
    plan = await planner.ask(task(memory=500 * GIB, duration=600), deadline=30.0)
    assert picture(cluster) == before
    (answer,) = plan.answers
    assert answer.verdict is Verdict.NO
    assert answer.changes[0].checked
    assert answer.changes[0].edits[0].after == 16 * GIB


async def test_a_full_cluster_says_yes_not_now_and_by_which_quota(cluster):
    argv = ("qsub", "-terse", "-cwd", "-o", "/dev/null", "-j", "y", "-q", "quota.q")
    rest = (
        "-pe",
        "smp",
        "4",
        "-l",
        "h_vmem=500M",
        "-b",
        "y",
        "-shell",
        "n",
        "/bin/sleep",
        "600",
    )
    job = cluster.run(*argv, *rest).strip()
    try:
        until(lambda: any(line.split()[4] == "r" for line in qstat(cluster)))
        for queue, cores, code in (
            ("quota.q", 1000, "quota-exhausted"),
            ("short.q", 5000, "full-now"),
        ):
            answer = await ask(cluster, task(cores=cores, duration=600), queues=[queue])
            assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
            assert answer.reasons[0].code == code
        answer = await ask(cluster, task(cores=4000, duration=600), queues=["short.q"])
        assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)
    finally:
        cluster.run("qdel", "-f", job)
        until(lambda: not cluster.jobs())


@pytest.mark.parametrize("papermill", [True, False])
async def test_the_script_really_runs_the_notebook(cluster, tmp_path, papermill):
    python = tmp_path / "python"
    refuse = "" if papermill else 'case "$*" in *"import papermill"*) exit 1;; esac\n'
    python.write_text(f'#!/bin/sh\n{refuse}exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("6 * 7")])
    path = tmp_path / "stars and dust.ipynb"
    nbformat.write(notebook, path)
    executable = Executable("uri://jupyter-notebook", location=str(path), kernel="python3")
    wanted = Task(executable, Resources(cores=Range(1000), duration=Range(600)))
    answer = await ask(cluster, wanted, queues=["short.q"])
    made = job_script(wanted, answer.offers[0], python=str(python))
    (tmp_path / made.name).write_text(made.content)
    cluster.run("qsub", "-wd", str(tmp_path), str(tmp_path / made.name))
    result = tmp_path / "stars and dust.out.ipynb"
    until(lambda: not cluster.jobs(), seconds=120)
    assert result.exists(), (tmp_path / "stars-and-dust.log").read_text()
    executed = nbformat.read(result, as_version=4)
    assert executed.cells[0].outputs[0].data["text/plain"] == "42"


async def test_a_qmaster_that_is_down_is_told_and_nothing_is_left_behind(folder):
    with GridEngineCluster(folder) as dying:
        asked = platform(dying)
        snapshot = await asked.snapshot(ASKING)
        dying.stop_qmaster()
        started = time.monotonic()
        with pytest.raises(PlatformUnreachable):
            await asked.snapshot(ASKING)
        with pytest.raises(PlatformUnreachable):
            await asked.ask(task(), snapshot, ASKING)
        assert time.monotonic() - started < 30
    assert not folder.exists()
    environments = (p.info["environ"] or {} for p in psutil.process_iter(["environ"]))
    assert not any(str(folder) in env.get("SGE_ROOT", "") for env in environments)


def test_the_command_line_starts_shows_and_stops(folder, capsys):
    where = ("gridengine", "--folder", str(folder))
    try:
        assert main(["up", *where]) == 0
        assert f"SGE_ROOT={folder}/root" in capsys.readouterr().out
        assert main(["status", *where]) == 0
        assert "up" in capsys.readouterr().out
    finally:
        assert main(["down", *where]) == 0
    assert main(["status", *where]) == 0
    assert "down" in capsys.readouterr().out
    assert not folder.exists()


def test_a_cluster_that_cannot_start_says_why(folder):
    with pytest.raises(DemoError, match="nonsense"):
        GridEngineCluster(folder, queues={"a.q": {"h_rt": "nonsense"}}).start()
    assert not folder.exists()
