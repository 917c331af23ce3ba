from __future__ import annotations

import asyncio
from itertools import product

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_canidothis.answer import Answer, Change, Cliff, Edit, Offer, Reason, Verdict
from jupyter_canidothis.bisection import AXES, Budget
from jupyter_canidothis.changes import apply
from jupyter_canidothis.errors import PlatformUnreachable
from jupyter_canidothis.frontier import search
from jupyter_canidothis.resources import Gpu, Range, Resources
from jupyter_canidothis.task import Executable, Task

MIB, MINUTE = 2**20, 60
NO, YES = Verdict.NO, Verdict.YES
LOTS = Budget(asks=10_000, seconds=300)
NAMES = tuple(AXES)


def task(**steps):
    """A task that asks for so many steps of each quantity."""
    amounts = {name: Range(count * AXES[name].step) for name, count in steps.items()}
    return Task(Executable("uri://jupyter-notebook"), Resources(**amounts))


class Boxes:
    """Accepts what fits one of several boxes; remembers what it was asked."""

    def __init__(self, *boxes, later=()):
        self.boxes, self.later, self.asked = boxes, later, []

    def fits(self, wanted, boxes):
        return any(
            all(
                (getattr(wanted.resources, name).min or 0) <= most * AXES[name].step
                for name, most in box.items()
            )
            for box in boxes
        )

    async def __call__(self, wanted):
        self.asked.append(wanted)
        if not self.fits(wanted, self.boxes):
            return Answer("p", NO, NO, reasons=(Reason("refused", "too much"),))
        late = self.later and not self.fits(wanted, self.later)
        return Answer("p", YES, NO if late else YES, offers=(Offer("uri://x"),))

    async def search(self, wanted, budget=LOTS, **rest):
        first = await self(wanted)
        return await search(wanted, first, self, budget=budget, **rest)


async def test_one_quantity_goes_down_to_the_exact_limit():
    boxes = Boxes({"memory": 31_949})
    found = await boxes.search(task(memory=65_536, cores=4))
    (change,) = found.changes
    assert change.edits == (Edit("/resources/memory/min", 65_536 * MIB, 31_949 * MIB),)
    assert change.message == "Memory 64 GiB → 31.2 GiB"
    assert change.checked
    (cliff,) = found.cliffs
    assert (cliff.at, cliff.beyond, cliff.checked) == (31_949 * MIB, "no", True)
    assert cliff.message == "Memory up to 31.2 GiB: too much"
    assert (found.verdict, found.cut) == (NO, False)
    assert found.asks == len(boxes.asked) - 1 <= 20


async def test_a_hint_makes_it_two_asks():
    edit = Edit("/resources/memory/min", None, 31_949 * MIB)
    found = await Boxes({"memory": 31_949}).search(task(memory=65_536), hints=[edit])
    assert found.changes[0].edits[0].after == 31_949 * MIB
    # The hint and one step more; and a duration, which nobody set.
    assert found.asks == 3


async def test_a_search_that_is_cut_short_ends_near_and_forgets_no_checked_change():
    edit = Edit("/resources/memory/min", 65_536 * MIB, 31_949 * MIB)
    boxes, wanted = Boxes({"memory": 31_949}), task(memory=65_536)
    found = await boxes.search(wanted, Budget(asks=1, seconds=300), hints=[edit])
    assert (found.cut, found.changes[0].edits) == (True, (edit,))
    known = Change((edit,), "Memory less", checked=True)
    first = msgspec.structs.replace(await boxes(wanted), changes=(known,))
    found = await search(wanted, first, boxes, budget=Budget(asks=1, seconds=300))
    assert found.changes == (known,)


