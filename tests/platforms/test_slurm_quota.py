"""Limits of accounts and QOS, with the texts of a real cluster that keeps accounts."""

import pytest
from contract import check
from slurm_fake import accounts, recorded, slurm, task

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.command import Completed
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.slurm.accounting import (
    Accounting,
    Association,
    Key,
    Limit,
    Rules,
)
from jupyter_canidothis.platforms.slurm.accounting_reading import read_accounting, read_asker
from jupyter_canidothis.platforms.slurm.cluster import Partition
from jupyter_canidothis.resources import Gpu

MINUTE, HOUR = 60, 3600
NO_MINUTES = {"GrpTRESMins=cpu=60(0)": "GrpTRESMins=cpu=N(0)"}
TIGHT_CPUS = "MaxTRESPU=cpu=2(0)"


async def ask(wanted, texts=None, partition="short", **keys):
    platform = slurm(accounts() if texts is None else texts, partitions=[partition], **keys)
    snapshot = await platform.snapshot(Ask())
    answer = check(await platform.ask(wanted, snapshot, Ask()), platform)
    return answer, platform.nearest(wanted, snapshot, Ask())


def told(reason):
    return (reason.code, reason.field, reason.asked, reason.limit, reason.scope)


async def test_a_limit_per_user_that_slurm_does_not_deny_is_a_no():
    answer, changes = await ask(task(cores=4000, duration=10 * MINUTE), qos="tight")
    assert (answer.verdict, answer.now) == (Verdict.NO, Verdict.NO)
    (reason,) = answer.reasons
    assert told(reason) == ("would-pend-forever", "/resources/cores/min", 4000, 2000, "qos")
    assert "of QOS tight" in reason.message
    assert "to start at" in reason.text
    assert [change.edits[0].after for change in changes] == [2000]


async def test_the_evidence_names_the_limit_and_nobody_else():
    answer, _ = await ask(task(cores=4000, duration=10 * MINUTE), qos="tight")
    texts = [answer.evidence[place].text for place in answer.reasons[0].evidence]
    assert any("QOS tight: MaxTRESPU=cpu=2(0 used)" in text for text in texts)
    assert not any("root(0)" in each.text for each in answer.evidence)


async def test_what_fits_alone_but_not_beside_what_runs_is_yes_and_not_now():
    texts = accounts(state={TIGHT_CPUS: "MaxTRESPU=cpu=2(1)"})
    answer, _ = await ask(task(cores=2000, duration=10 * MINUTE), texts, qos="tight")
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    (reason,) = answer.reasons
    assert (reason.code, reason.limit, reason.used) == ("quota-exhausted", 2000, 1000)
    assert (answer.offers[0].start.earliest, answer.offers[0].start.latest) == (None, None)


async def test_an_offer_goes_no_further_than_the_limits():
    answer, _ = await ask(task(cores=1000, duration=10 * MINUTE), qos="tight")
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)
    assert answer.offers[0].resources.cores.max == 2000


async def test_minutes_that_do_not_suffice_are_a_no_with_both_ways_out():
    answer, changes = await ask(task(cores=8000, duration=HOUR))
    assert answer.verdict is Verdict.NO
    reason = answer.reasons[0]
    assert told(reason) == ("quota-exhausted", "/resources/duration/min", HOUR, 450, "account")
    assert "480" in reason.message
    assert "account astro" in reason.message
    edits = {change.edits[0].field: change.edits[0].after for change in changes}
    assert edits == {"/resources/cores/min": 1000, "/resources/duration/min": 420}


async def test_minutes_that_are_used_up_are_a_no_without_a_way_out():
    texts = accounts(state={"GrpTRESMins=cpu=60(0)": "GrpTRESMins=cpu=60(60)"})
    answer, changes = await ask(task(cores=1000, duration=MINUTE), texts)
    assert answer.verdict is Verdict.NO
    (reason,) = answer.reasons
    assert (reason.code, reason.limit, reason.used) == ("quota-exhausted", 60, 60)
    assert changes == ()


async def test_minutes_that_running_jobs_may_take_are_a_not_now():
    record = "ParentAccount=root(1) Lft=2 DefAssoc=No"
    state = recorded("scontrol-assoc_mgr.txt")
    head, middle, tail = state.partition(record)
    tail = tail.replace("GrpTRESRunMins=cpu=N(0)", "GrpTRESRunMins=cpu=N(50)", 1)
    texts = {**accounts(), "flags=assoc,qos": head + middle + tail}
    answer, _ = await ask(task(cores=2000, duration=10 * MINUTE), texts)
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert answer.reasons[0].code == "quota-exhausted"


