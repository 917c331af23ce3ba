"""The parts of the Grid Engine adapter: amounts, calendars, lists, quotas, the script."""

import shlex
import time

import pytest
from gridengine_fake import gridengine, recorded, task

from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.gridengine import reading
from jupyter_canidothis.platforms.gridengine.amounts import read_memory, read_seconds
from jupyter_canidothis.platforms.gridengine.calendars import opens
from jupyter_canidothis.platforms.gridengine.cluster import (
    Asker,
    Cluster,
    Environment,
    Queue,
    Rule,
)
from jupyter_canidothis.platforms.gridengine.quota import applying
from jupyter_canidothis.platforms.gridengine.script import job_script
from jupyter_canidothis.task import Executable, Task

MONDAY_NOON = time.mktime((2026, 11, 23, 12, 0, 0, 0, 0, -1))
HOUR = 3600


@pytest.mark.parametrize(
    ("text", "amount"),
    [("16.000G", 2**34), ("2k", 2000), ("2K", 2048), ("7", 7), ("INFINITY", None), ("x", None)],
)
def test_memory_is_binary_in_capitals_and_decimal_in_small_letters(text, amount):
    assert read_memory(text) == amount


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("02:00:00", 7200), ("168:00:00", 604800), ("90", 90), ("infinity", None), ("::5", 5)],
)
def test_times_are_clocks_or_seconds(text, seconds):
    assert read_seconds(text) == seconds


@pytest.mark.parametrize(
    ("week", "wait"),
    [
        ("mon-fri=8-18=off", 6 * HOUR),
        ("mon-fri=8-18", 6 * HOUR),
        ("12-18 tue=13-17=on", 6 * HOUR),
        ("mon=off", 12 * HOUR),
        ("mon-sun=0-24=off", None),
        ("off", None),
        ("mon-sun=0-24=off wed=1-2=on", 37 * HOUR),
        ("mon=9-8=suspended", 12 * HOUR),
        ("tue=off", 0),
        ("some day", 0),
    ],
)
def test_a_calendar_says_when_it_opens(week, wait):
    assert opens("NONE", week, MONDAY_NOON) == wait


def test_a_calendar_of_the_year_is_not_looked_through():
    assert opens("12.03.2026=12-11=off", "NONE", MONDAY_NOON) == 0


def test_a_queue_has_values_of_its_own_on_some_hosts():
    queue = Queue("q", {"h_rt": "1:0:0,[a=2:0:0],[@big=INFINITY]", "pe_list": "x y,[a=z]"})
    assert queue.value("h_rt", "a") == "2:0:0"
    assert queue.value("h_rt", "b") == "", "only the host group's members are known to it"
    assert set(queue.environments()) >= {"z"}


@pytest.mark.parametrize(
    ("rule", "slots", "hosts", "fits"),
    [
        ("$pe_slots", 4, 9, True),
        ("4", 4, 9, True),
        ("2", 4, 1, False),
        ("$fill_up", 4, 1, True),
        ("$round_robin", 4, 2, False),
    ],
)
def test_only_some_environments_keep_slots_on_one_host(rule, slots, hosts, fits):
    assert Environment("e", 9, rule, frozenset(), frozenset()).one_host(slots, hosts) is fits


def rules(**filters):
    return Cluster(
        (),
        (),
        {},
        quotas=((Rule("set/1", filters, {"slots": "2"}),),),
        lists={"team": frozenset({"alice", "@astro"})},
        asker=Asker("alice", frozenset({"users"})),
    )


@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        ({}, True),
        ({"users": "{*}"}, True),
        ({"users": "alice,bob"}, True),
        ({"users": "bob"}, False),
        ({"users": "{@team}"}, True),
        ({"users": "@unknown"}, False),
        ({"users": "!alice"}, False),
        ({"queues": "a.q"}, True),
        ({"queues": "b*"}, False),
        ({"hosts": "{@all}"}, False),
        ({"pes": "*"}, False),
        ({"pes": "!*"}, True),
        ({"projects": "!*"}, True),
        ({"projects": "*"}, False),
    ],
)
def test_a_quota_holds_for_those_whom_its_filters_name(filters, holds):
    assert bool(list(applying(rules(**filters), "a.q", "h", ""))) is holds


def test_only_enabled_quotas_are_read():
    sets = reading.read_quotas(recorded("idle")["qconf -srqs"][1])
    assert [[rule.name for rule in each] for each in sets] == [["perqueue/1", "perqueue/2"]]
    assert sets[0][1].limits == {"slots": "4", "h_vmem": "6G"}
    assert sets[0][1].filters == {"users": "{*}", "queues": "quota.q"}


def test_what_is_used_of_quotas_is_read():
    usage = reading.read_usage(recorded("busy")["qquota"][1])
    found = [(each.resource, each.used) for each in usage["perqueue/2"]]
    assert found == [("slots", "1"), ("h_vmem", "5.000G")]


def test_backslashes_continue_a_line():
    text = "qname a.q\nhostlist a \\\n    b\nslots 1\nqname b.q\nslots 2\n"
    first, second = reading.read_queues(text)
    assert first.values["hostlist"] == "a b"
    assert (second.name, second.values["slots"]) == ("b.q", "2")


def test_a_group_is_in_a_list_by_its_name_with_an_at():
    asker = Asker("carol", frozenset({"astro"}))
    assert asker.among(frozenset({"@astro"}))
    assert not asker.among(frozenset({"astro"}))


async def handed_over(executable, **keys):
    platform = gridengine(queues=["short.q"], **keys)
    wanted = task(cores=2000, duration=600)
    snapshot = await platform.snapshot(Ask())
    offer = (await platform.ask(wanted, snapshot, Ask())).offers[0]
    return platform.handover(Task(executable, wanted.resources), offer)


async def test_the_script_asks_for_what_was_answered():
    notebook = Executable("uri://jupyter-notebook", location="a b/7 stars.ipynb")
    made = await handed_over(notebook, root="/opt/s g e")
    lines = made.content.splitlines()
    assert "#$ -q short.q" in lines
    assert "#$ -pe smp 2" in lines
    assert "#$ -l h_rt=600,h_vmem=512M" in lines
    assert "#$ -N job-7-stars" in lines
    assert "'a b/7 stars.out.ipynb'" in made.content
    assert (made.name, made.command) == (
        "7-stars.qsub",
        "SGE_ROOT='/opt/s g e' qsub 7-stars.qsub",
    )


async def test_foreign_words_stay_words_in_the_script():
    made = await handed_over(Executable("uri://batch-script", command=("echo", "$(id); `x`")))
    assert shlex.quote("$(id); `x`") in made.content


async def test_a_task_that_says_nothing_to_run_is_refused():
    with pytest.raises(RequestError):
        await handed_over(Executable("uri://batch-script"))


def test_a_script_has_a_name_of_letters():
    made = job_script(
        Task(Executable("uri://batch-script", command=("true",)), name="ünïcode"),
        type("Offer", (), {"service_info": {"options": []}})(),
    )
    assert made.name.isascii()