async def test_where_no_single_change_helps_two_are_made_together():
    boxes = Boxes({"memory": 32_000, "duration": 120}, {"memory": 16_000, "duration": 1440})
    found = await boxes.search(task(memory=40_000, duration=2000))
    assert [{e.field: e.after for e in change.edits} for change in found.changes] == [
        {"/resources/memory/min": 16_000 * MIB, "/resources/duration/min": 1440 * MINUTE},
        {"/resources/memory/min": 32_000 * MIB, "/resources/duration/min": 120 * MINUTE},
    ]
    assert not found.cliffs


async def test_where_no_two_changes_help_all_are_made():
    found = await Boxes({"memory": 10, "duration": 10, "cores": 2}).search(
        task(memory=40, duration=40, cores=40, gpus=0)
    )
    (change,) = found.changes
    assert {e.after for e in change.edits} == {10 * MIB, 10 * MINUTE, 2000}


async def test_what_the_task_leaves_open_is_not_set_where_that_helps_nobody():
    boxes = Boxes({"cores": 1, "gpus": 0, "duration": 1})
    found = await boxes.search(task(cores=2, gpus=1, duration=2))
    (change,) = found.changes
    assert {edit.field for edit in change.edits} == {
        "/resources/cores/min",
        "/resources/gpus/min",
        "/resources/duration/min",
    }


async def test_of_a_yes_every_cliff_is_found():
    boxes = Boxes({"memory": 32_000, "cores": 8, "duration": 1440}, later=[{"duration": 119}])
    found = await boxes.search(task(memory=2000, cores=2, duration=60))
    assert [(c.field.split("/")[2], c.at, c.beyond) for c in found.cliffs] == [
        ("cores", 8000, "no"),
        ("memory", 32_000 * MIB, "no"),
        ("duration", 119 * MINUTE, "later"),
        ("duration", 1440 * MINUTE, "no"),
    ]
    assert found.changes == found.reasons == ()


async def test_what_the_task_leaves_open_has_cliffs_too_and_no_limit_has_none():
    found = await Boxes({"gpus": 2}).search(task(cores=1))
    assert [(c.field, c.at) for c in found.cliffs] == [("/resources/gpus/min", 2)]


async def test_a_default_that_is_too_much_is_set_to_less():
    async def ask(wanted):
        memory = wanted.resources.memory.min
        fits = memory is not None and memory <= 7000 * MIB
        return Answer("p", YES if fits else NO)

    first = Answer("p", NO, reasons=(Reason("limit-exceeded", "the default is too much"),))
    found = await search(task(cores=1), first, ask, budget=LOTS)
    (change,) = found.changes
    assert change.edits == (Edit("/resources/memory/min", None, 7000 * MIB),)
    assert change.message == "Memory 6.84 GiB"


async def test_an_implied_gpu_can_be_left_out():
    described = Task(Executable("uri://x"), Resources(gpu=Gpu("nvidia")))
    found = await Boxes({"gpus": 0}).search(
        msgspec.structs.replace(described, resources=described.resources.replace("gpus", min=1))
    )
    assert found.changes[0].edits == (Edit("/resources/gpus/min", 1, 0),)


@pytest.mark.parametrize("asks", range(1, 18))
async def test_the_budget_of_asks_ends_it_and_what_is_told_was_still_asked(asks):
    boxes = Boxes({"memory": 31_949})
    found = await boxes.search(task(memory=65_536), Budget(asks=asks, seconds=300))
    assert found.cut
    assert found.asks == asks
    assert not found.cliffs
    for change in found.changes:
        assert apply(task(memory=65_536), change) in boxes.asked
        assert change.edits[0].after <= 31_949 * MIB


async def test_the_time_ends_an_ask_that_hangs():
    async def hang(wanted):
        await asyncio.Event().wait()

    first = Answer("p", NO, reasons=(Reason("refused", "no"),))
    found = await search(task(memory=9), first, hang, budget=Budget(40, 0.05))
    assert (found.cut, found.changes) == (True, ())