async def test_without_safe_a_job_may_begin_that_the_minutes_do_not_cover():
    texts = accounts(enforce="associations,limits,qos")
    answer, _ = await ask(task(cores=8000, duration=HOUR), texts)
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)


async def test_a_wall_limit_of_a_qos_counts():
    wanted = task(cores=1000, duration=90 * MINUTE)
    answer, changes = await ask(wanted, accounts(state=NO_MINUTES), qos="gold")
    assert told(answer.reasons[0])[1:4] == ("/resources/duration/min", 90 * MINUTE, HOUR)
    assert [change.edits[0].after for change in changes] == [HOUR]


async def test_a_limit_on_gpus_is_known_before_anybody_used_the_qos():
    wanted = task(gpus=2, gpu=Gpu(model="a100"), duration=10 * MINUTE)
    answer, _ = await ask(wanted, partition="gpu", qos="gold")
    assert told(answer.reasons[0])[1:4] == ("/resources/gpus/min", 2, 1)


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("GrpSubmitJobs=N(0) GrpWall=N(0.00)", "GrpSubmitJobs=3(3) GrpWall=N(0.00)",
         "quota-exhausted", "3 of 3 Jobs"),
        ("GrpSubmitJobs=N(0) GrpWall=N(0.00)", "GrpSubmitJobs=N(0) GrpWall=5(7.25)",
         "quota-exhausted", "7 of 5 Minutes"),
        ("GrpJobs=N(0)", "GrpJobs=0(0)", "would-pend-forever", "Jobs 1 is above the limit of 0"),
        ("MinTRESPJ=", "MinTRESPJ=cpu=4", "would-pend-forever", "below the minimum of 4"),
        ("MaxTRESPN=", "MaxTRESPN=mem=1000", "would-pend-forever", "per node"),
        ("MaxTRESPJ=", "MaxTRESPJ=mem=1000", "would-pend-forever", "per job"),
        ("MaxTRESMinsPJ=", "MaxTRESMinsPJ=cpu=5", "would-pend-forever", "Core-minutes 20"),
        ("GrpTRES=cpu=N(0)", "GrpTRES=cpu=1(0)", "would-pend-forever", "Cores 2"),
        ("GrpTRESRunMins=cpu=N(0)", "GrpTRESRunMins=cpu=9(0)", "would-pend-forever", "20"),
    ],
)  # fmt: skip
async def test_every_kind_of_limit_counts(old, new, code, message):
    texts = accounts(state={old: new})
    answer, _ = await ask(task(cores=2000, duration=10 * MINUTE), texts)
    assert answer.verdict is Verdict.NO
    assert code in {reason.code for reason in answer.reasons}
    assert any(message in reason.message for reason in answer.reasons)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("GrpJobs=N(0)", "GrpJobs=2(2)"),
        ("GrpTRES=cpu=N(0)", "GrpTRES=cpu=4(3)"),
        ("GrpTRESRunMins=cpu=N(0)", "GrpTRESRunMins=cpu=30(20)"),
    ],
)
async def test_a_full_group_is_a_not_now(old, new):
    answer, _ = await ask(
        task(cores=2000, duration=10 * MINUTE), accounts(state={old: new, **NO_MINUTES})
    )
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert {reason.code for reason in answer.reasons} == {"quota-exhausted"}


async def test_nothing_is_read_where_no_limit_is_enforced():
    texts = accounts(enforce="associations")
    platform = slurm(texts, qos="tight", partitions=["short"])
    snapshot = await platform.snapshot(Ask())
    answer = await platform.ask(task(cores=4000, duration=HOUR), snapshot, Ask())
    assert answer.verdict is Verdict.YES
    assert answer.reasons == ()
    programs = {argv[0] for argv in platform.edges.command.ran}
    assert "sacctmgr" not in programs


@pytest.mark.parametrize("silent", ["flags=assoc,qos", "sacctmgr qos", "sacctmgr assoc", "id"])
async def test_limits_that_are_not_shown_are_told_beside_a_yes(silent):
    failed = Completed(("x",), 1, "", "error: Access/permission denied", 5)
    answer, _ = await ask(task(cores=4000, duration=HOUR), {**accounts(), silent: failed})
    assert answer.verdict is Verdict.YES
    assert [reason.code for reason in answer.reasons] == ["not-published"]


