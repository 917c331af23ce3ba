"""A real Slurm, started here: what we say, and that asking changes nothing."""

import getpass
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.demo import DemoError, DemoNode, SlurmCluster
from jupyter_canidothis.demo.__main__ import main
from jupyter_canidothis.errors import PlatformUnreachable
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.registry import Entry, describe
from jupyter_canidothis.platforms.slurm import Slurm
from jupyter_canidothis.platforms.slurm.script import batch
from jupyter_canidothis.resources import Gpu, Range, Resources
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.units import GIB

pytestmark = pytest.mark.live

MIB, HOUR = 2**20, 3600
VOLATILE = re.compile(r"(CPULoad|FreeMem|LastBusyTime|BootTime|SlurmdStartTime)=\S+")


@pytest.fixture(scope="session", autouse=True)
def installed():
    if missing := SlurmCluster.missing():
        pytest.skip(f"Slurm is not installed: {', '.join(missing)} missing")


@pytest.fixture
def folder():
    """A folder with a name short enough for Slurm's sockets."""
    parent = Path(tempfile.mkdtemp(prefix="slurm-"))
    yield parent / "c"
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture(scope="module")
def enforcing():
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        SlurmCluster(Path(parent, "c")) as cluster,
    ):
        yield cluster


@pytest.fixture(scope="module")
def lenient():
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        SlurmCluster(Path(parent, "c"), extra_conf={"EnforcePartLimits": "NO"}) as cluster,
    ):
        yield cluster


