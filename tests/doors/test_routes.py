from __future__ import annotations

import json

import jsonschema
import pytest
from tornado.httpclient import HTTPClientError
from tornado.iostream import StreamClosedError

from jupyter_canidothis.routes import PlanHandler
from jupyter_canidothis.schemas import OPENAPI, SCHEMA, read

GIB = 2**30
TASK = {
    "executable": {"type": "uri://jupyter-notebook", "languages": ["python"]},
    "resources": {"memory": {"min": 16 * GIB}},
}


async def lines_of(jp_fetch, body):
    reply = await jp_fetch("canidothis", "plan", method="POST", body=json.dumps(body))
    assert reply.headers["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in reply.body.decode().splitlines()]


async def test_a_plan_streams_its_head_every_answer_and_a_summary(jp_fetch):
    lines = await lines_of(jp_fetch, {"task": TASK})

    assert [line["type"] for line in lines] == ["plan", *["answer"] * 4, "summary"]
    head, *answers, summary = lines
    assert head["plan"]["task"]["executable"]["type"] == "uri://jupyter-notebook"
    assert {p["name"] for p in head["plan"]["platforms"]} == {"hub", "gaia", "vip", "wrong"}
    assert {line["id"] for line in answers} == {head["plan"]["id"]} == {summary["id"]}
    assert summary["summary"]["no"] == 3
    by_name = {line["answer"]["platform"]: line["answer"] for line in answers}
    assert by_name["wrong"]["verdict"] == "CANNOT_TELL"
    assert "nosuch" in by_name["wrong"]["reasons"][0]["message"]
    (change,) = by_name["hub"]["changes"]
    assert change["checked"]
    assert change["edits"][0]["after"] == 12 * GIB


async def test_every_line_is_what_the_published_schema_says(jp_fetch):
    schema = json.loads(read(SCHEMA))
    for line in await lines_of(jp_fetch, {"task": TASK}):
        jsonschema.validate(line, schema)


async def test_only_the_platforms_that_are_named_are_asked(jp_fetch):
    lines = await lines_of(jp_fetch, {"task": TASK, "platforms": ["hub"]})

    assert [line["type"] for line in lines] == ["plan", "answer", "summary"]


async def test_leaving_a_plan_early_is_no_error_in_the_log(jp_fetch, monkeypatch, caplog):
    send, left = PlanHandler.flush, []

    def flush(handler, include_footers=False):
        if include_footers:
            return send(handler, include_footers=True)
        left.append(handler)
        raise StreamClosedError

    monkeypatch.setattr(PlanHandler, "flush", flush)
    await jp_fetch("canidothis", "plan", method="POST", body=json.dumps({"task": TASK}))

    assert left
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def nearest_of(jp_fetch, **body):
    reply = await jp_fetch("canidothis", "nearest", method="POST", body=json.dumps(body))
    return json.loads(reply.body)


async def test_the_nearest_yes_is_searched_and_is_what_the_schema_says(jp_fetch):
    found = await nearest_of(jp_fetch, task=TASK, platform="hub")

    (change,) = found["changes"]
    assert change["checked"]
    assert change["edits"][0]["after"] == 12 * GIB
    assert [(c["field"], c["at"]) for c in found["cliffs"]] == [
        ("/resources/memory/min", 12 * GIB)
    ]
    assert found["asks"] > 1
    schema = json.loads(read(SCHEMA))
    jsonschema.validate(found, {**schema["$defs"]["Nearest"], "$defs": schema["$defs"]})


async def test_the_nearest_yes_of_who_cannot_be_asked_says_why(jp_fetch):
    vip = await nearest_of(jp_fetch, task=TASK, platform="vip")
    wrong = await nearest_of(jp_fetch, task=TASK, platform="wrong")

    assert (vip["verdict"], vip["reasons"][0]["code"]) == ("NO", "not-authorised")
    assert (wrong["verdict"], wrong["reasons"][0]["code"]) == ("CANNOT_TELL", "misconfigured")


async def test_the_nearest_yes_of_an_unknown_platform_is_a_wrong_question(jp_fetch):
    with pytest.raises(HTTPClientError) as caught:
        await nearest_of(jp_fetch, task=TASK, platform="nosuch")

    assert caught.value.code == 400
    assert "nosuch" in json.loads(caught.value.response.body)["message"]


async def test_an_unknown_task_type_is_no_everywhere_and_no_error(jp_fetch):
    lines = await lines_of(jp_fetch, {"task": {"executable": {"type": "uri://quantum"}}})

    verdicts = {ln["answer"]["platform"]: ln["answer"]["verdict"] for ln in lines[1:-1]}
    assert verdicts == {"hub": "NO", "gaia": "NO", "vip": "NO", "wrong": "CANNOT_TELL"}


async def test_platforms_says_what_is_configured_and_what_is_wrong_with_it(jp_fetch):
    reply = json.loads((await jp_fetch("canidothis", "platforms")).body)

    by_name = {info["name"]: info for info in reply["platforms"]}
    assert by_name["hub"]["kind"] == "declared"
    assert "platforms[3]" in by_name["wrong"]["error"]


async def test_the_published_documents_are_served_as_they_lie_in_the_package(jp_fetch):
    assert (await jp_fetch("canidothis", "schema")).body == read(SCHEMA)
    assert (await jp_fetch("canidothis", "openapi.json")).body == read(OPENAPI)


async def test_capabilities_point_at_the_service_itself(jp_fetch):
    reply = await jp_fetch("canidothis", "capabilities")

    assert reply.headers["Content-Type"] == "application/xml"
    assert b"/canidothis/accepts</accessURL>" in reply.body


@pytest.mark.parametrize("path", ["accepts", "accept"])
async def test_the_seed_protocol_is_answered_by_query(jp_fetch, path):
    reply = await jp_fetch("canidothis", path, params={"tasktype": "uri://jupyter-notebook"})

    assert reply.body == (
        b'{"reponseword":"YES","servicetype":"uri://jupyter-hub",'
        b'"serviceinfo":{"endpoint":"http://jupyter.example.org/"}}'
    )


class TestThisMachine:
    @pytest.fixture
    def platforms(self):
        return [{"kind": "local", "name": "this machine"}]

    async def test_a_yes_of_this_very_server_points_to_it(self, jp_fetch, jp_base_url):
        reply = await jp_fetch(
            "canidothis", "accepts", params={"tasktype": "uri://jupyter-notebook"}
        )

        endpoint = json.loads(reply.body)["serviceinfo"]["endpoint"]
        assert endpoint.startswith("http://")
        assert endpoint.endswith(jp_base_url)


async def test_unknown_fields_of_a_plan_request_are_ignored(jp_fetch):
    lines = await lines_of(jp_fetch, {"task": {**TASK, "colour": "blue"}, "weather": "fine"})

    assert lines[-1]["type"] == "summary"


async def test_the_gaia_example_of_the_slides_is_answered_yes_with_the_open_ends_filled_in(
    jp_fetch,
):
    body = (
        "tasktype: uri://kubernetes-helm\n"
        "taskinfo:\n  chart: https://example.org/gaia-ml.tgz\n"
        "resources:\n  mincores: 220\n  maxcores:\n  minmemory: 360G\n  maxmemory:\n"
        "  minduration: 9h\n  maxduration:\n"
    )
    reply = await jp_fetch(
        "canidothis",
        "accepts",
        method="POST",
        body=body,
        headers={"Content-Type": "application/yaml"},
    )

    assert json.loads(reply.body)["resources"] == {
        "mincores": 220,
        "maxcores": 240,
        "minmemory": "360G",
        "maxmemory": "400G",
        "minduration": "9h",
        "maxduration": "9h30m",
    }


async def test_identity_decides_and_others_read_403(jp_fetch):
    reply = await jp_fetch(
        "canidothis", "accepts", params={"tasktype": "uri://docker-container"}
    )

    answer = json.loads(reply.body)
    assert answer["reponseword"] == "NO"
    assert {"httpcode": 403, "text": "Not authorised"} in [
        {**reason, "text": reason["text"].removeprefix("vip: ")}
        for reason in answer["reponseinfo"]["reasons"]
    ]


async def test_an_unknown_type_on_the_seed_wire_is_a_plain_no_and_nothing_else_is_read(
    jp_fetch,
):
    reply = await jp_fetch(
        "canidothis",
        "accepts",
        method="POST",
        body=json.dumps({"tasktype": "uri://quantum", "resources": {"mincores": "nonsense"}}),
        headers={"Content-Type": "application/json"},
    )

    assert reply.body == b'{"reponseword":"NO"}'


BOMB = "a: &a [x]\n" + "".join(f"b{i}: [*a]\n" for i in range(2000))
WRONG = [
    ("plan", "not json", 400),
    ("plan", "{}", 400),
    ("plan", "[" * 5000, 400),
    ("plan", json.dumps({"task": {"executable": {}}}), 400),
    ("plan", json.dumps({"task": {**TASK, "resources": {"cores": {"min": "8"}}}}), 400),
    ("plan", json.dumps({"task": {**TASK, "resources": {"cores": {"min": True}}}}), 400),
    ("plan", json.dumps({"task": {**TASK, "resources": {"cores": {"min": 2, "max": 1}}}}), 400),
    ("plan", json.dumps({"task": TASK, "platforms": ["nosuch"]}), 400),
    ("plan", json.dumps({"task": TASK}).replace(str(16 * GIB), "NaN"), 400),
    ("plan", json.dumps({"task": TASK}).replace(str(16 * GIB), "1e999"), 400),
    ("accepts", "]", 400),
    ("accepts", BOMB, 400),
    ("accepts", json.dumps({"tasktype": 5}), 400),
    ("describe", "[]", 400),
    ("describe", "{}", 400),
    ("describe", json.dumps({"notebook": {"cells": 3}}), 422),
    ("describe", json.dumps({"path": "nosuch.ipynb"}), 422),
    ("describe", json.dumps({"notebook": {}, "kernel_id": "nosuch"}), 400),
    ("describe", json.dumps({"notebook": {}, "kernel_replies": {"busy": 1}}), 400),
    ("describe", json.dumps({"notebook": {}, "kernel_replies": {"inside": "x"}}), 400),
    (
        "describe",
        json.dumps({"notebook": {}, "kernel_replies": {"modules": {"a": "x" * 5 * 2**20}}}),
        400,
    ),
]


@pytest.mark.parametrize(("path", "body", "status"), WRONG)
async def test_bad_input_is_a_clear_problem_and_never_a_traceback(jp_fetch, path, body, status):
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("canidothis", path, method="POST", body=body)

    assert caught.value.code == status
    problem = json.loads(caught.value.response.body)
    assert problem["message"]
    assert problem["code"]
    assert "Traceback" not in caught.value.response.body.decode()


async def test_a_wrong_unit_names_its_field(jp_fetch):
    body = {"tasktype": "uri://jupyter-notebook", "resources": {"minmemory": "8 bananas"}}
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("canidothis", "accepts", method="POST", body=json.dumps(body))

    problem = json.loads(caught.value.response.body)
    assert problem["field"] == "resources.minmemory"
    assert "8 bananas" in problem["message"]


@pytest.mark.parametrize("announce", [True, False])
async def test_a_body_that_is_too_large_is_refused_before_it_is_read(jp_fetch, announce):
    body = b"x" * (5 * 2**20)
    more = {"body": body} if announce else {"body_producer": _producer(body)}
    with pytest.raises((HTTPClientError, ConnectionError)) as caught:
        await jp_fetch("canidothis", "plan", method="POST", **more)

    assert getattr(caught.value, "code", 413) in (400, 413)


def _producer(body):
    async def produce(write):
        for start in range(0, len(body), 65536):
            await write(body[start : start + 65536])

    return produce


async def test_a_notebook_as_the_front_end_holds_it_is_described(jp_fetch):
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "language": "python"}},
        "cells": [
            {"cell_type": "code", "source": "import numpy", "metadata": {}, "outputs": []}
        ],
    }
    reply = await jp_fetch(
        "canidothis",
        "describe",
        method="POST",
        body=json.dumps({"path": "unsaved.ipynb", "notebook": notebook}),
    )

    task = json.loads(reply.body)
    assert task["software"][0]["name"] == "numpy"
    assert task["software"][0]["evidence"]
    assert task["resources"]["memory"]["min"] > 0


async def test_a_running_kernel_adds_what_it_holds_and_is_not_disturbed(jp_fetch, jp_serverapp):
    kernels = jp_serverapp.kernel_manager
    kernel_id = await kernels.start_kernel(kernel_name="python3")
    body = {"notebook": {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}}
    reply = await jp_fetch(
        "canidothis",
        "describe",
        method="POST",
        body=json.dumps({**body, "kernel_id": kernel_id}),
    )

    task = json.loads(reply.body)
    assert task["evidence"]["resources.memory"][0]["how"] == "kernel"
    asked = await jp_fetch(
        "canidothis", "describe", "questions", params={"kernel_id": kernel_id}
    )
    assert asked.body == b"{}"
    await kernels.shutdown_kernel(kernel_id, now=True)


async def test_a_front_end_is_told_what_to_ask_a_known_kernel_alone(jp_fetch):
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("canidothis", "describe", "questions", params={"kernel_id": "nosuch"})

    assert caught.value.code == 400
    assert json.loads(caught.value.response.body)["field"] == "kernel_id"
