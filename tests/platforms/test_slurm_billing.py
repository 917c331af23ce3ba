"""What is billed, what usage comes back, and how a QOS changes both."""

import math

import pytest
from contract import check
from slurm_fake import SACCTMGR_QOS, accounts, recorded, slurm, task

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.slurm.accounting_reading import read_accounting
from jupyter_canidothis.platforms.slurm.cluster import Settings
from jupyter_canidothis.platforms.slurm.load import billing
from jupyter_canidothis.platforms.slurm.reading import read_partitions, read_settings

MINUTE, HOUR, DAY = 60, 3600, 86400
GPUS = frozenset({"gres/gpu"})
TAKEN = {"cpu": 4, "mem": 8192, "node": 1, "gres/gpu": 2}
BASIC = "PriorityType            = priority/basic"


def multifactor(flags="", half_life="7-00:00:00", reset="NONE"):
    return (
        f"PriorityDecayHalfLife   = {half_life}\nPriorityFlags           = {flags}\n"
        f"PriorityUsageResetPeriod = {reset}\nPriorityType            = priority/multifactor"
    )


def texts(priority=None, weights="", **rest):
    found = accounts(**rest)
    if priority:
        assert BASIC in found["config"]
        found["config"] = found["config"].replace(BASIC, priority)
    found["partition"] = recorded("scontrol-partition.txt")
    if weights:
        found["partition"] = "\n".join(
            f"{line} TRESBillingWeights={weights}" if line else line
            for line in found["partition"].splitlines()
        )
    return found


async def ask(wanted, found, partition="short", **keys):
    platform = slurm(found, partitions=[partition], **keys)
    snapshot = await platform.snapshot(Ask())
    return check(await platform.ask(wanted, snapshot, Ask()), platform)


@pytest.mark.parametrize(
    ("weights", "by_most", "billed"),
    [
        ({}, None, 4),
        ({"cpu": 1.0, "mem": 0.25 / 1024, "gres/gpu": 2.0}, False, 10),
        ({"cpu": 1.0, "mem": 0.25 / 1024, "gres/gpu": 2.0}, True, 4),
        ({"cpu": 0.3}, None, 1),
        ({"cpu": 1.0, "gres/gpu": 2.0}, None, None),
        ({"cpu": 1.0, "gres/gpu:a100": 9.0, "license/x": 5}, False, 4),
    ],
)
def test_a_job_is_billed_by_the_weights_of_its_partition(weights, by_most, billed):
    assert billing(TAKEN, weights, Settings(tracked=GPUS, billed_by_most=by_most)) == billed


def test_weights_are_read_with_their_units():
    line = "PartitionName=x TRESBillingWeights=CPU=1.0,Mem=0.25G,GRES/gpu=2.5,Node=3K,odd"
    (found,) = read_partitions(line)
    assert found.weights == {
        "cpu": 1.0,
        "mem": 0.25 / 1024,
        "gres/gpu": 2.5,
        "node": 3 / 1024,
    }
    assert read_partitions("PartitionName=x TRESBillingWeights=(null)")[0].weights == {}


def test_what_the_settings_say_of_usage_is_read():
    config = recorded("scontrol-config.txt")
    plain = read_settings(config, 0)
    assert (plain.half_life, plain.usage_reset, plain.billed_by_most) == (None, False, None)
    found = read_settings(
        config.replace(BASIC, multifactor("MAX_TRES,SMALL", "1-00:00:00", "DAILY")), 0
    )
    assert (found.half_life, found.usage_reset, found.billed_by_most) == (DAY, True, True)
    assert read_settings(config.replace(BASIC, multifactor()), 0).billed_by_most is False
    assert "cpu" in plain.tracked


NO_BILLING = "GrpTRES=cpu=N(0),mem=N(0),energy=N(0),node=N(0),billing=N(0)"
BILLING = NO_BILLING.replace("billing=N(0)", "billing=6(0)")


@pytest.mark.parametrize(
    ("priority", "verdict"),
    [(multifactor(), Verdict.NO), (multifactor("MAX_TRES"), Verdict.YES)],
)
async def test_a_limit_on_what_is_billed_counts(priority, verdict):
    found = texts(priority, "CPU=1.0,Mem=1G", state={NO_BILLING: BILLING})
    answer = await ask(task(cores=4000, memory=4 * 2**30, duration=MINUTE), found)
    assert answer.verdict is verdict
    if verdict is Verdict.NO:
        assert "Billing 8 is above the limit of 6" in answer.reasons[0].message


