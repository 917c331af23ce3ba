"""A real Slurm behind a real sshd: the same answers as on the submit host itself."""

import asyncio
import shlex
import socket
import tempfile
import time
from pathlib import Path

import msgspec
import psutil
import pytest
from live import sshd

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.command import LocalCommand
from jupyter_canidothis.demo import SlurmCluster
from jupyter_canidothis.errors import (
    PlatformNotAuthenticated,
    PlatformTimeout,
    PlatformUnreachable,
)
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.slurm import Slurm
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.units import GIB

pytestmark = pytest.mark.live

HOUR = 3600
TASKS = (
    {"cores": 2000, "memory": 2 * GIB, "duration": 600},
    {"cores": 64000},
    {"memory": 500 * GIB},
    {"duration": 5 * HOUR},
    {"gpus": 1},
    {"gpus": 8},
)


@pytest.fixture(scope="session", autouse=True)
def installed():
    if missing := SlurmCluster.missing():
        pytest.skip(f"Slurm is not installed: {', '.join(missing)} missing")
    if reason := sshd.missing():
        pytest.skip(reason)


@pytest.fixture(scope="module")
def place():
    """A cluster, and the sshd of its submit host."""
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        SlurmCluster(Path(parent, "c")) as cluster,
        sshd.Sshd(Path(parent, "sshd")) as server,
    ):
        yield cluster, server


@pytest.fixture
def there(place):
    """Make platforms behind the sshd, whose connections end with the test."""
    cluster, server = place
    made = []

    def make(conf=cluster.conf, **faults):
        keys = {"ssh": "cluster", "ssh_config": server.config(**faults)}
        entry = {"kind": "slurm", "conf": str(conf), **keys}
        made.append(Slurm.configure(entry))
        return made[-1]

    yield make
    for each in made:
        each._command.close()


def task(**ranges):
    resources = Resources(**{name: Range(amount) for name, amount in ranges.items()})
    return Task(Executable("uri://jupyter-notebook", languages=("python",)), resources)


def picture(cluster):
    """What asking must not change."""
    return (
        cluster.run("squeue", "-h", "-o", "%i %P %T %u %C %m %l %r"),
        cluster.run("scontrol", "-o", "show", "partition"),
        cluster.run("scontrol", "-o", "show", "reservation"),
    )


async def answer(platform, wanted):
    return await platform.ask(
        wanted, await platform.snapshot(Ask(deadline=20)), Ask(deadline=20)
    )


def said(told):
    """An answer without what differs from one ask to the next."""
    offers = [
        (o.name, o.resources, o.filled, o.start and o.start.earliest) for o in told.offers
    ]
    reasons = [msgspec.structs.replace(reason, evidence=()) for reason in told.reasons]
    return told.verdict, told.now, offers, reasons


@pytest.mark.parametrize("wanted", TASKS, ids=str)
async def test_the_answers_are_those_of_the_submit_host_itself(place, there, wanted):
    cluster, _ = place
    local = Slurm.configure({"kind": "slurm", "conf": str(cluster.conf)})
    before = picture(cluster)
    far = await answer(there(), task(**wanted))
    assert picture(cluster) == before
    assert said(far) == said(await answer(local, task(**wanted)))
    assert all(
        evidence.source.startswith("ssh cluster ")
        for evidence in far.evidence
        if evidence.how in ("dry-run", "live-read")
    )


async def test_a_line_of_the_evidence_can_be_repeated_by_hand(place, there):
    _, server = place
    told = await answer(there(), task(cores=2000))
    config = server.config()
    for evidence in told.evidence:
        if evidence.how in ("dry-run", "live-read"):
            line = evidence.source.replace("ssh cluster ", f"ssh -F {config} cluster ", 1)
            done = await LocalCommand().run(["bash", "-c", line], deadline=30)
            assert done.returncode == 0, (line, done.stderr)


@pytest.fixture
def large():
    """A cluster with twenty partitions."""
    partitions = {f"p{number}": "Nodes=n1,n2" for number in range(20)}
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        SlurmCluster(Path(parent, "c"), partitions=partitions) as cluster,
    ):
        yield cluster


