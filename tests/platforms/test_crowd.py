"""Many platforms judged at once, held against each platform judged alone."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_capacity import tasks, thoroughly
from test_declared import SUNDAY

from jupyter_canidothis import changes
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.capacity import Index, Slot, Term, asked
from jupyter_canidothis.platforms.crowd import Crowd
from jupyter_canidothis.platforms.declared import Declared
from jupyter_canidothis.platforms.refusals import best_refusal, closest_refusal
from jupyter_canidothis.platforms.refusals import changes as proposed
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task

AMOUNTS = st.sampled_from([1, 2, 3, 5, 8])
PLAIN = ("maxmemory", "maxduration", "maxgpus", "maxnodes", "maxdisk")
LIMITS = st.fixed_dictionaries(
    {},
    # Tasks ask for thousandths of cores.
    optional={**dict.fromkeys(PLAIN, AMOUNTS), "maxcores": AMOUNTS.map("{}m".format)},
)
ENTRIES = st.fixed_dictionaries(
    {
        "tasktypes": st.lists(
            st.sampled_from(["uri://jupyter-notebook", "uri://docker-container"]), min_size=1
        ),
        "resources": LIMITS,
        "interfaces": st.lists(
            st.builds(lambda limits: {"servicetype": "uri://x", "resources": limits}, LIMITS),
            max_size=12,
        ),
    },
    optional={"languages": st.lists(st.sampled_from(["python", "r", "julia"]))},
)


def platforms(entries):
    return [
        Declared.configure(
            {"kind": "declared", "name": f"p{place}", "servicetype": "uri://x", **entry},
            Edges(clock=lambda: SUNDAY),
        )
        for place, entry in enumerate(entries)
    ]


@thoroughly
@given(st.lists(ENTRIES, min_size=1, max_size=8).map(platforms), tasks(AMOUNTS))
def test_asked_together_is_asked_alone_with_changes_that_hold_when_asked_again(crowd, wanted):
    ask = Ask()

    async def hold(platform, answer):
        snapshot = await platform.snapshot(ask)

        async def again(task):
            return await platform.ask(task, snapshot, ask)

        assert answer == await again(wanted)
        tried = await changes.check(wanted, lambda task: proposed(task, platform.slots), again)
        assert answer.changes == tried

    for platform, answer in zip(crowd, Declared.ask_together(crowd, wanted, ask), strict=True):
        asyncio.run(hold(platform, answer))


@thoroughly
@given(ENTRIES.map(lambda entry: platforms([entry])[0]), tasks(AMOUNTS))
def test_the_slot_that_explains_is_the_one_that_fails_least(platform, wanted):
    judgement = platform.judge.judge(asked(wanted))
    tally = judgement.tally()
    failures = judgement.failures()

    assert tally.accepting == judgement.accepting == platform.judge.accepting(asked(wanted))
    assert [tally.failing(place) for place in range(len(failures))] == failures
    if not tally.accepting:
        assert closest_refusal(tally) == best_refusal(failures)


@pytest.mark.parametrize("ways", [1, 8, 9, 20, 33, 64, 65, 300])
def test_platforms_of_any_size_come_apart_again(ways):
    worlds = [
        [Slot(bounds={"cores": Range(None, place % 7)}) for place in range(size)]
        for size in (3, ways, 1)
    ]
    judges = [Index(world) for world in worlds]
    terms = (Term("cores", "min", 4), Term("cores", "max", 9))

    for judge, tally in zip(judges, Crowd(judges).judge(terms), strict=True):
        alone = judge.judge(terms).tally()
        assert tally == alone._replace(
            refusing=tuple(alone.refusing), counted=tuple(alone.counted)
        )


@pytest.mark.parametrize(("cores", "shown"), [(8000, {7, 9}), (10_000, {7})])
async def test_a_yes_shows_every_interface_and_a_no_the_one_that_explains(cores, shown):
    interfaces = [
        {"servicetype": "uri://x", "resources": {"maxcores": most}} for most in (7, 9)
    ]
    (platform,) = platforms([{"tasktypes": ["uri://batch"], "interfaces": interfaces}])
    wanted = Task(Executable("uri://batch"), Resources(cores=Range(cores)))

    (answer,) = Declared.ask_together([platform], wanted, Ask())

    (evidence,) = answer.evidence
    assert {most for most in (7, 9) if f'"maxcores":{most}' in evidence.text} == shown
