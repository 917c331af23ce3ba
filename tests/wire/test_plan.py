"""Our own JSON: strict, and every error names the field."""

import json

import msgspec
import pytest

from jupyter_canidothis.answer import Answer, Plan, Summary, Verdict
from jupyter_canidothis.errors import CanIDoThisError, PlatformTimeout, RequestError
from jupyter_canidothis.task import Executable, Range, Resources, Task
from jupyter_canidothis.wire import plan as wire

TASK = Task(Executable("uri://jupyter-notebook"), Resources(cores=Range(4000, 8000)))


def with_cores(text):
    return b'{"task":{"executable":{"type":"x"},"resources":{"cores":{"min":%s}}}}' % text


@pytest.mark.parametrize(
    "amount",
    [
        b"true",
        b'"8"',
        b"8.0",
        b"-1",
        b"1e999",
        b"1e3",
        b"18446744073709551616",
        b"9007199254740992",
        b"[]",
    ],
)
def test_only_a_whole_number_in_range_is_an_amount(amount):
    with pytest.raises(RequestError) as caught:
        wire.decode_plan_request(with_cores(amount))
    assert caught.value.field == "task.resources.cores.min"
    assert caught.value.accepted


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"nope", "body"),
        (b"[]", "body"),
        (b'{"task":', "body"),
        (b'{"task":' * 100_000, "body"),
        (b'{"task":{"executable":{"type":"\xff"}}}', "body"),
        (with_cores(b"NaN"), "body"),
        (with_cores(b"Infinity"), "body"),
        (b"{}", "task"),
        (b'{"task":{}}', "task.executable"),
        (b'{"task":{"executable":{"type":3}}}', "task.executable.type"),
        (
            b'{"task":{"executable":{"type":"x"},"software":[{"name":"a"},{"name":3}]}}',
            "task.software[1].name",
        ),
        (
            b'{"task":{"executable":{"type":"x"},"resources":{"cores":{"min":8,"max":3}}}}',
            "resources.cores",
        ),
        (b'{"task":{"executable":{"type":"x"}},"timeout":"8"}', "timeout"),
        (b'{"task":{"executable":{"type":"x"}},"timeout":0}', "timeout"),
        (b'{"task":{"executable":{"type":"x"}},"platforms":"slurm"}', "platforms"),
    ],
)
def test_a_bad_question_names_the_field(body, field):
    with pytest.raises(RequestError) as caught:
        wire.decode_plan_request(body)
    assert caught.value.field == field


def test_unknown_fields_are_ignored():
    body = b'{"task":{"executable":{"type":"x","colour":1}},"mood":[]}'
    assert wire.decode_plan_request(body) == wire.PlanRequest(Task(Executable("x")))


def test_a_wish_for_the_nearest_yes_names_one_platform():
    body = b'{"task":{"executable":{"type":"uri://x"}},"platform":"p"}'
    assert wire.decode_nearest_request(body).platform == "p"
    upside_down = b'{"executable":{"type":"uri://x"},"resources":{"cores":{"min":2,"max":1}}}'
    for wrong, field in (
        (b'{"task":{"executable":{"type":"uri://x"}}}', "platform"),
        (b'{"task":%b,"platform":"p"}' % upside_down, "cores"),
    ):
        with pytest.raises(RequestError, match=field):
            wire.decode_nearest_request(wrong)


def test_a_notebook_to_describe_passes_unchanged():
    body = b'{"path":"a.ipynb","notebook":{"cells":[],"nbformat":4},"kernel_id":"k"}'
    expected = wire.DescribeRequest("a.ipynb", {"cells": [], "nbformat": 4}, "k")
    assert wire.decode_describe_request(body) == expected
    with pytest.raises(RequestError) as caught:
        wire.decode_describe_request(b'{"notebook":[]}')
    assert caught.value.field == "notebook"


LINES = [
    wire.PlanLine(Plan("p1", TASK, at=7)),
    wire.AnswerLine("p1", Answer("local", Verdict.YES)),
    wire.AliveLine(),
    wire.SummaryLine("p1", Summary(yes=1, best="local", took=12)),
    wire.ErrorLine(wire.Problem("timed-out", "too late")),
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: type(line).__name__)
def test_a_line_comes_back_as_it_went(line):
    text = wire.encode_lines([line])
    assert text.endswith(b"\n")
    assert text.count(b"\n") == 1
    assert msgspec.json.decode(text, type=wire.Line) == line


def test_every_line_says_its_type():
    kinds = [json.loads(text)["type"] for text in wire.encode_lines(LINES).splitlines()]
    assert kinds == ["plan", "answer", "alive", "summary", "error"]


def test_an_error_becomes_a_problem():
    wrong = wire.problem_of(RequestError("timeout", 0, "more"))
    assert (wrong.code, wrong.field, wrong.accepted) == ("invalid-request", "timeout", "more")
    late = wire.problem_of(PlatformTimeout("late", hint="ask again"))
    assert late == wire.Problem("timed-out", "late", "ask again")
    assert wire.problem_of(CanIDoThisError("what")).code == "error"
