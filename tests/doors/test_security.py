from __future__ import annotations

import json

import pytest
from farm import Farm, answers
from jupyter_server.auth import Authorizer
from scripted import notebook_task
from tornado.httpclient import HTTPClientError

from jupyter_canidothis.config import CanIDoThis
from jupyter_canidothis.render import plan_html, plan_text
from jupyter_canidothis.routes import ROUTES

SECRET = "canary-7f3a9c"


def concrete(pattern):
    return pattern.replace("s?", "s").replace("\\", "")


VERBS = [
    (concrete(path), verb)
    for path, handler in ROUTES
    for verb in ("GET", "POST", "DELETE")
    if verb.lower() in vars(handler)
]


def test_every_route_is_in_the_list_of_what_is_checked():
    assert len(VERBS) == 18


@pytest.mark.parametrize(("path", "verb"), VERBS)
async def test_no_route_answers_without_a_token(http_server_client, jp_base_url, path, verb):
    body = "{}" if verb == "POST" else None
    with pytest.raises(HTTPClientError) as caught:
        await http_server_client.fetch(
            jp_base_url + "canidothis/" + path, method=verb, body=body, follow_redirects=False
        )

    assert caught.value.code == 403


@pytest.mark.parametrize(("path", "verb"), VERBS)
async def test_no_route_answers_with_a_wrong_token(http_server_client, jp_base_url, path, verb):
    body = "{}" if verb == "POST" else None
    with pytest.raises(HTTPClientError) as caught:
        await http_server_client.fetch(
            jp_base_url + "canidothis/" + path,
            method=verb,
            body=body,
            headers={"Authorization": "token wrong"},
            follow_redirects=False,
        )

    assert caught.value.code == 403


class DenyAll(Authorizer):
    """Lets nobody do anything."""

    def is_authorized(self, handler, user, action, resource):
        return False


class ReadOnly(Authorizer):
    """Lets people read our answers and nothing else."""

    def is_authorized(self, handler, user, action, resource):
        return (action, resource) == ("read", "canidothis")


class TestUnderADenyAllAuthorizer:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["ServerApp"]["authorizer_class"] = DenyAll
        return jp_server_config

    @pytest.mark.parametrize(("path", "verb"), VERBS)
    async def test_no_route_answers(self, jp_fetch, path, verb):
        body = "{}" if verb == "POST" else None
        with pytest.raises(HTTPClientError) as caught:
            await jp_fetch("canidothis", path, method=verb, body=body)

        assert caught.value.code == 403


class TestUnderAnAuthorizerThatAllowsReading:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["ServerApp"]["authorizer_class"] = ReadOnly
        return jp_server_config

    async def test_asking_by_post_is_reading(self, jp_fetch):
        body = json.dumps({"task": {"executable": {"type": "uri://jupyter-notebook"}}})
        reply = await jp_fetch("canidothis", "plan", method="POST", body=body)
        assert reply.code == 200
        body = body[:-1] + ', "platform": "hub"}'
        reply = await jp_fetch("canidothis", "nearest", method="POST", body=body)
        assert reply.code == 200


class TestWithASecretPlanted:
    @pytest.fixture
    def platforms(self, monkeypatch):
        monkeypatch.setenv("CANARY_TOKEN", SECRET)
        return [
            {
                "kind": "planner",
                "name": "remote",
                "url": "http://127.0.0.1:9/canidothis",
                "token_env": "CANARY_TOKEN",
            }
        ]

    async def test_it_appears_in_no_answer_and_no_log(self, jp_fetch, caplog, capfd):
        caplog.set_level("DEBUG")
        body = json.dumps({"task": {"executable": {"type": "uri://jupyter-notebook"}}})
        seen = b""
        for path, options in (
            ("plan", {"method": "POST", "body": body}),
            ("nearest", {"method": "POST", "body": body[:-1] + ', "platform": "remote"}'}),
            ("platforms", {}),
            ("accepts", {"params": {"tasktype": "uri://jupyter-notebook"}}),
        ):
            seen += (await jp_fetch("canidothis", path, **options)).body

        assert b"CANNOT_TELL" in seen
        assert SECRET.encode() not in seen
        assert SECRET not in caplog.text
        assert SECRET not in "".join(capfd.readouterr())


class TestWithAPlatformThatEchoesItsSecret:
    """It says the token back in every text it has."""

    async def test_it_appears_in_no_answer_and_no_log(self, monkeypatch, caplog):
        caplog.set_level("DEBUG")
        monkeypatch.setenv("CANARY_TOKEN", SECRET)
        said = [
            {"reponseword": "NO", "reponseinfo": {"reasons": [{"text": f"not with {SECRET}"}]}},
            {
                "reponseword": "YES",
                "servicetype": SECRET,
                "serviceinfo": {"endpoint": f"https://x.example.org/?token={SECRET}"},
            },
            {"reponseword": SECRET},
        ]
        async with Farm() as farm:
            ports = [await farm.serve(answers(json.dumps(one).encode())) for one in said]
            platforms = [
                {
                    "kind": "planner",
                    "name": f"echo {port}",
                    "url": f"http://127.0.0.1:{port}/canidothis",
                    "token_env": "CANARY_TOKEN",
                }
                for port in ports
            ]
            planner = CanIDoThis(platforms=platforms, discover=False).planner()
            plan = await planner.ask(notebook_task())
            assert all(SECRET.encode() in farm.received[port] for port in ports)

        assert [plan.summary.yes, plan.summary.no, plan.summary.cannot_tell] == [1, 1, 1]
        assert SECRET not in plan_text(plan) + plan_html(plan) + repr(plan)
        assert SECRET not in caplog.text


class TestWithACookieInsteadOfAToken:
    async def test_a_post_without_the_xsrf_token_is_refused(
        self, jp_fetch, http_server_client, jp_base_url
    ):
        reply = await jp_fetch("canidothis", "platforms")
        cookies = [c.split(";")[0] for c in reply.headers.get_list("Set-Cookie")]
        assert cookies
        with pytest.raises(HTTPClientError) as caught:
            await http_server_client.fetch(
                jp_base_url + "canidothis/plan",
                method="POST",
                body="{}",
                headers={"Cookie": "; ".join(cookies)},
                follow_redirects=False,
            )

        assert caught.value.code == 403
