"""Every partition by every account and QOS that the asker may use."""

import pytest
from contract import check
from slurm_fake import AT_ONCE, accounts, idle, slurm, task

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
from jupyter_canidothis.platforms.slurm.candidates import eased
from jupyter_canidothis.platforms.slurm.cluster import Cluster, Partition, Settings
from jupyter_canidothis.platforms.slurm.ways import MOST_WAYS, Way, ways, within_reason

MINUTE, HOUR = 60, 3600


def dry_runs(platform):
    """The accounts and QOS named in each dry run."""
    said = []
    for argv in platform.edges.command.ran:
        if argv[0] == "sbatch":
            options = dict(option.partition("=")[::2] for option in argv)
            said.append(
                (options["--partition"], options.get("--account"), options.get("--qos"))
            )
    return said


async def ask(platform, wanted):
    return check(await platform.ask(wanted, await platform.snapshot(Ask()), Ask()), platform)


async def test_every_qos_that_differs_is_asked_and_offered_the_default_first():
    platform = slurm(accounts(), partitions=["short"])
    answer = await ask(platform, task(cores=1000, duration=10 * MINUTE))
    assert dry_runs(platform) == [
        ("short", "astro", "normal"),
        ("short", "astro", "gold"),
        ("short", "astro", "tight"),
    ]
    names = ["short/astro/normal", "short/astro/gold", "short/astro/tight"]
    assert [offer.name for offer in answer.offers] == names
    assert answer.offers[1].service_info["options"][-2:] == ["--account=astro", "--qos=gold"]


async def test_what_one_qos_refuses_another_may_take():
    platform = slurm(accounts(), partitions=["short"])
    answer = await ask(platform, task(cores=3000, duration=10 * MINUTE))
    assert answer.verdict is Verdict.YES
    assert [offer.name for offer in answer.offers] == ["short/astro/normal", "short/astro/gold"]


async def test_what_arithmetic_refuses_is_asked_only_once_per_partition():
    platform = slurm(accounts(), partitions=["short"])
    answer = await ask(platform, task(cores=8000, duration=HOUR))
    assert answer.verdict is Verdict.NO
    assert dry_runs(platform) == [("short", "astro", "normal")]
    assert {reason.scope for reason in answer.reasons} == {"account", "qos"}


async def test_each_partition_and_each_qos_is_asked_once_and_the_rest_follows():
    platform = slurm(accounts(), partitions=["short", "gpu"])
    answer = await ask(platform, task(cores=1000, duration=10 * MINUTE))
    assert sorted(dry_runs(platform)) == [
        ("gpu", "astro", "normal"),
        ("short", "astro", "gold"),
        ("short", "astro", "normal"),
        ("short", "astro", "tight"),
    ]
    assert len(answer.offers) == 6
    (borrowed,) = (offer for offer in answer.offers if offer.name == "gpu/astro/gold")
    texts = [answer.evidence[place].source for place in borrowed.evidence]
    assert any("--partition=gpu" in text for text in texts)


@pytest.mark.parametrize("refused", ["gpu", "gold"])
async def test_where_the_lender_is_refused_everybody_is_asked_alone(refused):
    def said(options):
        if refused in (options["--partition"], options["--qos"]):
            return "allocation failure: User's group not permitted to use this partition\n"
        return AT_ONCE.format(options["--partition"])

    platform = slurm(accounts(), said, partitions=["short", "gpu"])
    answer = await ask(platform, task(cores=1000, duration=10 * MINUTE))
    expected = 6 if refused == "gpu" else 5
    assert len(dry_runs(platform)) == expected
    assert not any(refused in offer.name.split("/") for offer in answer.offers)