async def test_a_platform_that_fails_ends_it():
    async def fail(wanted):
        raise PlatformUnreachable("connection refused")

    first = Answer("p", NO, reasons=(Reason("refused", "no"),))
    found = await search(task(memory=9), first, fail, budget=LOTS)
    assert (found.cut, found.changes, found.asks) == (True, (), 2)


async def test_where_nobody_can_tell_beyond_there_is_no_cliff():
    async def ask(wanted):
        fits = wanted.resources.memory.min <= 5 * MIB
        return Answer("p", YES if fits else Verdict.CANNOT_TELL)

    first = Answer("p", NO, reasons=(Reason("refused", "no"),))
    found = await search(task(memory=9), first, ask, budget=LOTS)
    assert found.changes[0].edits[0].after == 5 * MIB
    assert not found.cliffs


async def test_of_what_nobody_can_tell_nothing_is_asked():
    found = await search(task(memory=9), Answer("p", Verdict.CANNOT_TELL), Boxes())
    assert (found.asks, found.changes, found.cliffs) == (0, (), ())


async def test_a_cliff_of_the_answer_is_asked_and_not_believed():
    boxes = Boxes({"memory": 100})
    wanted = task(memory=10)
    first = msgspec.structs.replace(
        await boxes(wanted), cliffs=(Cliff("/resources/memory/min", 50 * MIB, "50"),)
    )
    found = await search(wanted, first, boxes, budget=LOTS)
    assert [c.at for c in found.cliffs] == [100 * MIB]


box = st.fixed_dictionaries(
    {}, optional={name: st.integers(AXES[name].least, 6) for name in NAMES[:4]}
)
asking = st.fixed_dictionaries(
    {}, optional={name: st.integers(AXES[name].least, 8) for name in NAMES[:4]}
)


def accepted(boxes, asked):
    """Every combination of values, none above what is asked, that a box takes."""
    spans = [range(AXES[n].least, most + 1) for n, most in asked.items()]
    for values in product(*spans):
        some = dict(zip(asked, values, strict=True))
        if any(all(some.get(n, 0) <= most for n, most in box.items()) for box in boxes):
            yield some


@settings(max_examples=150, deadline=None)
@given(st.lists(box, max_size=3), asking)
def test_no_smaller_change_would_have_been_accepted(boxes, asked):
    platform = Boxes(*boxes)
    wanted = task(**asked)
    found = asyncio.run(platform.search(wanted))
    possible = list(accepted(boxes, asked))
    if found.verdict is YES:
        assert not found.changes
        return
    fewest = min((sum(v != asked[n] for n, v in p.items()) for p in possible), default=None)
    if fewest in (1, 2):
        assert {len(change.edits) for change in found.changes} == {fewest}
    assert bool(found.changes) == bool(possible)
    for change in found.changes:
        assert apply(wanted, change) in platform.asked
        values = {
            e.field.split("/")[2]: e.after // AXES[e.field.split("/")[2]].step
            for e in change.edits
        }
        there = {**asked, **values}
        assert there in possible
        for name in values:
            assert {**there, name: there[name] + 1} not in possible


@settings(max_examples=150, deadline=None)
@given(st.lists(box, min_size=1, max_size=3), asking, st.integers(0, 30))
def test_every_cliff_was_asked_on_both_sides(boxes, asked, asks):
    platform = Boxes(*boxes)
    wanted = task(**asked)
    found = asyncio.run(platform.search(wanted, Budget(asks, 300)))
    assert found.asks <= asks
    for cliff in found.cliffs:
        name = cliff.field.split("/")[2]
        step = AXES[name].step
        beyond = msgspec.structs.replace(
            wanted, resources=wanted.resources.replace(name, min=cliff.at + step)
        )
        assert not platform.fits(beyond, boxes)
        assert beyond in platform.asked
        here = msgspec.structs.replace(
            wanted, resources=wanted.resources.replace(name, min=cliff.at)
        )
        assert platform.fits(here, boxes)
