"""The nearest YES of a Slurm, found by asking it."""

import time

import pytest
from slurm_fake import NOT_AVAILABLE, NOW, accounts, idle, slurm, task
from test_slurm import enforced

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.bisection import Budget
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.registry import Entry, describe
from jupyter_canidothis.platforms.slurm import ways

MIB, MINUTE, HOUR = 2**20, 60, 3600
BUDGET = Budget(asks=40, seconds=60)


def planning(platform):
    return Planner([Entry(describe(platform, "configured"), platform)])


def edits(found):
    return [{e.field.split("/")[2]: e.after for e in change.edits} for change in found.changes]


async def test_the_recorded_frontier_is_found_exactly():
    planner = planning(slurm(None, enforced, partitions=["short"]))
    found = await planner.nearest(
        task(cores=1000, memory=10 * MIB, duration=10 * MINUTE), "slurm", budget=BUDGET
    )
    assert found.verdict is Verdict.YES
    assert {c.field.split("/")[2]: c.at for c in found.cliffs} == {
        "cores": 8000,
        "memory": 32000 * MIB,
        "duration": 120 * MINUTE,
        "nodes": 1,
        "gpus": 0,
    }
    assert all(cliff.checked for cliff in found.cliffs)
    assert not found.cut


async def test_a_no_is_led_to_what_two_partitions_take():
    planner = planning(slurm(None, enforced, partitions=["short", "gpu"]))
    found = await planner.nearest(
        task(memory=20_000 * MIB, duration=5 * HOUR), "slurm", budget=BUDGET
    )
    assert found.verdict is Verdict.NO
    assert edits(found) == [{"memory": 16_000 * MIB}, {"duration": 2 * HOUR}]


async def test_a_limit_that_nobody_publishes_is_found_by_asking_even_unasked():
    def hidden(options):
        small = int(options["--mem"].rstrip("M")) <= 1234
        return enforced(options) if small else NOT_AVAILABLE

    planner = planning(slurm(None, hidden, partitions=["short"]))
    wanted = task(memory=9000 * MIB, duration=10 * MINUTE)
    found = await planner.nearest(wanted, "slurm", budget=BUDGET)
    assert edits(found) == [{"memory": 1234 * MIB}]
    (answer,) = (await planner.ask(wanted)).answers
    (change,) = answer.changes
    assert change.checked
    assert change.edits[0].after <= 1234 * MIB


async def test_a_maintenance_is_a_checked_cliff_beyond_which_it_starts_later():
    def stamp(moment):
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(moment))

    start = NOW + 119 * MINUTE + 30
    texts = idle()
    texts["reservation"] = (
        f"ReservationName=maint StartTime={stamp(start)} EndTime={stamp(start + HOUR)} "
        "Duration=1:00:00 Nodes=n[1-2] NodeCnt=2 Flags=MAINT,SPEC_NODES\n"
    )
    planner = planning(slurm(texts, enforced, partitions=["short"]))
    found = await planner.nearest(task(duration=10 * MINUTE), "slurm", budget=BUDGET)
    later = [c for c in found.cliffs if c.beyond == "later"]
    assert [(c.field, c.at, c.checked) for c in later] == [
        ("/resources/duration/min", 119 * MINUTE, True)
    ]
    assert "the reservation maint is in the way" in later[0].message


async def test_an_ask_of_the_search_is_one_dry_run_at_most():
    platform = slurm(accounts(), partitions=["short"])
    found = await planning(platform).nearest(
        task(cores=8000, duration=HOUR), "slurm", budget=BUDGET
    )
    runs = [argv for argv in platform.edges.command.ran if argv[0] == "sbatch"]
    assert found.verdict is Verdict.NO
    assert found.changes
    assert len(runs) <= found.asks


async def test_where_not_all_was_looked_at_there_is_no_bare_no(monkeypatch):
    monkeypatch.setattr(ways, "MOST_WAYS", 1)
    platform = slurm(accounts(), partitions=["short"])
    answer = await platform.ask(
        task(cores=8000, duration=HOUR), await platform.snapshot(Ask()), Ask()
    )
    assert answer.verdict is Verdict.CANNOT_TELL
    assert "2 more combinations" in answer.reasons[-1].message


@pytest.mark.parametrize("seconds", [0.0, 1e-9])
async def test_without_time_nothing_is_searched(seconds):
    planner = planning(slurm(None, enforced, partitions=["short"]))
    found = await planner.nearest(
        task(memory=90_000 * MIB), "slurm", budget=Budget(40, seconds)
    )
    assert (found.verdict, found.cut, found.asks) == (Verdict.NO, True, 1)
