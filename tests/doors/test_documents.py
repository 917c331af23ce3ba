"""Tasks as text, and files that are no notebooks, through the HTTP door."""

from __future__ import annotations

import json

import pytest
from tornado.httpclient import HTTPClientError

TASK = {
    "executable": {"type": "uri://jupyter-notebook", "location": "a.ipynb"},
    "resources": {"memory": {"min": 3 * 2**29}},
}


async def post(jp_fetch, *path, **body):
    reply = await jp_fetch("canidothis", *path, method="POST", body=json.dumps(body))
    return json.loads(reply.body)


@pytest.mark.parametrize("form", ["yaml", "json"])
async def test_a_task_is_written_and_read_back(jp_fetch, form):
    text = await post(jp_fetch, "task", "write", task=TASK, form=form)
    document = await post(jp_fetch, "task", "read", **text)

    assert document == {"task": TASK}
    assert text["name"] == {"yaml": "ivoa-execution.yaml", "json": "task.json"}[form]


@pytest.mark.parametrize(
    ("form", "text", "field"),
    [
        ("yaml", "compute: {memory: {min: lots}}", "compute.memory.min"),
        ("json", '{"executable": {"type": 3}}', "executable.type"),
        ("json", "{}", "executable"),
        ("json", "{", "body"),
    ],
)
async def test_an_error_in_the_text_names_its_field(jp_fetch, form, text, field):
    with pytest.raises(HTTPClientError) as caught:
        await post(jp_fetch, "task", "read", form=form, text=text)

    assert caught.value.code == 400
    assert json.loads(caught.value.response.body)["field"] == field


async def test_what_a_file_leaves_open_is_said(jp_fetch):
    text = "data: [{meta: {name: the images}}]"
    document = await post(jp_fetch, "task", "read", text=text)

    assert document["notes"] == ["ivoa-execution.yaml leaves open where the images comes from"]


async def test_a_batch_script_is_described_from_its_file(jp_fetch, jp_root_dir):
    (jp_root_dir / "fit.sbatch").write_text("#!/bin/sh\n#SBATCH --mem=2G\n./fit\n")
    task = await post(jp_fetch, "describe", path="fit.sbatch")

    assert task["executable"]["type"] == "uri://batch-script"
    assert task["resources"] == {"memory": {"min": 2 * 2**30}}


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("a.txt", b"text", 400), ("big.sh", b"#" * 200_000, 400), ("bad.sh", b"\xff\xfe", 422)],
)
async def test_a_file_that_says_nothing_is_refused(
    jp_fetch, jp_root_dir, name, content, status
):
    (jp_root_dir / name).write_bytes(content)
    with pytest.raises(HTTPClientError) as caught:
        await post(jp_fetch, "describe", path=name)

    assert caught.value.code == status


async def test_a_file_that_is_not_there_is_named_without_its_folder(jp_fetch, jp_root_dir):
    with pytest.raises(HTTPClientError) as caught:
        await post(jp_fetch, "describe", path="nosuch.sbatch")

    problem = json.loads(caught.value.response.body)
    assert problem["message"] == "nosuch.sbatch: there is no such file"
    assert str(jp_root_dir) not in caught.value.response.body.decode()
