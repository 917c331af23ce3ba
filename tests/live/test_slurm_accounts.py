"""A real Slurm with slurmdbd and MariaDB: limits of accounts and QOS."""

import tempfile
import time
from pathlib import Path

import pytest
from live import accounting
from truth.settings import BILLED, MULTIFACTOR, NODES, ODD, RECORDS, WEIGHED

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.bisection import Budget
from jupyter_canidothis.changes import apply
from jupyter_canidothis.demo import SlurmCluster
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.registry import Entry, describe
from jupyter_canidothis.platforms.slurm import Slurm
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task

pytestmark = pytest.mark.live

MINUTE, HOUR = 60, 3600


@pytest.fixture(scope="session", autouse=True)
def installed():
    if reason := accounting.missing():
        pytest.skip(reason)


@pytest.fixture(scope="module")
def cluster():
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        accounting.AccountingCluster(Path(parent, "c"), records=RECORDS) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def billed():
    """A cluster of two accounts and three QOS, with limits on what is billed."""
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        accounting.AccountingCluster(
            Path(parent, "c"),
            records=BILLED,
            nodes=NODES,
            partitions={**ODD, **WEIGHED},
            extra_conf={"EnforcePartLimits": "ANY", **MULTIFACTOR},
        ) as running,
    ):
        yield running


@pytest.fixture
def lax():
    """A cluster that keeps accounts and enforces limits, but not that jobs end in time."""
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        accounting.AccountingCluster(
            Path(parent, "c"), records=RECORDS, enforce="associations,limits"
        ) as running,
    ):
        yield running


@pytest.fixture
def submit():
    """Submit real jobs, which are cancelled in the end."""
    jobs = []

    def really(where, *options):
        argv = ("sbatch", "--parsable", "-o", "/dev/null", *options, "--wrap=sleep 600")
        jobs.append((where, where.run(*argv).strip()))
        return jobs[-1][1]

    yield really
    for where, job in jobs:
        where.run("scancel", job)
        until(lambda where=where, job=job: job not in where.jobs())