async def test_the_best_offer_has_a_dry_run_of_its_own():
    def said(options):
        hour = "19" if options["--partition"] == "short" else "17"
        return (
            f"sbatch: Job 1 to start at 2026-11-22T{hour}:23:49 using 2 processors on nodes n1"
            f" in partition {options['--partition']}\n"
        )

    state = accounts()["flags=assoc,qos"]
    head, middle, tail = state.partition("QOS=normal")
    crowded = head + middle + tail.replace("GrpJobs=N(0)", "GrpJobs=1(1)", 1)
    platform = slurm(
        {**accounts(), "flags=assoc,qos": crowded}, said, partitions=["short", "gpu"]
    )
    answer = await ask(platform, task(cores=1000, duration=10 * MINUTE))
    assert answer.offers[0].name == "gpu/astro/gold"
    assert ("gpu", "astro", "gold") in dry_runs(platform)
    assert ("gpu", "astro", "tight") not in dry_runs(platform)


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        ({"qos": "gold"}, [("short", None, "gold")]),
        ({"account": "astro", "qos": "tight"}, [("short", "astro", "tight")]),
    ],
)
async def test_what_is_configured_narrows(keys, asked):
    platform = slurm(accounts(), partitions=["short"], **keys)
    answer = await ask(platform, task(cores=1000, duration=10 * MINUTE))
    assert dry_runs(platform) == asked
    assert [offer.name for offer in answer.offers] == ["short"]


async def test_a_qos_that_a_partition_does_not_take_is_not_asked_there():
    texts = {**idle(), **accounts()}
    texts["partition"] = texts["partition"].replace("AllowQos=ALL", "AllowQos=gold")
    platform = slurm(texts, partitions=["short"])
    answer = await ask(platform, task(cores=1000, duration=10 * MINUTE))
    assert dry_runs(platform) == [("short", "astro", "gold")]
    assert answer.offers[0].name == "short"
    assert "--qos=gold" in answer.offers[0].service_info["options"]


async def test_where_nothing_is_taken_the_default_is_asked_and_explained():
    texts = {**idle(), **accounts()}
    texts["partition"] = texts["partition"].replace("AllowQos=ALL", "AllowQos=nobody")
    platform = slurm(
        texts,
        lambda _: "allocation failure: Invalid qos specification\n",
        partitions=["short"],
    )
    answer = await ask(platform, task(cores=1000, duration=10 * MINUTE))
    assert dry_runs(platform) == [("short", None, None)]
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.NO, "not-authorised")


async def test_the_script_names_the_account_and_the_qos():
    platform = slurm(accounts(), partitions=["short"])
    wanted = task("batch-script", cores=3000, duration=10 * MINUTE)
    answer = await ask(platform, wanted)
    wanted = type(wanted)(
        type(wanted.executable)("uri://batch-script", command=("true",)), wanted.resources
    )
    script = platform.handover(wanted, answer.offers[1]).content
    assert "#SBATCH --account=astro\n" in script
    assert "#SBATCH --qos=gold\n" in script


@pytest.mark.parametrize(("nodes", "verdict"), [(2, Verdict.CANNOT_TELL), (1, Verdict.NO)])
async def test_a_refusal_of_what_the_qos_allows_beyond_the_partition_is_doubted(nodes, verdict):
    refused = "allocation failure: Requested node configuration is not available\n"
    texts = {**idle(), **accounts()}
    texts["sacctmgr qos"] = "normal|||||||\ntight|PartitionMaxNodes||||||\n"
    texts["node"] = texts["node"].replace("Partitions=gpu,", "Partitions=gpu,short,")
    texts["partition"] = texts["partition"].replace("MaxNodes=UNLIMITED", "MaxNodes=1")
    assert texts["partition"].count("MaxNodes=1 ")
    platform = slurm(texts, lambda _: refused, partitions=["short"], qos="tight")
    answer = await ask(platform, task(nodes=nodes, duration=10 * MINUTE))
    assert answer.verdict is verdict


async def test_a_probe_asks_only_what_arithmetic_does_not_refuse_until_there_is_room():
    platform = slurm(accounts(), partitions=["short"])
    snapshot = await platform.snapshot(Ask())
    for cores, verdict, runs in ((3000, Verdict.YES, 1), (8000, Verdict.NO, 0)):
        platform.edges.command.ran.clear()
        wanted = task(cores=cores, duration=10 * MINUTE)
        said = await platform.probe(wanted, snapshot, Ask())
        assert (said.verdict, len(dry_runs(platform))) == (verdict, runs)
        assert said.verdict is (await platform.ask(wanted, snapshot, Ask())).verdict