async def test_where_the_grounds_of_a_bill_are_not_shown_nobody_can_tell():
    found = texts(None, "CPU=1.0,Mem=1G", state={NO_BILLING: BILLING})
    answer = await ask(task(cores=4000, memory=4 * 2**30, duration=MINUTE), found)
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.reasons[0].code == "not-published"
    assert "limits billing" in answer.reasons[0].message


USED = {"GrpTRESMins=cpu=60(0)": "GrpTRESMins=cpu=60(240)"}


async def test_used_minutes_that_decay_are_a_not_now_with_the_least_wait():
    answer = await ask(task(cores=1000, duration=10 * MINUTE), texts(multifactor(), state=USED))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert answer.reasons[0].code == "quota-exhausted"
    start = answer.offers[0].start
    # 10 core-minutes leave 50 of 60; used minutes are printed cut off.
    assert start.earliest == pytest.approx(7 * DAY * math.log2(240 / 51), rel=0.01)
    assert start.latest is None


async def test_used_minutes_that_are_set_back_are_a_not_now_without_a_time():
    found = texts(multifactor(half_life="00:00:00", reset="MONTHLY"), state=USED)
    answer = await ask(task(cores=1000, duration=10 * MINUTE), found)
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert answer.offers[0].start.earliest is None


async def test_a_job_that_needs_more_than_all_minutes_never_starts_though_they_decay():
    answer = await ask(task(cores=8000, duration=HOUR), texts(multifactor()))
    assert answer.verdict is Verdict.NO
    assert answer.reasons[0].code == "quota-exhausted"


@pytest.mark.parametrize(("flags", "verdict"), [("", Verdict.YES), ("NoDecay", Verdict.NO)])
async def test_usage_of_a_qos_that_does_not_decay_never_comes_back(flags, verdict):
    head, tight, tail = recorded("scontrol-assoc_mgr.txt").partition("QOS=tight")
    tail = tail.replace("GrpTRESMins=cpu=N(0)", "GrpTRESMins=cpu=50(90)", 1)
    found = {**texts(multifactor()), "flags=assoc,qos": head + tight + tail}
    found["sacctmgr qos"] = SACCTMGR_QOS.replace("tight|", f"tight|{flags}")
    answer = await ask(task(cores=1000, duration=10 * MINUTE), found, qos="tight")
    assert answer.verdict is verdict
    assert any("QOS tight" in reason.message for reason in answer.reasons)


@pytest.mark.parametrize(
    ("flags", "factor", "verdict"),
    [("UsageFactorSafe", "4.000000", Verdict.NO), ("", "4.000000", Verdict.YES),
     ("UsageFactorSafe", "1.000000", Verdict.YES)],
)  # fmt: skip
async def test_a_usage_factor_counts_where_the_qos_says_so(flags, factor, verdict):
    found = texts(None)
    found["sacctmgr qos"] = f"normal|||||||\ntight|{flags}|cpu=2||||||{factor}\n"
    answer = await ask(task(cores=2000, duration=10 * MINUTE), found, qos="tight")
    assert answer.verdict is verdict


def test_the_usage_factor_is_read_and_one_where_it_is_not_listed():
    state = recorded("scontrol-assoc_mgr.txt")
    listed = "gold|DenyOnLimit|cpu=4||||||2.500000\ntight||cpu=2||||||odd\nnormal|\n"
    found = read_accounting(state, listed, "", 1002, safe=True).qos
    assert {name: rules.usage_factor for name, rules in found.items()} == {
        "normal": 1.0,
        "gold": 2.5,
        "tight": 1.0,
    }


async def test_a_limit_on_one_kind_of_gpu_is_unclear_where_any_kind_may_be_given():
    found = texts(None)
    found["node"] = found_nodes = recorded("scontrol-node.txt")
    found["node"] = found_nodes.replace("gpu:a100:2", "gpu:a100:1,gpu:v100:1")
    assert found["node"] != found_nodes
    found["flags=assoc,qos"] = found["flags=assoc,qos"].replace(
        "gres/gpu=N(0),gres/gpu:a100=N(0)", "gres/gpu=N(0),gres/gpu:a100=0(0)", 1
    )
    for old, new in (("State=ALLOCATED", "State=IDLE"), ("IDLE+NOT_RESPONDING", "IDLE")):
        found["node"] = found["node"].replace(old, new)
    state = found["flags=assoc,qos"]
    head, middle, tail = state.partition("QOS=normal")
    found["flags=assoc,qos"] = (
        head + middle + tail.replace("gres/gpu:a100=N(0)", "gres/gpu:a100=1(0)", 1)
    )
    answer = await ask(task(gpus=1, duration=MINUTE), found, "gpu", qos="normal")
    assert answer.verdict is Verdict.CANNOT_TELL
    assert "gres/gpu:a100" in answer.reasons[0].message