def until(done, seconds=20.0):
    """Poll, bounded, for what another program does in its own time."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def reason_of(where, job):
    return where.run("squeue", "-h", "-j", job, "-o", "%T %r").strip()


def task(cores, duration, **ranges):
    resources = Resources(cores=Range(cores), duration=Range(duration), **ranges)
    return Task(Executable("uri://jupyter-notebook", languages=("python",)), resources)


def picture(where):
    """Everything about accounts that asking must not change."""
    return (
        where.run("squeue", "-h", "-o", "%i %P %T %u %C %m %l %r %q %a"),
        where.run("scontrol", "show", "assoc_mgr", "flags=assoc,qos"),
        where.run("sacctmgr", "-nP", "show", "assoc"),
        where.run("sacctmgr", "-nP", "show", "qos"),
        where.run("sacctmgr", "-nP", "show", "transactions"),
    )


async def ask(where, wanted, **keys):
    keys = {"kind": "slurm", "conf": str(where.conf), "partitions": ["short"], **keys}
    platform = Slurm.configure(keys)
    return await platform.ask(wanted, await platform.snapshot(Ask()), Ask())


async def test_a_limit_per_user_is_seen_through_and_slurm_lets_the_job_wait(cluster, submit):
    before = picture(cluster)
    answer = await ask(cluster, task(4000, 10 * MINUTE), qos="tight")
    assert picture(cluster) == before
    assert answer.verdict is Verdict.NO
    reason = answer.reasons[0]
    assert (reason.code, reason.asked, reason.limit) == ("would-pend-forever", 4000, 2000)
    assert "to start at" in reason.text
    job = submit(cluster, "-p", "short", "--qos=tight", "-c", "4", "-t", "10")
    until(lambda: reason_of(cluster, job) == "PENDING QOSMaxCpuPerUserLimit")


async def test_minutes_that_do_not_suffice_are_seen_and_slurm_lets_the_job_wait(
    cluster, submit
):
    answer = await ask(cluster, task(8000, 2 * HOUR), account="astro")
    assert answer.verdict is Verdict.NO
    assert answer.reasons[0].code == "quota-exhausted"
    assert "account astro" in answer.reasons[0].message
    job = submit(cluster, "-p", "short", "-c", "8", "-t", "120")
    until(lambda: reason_of(cluster, job) == "PENDING AssocGrpCPUMinutesLimit")


async def test_the_nearest_change_keeps_to_the_limits_and_is_checked(cluster):
    before = picture(cluster)
    keys = {"kind": "slurm", "conf": str(cluster.conf), "qos": "tight"}
    platform = Slurm.configure({**keys, "partitions": ["short"]})
    planner = Planner([Entry(describe(platform, "configured"), platform)])
    plan = await planner.ask(task(4000, 10 * MINUTE))
    assert picture(cluster) == before
    change = plan.answers[0].changes[0]
    assert (change.checked, change.edits[0].after) == (True, 2000)


async def test_what_runs_now_makes_it_a_not_now(cluster, submit):
    job = submit(cluster, "-p", "short", "--qos=tight", "-c", "2", "-t", "10")
    until(lambda: reason_of(cluster, job).startswith("RUNNING"))
    answer = await ask(cluster, task(1000, 10 * MINUTE), qos="tight")
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    reason = answer.reasons[0]
    assert (reason.code, reason.limit, reason.used) == ("quota-exhausted", 2000, 2000)


@pytest.mark.parametrize("key", ["account", "qos"])
async def test_an_unknown_name_is_refused_where_names_are_checked(cluster, key):
    answer = await ask(cluster, task(1000, 10 * MINUTE), **{key: "nosuch"})
    assert answer.verdict is Verdict.NO
    codes = {(reason.code, reason.scope) for reason in answer.reasons}
    assert codes == {("not-authorised", key)}


async def test_an_unknown_name_runs_where_no_accounts_are_kept():
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        SlurmCluster(Path(parent, "c")) as plain,
    ):
        keys = {"qos": "nosuch", "account": "nosuch"}
        answer = await ask(plain, task(1000, 10 * MINUTE), **keys)
        assert answer.verdict is Verdict.YES
        options = [f"--{key}={name}" for key, name in keys.items()]
        argv = ("sbatch", "--parsable", "-o", "/dev/null", "-p", "short", *options)
        job = plain.run(*argv, "--wrap=sleep 600").strip()
        until(lambda: reason_of(plain, job).startswith("RUNNING"))


async def test_accounts_that_are_down_are_told_beside_a_yes(lax):
    wanted = task(8000, 2 * HOUR)
    answer = await ask(lax, wanted)
    assert (answer.verdict, answer.reasons) == (Verdict.YES, ())
    lax.stop_accounts()
    started = time.monotonic()
    answer = await ask(lax, wanted)
    assert time.monotonic() - started < 5
    assert answer.verdict is Verdict.YES
    assert [reason.code for reason in answer.reasons] == ["not-published"]
    assert "slurmdbd" in answer.reasons[0].message
    assert "does not answer" in answer.reasons[0].message


async def test_every_account_and_qos_is_asked_and_the_script_runs_under_the_chosen_one(
    billed, submit
):
    before = picture(billed)
    platform = Slurm.configure(
        {"kind": "slurm", "conf": str(billed.conf), "partitions": ["short"]}
    )
    wanted = Task(
        Executable("uri://batch-script", command=("true",)),
        Resources(cores=Range(1000), duration=Range(10 * MINUTE)),
    )
    answer = await platform.ask(wanted, await platform.snapshot(Ask()), Ask())
    assert picture(billed) == before
    names = {offer.name for offer in answer.offers}
    assert {"short/astro/normal", "short/astro/wide", "short/labs/dear"} <= names
    assert "short/labs/wide" not in names
    (chosen,) = (offer for offer in answer.offers if offer.name == "short/labs/dear")
    script = platform.handover(wanted, chosen).content
    options = [line.split()[1] for line in script.splitlines() if line.startswith("#SBATCH")]
    options = [option for option in options if not option.startswith("--output")]
    job = submit(billed, *options)
    until(lambda: reason_of(billed, job).startswith("RUNNING"))
    assert billed.run("squeue", "-h", "-j", job, "-o", "%a %q").split() == ["labs", "dear"]


@pytest.mark.parametrize(
    ("cores", "gib", "verdict"), [(2000, 2, Verdict.YES), (8000, 30, Verdict.NO)]
)
async def test_a_job_is_billed_as_slurm_bills_it(billed, submit, cores, gib, verdict):
    wanted = task(cores, 10 * MINUTE, memory=Range(gib * 2**30))
    keys = {"account": "astro", "qos": "wide"}
    before = picture(billed)
    answer = await ask(billed, wanted, **keys)
    assert picture(billed) == before
    assert answer.verdict is verdict
    options = ("--account=astro", f"--qos={keys['qos']}", f"--mem={gib}G", "-t", "10")
    job = submit(billed, "-p", "short", *options, "-c", str(cores // 1000))
    if verdict is Verdict.YES:
        until(lambda: reason_of(billed, job).startswith("RUNNING"))
        assert "billing=3," in billed.run("scontrol", "show", "job", job).replace("\n", ",")
    else:
        assert "Billing 23 is above the limit of 12" in answer.reasons[0].message
        until(lambda: reason_of(billed, job).startswith("PENDING QOSMax"))


async def test_the_nearest_yes_is_found_by_asking_and_changes_nothing(billed):
    before = picture(billed)
    platform = Slurm.configure(
        {"kind": "slurm", "conf": str(billed.conf), "partitions": ["short"]}
    )
    planner = Planner([Entry(describe(platform, "configured"), platform)])
    wanted = task(8000, 10 * MINUTE, memory=Range(40 * 2**30))
    found = await planner.nearest(wanted, platform.name, budget=Budget(40, 20))
    assert picture(billed) == before
    assert (found.verdict, found.cut) == (Verdict.NO, False)
    for change in found.changes:
        answer = await platform.ask(
            apply(wanted, change), await platform.snapshot(Ask()), Ask()
        )
        assert answer.verdict is Verdict.YES, change.message
    (change,) = found.changes
    assert change.edits[0].after == 32000 * 2**20
    assert found.asks <= 40
