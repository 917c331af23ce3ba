"""What holds for every task and for every body, however strange."""

import contextlib
import json

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_canidothis.answer import Answer, Offer, Verdict
from jupyter_canidothis.errors import PlatformProtocolError, RequestError
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import TASK_TYPES, Executable, Gpu, Task
from jupyter_canidothis.units import LARGEST
from jupyter_canidothis.wire import accepts, plan, strict_yaml, via
from jupyter_canidothis.wire.accepts import PLACES
from jupyter_canidothis.wire.reply import encode_task, read_reply

PATIENT = settings(deadline=None)
"""A busy machine is no failure."""

MEDIA = st.sampled_from(
    [
        "",
        "application/json",
        "application/yaml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
    ]
)
WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
LOWER = st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=8)
KEYS = [
    "tasktype",
    "taskinfo",
    "resources",
    "languages",
    "image",
    "mincores",
    "maxmemory",
    "content",
    "reponseword",
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([*TASK_TYPES, "YES", "NO", "8G"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)
# Milli-cores travel as floats; amounts stay where those are exact.
AMOUNT = st.integers(min_value=0, max_value=LARGEST // 1024)


@st.composite
def ranges(draw, amount=AMOUNT):
    low, high = sorted((draw(amount), draw(amount)))
    return Range(draw(st.sampled_from([None, low])), draw(st.sampled_from([None, high])))


@st.composite
def tasks(draw):
    kind = draw(st.sampled_from(sorted(TASK_TYPES)))
    resources = Resources(*(draw(ranges()) for _ in range(7)))
    if draw(st.booleans()):
        gpu = Gpu(draw(st.none() | WORD), draw(st.none() | WORD), draw(st.none() | AMOUNT))
        resources = msgspec.structs.replace(resources, gpu=gpu if gpu != Gpu() else None)
    executable = Executable(
        type=kind,
        location=draw(st.just("") | WORD) if kind in PLACES else "",
        content=draw(st.just("") | WORD),
        languages=tuple(draw(st.lists(LOWER, max_size=3, unique=True))),
        kernel=draw(st.just("") | WORD),
        image=draw(st.just("") | WORD),
        command=tuple(draw(st.lists(WORD, max_size=3))),
    )
    return Task(executable, resources)


@given(tasks())
@PATIENT
def test_every_task_comes_back_from_the_wire_as_json(task):
    body = json.dumps(encode_task(task)).encode()
    assert accepts.decode("POST", "application/json", "", body).task == task


@given(tasks())
@PATIENT
def test_every_task_comes_back_from_the_wire_as_yaml(task):
    body = yaml.safe_dump(encode_task(task)).encode()
    assert accepts.decode("POST", "application/yaml", "", body).task == task


@given(tasks())
@PATIENT
def test_an_offer_of_exactly_what_was_asked_comes_back_as_asked(task):
    request = accepts.decode(
        "POST", "application/json", "", json.dumps(encode_task(task)).encode()
    )
    offer = Offer("uri://slurm", resources=task.resources)
    reply = accepts.reply_to(request, [Answer("p", Verdict.YES, offers=(offer,))])
    assert read_reply(reply).offers[0].resources == task.resources
    assert reply.get("resources", {}) == dict(request.spelled)


@given(tasks())
@PATIENT
def test_every_task_comes_back_from_our_own_json(task):
    line = plan.PlanRequest(task, ("a",), 2.5)
    assert plan.decode_plan_request(msgspec.json.encode(line)) == line


def nothing_but(expected, call, *given):
    """Any other exception fails the test."""
    with contextlib.suppress(expected):
        call(*given)


@given(MEDIA, st.binary(max_size=400))
@PATIENT
def test_arbitrary_bytes_are_a_question_or_a_request_error(media, body):
    nothing_but(RequestError, accepts.decode, "POST", media, "", body)


@given(MEDIA, VALUES)
@PATIENT
def test_arbitrary_json_is_a_question_or_a_request_error(media, value):
    body = json.dumps(value).encode()
    nothing_but(RequestError, accepts.decode, "POST", media, "", body)
    body = b'{"tasktype":"uri://docker-container","resources":%s}' % body
    nothing_but(RequestError, accepts.decode, "POST", media, "", body)


@given(st.text(max_size=200))
@PATIENT
def test_an_arbitrary_query_is_a_question_or_a_request_error(query):
    query = f"tasktype=uri://docker-container&{query}"
    nothing_but(RequestError, accepts.decode, "GET", "", query, b"")


@given(st.text(st.sampled_from("{}[]:,-&*?!<>|'\"#\n\t %@`ab1."), max_size=60))
@PATIENT
def test_arbitrary_yaml_is_read_or_refused(text):
    nothing_but(RequestError, strict_yaml.load, text)


@given(st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()))
@PATIENT
def test_arbitrary_bytes_are_our_own_json_or_a_request_error(body):
    nothing_but(RequestError, plan.decode_plan_request, body)
    nothing_but(RequestError, plan.decode_describe_request, body)


@given(VALUES)
@PATIENT
def test_an_arbitrary_reply_is_read_or_a_protocol_error(value):
    nothing_but(PlatformProtocolError, read_reply, value)
    nothing_but(
        PlatformProtocolError, read_reply, {"reponseword": "YES", "interfaces": [value]}
    )
    nothing_but(PlatformProtocolError, read_reply, {"reponseword": "NO", "reponseinfo": value})


@given(st.text(max_size=100))
@PATIENT
def test_an_arbitrary_header_is_read_or_refused(header):
    nothing_but(RequestError, via.read_via, header)
    nothing_but(RequestError, via.read_deadline, header)


@pytest.mark.parametrize("kind", sorted(TASK_TYPES))
def test_every_task_type_is_known_on_the_wire(kind):
    assert accepts.decode("GET", "", f"tasktype={kind}", b"").known
