"""Another planner's reply: read carefully, whoever wrote it."""

import json
from pathlib import Path

import pytest

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.errors import PlatformProtocolError
from jupyter_canidothis.resources import Range
from jupyter_canidothis.task import Executable, Gpu, Resources, Task
from jupyter_canidothis.wire import accepts
from jupyter_canidothis.wire.reply import encode_task, read_reply

RECORDED = sorted((Path(__file__).parent.parent / "recorded" / "accepts").glob("*.json"))
GIB = 2**30


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_every_reply_of_the_note_is_read(path):
    reply = json.loads(json.loads(path.read_text(encoding="utf-8"))["reply"])
    read = read_reply(reply)
    assert read.verdict.value == reply["reponseword"]
    assert len(read.offers) == len(
        reply.get("interfaces", ["one"] if read.verdict is Verdict.YES else [])
    )


def test_the_gaia_offer_is_read_with_its_amounts():
    path = next(path for path in RECORDED if path.stem == "slides-gaia")
    offer = read_reply(
        json.loads(json.loads(path.read_text(encoding="utf-8"))["reply"])
    ).offers[0]
    assert offer.resources == Resources(
        cores=Range(220_000, 240_000),
        memory=Range(360 * GIB, 400 * GIB),
        duration=Range(32_400, 34_200),
    )


def test_the_correct_spelling_is_read_too():
    reply = {
        "responseword": "NO",
        "responseinfo": {"reasons": [{"httpcode": 403, "text": "no"}]},
    }
    assert read_reply(reply).refusals[0].code == "not-authorised"


@pytest.mark.parametrize(
    ("httpcode", "code", "verdict"),
    [
        (403, "not-authorised", Verdict.NO),
        (422, "refused", Verdict.NO),
        (404, "refused", Verdict.NO),
        (0, "refused", Verdict.NO),
        (401, "not-authenticated", Verdict.CANNOT_TELL),
        (503, "unreachable", Verdict.CANNOT_TELL),
        (504, "timed-out", Verdict.CANNOT_TELL),
        (508, "loop", Verdict.CANNOT_TELL),
        (599, "unreachable", Verdict.CANNOT_TELL),
    ],
)
def test_a_no_that_could_not_tell_is_told_apart_by_its_code(httpcode, code, verdict):
    reply = {
        "reponseword": "NO",
        "reponseinfo": {"reasons": [{"httpcode": httpcode, "text": "t"}]},
    }
    read = read_reply(reply)
    assert (read.refusals[0].code, read.verdict) == (code, verdict)


def test_one_platform_that_cannot_tell_leaves_the_whole_reply_open():
    reasons = [{"httpcode": 422, "text": "a"}, {"httpcode": 504, "text": "b"}]
    reply = {"reponseword": "NO", "reponseinfo": {"reasons": reasons}}
    assert read_reply(reply).verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    "reply",
    [
        [],
        "YES",
        7,
        {},
        {"reponseword": "MAYBE"},
        {"reponseword": True},
        {"reponseword": ["YES"]},
        {"reponseword": "YES", "servicetype": 3},
        {"reponseword": "YES", "serviceinfo": []},
        {"reponseword": "YES", "interfaces": {}},
        {"reponseword": "YES", "interfaces": [7]},
        {"reponseword": "YES", "resources": {"mincores": "many"}},
        {"reponseword": "YES", "resources": {"mincores": True}},
        {"reponseword": "YES", "resources": {"mincores": 8, "maxcores": 2}},
        {"reponseword": "NO", "reponseinfo": "because"},
        {"reponseword": "NO", "reponseinfo": {"reasons": "because"}},
        {"reponseword": "NO", "reponseinfo": {"reasons": ["because"]}},
        {"reponseword": "NO", "reponseinfo": {"reasons": [{"httpcode": "403"}]}},
        {"reponseword": "NO", "reponseinfo": {"reasons": [{"text": {}}]}},
    ],
)
def test_a_reply_of_the_wrong_shape_is_a_protocol_error(reply):
    with pytest.raises(PlatformProtocolError):
        read_reply(reply)


def test_foreign_text_is_trimmed_and_lists_are_cut():
    noise = "\u202ebidi<script>" + "x" * 20_000
    reasons = [{"httpcode": 422, "text": noise}] * 5_000
    refusals = read_reply({"reponseword": "NO", "reponseinfo": {"reasons": reasons}}).refusals
    assert len(refusals) == accepts.WAYS
    assert len(refusals[0].text) == 1000
    assert "\u202e" not in refusals[0].text
    ways = [{"servicetype": noise, "serviceinfo": {noise: noise, "big": ["x"] * 5000}}] * 5_000
    offers = read_reply({"reponseword": "YES", "interfaces": ways}).offers
    assert len(offers) == accepts.WAYS
    assert len(offers[0].service_type) == 200
    assert [len(value) for value in offers[0].service_info.values()] == [4096]


@pytest.mark.parametrize("endpoint", ["javascript:alert(1)", "file:///etc/passwd", 7, None])
def test_an_endpoint_that_is_no_web_address_is_dropped(endpoint):
    reply = {"reponseword": "YES", "serviceinfo": {"endpoint": endpoint, "x": 1}}
    assert read_reply(reply).offers[0].service_info == {"x": 1}


def test_a_task_goes_through_the_wire_and_comes_back():
    task = Task(
        Executable(
            "uri://batch-script", content="#!/bin/sh\n", command=("sh", "-x"), languages=("sh",)
        ),
        Resources(
            cores=Range(500, 2000),
            memory=Range(min=1536 * 2**20),
            startup=Range(max=90),
            gpus=Range(1, 2),
            disk=Range(min=10**9),
            nodes=Range(max=3),
            gpu=Gpu("nvidia", "a100", 40 * GIB),
        ),
    )
    body = json.dumps(encode_task(task)).encode()
    assert accepts.decode("POST", "application/json", "", body).task == task