async def test_a_warm_ask_of_twenty_partitions_is_quick(there, large):
    """Under 0.4 s on a machine with nothing else to do; a busy one is slower here as well."""
    local = Slurm.configure({"kind": "slurm", "conf": str(large.conf)})
    far = there(conf=large.conf)
    took = {local: [], far: []}
    snapshots = {each: await each.snapshot(Ask(deadline=20)) for each in took}
    for _ in range(8):
        for platform, times in took.items():
            started = time.monotonic()
            told = await platform.ask(task(cores=2000), snapshots[platform], Ask(deadline=20))
            times.append(time.monotonic() - started)
            assert len(told.offers) == 20
    assert min(took[far]) < max(0.4, 3 * min(took[local]))


async def test_the_handed_over_command_sends_the_script_from_here(place, there, tmp_path):
    cluster, server = place
    platform = there()
    wanted = Task(
        Executable("uri://batch-script", command=("true",)), Resources(cores=Range(1000))
    )
    told = await answer(platform, wanted)
    made = platform.handover(wanted, told.offers[0])
    (tmp_path / made.name).write_text(made.content)
    assert made.command == f"ssh cluster SLURM_CONF={cluster.conf} sbatch < {made.name}"
    line = made.command.replace("ssh cluster", f"ssh -F {server.config()} cluster")
    line = line.replace("sbatch", f"sbatch --test-only --chdir={tmp_path}")
    there = f"cd {shlex.quote(str(tmp_path))}; {line}"
    done = await LocalCommand().run(["bash", "-c", there], deadline=30)
    assert "to start at" in done.stderr


async def test_a_key_that_is_refused_is_a_login_that_is_missing(there):
    with pytest.raises(PlatformNotAuthenticated, match="refuses your ssh key"):
        await there(key="stranger").snapshot(Ask(deadline=20))


async def test_a_host_key_that_nobody_knows_is_not_trusted(there):
    with pytest.raises(PlatformUnreachable, match="host key of cluster is not known"):
        await there(known="nobody").snapshot(Ask(deadline=20))


async def test_a_host_key_that_changed_is_not_trusted(place, there):
    place[1].know("changed", "stranger")
    with pytest.raises(PlatformUnreachable, match="another host key"):
        await there(known="changed").snapshot(Ask(deadline=20))


async def test_a_port_where_nobody_listens_is_unreachable(there):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(PlatformUnreachable, match="takes no ssh connections"):
            await there(port=port).snapshot(Ask(deadline=20))


async def test_a_listener_that_never_answers_is_a_timeout_in_time(there):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(PlatformTimeout, match="does not answer ssh"):
            await there(port=silent.getsockname()[1]).snapshot(Ask(deadline=1.0))
        assert time.monotonic() - started < 3


async def test_a_name_that_does_not_exist_is_unreachable(there):
    with pytest.raises(PlatformUnreachable, match="the name cluster is not known"):
        await there(host="nosuch.invalid").snapshot(Ask(deadline=20))


async def test_commands_that_are_not_installed_there_are_named(there):
    platform = there()
    platform.config = msgspec.structs.replace(platform.config, bin="/nowhere")
    with pytest.raises(PlatformUnreachable, match="cannot run /nowhere/scontrol on cluster"):
        await platform.snapshot(Ask(deadline=20))


async def test_a_command_given_up_ends_on_the_other_host_too(there):
    command = there()._command
    await command.run(["true"], deadline=20)
    with pytest.raises(PlatformTimeout):
        await command.run(["sleep", "982.5"], deadline=1.0)
    deadline = time.monotonic() + 30
    while any("982.5" in (p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"])):
        assert time.monotonic() < deadline, "it runs on"
        await asyncio.sleep(0.1)


async def test_a_connection_that_broke_is_made_again(there):
    platform = there()
    await answer(platform, task(cores=1000))
    master = str(platform._command._master._folder)
    for process in psutil.process_iter(["cmdline"]):
        if any(master in argument for argument in process.info["cmdline"] or []):
            process.kill()
    assert (await answer(platform, task(cores=1000))).verdict is Verdict.YES


async def test_nothing_of_a_connection_is_left(there):
    platform = there()
    await answer(platform, task(cores=1000))
    folder = platform._command._master._folder
    platform._command.close()
    assert not folder.exists()
    deadline = time.monotonic() + 30
    while any(
        str(folder) in " ".join(p.info["cmdline"] or [])
        for p in psutil.process_iter(["cmdline", "status"])
        if p.info["status"] != psutil.STATUS_ZOMBIE
    ):
        assert time.monotonic() < deadline, "the master runs on"
        await asyncio.sleep(0.05)
