"""A map of many tasks says what each single estimate says."""

from __future__ import annotations

import pytest
from scripted import GIB, entry, notebook_task

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.maps import draw
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.base import Asker
from jupyter_canidothis.platforms.registry import build
from jupyter_canidothis.resources import Range
from jupyter_canidothis.wire.live import MapAxis, MapRequest

MEMORY = MapAxis("/resources/memory/min", (4 * GIB, 12 * GIB, 16 * GIB))
CORES = MapAxis("/resources/cores/min", (1000, 8000, 16000))


def declared(name, **resources):
    return {
        "kind": "declared",
        "name": name,
        "tasktypes": ["uri://jupyter-notebook"],
        "servicetype": "uri://jupyter-hub",
        "resources": resources,
    }


@pytest.fixture
def planner():
    return Planner(
        build(
            [
                declared("small", maxcores=8, maxmemory="12G"),
                declared("large", maxcores=8, maxmemory="1T"),
            ]
        )
    )


def test_each_place_counts_who_accepts(planner):
    drawn = draw(planner, MapRequest(notebook_task(), MEMORY, CORES), Asker())

    assert drawn.yes == ((2, 2, 1), (2, 2, 1), (0, 0, 0))
    assert (drawn.judged, drawn.unknown) == (("small", "large"), ())
    assert drawn.complete


def test_each_place_is_what_an_estimate_of_it_says(planner):
    wanted = MapRequest(notebook_task(), MEMORY, CORES)
    drawn = draw(planner, wanted, Asker())

    for row, cores in zip(drawn.yes, CORES.values, strict=True):
        for count, memory in zip(row, MEMORY.values, strict=True):
            answers = planner.estimate(notebook_task(memory, cores=Range(cores)))
            assert count == sum(answer.verdict is Verdict.YES for answer in answers)


def test_the_other_end_follows_where_the_range_would_turn_over(planner):
    task = notebook_task(cores=Range(2000, 2000))
    drawn = draw(planner, MapRequest(task, MEMORY, CORES), Asker())

    assert drawn.yes[1] == (2, 2, 1)


async def test_who_was_never_read_is_named_as_unknown(planner):
    mixed = Planner([*planner.entries, entry("unread")])
    drawn = draw(mixed, MapRequest(notebook_task(), MEMORY, CORES), Asker())

    assert drawn.unknown == ("unread",)


def test_a_map_that_takes_too_long_is_sent_as_far_as_it_is_drawn(planner):
    drawn = draw(planner, MapRequest(notebook_task(), MEMORY, CORES), Asker(), deadline=-1)

    assert not drawn.complete
    assert {None} == {count for row in drawn.yes for count in row}
