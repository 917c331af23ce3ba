"""Real Docker and Podman engines and a real registry, on loopback."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from contextlib import ExitStack

import msgspec
import pytest
from live.engines import DockerEngine, PodmanEngine, Registry, layer, missing

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.engine import Docker, Podman, Swarm
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task

pytestmark = pytest.mark.live

ASK = Ask(deadline=60.0)
GIB = 2**30
LABELS = ("canidothis.languages=python",)


def container(image="", command=(), **amounts):
    ranges = {name: Range(*amount) for name, amount in amounts.items()}
    return Task(
        Executable("uri://docker-container", image=image, command=command), Resources(**ranges)
    )


class Site:
    """An engine with one image, a registry beside it, and our platform on it."""

    def __init__(self, kind, engine, registry, folder):
        self.engine, self.registry = engine, registry
        self.box = "box:1" if kind is Docker else "localhost/box:1"
        tar = layer()
        engine.load(tar, self.box, LABELS)
        self.tar = tar
        logins = folder / "auth.json"
        logins.write_text("{}")
        self.logins = logins
        entry = {
            "kind": kind.kind,
            "host": engine.host,
            "registries": [registry.name],
            "login_files": [str(logins)],
        }
        self.platform = kind.configure(entry)

    async def ask(self, task):
        """Ask, and make sure on the engine itself that nothing is there that was not."""
        before = self.engine.inventory()
        snapshot = await self.platform.snapshot(ASK)
        answer = await self.platform.ask(task, snapshot, ASK)
        assert self.engine.inventory() == before, "asking changes nothing"
        return answer

    def take_up(self, task, answer, folder):
        made = self.platform.handover(task, answer.offers[0])
        (folder / made.name).write_text(made.content)
        return self.engine.run(*made.command.split(), cwd=folder)


@pytest.fixture(scope="module", params=[Docker, Podman], ids=lambda kind: kind.kind)
def site(request, tmp_path_factory):
    kind = request.param
    needed = ("dockerd", "docker") if kind is Docker else ("podman",)
    if absent := missing(*needed, "runc", "docker-registry"):
        pytest.skip(f"missing: {absent}")
    with ExitStack() as stack:
        registry = stack.enter_context(Registry())
        engine = stack.enter_context(DockerEngine() if kind is Docker else PodmanEngine())
        if kind is Podman:
            engine.registries(registry.name)
        yield Site(kind, engine, registry, tmp_path_factory.mktemp("logins"))


async def test_a_container_that_fits_runs_as_handed_over(site, tmp_path):
    limit = f"test $(cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max) = {GIB}"
    task = container(site.box, ("sh", "-c", limit), cores=(500,), memory=(GIB,))
    answer = await site.ask(task)
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)
    done = site.take_up(task, answer, tmp_path)
    assert done.returncode == 0, done.stderr


async def test_a_notebook_runs_in_its_image_as_handed_over(site, tmp_path):
    (tmp_path / "my work.ipynb").write_text('{"cells": []}')
    executable = Executable(
        "uri://jupyter-notebook",
        location="my work.ipynb",
        image=site.box,
        languages=("python",),
    )
    task = Task(executable, Resources(memory=Range(None, GIB)))
    answer = await site.ask(task)
    assert answer.verdict is Verdict.YES
    done = site.take_up(task, answer, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "my work.out.ipynb").read_text() == '{"cells": []}'


async def test_an_image_is_found_by_the_name_that_the_command_line_takes(site):
    program, options = site.engine.program, site.platform.endpoint.options
    done = site.engine.run(program, *options, "run", "--rm", "box:1", "true")
    assert done.returncode == 0, done.stderr
    assert (await site.ask(container("box:1"))).verdict is Verdict.YES


async def test_what_the_engine_accepts_and_cannot_give_is_refused(site):
    answer = await site.ask(container(site.box, cores=(64000,), memory=(2**40,), gpus=(1,)))
    assert answer.verdict is Verdict.NO
    assert [one.code for one in answer.reasons] == [
        "limit-exceeded",
        "limit-exceeded",
        "no-such-resource",
    ]
    changes = site.platform.nearest(
        container(site.box, cores=(64000,)), await site.platform.snapshot(ASK), ASK
    )
    assert [change.edits[0].field for change in changes] == ["/resources/cores/min"]


async def test_a_registry_tells_size_architecture_and_absence(site):
    registry, tar = site.registry, site.tar
    both = registry.push("astro/both", "1", tar, "amd64", "arm64", "s390x")
    foreign = registry.push("astro/foreign", "1", tar, "s390x", "riscv64")
    alone = registry.push("astro/alone", "1", tar, "s390x", alone=True)
    fits = await site.ask(container(both))
    assert fits.verdict is Verdict.YES
    assert "to pull" in fits.evidence[-1].text
    for image in (foreign, alone):
        (reason,) = (await site.ask(container(image))).reasons
        assert reason.code == "arch-mismatch"
        assert "linux/s390x" in reason.message
    (reason,) = (await site.ask(container(f"{registry.name}/astro/nosuch:1"))).reasons
    assert reason.code == "image-missing"


async def test_a_registry_that_wants_a_login_gets_the_users_own(site):
    with Registry({"ann": "hush"}) as closed:
        image = closed.push("astro/box", "1", site.tar, "amd64", alone=True)
        entry = msgspec.to_builtins(site.platform.config) | {"registries": [closed.name]}
        platform = type(site.platform).configure(entry)
        snapshot = await platform.snapshot(ASK)
        answer = await platform.ask(container(image), snapshot, ASK)
        assert [one.code for one in answer.reasons] == ["not-authenticated"]
        pair = base64.b64encode(b"ann:hush").decode()
        site.logins.write_text(json.dumps({"auths": {closed.name: {"auth": pair}}}))
        try:
            answer = await platform.ask(container(image), snapshot, ASK)
            assert answer.verdict is Verdict.YES
            assert "hush" not in repr(answer) and pair not in repr(answer)
        finally:
            site.logins.write_text("{}")


async def test_limits_of_running_containers_count_for_now(site):
    cores = (await site.platform.snapshot(ASK)).content.info.NCPU
    program = site.engine.program
    options = site.platform.endpoint.options
    name = "busy"
    started = site.engine.run(
        program, *options, "run", "--detach", f"--name={name}", f"--cpus={cores}", site.box, "sleep", "600"
    )  # fmt: skip
    try:
        assert started.returncode == 0, started.stderr
        answer = await site.ask(container(site.box, cores=(1000,)))
        assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
        assert answer.reasons[0].used == cores * 1000
    finally:
        for end in (("kill",), ("rm", "--force")):
            site.engine.run(program, *options, *end, name)


async def test_a_compose_file_is_judged_against_the_real_host(site):
    fits = f"services: {{a: {{image: '{site.box}', mem_limit: 64m}}}}"
    task = Task(Executable("uri://docker-compose", content=fits))
    assert (await site.ask(task)).verdict is Verdict.YES
    large = (
        f"services: {{a: {{image: '{site.box}', mem_limit: 1t}}, b: {{image: '{site.box}'}}}}"
    )
    answer = await site.ask(Task(Executable("uri://docker-compose", content=large)))
    assert [one.message.partition(":")[0] for one in answer.reasons] == ["Service a"]


async def test_a_swarm_takes_what_fits_on_a_node_and_lets_the_rest_wait_for_ever(tmp_path):
    if absent := missing("dockerd", "docker", "runc"):
        pytest.skip(f"missing: {absent}")
    with DockerEngine() as engine:
        address = {"ListenAddr": "127.0.0.1:0", "AdvertiseAddr": "127.0.0.1"}
        assert engine.api("POST", "/swarm/init", json.dumps(address))[0] == 200
        engine.load(layer(), "box:1")
        platform = Swarm.configure({"kind": "swarm", "host": engine.host, "login_files": []})
        before = engine.inventory()
        snapshot = await platform.snapshot(ASK)
        program = ("sh", "-c", "trap exit TERM; sleep 600 & wait")
        small = container("box:1", program, cores=(500,), memory=(GIB,))
        large = container("box:1", program, cores=(64000,))
        fits = await platform.ask(small, snapshot, ASK)
        refused = await platform.ask(large, snapshot, ASK)
        assert (fits.verdict, fits.now) == (Verdict.YES, Verdict.YES)
        assert [one.code for one in refused.reasons] == ["limit-exceeded"]
        assert engine.inventory() == before
        assert json.loads(engine.api("GET", "/services")[1]) == []

        made = platform.handover(small, fits.offers[0])
        (tmp_path / made.name).write_text(made.content)
        done = engine.run(*made.command.split(), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        too_much = made.content.replace("--reserve-cpu=0.5", "--reserve-cpu=64")
        engine.run("sh", "-c", too_much)
        placed = await settled(engine)
        assert placed[5 * 10**8], "what fits has a node"
        assert not placed[64 * 10**9], "the Swarm accepts the other, and it waits for ever"


async def settled(engine):
    """Return the node of each task by its reservation, once the scheduler has looked."""
    end = time.monotonic() + 60
    while True:
        tasks = json.loads(engine.api("GET", "/tasks")[1])
        told = [(one["Spec"]["Resources"]["Reservations"]["NanoCPUs"], one) for one in tasks]
        placed = {cores: one.get("NodeID", "") for cores, one in told}
        waits = any("no suitable node" in one["Status"].get("Err", "") for _, one in told)
        if (waits and any(placed.values())) or time.monotonic() > end:
            return placed
        await asyncio.sleep(0.1)
