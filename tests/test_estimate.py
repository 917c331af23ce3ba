"""What the planner says at once, from what it knows already."""

from __future__ import annotations

import msgspec
import pytest
from scripted import GIB, Scripted, entry, notebook_task

from jupyter_canidothis.answer import Answer, Verdict
from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.evidence import Evidence
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.base import Asker
from jupyter_canidothis.platforms.registry import build


def by_arithmetic(platform, task, snapshot, ask):
    fits = (task.resources.memory.min or 0) <= snapshot.content
    return Answer(platform.name, Verdict.YES if fits else Verdict.NO)


@pytest.fixture
def estimating(monkeypatch):
    monkeypatch.setattr(Scripted, "estimate", by_arithmetic)


async def test_nothing_is_known_of_a_platform_that_was_never_read(estimating):
    one = entry()
    assert Planner([one]).estimate(notebook_task()) == []
    assert (one.platform.read, one.platform.asked) == (0, 0)


async def test_an_estimate_reads_and_asks_nobody_and_says_what_it_is(estimating):
    one = entry()
    planner = Planner([one])
    await planner.ask(notebook_task())
    before = one.platform.read, one.platform.asked

    (small,) = planner.estimate(notebook_task(4 * GIB))
    (large,) = planner.estimate(notebook_task(64 * GIB))

    assert (one.platform.read, one.platform.asked) == before
    assert (small.verdict, large.verdict) == (Verdict.YES, Verdict.NO)
    assert small.sure == large.sure == "estimate"
    (change,) = large.changes
    assert change.edits[0].after == 12 * GIB
    assert not change.checked


async def test_an_old_snapshot_still_serves_an_estimate_with_its_age(estimating):
    now = [1000.0]
    planner = Planner([entry(clock=lambda: now[0])])
    await planner.ask(notebook_task())
    now[0] += 500

    (answer,) = planner.estimate(notebook_task())

    assert answer.age == 500


async def test_what_was_read_for_somebody_is_nobody_elses_estimate(estimating):
    planner = Planner([entry()])
    await planner.ask(notebook_task(), asker=Asker("alice"))

    assert planner.estimate(notebook_task(), asker=Asker("bob")) == []
    assert len(planner.estimate(notebook_task(), asker=Asker("alice"))) == 1


async def test_a_kind_that_has_to_be_asked_gives_no_estimate():
    planner = Planner([entry()])
    await planner.ask(notebook_task())

    assert planner.estimate(notebook_task()) == []


async def test_a_mistake_in_one_adapter_costs_no_other_its_estimate(monkeypatch, caplog):
    def broken(platform, task, snapshot, ask):
        if platform.name == "broken":
            raise ZeroDivisionError("secret detail")
        return by_arithmetic(platform, task, snapshot, ask)

    monkeypatch.setattr(Scripted, "estimate", broken)
    planner = Planner([entry("broken"), entry("good")])
    await planner.ask(notebook_task())

    assert [answer.platform for answer in planner.estimate(notebook_task())] == ["good"]
    assert "broken" in caplog.text


async def test_what_is_written_down_needs_no_reading_first():
    planner = Planner(
        build(
            [
                {
                    "kind": "declared",
                    "name": "hub",
                    "tasktypes": ["uri://jupyter-notebook"],
                    "servicetype": "uri://jupyter-hub",
                    "resources": {"maxmemory": "12G"},
                }
            ]
        )
    )
    (estimate,) = planner.estimate(notebook_task(16 * GIB))
    (answer,) = (await planner.ask(notebook_task(16 * GIB))).answers

    asked = msgspec.structs.replace(answer, sure="estimate", took=0, at=0)
    assert msgspec.structs.replace(estimate, took=0, at=0) == asked
    assert answer.sure == "asked"


def test_an_unknown_platform_is_refused():
    with pytest.raises(RequestError, match="nosuch"):
        Planner([entry()]).estimate(notebook_task(), ["nosuch"])


async def test_an_answer_with_a_dry_run_is_checked(monkeypatch):
    async def tried(platform, task, snapshot, ask):
        evidence = (Evidence("dry-run", "sbatch --test-only"),)
        return Answer(platform.name, Verdict.YES, evidence=evidence)

    monkeypatch.setattr(Scripted, "ask", tried)
    plan = await Planner([entry()]).ask(notebook_task())

    assert [answer.sure for answer in plan.answers] == ["checked"]