async def test_a_dry_run_that_denies_is_explained_by_the_limit():
    said = recorded("test-only-qos.txt").split("### --qos=gold -c 6 -t 10\n")[1]
    said = said.split("rc=")[0]
    platform = slurm(accounts(), lambda _: said, qos="gold", partitions=["short"])
    snapshot = await platform.snapshot(Ask())
    answer = await platform.ask(task(cores=6000, duration=10 * MINUTE), snapshot, Ask())
    assert told(answer.reasons[0]) == (
        "limit-exceeded", "/resources/cores/min", 6000, 4000, "qos"
    )  # fmt: skip


def rules(name, flags=(), scope="qos", **limits):
    found = {Key(word, "cpu"): Limit(most) for word, most in limits.items()}
    return Rules(scope, name, found, frozenset(flags))


@pytest.mark.parametrize(
    ("flags", "most"), [((), 1), (("OverPartQOS",), 2)], ids=["partition first", "job first"]
)
def test_the_qos_of_the_partition_comes_first_unless_the_jobs_overrides_it(flags, most):
    qos = {"p": rules("p", MaxTRESPU=1), "j": rules("j", flags, MaxTRESPU=2)}
    met = Accounting((), qos).meeting(Partition("x", "", qos="p"), "", "j")
    assert [each.limit.most for each in met] == [most]


def test_accounts_above_count_and_a_qos_hides_the_same_limit_of_them_all():
    chain = (
        Association("a", rules("me in account a", scope="user", MaxTRESPJ=9), own=True, default=True),
        Association("a", rules("a", scope="account", GrpTRES=8, MaxTRESPJ=7), own=False, parent="r"),
        Association("r", rules("r", scope="account", GrpTRES=6), own=False),
    )  # fmt: skip
    partition = Partition("x", "")
    plain = Accounting(chain).meeting(partition, "", "")
    assert [(each.rules.name, each.limit.most) for each in plain] == [
        ("me in account a", 9), ("a", 8), ("r", 6)
    ]  # fmt: skip
    hiding = Accounting(chain, {"normal": rules("normal", GrpTRES=5)})
    assert [each.limit.most for each in hiding.meeting(partition, "", "")] == [5, 9]


def test_the_default_qos_is_the_associations_or_the_only_one_allowed():
    read = read_accounting("", "", " astro||gold|gold,tight\nroot|gpu||tight\n", 0, safe=False)
    assert read.default_qos == {("astro", ""): "gold", ("root", "gpu"): "tight"}


def test_units_of_memory_and_times_of_another_version_are_read():
    state = "\nQOS Records\n\nQOS=big(7)\n    MaxTRESPJ=mem=4096\n    User Limits\n        No Users\n"
    read = read_accounting(state, "big||mem=3T,cpu=2|node=4|5||6|\n", "", 0, safe=False)
    limits = {key: limit.most for key, limit in read.qos["big"].limits.items()}
    assert limits == {
        ("MaxTRESPJ", "mem"): 4096,
        ("MaxTRESPU", "mem"): 3 * 2**20,
        ("MaxTRESPU", "cpu"): 2,
        ("MaxTRESPA", "node"): 4,
        ("MaxJobsPU", ""): 5,
        ("MaxSubmitJobsPU", ""): 6,
    }


def test_who_asks_is_read_from_id_in_any_shape():
    assert read_asker("uid=1002(alice) gid=7(x)") == (1002, "alice")
    assert read_asker("something else") == (-1, "")


async def test_nodes_that_jobs_share_may_count_already():
    group = "GrpTRES=cpu=N(0),mem=N(0),energy=N(0),node="
    texts = accounts(state={f"{group}N(0)": f"{group}1(1)", **NO_MINUTES})
    answer, _ = await ask(task(cores=2000, duration=10 * MINUTE), texts)
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.CANNOT_TELL)
    assert {reason.code for reason in answer.reasons} == {"not-published"}


@pytest.mark.parametrize(("chosen", "verdict"), [("n1", Verdict.NO), ("n2", Verdict.YES)])
async def test_all_memory_of_a_node_counts_on_the_node_that_the_dry_run_chose(chosen, verdict):
    said = f"sbatch: Job 1 to start at 2026-11-22T17:23:49 using 2 processors on nodes {chosen} in partition vip\n"
    state = {"MaxTRESPJ=": "MaxTRESPJ=mem=20000", **NO_MINUTES}
    platform = slurm(accounts(state=state), lambda _: said, partitions=["vip"])
    snapshot = await platform.snapshot(Ask())
    answer = await platform.ask(task(cores=2000, duration=10 * MINUTE), snapshot, Ask())
    assert answer.verdict is verdict
