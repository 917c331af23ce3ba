"""Compose files on a fake engine."""

from __future__ import annotations

import pytest
from contract import check
from engine_fake import FakeEngine, image, table
from registry_fake import FakeTransport, json_answer

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.engine import Docker
from jupyter_canidothis.platforms.engine.config import EngineConfig
from jupyter_canidothis.task import Executable, Task

ASK = Ask(deadline=30.0)
HELD = {"web:1": image(), "db:1": image(), "arm:1": image("arm64")}


async def told(tmp_path, content="", location="", served=None, web=None, **config):
    with FakeEngine(served or table(images=HELD)) as engine:
        entry = EngineConfig(kind="docker", host=engine.host, login_files=(), **config)
        platform = Docker(entry, Edges(http=FakeTransport(web or {})), root=tmp_path)
        task = Task(Executable("uri://docker-compose", content=content, location=location))
        snapshot = await platform.snapshot(ASK)
        answer = check(await platform.ask(task, snapshot, ASK), platform)
        assert engine.methods == {"GET"}
        if answer.verdict is Verdict.YES and content:
            made = platform.handover(task, answer.offers[0])
            assert made.content == content
            assert made.command.endswith("compose --file compose.yml up")
        return answer


async def test_services_that_fit_one_by_one_and_together_are_accepted(tmp_path):
    text = "services: {web: {image: 'web:1', cpus: 1}, db: {image: 'db:1', mem_limit: 1g}}"
    answer = await told(tmp_path, text)
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)


async def test_each_service_that_does_not_fit_has_one_reason(tmp_path):
    text = """
services:
  web: {image: 'web:1', cpus: 8, mem_limit: 100g}
  db: {image: 'db:1', deploy: {resources: {reservations: {memory: 50g}}}}
  gpu: {image: 'web:1', gpus: all}
  fine: {image: 'web:1'}
"""
    answer = await told(tmp_path, text)
    assert answer.verdict is Verdict.NO
    assert [one.message.partition(":")[0] for one in answer.reasons] == [
        "Service web",
        "Service db",
        "Service gpu",
    ]


async def test_what_fits_alone_may_not_fit_together(tmp_path):
    text = "services: {web: {image: 'web:1', mem_limit: 9g, scale: 3}}"
    (reason,) = (await told(tmp_path, text)).reasons
    assert "together need 27 GiB" in reason.message


async def test_a_reservation_is_the_need_and_a_limit_may_be_generous(tmp_path):
    limits = "limits: {memory: 100g}, reservations: {memory: 1g}"
    text = f"services: {{web: {{image: 'web:1', deploy: {{resources: {{{limits}}}}}}}}}"
    assert (await told(tmp_path, text)).verdict is Verdict.YES


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("image: 'arm:1'", "arch-mismatch"),
        ("image: 'web:1', platform: linux/arm64", "arch-mismatch"),
        ("image: 'web:1', runtime: nvidia", "no-such-resource"),
        ("image: 'web:1', cpuset: 0-7", "no-such-resource"),
        ("image: 'web:1', devices: [/dev/no-such]", "no-such-resource"),
        ("image: 'localhost/nosuch:1'", "unreachable"),
        ("build: .", "not-published"),
    ],
)
async def test_why_a_service_does_not_run_is_its_own_reason(tmp_path, service, code):
    served = table(images=HELD)
    served["/distribution/localhost/nosuch:1/json"] = (500, {"message": "no route"})
    answer = await told(tmp_path, f"services: {{s: {{{service}}}}}", served=served)
    assert [one.code for one in answer.reasons] == [code]
    assert "Service s" in answer.reasons[0].message


async def test_a_file_nobody_can_read_leaves_it_open(tmp_path):
    answer = await told(tmp_path, "services: {s: {image: x, mem_limit: lots}}")
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.reasons[0].code == "invalid-request"
    assert "services.s.mem_limit" in answer.reasons[0].message


async def test_a_file_comes_from_an_allowed_origin_only(tmp_path):
    place = "https://example.org/compose.yml"
    web = {place: json_answer(b"services: {web: {image: 'web:1'}}")}
    answer = await told(tmp_path, location=place, web=web)
    assert "allowed origin" in answer.reasons[0].message
    origins = ("https://example.org",)
    answer = await told(tmp_path, location=place, web=web, compose_origins=origins)
    assert answer.verdict is Verdict.YES


async def test_a_file_here_is_read_by_its_path(tmp_path):
    path = tmp_path / "compose.yml"
    path.write_text("services: {web: {image: 'web:1'}}")
    assert (await told(tmp_path, location=str(path))).verdict is Verdict.YES