async def test_a_probe_goes_on_where_a_dry_run_refuses():
    def said(options):
        if options["--partition"] == "short":
            return "allocation failure: Requested node configuration is not available\n"
        return AT_ONCE.format(options["--partition"])

    platform = slurm(None, said, partitions=["short", "gpu"])
    snapshot = await platform.snapshot(Ask())
    answer = await platform.probe(task(cores=1000), snapshot, Ask())
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)
    assert [name for name, _, _ in dry_runs(platform)] == ["short", "gpu"]


async def test_a_probe_of_another_kind_of_task_is_refused_like_an_ask():
    platform = slurm()
    snapshot = await platform.snapshot(Ask())
    wanted = task("kubernetes-helm")
    assert await platform.probe(wanted, snapshot, Ask()) == await platform.ask(
        wanted, snapshot, Ask()
    )


async def test_accounts_are_read_beside_everything_else():
    platform = slurm(accounts())
    await platform.snapshot(Ask())
    order = [argv[:2] for argv in platform.edges.command.ran]
    assert set(order[:3]) == {("scontrol", "ping"), ("id",), ("scontrol", "show")}


async def test_a_host_without_id_tells_that_limits_are_hidden():
    texts = {**accounts(), "id": Completed(("id",), 127, "", "", 0)}
    answer = await ask(slurm(texts, partitions=["short"]), task(cores=1000))
    assert [reason.code for reason in answer.reasons] == ["not-published"]


def user(account, *, default=False, partition="", **limits):
    found = {Key(word, "cpu"): Limit(most) for word, most in limits.items()}
    rules = Rules("user", f"alice in account {account}", found)
    return Association(account, rules, own=True, partition=partition, default=default)


def kept(*own, allowed=("normal",), qos=()):
    """Accounting of somebody with these associations, each with the same QOS."""
    places = {(each.account, each.partition): tuple(allowed) for each in own}
    defaults = dict.fromkeys(places, allowed[0])
    return Accounting(own, {each.name: each for each in qos}, defaults, places)


def found(accounting, account="", qos="", **keys):
    cluster = Cluster(Settings(), (), (), accounting=accounting)
    return list(ways(Partition("short", "", **keys), cluster, account, qos))


def test_accounts_with_the_same_limits_are_one_way():
    assert found(kept(user("a", default=True), user("b"))) == [Way()]


def test_accounts_with_different_limits_are_two_the_default_first():
    accounting = kept(user("a", MaxTRESPJ=2), user("b", default=True))
    assert found(accounting) == [Way("b", "normal"), Way("a", "normal")]
    assert found(accounting, account="a") == [Way("a")]


def test_an_account_for_one_partition_only_counts_there():
    accounting = kept(user("a", default=True), user("b", partition="other", MaxTRESPJ=2))
    assert found(accounting) == [Way()]


def test_flags_of_a_qos_make_a_difference():
    eager = Rules("qos", "eager", {}, frozenset({"PartitionTimeLimit"}))
    accounting = kept(
        user("a", default=True),
        allowed=("normal", "eager"),
        qos=(Rules("qos", "normal"), eager),
    )
    assert found(accounting) == [Way("a", "normal"), Way("a", "eager")]


def test_without_accounts_there_is_one_way():
    assert found(None) == [Way()]
    assert found(None, "x", "y") == [Way("x", "y")]


def test_a_qos_may_lift_the_limits_of_a_partition():
    partition = Partition("p", "", max_time=60, min_nodes=2, max_nodes=3)
    flags = frozenset({"PartitionTimeLimit", "PartitionMaxNodes", "PartitionMinNodes"})
    free = eased(partition, flags)
    assert (free.max_time, free.min_nodes, free.max_nodes) == (None, 0, None)
    assert eased(partition, frozenset()) == partition


def test_every_partition_is_asked_before_any_is_asked_twice_and_the_rest_is_counted():
    many = [Way("a", str(number)) for number in range(10)]
    some = [(Partition(str(number), ""), many) for number in range(20)]
    chosen, left_out = within_reason(some)
    assert len(chosen) == MOST_WAYS
    assert left_out == 200 - MOST_WAYS
    assert [way for _, way in chosen[:20]] == [many[0]] * 20
