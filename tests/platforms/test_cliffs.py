"""Where limits change an answer, as data for the marks of sliders."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import GIB, notebook_task
from slurm_fake import NOW, accounts, idle, slurm, task

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.capacity import Index, Loop, Slot, asked
from jupyter_canidothis.platforms.cliffs import Cliffs, cliffs, subjects
from jupyter_canidothis.platforms.declared import Declared
from jupyter_canidothis.platforms.local import Local
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task

MINUTE, HOUR = 60, 3600
SMALL = Slot(name="small", bounds={"cores": Range(max=4000), "memory": Range(max=8)})
LARGE = Slot(name="large", bounds={"cores": Range(max=2000), "memory": Range(max=16)})


def wanted(**amounts):
    return Task(
        Executable("uri://x"), Resources(**{name: Range(n) for name, n in amounts.items()})
    )


def found(asks, *slots):
    return {c.field.split("/")[2]: c.at for c in cliffs(Loop(slots).judge(asked(asks)).tally())}


@pytest.mark.parametrize(
    ("asks", "expected"),
    [
        (wanted(), {"cores": 4000, "memory": 16}),
        (wanted(cores=1000, memory=1), {"cores": 4000, "memory": 16}),
        (wanted(cores=3000, memory=1), {"cores": 4000, "memory": 8}),
        (wanted(cores=1000, memory=12), {"cores": 2000, "memory": 16}),
        (wanted(cores=3000, memory=12), {"cores": 2000, "memory": 8}),
        (wanted(cores=9000, memory=99), {}),
    ],
)
def test_each_quantity_goes_as_far_as_a_slot_that_takes_the_rest(asks, expected):
    assert found(asks, SMALL, LARGE) == expected


def test_what_one_slot_does_not_limit_has_no_cliff_and_nothing_has_none_either():
    free = Slot(bounds={"memory": Range(max=8), "gpus": Range(0, 0)})
    assert found(wanted(memory=1), SMALL, free) == {"memory": 8}


amounts = st.fixed_dictionaries(
    {}, optional={n: st.integers(1, 5) for n in ("cores", "memory", "duration")}
)


@given(st.lists(amounts, min_size=1, max_size=4), amounts)
def test_a_cliff_is_where_the_judge_changes_its_mind(boxes, asks):
    slots = [Slot(bounds={n: Range(max=m) for n, m in box.items()}) for box in boxes]
    here = wanted(**asks)
    told = found(here, *slots)
    for judge in (Loop(slots), Index(slots)):
        tally = judge.judge(asked(here)).tally()
        assert {c.field.split("/")[2]: c.at for c in cliffs(tally)} == told
        assert Cliffs(judge).of(tally, subjects(asked(here))) == cliffs(tally)
    for name in ("cores", "memory", "duration"):

        def takes(amount, name=name):
            return Loop(slots).accepting(asked(wanted(**{**asks, name: amount})))

        last = max((n for n in range(1, 8) if takes(n)), default=None)
        assert told.get(name) == (None if last in (None, 7) else last)


def test_the_cliffs_of_a_judge_are_remembered_but_not_for_ever(monkeypatch):
    monkeypatch.setattr("jupyter_canidothis.platforms.cliffs._MOST_KEPT", 1)
    judge = Loop((SMALL, LARGE))
    marks = Cliffs(judge)
    for asks in (wanted(cores=3000), wanted(memory=12), wanted(cores=3000), wanted(cores=3500)):
        tally = judge.judge(asked(asks)).tally()
        assert marks.of(tally, subjects(asked(asks))) == cliffs(tally)


@pytest.mark.parametrize("memory", [4, 16])
async def test_what_is_declared_has_its_cliffs_alone_and_together(memory):
    keys = {
        "kind": "declared",
        "tasktypes": ["uri://jupyter-notebook"],
        "servicetype": "uri://s",
    }
    limits = {"maxmemory": "12G", "maxduration": "2h", "maxgpus": 0}
    platform = Declared.configure({**keys, "resources": limits})
    asks = notebook_task(memory * GIB)
    alone = await platform.ask(asks, await platform.snapshot(Ask()), Ask())
    told = {cliff.field.split("/")[2]: (cliff.at, cliff.beyond) for cliff in alone.cliffs}
    expected = {"memory": (12 * GIB, "no"), "duration": (2 * HOUR, "no")}
    assert told == (expected if memory == 4 else {"memory": (12 * GIB, "no")})
    assert alone.cliffs[0].message == "Memory up to 12 GiB"
    assert not any(cliff.checked for cliff in alone.cliffs)
    (joint,) = Declared.ask_together([platform], asks, Ask())
    assert joint.cliffs == alone.cliffs


async def test_this_machine_has_cliffs_of_what_there_is_and_of_what_is_free():
    platform = Local.configure({"kind": "local"})
    snapshot = await platform.snapshot(Ask())
    answer = await platform.ask(
        Task(Executable("uri://batch-script", command=("true",))), snapshot, Ask()
    )
    assert answer.verdict is Verdict.YES
    ends = {}
    for cliff in answer.cliffs:
        ends.setdefault(cliff.field.split("/")[2], {})[cliff.beyond] = cliff.at
    assert ends["cores"]["no"] >= 1000
    assert ends["nodes"] == {"no": 1}
    assert ends["memory"]["later"] < ends["memory"]["no"]


async def ask(asks, texts=None, **keys):
    platform = slurm(texts, **keys)
    return await platform.ask(asks, await platform.snapshot(Ask()), Ask())


def told(answer):
    return {(c.field.split("/")[2], c.beyond): c.at for c in answer.cliffs}


async def test_a_partition_has_the_cliffs_of_its_nodes_and_its_time_limit():
    answer = await ask(task(cores=1000, duration=10 * MINUTE), partitions=["short"])
    assert told(answer) == {
        ("cores", "no"): 8000,
        ("memory", "no"): 32000 * 2**20,
        ("duration", "no"): 2 * HOUR,
        ("nodes", "no"): 1,
    }
    assert "Duration up to 2 h: partition short" in [c.message for c in answer.cliffs]


async def test_a_no_has_the_cliff_that_it_is_beyond():
    answer = await ask(task(cores=1000, duration=9 * HOUR), partitions=["short"])
    assert told(answer) == {("duration", "no"): 2 * HOUR}


async def test_a_closed_partition_has_none():
    assert not (await ask(task(cores=1000), partitions=["closed"])).cliffs


async def test_a_maintenance_is_a_cliff_of_the_duration_beyond_which_it_starts_later():
    start = NOW + 50 * MINUTE + 20
    texts = idle()
    texts["reservation"] = (
        "ReservationName=maint StartTime={} EndTime={} Duration=1:00:00 Nodes=n[1-2] NodeCnt=2 "
        "Flags=MAINT,SPEC_NODES\n".format(*(stamp(start + more) for more in (0, HOUR)))
    )
    answer = await ask(task(cores=1000, duration=10 * MINUTE), texts, partitions=["short"])
    assert answer.now is Verdict.YES
    (later,) = (c for c in answer.cliffs if c.beyond == "later")
    assert later.at == 50 * MINUTE
    assert later.message == "Duration up to 50 min: the reservation maint is in the way"
    both = await ask(task(cores=1000, duration=55 * MINUTE), texts, partitions=["short"])
    assert both.now is Verdict.NO
    assert not any(c.beyond == "later" for c in both.cliffs)


def stamp(moment):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(moment))


async def test_a_limit_of_a_qos_is_a_cliff_too():
    answer = await ask(
        task(cores=1000, duration=10 * MINUTE), accounts(), partitions=["short"], qos="tight"
    )
    assert told(answer)["cores", "no"] == 2000
