"""Compose files: read like docker-compose itself reads them, and really brought up."""

from __future__ import annotations

import pytest
from live.engines import DockerEngine, layer, missing

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.compose.files import Source
from jupyter_canidothis.compose.services import read
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.engine import Docker
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.wire import strict_yaml

pytestmark = pytest.mark.live

ASK = Ask(deadline=60.0)
FILE = """
services:
  base: {image: 'box:1', mem_limit: 64m, network_mode: none, command: [echo, base]}
  more:
    extends: base
    cpus: 0.5
    mem_limit: ${MORE:-1gb}
    command: [echo, "paid in $$ ${NO:-cash}"]
  idle: {image: 'no-such:1', mem_limit: 9t, profiles: [never]}
"""


@pytest.fixture(scope="module")
def engine():
    if absent := missing("dockerd", "docker", "runc", "docker-compose"):
        pytest.skip(f"missing: {absent}")
    with DockerEngine() as started:
        started.load(layer(), "box:1")
        yield started


def compose(engine, folder, *words):
    return engine.run("docker-compose", f"--host={engine.host}", *words, cwd=folder)


def test_a_file_is_read_as_docker_compose_reads_it(engine, tmp_path):
    (tmp_path / "compose.yml").write_text(FILE)
    (tmp_path / ".env").write_text("MORE=512m\n")
    done = compose(engine, tmp_path, "--file", "compose.yml", "config")
    assert done.returncode == 0, done.stderr
    theirs = read(Source(strict_text(done.stdout))).services
    ours = read(Source.at(tmp_path / "compose.yml")).services
    assert {one.name: one for one in ours} == {one.name: one for one in theirs}
    assert {one.name: one.memory for one in ours} == {"base": 64 * 2**20, "more": 512 * 2**20}


def strict_text(text):
    assert strict_yaml.load(text)["services"], "our reader takes what docker-compose writes"
    return text


async def test_a_file_that_fits_is_brought_up_as_handed_over(engine, tmp_path):
    platform = Docker.configure({"kind": "docker", "host": engine.host, "login_files": []})
    task = Task(Executable("uri://docker-compose", content=FILE))
    before = engine.inventory()
    answer = await platform.ask(task, await platform.snapshot(ASK), ASK)
    assert answer.verdict is Verdict.YES
    assert engine.inventory() == before, "asking changes nothing"
    made = platform.handover(task, answer.offers[0])
    (tmp_path / made.name).write_text(made.content)
    program, _, words = made.command.partition(" compose ")
    assert program == f"docker --host {engine.host}"
    # Debian packages Compose as a program of its own, with the same arguments.
    done = compose(engine, tmp_path, *words.split())
    assert done.returncode == 0, done.stderr
    assert "paid in $ cash" in done.stdout
    compose(engine, tmp_path, "--file", made.name, "down")
