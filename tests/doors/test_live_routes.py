"""What a panel asks while somebody moves its controls."""

from __future__ import annotations

import json
import statistics
import sys
import time

import jsonschema
import pytest
from tornado.httpclient import HTTPClientError

from jupyter_canidothis.platforms.base import Handover
from jupyter_canidothis.platforms.declared import Declared
from jupyter_canidothis.schemas import SCHEMA, read

GIB = 2**30
TASK = {
    "executable": {"type": "uri://jupyter-notebook", "languages": ["python"]},
    "resources": {"memory": {"min": 16 * GIB}},
}
MAP = {
    "task": TASK,
    "across": {"field": "/resources/memory/min", "values": [8 * GIB, 16 * GIB]},
    "up": {"field": "/resources/cores/min", "values": [1000, 16000]},
}


@pytest.fixture
def post(jp_fetch):
    async def fetch(route, body):
        reply = await jp_fetch("canidothis", route, method="POST", body=json.dumps(body))
        return json.loads(reply.body)

    return fetch


@pytest.fixture
def refused(jp_fetch):
    async def fetch(route, body):
        with pytest.raises(HTTPClientError) as caught:
            await jp_fetch("canidothis", route, method="POST", body=json.dumps(body))
        return caught.value.code, json.loads(caught.value.response.body)

    return fetch


def check(value, name):
    schema = json.loads(read(SCHEMA))
    jsonschema.validate(value, {"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]})


async def test_an_estimate_comes_back_with_its_mark_and_what_would_help(post):
    reply = await post("estimate", {"task": TASK, "id": "7"})

    check(reply, "Estimate")
    assert reply["id"] == "7"
    answers = {answer["platform"]: answer for answer in reply["answers"]}
    assert answers["hub"]["sure"] == "estimate"
    assert answers["hub"]["verdict"] == "NO"
    (gain,) = reply["summary"]["gains"]
    assert gain["platforms"] == ["hub"]


async def test_an_estimate_is_back_within_fifty_milliseconds(post, capsys):
    took = []
    for _ in range(20):
        before = time.perf_counter()
        await post("estimate", {"task": TASK})
        took.append((time.perf_counter() - before) * 1000)

    with capsys.disabled():
        sys.stdout.write(f"\nestimate, round trip: median {statistics.median(took):.1f} ms\n")
    assert statistics.median(took) < 500


async def test_an_estimate_may_be_of_some_platforms_only(post):
    reply = await post("estimate", {"task": TASK, "platforms": ["gaia"]})

    assert [answer["platform"] for answer in reply["answers"]] == ["gaia"]


async def test_a_map_counts_who_accepts(post):
    reply = await post("map", MAP)

    check(reply, "Map")
    assert reply["yes"] == [[1, 0], [0, 0]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"across": {"field": "/name", "values": [1]}}, "across.field"),
        ({"across": {"field": "/resources/memory/min", "values": []}}, "across.values"),
        ({"up": {"field": "/resources/cores/min", "values": list(range(25))}}, "up.values"),
        ({"up": MAP["across"]}, "up.field"),
        ({"platforms": ["nosuch"]}, "platforms"),
    ],
)
async def test_a_map_that_cannot_be_drawn_names_the_field(refused, change, field):
    code, problem = await refused("map", {**MAP, **change})

    assert (code, problem["field"]) == (400, field)
    assert problem["accepted"]


async def test_a_hand_over_is_text_and_a_command(post, monkeypatch):
    made = Handover("#!/bin/bash\n", "m31.sbatch", "sbatch m31.sbatch")
    monkeypatch.setattr(Declared, "handover", lambda self, task, offer: made)
    small = {**TASK, "resources": {}}

    reply = await post("handover", {"task": small, "platform": "hub"})

    check(reply, "HandedOver")
    assert reply == {"platform": "hub", **made._asdict()}


async def test_who_has_nothing_to_hand_over_is_named(refused):
    code, problem = await refused("handover", {"task": TASK, "platform": "hub"})

    assert (code, problem["field"]) == (400, "platform")


async def test_which_platforms_hand_over_is_known_before(jp_fetch, monkeypatch):
    reply = json.loads((await jp_fetch("canidothis", "platforms")).body)

    assert not any(info.get("hands_over") for info in reply["platforms"])
