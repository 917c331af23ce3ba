"""Planners that ask planners, over a real Jupyter server."""

import json

import pytest

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.planner import RemotePlanner
from jupyter_canidothis.task import Executable, Range, Resources, Task

HELM = Task(Executable("uri://kubernetes-helm"), Resources(cores=Range(min=220_000)))


@pytest.fixture
def here(jp_http_port, jp_base_url):
    return f"http://127.0.0.1:{jp_http_port}{jp_base_url}canidothis"


@pytest.fixture
def token(monkeypatch, jp_auth_header):
    secret = jp_auth_header["Authorization"].removeprefix("token ")
    monkeypatch.setenv("FAR_TOKEN", secret)
    return secret


async def test_one_planner_answers_another(jp_fetch, here, token):
    far = RemotePlanner.configure({"kind": "planner", "url": here, "token_env": "FAR_TOKEN"})
    ask = Ask(plan_id="p1")
    answer = await far.ask(HELM, await far.snapshot(ask), ask)
    # Not "wrong", the entry that cannot be used: a YES stands without it.
    assert answer.verdict is Verdict.YES
    [offer] = answer.offers
    assert offer.service_info == {"endpoint": "https://gaia.example.org/"}
    assert offer.resources.cores == Range(220_000, 240_000)
    assert token not in repr(answer)


class TestAPlannerThatAsksItself:
    @pytest.fixture
    def platforms(self, here):
        hub = {"kind": "declared", "name": "hub", "tasktypes": ["uri://jupyter-notebook"]}
        return [
            {**hub, "servicetype": "uri://jupyter-hub"},
            {"kind": "planner", "name": "mirror", "url": here, "token_env": "FAR_TOKEN"},
        ]

    async def test_the_loop_ends_at_once_and_the_others_answer(self, jp_fetch, token):
        task = {"executable": {"type": "uri://jupyter-notebook"}}
        reply = await jp_fetch(
            "canidothis", "plan", method="POST", body=json.dumps({"task": task})
        )
        lines = [json.loads(line) for line in reply.body.splitlines()]
        answers = {line["answer"]["platform"]: line["answer"] for line in lines[1:-1]}
        assert answers["hub"]["verdict"] == "YES"
        assert answers["mirror"]["verdict"] == "CANNOT_TELL"
        assert {reason["code"] for reason in answers["mirror"]["reasons"]} == {"loop"}