def until(done, seconds=20.0):
    """Poll, bounded, for what another program does in its own time."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def task(gpu=None, **ranges):
    resources = Resources(
        gpu=gpu,
        **{
            name: Range(*amount) if isinstance(amount, tuple) else Range(amount)
            for name, amount in ranges.items()
        },
    )
    return Task(Executable("uri://jupyter-notebook", languages=("python",)), resources)


def picture(cluster):
    """Everything about a cluster that asking must not change."""
    return (
        cluster.run("squeue", "-h", "-o", "%i %P %T %u %C %m %l %r"),
        VOLATILE.sub("", cluster.run("scontrol", "-d", "-o", "show", "node")),
        cluster.run("scontrol", "-o", "show", "partition"),
        cluster.run("scontrol", "-o", "show", "reservation"),
    )


def planner(conf):
    platform = Slurm.configure({"kind": "slurm", "conf": str(conf)})
    return Planner([Entry(describe(platform, "configured"), platform)])


async def ask(cluster, wanted, **keys):
    """Ask, and hold the cluster before and after against each other."""
    platform = Slurm.configure({"kind": "slurm", "conf": str(cluster.conf), **keys})
    before = picture(cluster)
    answer = await platform.ask(wanted, await platform.snapshot(Ask()), Ask())
    assert picture(cluster) == before
    return answer


async def test_a_task_that_fits_is_taken_and_filled_in(enforcing):
    answer = await ask(enforcing, task(cores=2000, memory=2 * GIB))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)
    assert [offer.name for offer in answer.offers] == ["short", "gpu", "long"]
    best = answer.offers[0]
    assert best.resources.cores == Range(2000, 8000)
    assert best.resources.memory == Range(2 * GIB, 32000 * MIB)
    assert best.resources.duration == Range(1800, 7200)
    assert best.filled["duration.min"] == "default"
    assert best.filled["cores.max"] == "offered"
    assert best.start.earliest == 0
    assert best.start.latest <= 5


@pytest.mark.parametrize(
    ("partition", "wanted", "told"),
    [
        ("short", {"cores": 64000}, ("limit-exceeded", "cores", 8000)),
        ("short", {"memory": 500 * GIB}, ("limit-exceeded", "memory", 32000 * MIB)),
        ("short", {"duration": 5 * HOUR}, ("limit-exceeded", "duration", 2 * HOUR)),
        ("short", {"gpus": 1}, ("no-such-resource", "gpus", 0)),
        ("gpu", {"gpus": 8}, ("limit-exceeded", "gpus", 2)),
        ("gpu", {"cores": 6000, "gpus": 1}, ("limit-exceeded", "cores", 4000)),
        ("long", {"nodes": 3}, ("limit-exceeded", "nodes", 2)),
        ("long", {"nodes": 2, "cores": 12000}, ("limit-exceeded", "cores", 8000)),
        ("closed", {}, ("closed", "", None)),
    ],
)
async def test_a_refusal_names_the_field_and_the_limit(enforcing, partition, wanted, told):
    code, field, limit = told
    answer = await ask(enforcing, task(**wanted), partitions=[partition])
    assert answer.verdict is Verdict.NO
    reason = answer.reasons[0]
    pointer = f"/resources/{field}/min" if field else ""
    assert (reason.code, reason.field, reason.limit) == (code, pointer, limit)


@pytest.mark.parametrize(
    ("wanted", "verdict"),
    [
        (task(cores=8000, memory=32000 * MIB, duration=2 * HOUR), Verdict.YES),
        (task(cores=8001), Verdict.NO),
        (task(memory=32000 * MIB + 1), Verdict.NO),
        (task(duration=2 * HOUR + 1), Verdict.NO),
    ],
)
async def test_the_frontier_is_exact(enforcing, wanted, verdict):
    answer = await ask(enforcing, wanted, partitions=["short"])
    assert answer.verdict is verdict


async def test_a_gpu_is_found_by_its_product_name_and_a_missing_one_is_named(enforcing):
    answer = await ask(enforcing, task(gpus=2, gpu=Gpu(model="NVIDIA A100")))
    assert [offer.name for offer in answer.offers] == ["gpu", "long"]
    answer = await ask(enforcing, task(gpus=1, gpu=Gpu(model="h100")), partitions=["gpu"])
    assert (answer.reasons[0].code, answer.reasons[0].asked) == ("no-such-resource", "h100")


async def test_a_limit_that_is_not_enforced_is_seen_through(lenient):
    answer = await ask(lenient, task(duration=5 * HOUR), partitions=["short"])
    assert answer.verdict is Verdict.NO
    (reason,) = answer.reasons
    assert reason.code == "would-pend-forever"
    assert "to start at" in reason.text


async def test_slurm_really_lets_such_a_job_wait_for_ever(lenient):
    done = lenient.run("sbatch", "--parsable", "-o", "/dev/null", "-t", "300", "--wrap=true")
    job = done.strip()
    try:
        until(
            lambda: "PartitionTimeLimit" in lenient.run("squeue", "-h", "-j", job, "-o", "%r")
        )
    finally:
        lenient.run("scancel", job)


async def test_a_closed_partition_is_no_on_a_lenient_cluster_too(lenient):
    answer = await ask(lenient, task(), partitions=["closed"])
    assert answer.verdict is Verdict.NO
    assert answer.reasons[0].code == "closed"


async def test_the_nearest_change_is_checked_by_asking_again(enforcing):
    before = picture(enforcing)
    plan = await planner(enforcing.conf).ask(task(memory=500 * GIB, duration=600))
    assert picture(enforcing) == before
    (answer,) = plan.answers
    assert answer.verdict is Verdict.NO
    change = answer.changes[0]
    assert change.checked
    assert change.edits[0].after == 32000 * MIB


def submit(cluster, *options):
    """Submit a real job that only waits to be cancelled, and return its id."""
    argv = ("sbatch", "--parsable", "-o", "/dev/null", *options, "--wrap=sleep 600")
    return cluster.run(*argv).strip()


@pytest.fixture
def busy(folder):
    """A cluster whose first node has 2 idle cores for the next 40 minutes and one job waits."""
    quick = {"SchedulerParameters": "bf_interval=2"}
    with SlurmCluster(folder, extra_conf=quick) as cluster:
        running = submit(cluster, "-p", "short", "-c", "6", "-t", "40")
        state = ("squeue", "-h", "-j", running, "-o", "%T")
        until(lambda: cluster.run(*state).strip() == "RUNNING")
        submit(cluster, "-p", "short", "-c", "8", "-t", "60")
        yield cluster


async def test_a_busy_partition_says_yes_not_now_and_by_when(busy):
    answer = await ask(busy, task(cores=4000, memory=GIB, duration=600), partitions=["short"])
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert answer.reasons[0].code == "full-now"
    assert "too few idle cores" in answer.reasons[0].message
    start = answer.offers[0].start
    assert start.earliest is None
    assert start.latest >= 3000
    assert start.basis


async def test_a_short_job_on_idle_cores_starts_inside_its_range(busy):
    expected = ("squeue", "-h", "-t", "PENDING", "-o", "%S")
    until(lambda: busy.run(*expected).strip() not in ("", "N/A"), seconds=60)
    answer = await ask(busy, task(cores=1000, memory=GIB, duration=300), partitions=["short"])
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)
    start = answer.offers[0].start
    assert (start.earliest, start.latest >= 3000) == (0, True)
    options = answer.offers[0].service_info["options"]
    submitted = time.monotonic()
    job = submit(busy, *options)
    state = ("squeue", "-h", "-j", job, "-o", "%T")
    until(lambda: busy.run(*state).strip() == "RUNNING", seconds=60)
    assert time.monotonic() - submitted <= start.latest


@pytest.mark.parametrize("papermill", [True, False])
async def test_the_batch_script_really_runs_the_notebook(enforcing, tmp_path, papermill):
    python = tmp_path / "python"
    refuse = "" if papermill else 'case "$*" in *"import papermill"*) exit 1;; esac\n'
    python.write_text(f'#!/bin/sh\n{refuse}exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("6 * 7")])
    path = tmp_path / "stars and dust.ipynb"
    nbformat.write(notebook, path)
    executable = Executable("uri://jupyter-notebook", location=str(path), kernel="python3")
    resources = Resources(cores=Range(1000), memory=Range(GIB), duration=Range(600))
    wanted = Task(executable, resources)
    answer = await ask(enforcing, wanted)
    made = batch(wanted, answer.offers[0], python=str(python))
    (tmp_path / made.name).write_text(made.content)
    job = enforcing.run(
        "sbatch", "--parsable", f"--chdir={tmp_path}", str(tmp_path / made.name)
    )
    queued = ("squeue", "-h", "-j", job.strip(), "-o", "%T")
    until(lambda: enforcing.run(*queued).strip() in ("", "COMPLETED"), seconds=60)
    executed = nbformat.read(tmp_path / "stars and dust.out.ipynb", as_version=4)
    assert executed.cells[0].outputs[0].data["text/plain"] == "42"


async def test_a_maintenance_shows_as_a_cliff_on_the_duration(folder):
    with SlurmCluster(folder) as cluster:
        me = getpass.getuser()
        cluster.run(
            "scontrol", "create", "reservation", "reservationname=upgrade",
            "starttime=now+60minutes", "duration=120", "nodes=n2", f"user={me}",
            "flags=maint,ignore_jobs",
        )  # fmt: skip
        before = await ask(cluster, task(gpus=1, duration=600), partitions=["gpu"])
        across = await ask(cluster, task(gpus=1, duration=2 * HOUR), partitions=["gpu"])
    assert (before.verdict, before.now) == (Verdict.YES, Verdict.YES)
    assert (across.verdict, across.now) == (Verdict.YES, Verdict.NO)
    assert "upgrade" in across.reasons[0].message
    assert across.offers[0].start.latest == pytest.approx(3 * HOUR, abs=60)


async def test_a_drained_node_is_named(folder):
    with SlurmCluster(folder) as cluster:
        cluster.run("scontrol", "update", "nodename=n2", "state=drain", "reason=test")
        answer = await ask(cluster, task(gpus=1), partitions=["gpu"])
    assert answer.verdict is Verdict.NO
    assert answer.reasons[0].code == "closed"
    assert "n2 is drained" in answer.reasons[0].message


async def test_a_controller_that_is_down_is_told_at_once(folder):
    with SlurmCluster(folder) as cluster:
        platform = Slurm.configure({"kind": "slurm", "conf": str(cluster.conf)})
        snapshot = await platform.snapshot(Ask())
        cluster.stop_controller()
        started = time.monotonic()
        with pytest.raises(PlatformUnreachable):
            await platform.snapshot(Ask())
        with pytest.raises(PlatformUnreachable):
            await platform.ask(task(), snapshot, Ask())
        assert time.monotonic() - started < 2


async def test_a_configuration_that_is_missing_is_told_within_the_deadline(folder):
    started = time.monotonic()
    plan = await planner(folder / "slurm.conf").ask(task(), deadline=1.0)
    assert time.monotonic() - started < 3
    assert plan.answers[0].verdict is Verdict.CANNOT_TELL


def test_two_clusters_live_side_by_side_and_leave_nothing_behind(enforcing, folder):
    with SlurmCluster(
        folder, nodes=[DemoNode("n1", 2, 1000)], partitions={"all": "Nodes=n1"}
    ) as other:
        job = submit(other, "-p", "all", "-c", "1")
        until(lambda: other.run("squeue", "-h", "-j", job, "-o", "%T").strip() == "RUNNING")
        assert enforcing.ready()
        assert job not in enforcing.jobs()
    assert not folder.exists()
    left = [
        p for p in psutil.process_iter(["cmdline"]) if str(folder) in str(p.info["cmdline"])
    ]
    assert left == []
    assert enforcing.ready()


def test_starting_and_stopping_twice_is_harmless(folder):
    cluster = SlurmCluster(folder)
    cluster.start()
    conf = cluster.conf.read_text()
    cluster.start()
    assert cluster.conf.read_text() == conf
    cluster.stop()
    cluster.stop()
    assert not folder.exists()


def test_a_port_that_is_taken_is_replaced(folder, monkeypatch):
    from jupyter_canidothis.demo import slurm as module

    free, calls = module.free_ports, []

    def first_taken(count):
        calls.append(count)
        ports = free(count)
        return [ports[0]] * count if len(calls) == 1 else ports

    monkeypatch.setattr(module, "free_ports", first_taken)
    with SlurmCluster(folder) as cluster:
        assert cluster.ready()
    assert len(calls) == 2


def test_the_daemons_listen_on_loopback_alone(enforcing):
    names = {"slurmctld", "slurmd"}
    listening = [
        connection.laddr.ip
        for process in psutil.process_iter(["name"])
        if process.info["name"] in names and process.status() != psutil.STATUS_ZOMBIE
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert set(listening) == {"127.0.0.1"}


def test_the_command_line_starts_shows_and_stops(folder, capsys):
    run = (sys.executable, "-m", "jupyter_canidothis.demo")
    where = ("--folder", str(folder))
    try:
        done = subprocess.run(
            [*run, "up", "slurm", *where], capture_output=True, text=True, check=True
        )
        assert done.stdout == f"export SLURM_CONF={folder}/slurm.conf\n"
        assert main(["status", *where]) == 0
        assert "up" in capsys.readouterr().out
    finally:
        assert main(["down", "slurm", *where]) == 0
    assert main(["status", *where]) == 0
    assert "down" in capsys.readouterr().out


def test_a_folder_that_others_may_write_is_refused(folder, capsys):
    folder.parent.chmod(0o777)
    assert main(["up", "slurm", "--folder", str(folder)]) == 1
    assert "not private" in capsys.readouterr().err


def test_a_cluster_that_cannot_start_says_why(folder):
    broken = SlurmCluster(folder, extra_conf={"SelectType": "select/nonsense"})
    with pytest.raises(DemoError, match="nonsense"):
        broken.start()
    assert not folder.exists()
