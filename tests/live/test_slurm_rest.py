"""A real slurmrestd of Slurm 22.05: what it says, and that it is only ever read."""

import asyncio
import re
import socket
import tempfile
import time
from pathlib import Path

import pytest
from live import slurmrestd

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.errors import (
    PlatformNotAuthenticated,
    PlatformTimeout,
    PlatformUnreachable,
)
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.slurm import Slurm
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.transport import Transport
from jupyter_canidothis.units import GIB

pytestmark = pytest.mark.live

HOUR = 3600
TASKS = (
    {"cores": 2000, "memory": 2 * GIB, "duration": 600},
    {"cores": 8000, "duration": 5 * HOUR},
    {"cores": 64000},
    {"memory": 500 * GIB},
    {"gpus": 2},
    {"gpus": 8},
    {"nodes": 3},
)


@pytest.fixture(scope="session", autouse=True)
def installed():
    if reason := slurmrestd.missing():
        pytest.skip(reason)


@pytest.fixture(scope="module")
def cluster():
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        slurmrestd.RestCluster(Path(parent, "c")) as running,
    ):
        yield running


class Watched(Transport):
    """The real transport, which keeps what was sent."""

    def __init__(self):
        super().__init__()
        self.methods = set()

    async def fetch(self, url, *, method="GET", **rest):
        self.methods.add(method)
        return await super().fetch(url, method=method, **rest)


@pytest.fixture
def restful(cluster, monkeypatch):
    """Make platforms that read it."""

    def make(token=None, **keys):
        monkeypatch.setenv("SLURM_TEST_TOKEN", token or cluster.token())
        entry = {"kind": "slurm", "url": cluster.url, "token_env": "SLURM_TEST_TOKEN", **keys}
        return Slurm.configure(entry, Edges(http=Watched()))

    return make


def task(**ranges):
    resources = Resources(**{name: Range(amount) for name, amount in ranges.items()})
    return Task(Executable("uri://jupyter-notebook", languages=("python",)), resources)


def picture(cluster):
    """What asking must not change; with the counter of jobs, as no dry run burns an id."""
    nodes = cluster.run("scontrol", "-d", "-o", "show", "node")
    volatile = r"(CPULoad|FreeMem|LastBusyTime|BootTime|SlurmdStartTime)=\S+"
    return (
        cluster.run("squeue", "-h", "-o", "%i %P %T %u %C %m %l %r"),
        re.sub(volatile, "", nodes),
        cluster.run("scontrol", "-o", "show", "partition"),
        cluster.run("scontrol", "-o", "show", "reservation"),
        re.search(r"NEXT_JOB_ID\s*=\s*(\d+)", cluster.run("scontrol", "show", "config")).group(
            1
        ),
    )


async def answer(platform, wanted):
    return await platform.ask(
        wanted, await platform.snapshot(Ask(deadline=20)), Ask(deadline=20)
    )


@pytest.mark.parametrize("wanted", TASKS, ids=str)
async def test_the_verdicts_are_those_of_the_dry_run_and_nothing_is_posted(
    cluster, restful, wanted
):
    local = Slurm.configure({"kind": "slurm", "conf": str(cluster.conf)})
    expected = await answer(local, task(**wanted))
    before = picture(cluster)
    platform = restful(conf=str(cluster.conf))
    told = await answer(platform, task(**wanted))
    assert picture(cluster) == before
    assert platform.edges.http.methods == {"GET"}
    assert (told.verdict, told.now) == (expected.verdict, expected.now)
    assert [(o.name, o.resources) for o in told.offers] == [
        (o.name, o.resources) for o in expected.offers
    ]
    codes = [(reason.code, reason.field, reason.limit) for reason in told.reasons]
    assert codes == [(reason.code, reason.field, reason.limit) for reason in expected.reasons]


async def test_without_a_copy_of_slurm_conf_a_yes_is_not_known(restful):
    told = await answer(restful(), task(cores=2000, duration=600))
    assert told.verdict is Verdict.CANNOT_TELL
    assert told.reasons[0].code == "not-published"
    told = await answer(restful(), task(cores=64000))
    assert told.verdict is Verdict.NO


async def test_a_busy_cluster_is_yes_and_not_now(cluster, restful):
    job = cluster.run(
        "sbatch", "--parsable", "-o", "/dev/null", "-p", "short", "-c", "8", "--wrap=sleep 600"
    ).strip()
    try:
        deadline = time.monotonic() + 30
        while cluster.run("squeue", "-h", "-j", job, "-o", "%T").strip() != "RUNNING":
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        told = await answer(
            restful(conf=str(cluster.conf), partitions=["short"]), task(cores=1000)
        )
        assert (told.verdict, told.now) == (Verdict.YES, Verdict.NO)
        assert told.reasons[0].code == "full-now"
        assert told.offers[0].start.earliest is None
    finally:
        cluster.run("scancel", job)
        while job in cluster.jobs():
            await asyncio.sleep(0.05)


async def test_no_token_is_a_login_that_is_missing(cluster):
    platform = Slurm.configure({"kind": "slurm", "url": cluster.url, "user": "alice"})
    with pytest.raises(PlatformNotAuthenticated, match="neither our token nor"):
        await platform.snapshot(Ask(deadline=20))


async def test_a_token_that_the_controller_refuses_is_told(cluster, restful):
    head, _, signature = cluster.token().rpartition(".")
    forged = f"{head}.{signature[:-8]}AAAAAAAA"
    with pytest.raises(PlatformUnreachable, match="does not accept our token") as caught:
        await restful(forged).snapshot(Ask(deadline=20))
    assert forged not in str(caught.value.message + caught.value.hint)


async def test_a_token_that_has_expired_is_told_as_such(cluster, restful):
    token = cluster.token(seconds=1)
    platform = restful(token)
    platform.edges = platform._rest._edges = Edges(
        http=platform.edges.http, clock=lambda: time.time() + 10
    )
    with pytest.raises(PlatformNotAuthenticated, match="expired"):
        await platform.snapshot(Ask(deadline=20))


async def test_a_controller_that_is_down_is_told_within_the_deadline():
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        slurmrestd.RestCluster(Path(parent, "c")) as dying,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("SLURM_TEST_TOKEN", dying.token())
        entry = {"kind": "slurm", "url": dying.url, "token_env": "SLURM_TEST_TOKEN"}
        platform = Slurm.configure(entry)
        await platform.snapshot(Ask(deadline=20))
        dying.stop_controller()
        started = time.monotonic()
        # 22.05 asks its controller for 9 seconds before it says anything.
        with pytest.raises(PlatformTimeout):
            await platform.snapshot(Ask(deadline=1.0))
        assert time.monotonic() - started < 3


async def test_a_slurmrestd_that_is_gone_is_unreachable():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        platform = Slurm.configure({"kind": "slurm", "url": url, "user": "alice"})
        with pytest.raises(PlatformUnreachable, match="refused"):
            await platform.snapshot(Ask(deadline=20))
