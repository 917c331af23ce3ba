"""Ask about random containers, really run them, and hold both against each other.

``PYTHONPATH=tests python -m truth.containers_truth --tasks 100 --out docs/truth.md`` runs on
a private Docker engine and a private Podman. A container ran when it started and found
inside what was asked for. The dry run beside it is the engine's own ``create``.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from live.engines import DockerEngine, PodmanEngine, Registry, layer, missing
from truth.matrix import Case, Matrix
from truth.report import command

from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.engine import Docker, Podman
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task

MIB, GIB = 2**20, 2**30
ASK = Ask(deadline=60.0)
KINDS = {Docker: (DockerEngine, "dockerd"), Podman: (PodmanEngine, "podman")}
INSIDE = """
[ $(($(nproc) * 1000)) -ge {cores} ] &&
[ $(($(awk '/^MemTotal/ {{ print $2 }}' /proc/meminfo) * 1024)) -ge {memory} ]
"""
"""Run in the container: does the host give what was asked for?"""


def lacks(kind):
    """Return what this machine has not for measuring a kind."""
    return missing(KINDS[kind][1], kind.kind, "runc", "docker-registry")


class Site:
    """A private engine with one image, and a registry with more."""

    def __init__(self, kind, stack):
        self.registry = stack.enter_context(Registry())
        self.engine = stack.enter_context(KINDS[kind][0]())
        if kind is Podman:
            self.engine.registries(self.registry.name)
        own, foreign = layer(), layer(foreign=True)
        box = "box:1" if kind is Docker else "localhost/box:1"
        self.engine.load(own, box)
        push = self.registry.push
        self.images = (
            *(box,) * 6,
            push("a/both", "1", own, "amd64", "s390x"),
            push("a/foreign", "1", foreign, "s390x", "riscv64"),
            push("a/alone", "1", foreign, "s390x", alone=True),
            f"{self.registry.name}/a/nosuch:1",
            f"{self.registry.name}/a/both:nosuch",
        )
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "auth.json").write_text("{}")
        self.platform = kind.configure(
            {
                "kind": kind.kind,
                "host": self.engine.host,
                "registries": [self.registry.name],
                "login_files": [str(folder / "auth.json")],
            }
        )


def draw(seed, count, images, info) -> Iterator[Task]:
    """Yield containers around the limits of the host."""
    dice, cores, memory = random.Random(seed), info.NCPU * 1000, info.MemTotal
    for _ in range(count):
        amount = dice.choice((None, None, None, 64 * MIB, GIB, memory, 2 * memory, 1024 * GIB))
        nudge = dice.choice((-MIB, 0, 0, MIB)) if amount else 0
        resources = Resources(
            cores=Range(
                dice.choice((None, None, 100, 1000, cores - 10, cores, cores + 10, 64000))
            ),
            memory=Range(amount + nudge if amount else None),
            gpus=Range(dice.choice((None,) * 9 + (1,))),
        )
        yield Task(Executable("uri://docker-container", image=dice.choice(images)), resources)


def options(kind, task):
    """Return what a task is on the engine's own command line."""
    wanted = task.resources
    if wanted.cores.min:
        yield f"--cpus={wanted.cores.min / 1000:g}"
    if wanted.memory.min:
        yield f"--memory={wanted.memory.min}"
    if wanted.gpus.min:
        yield "--gpus=1" if kind is Docker else "--device=nvidia.com/gpu=0"


async def one(kind, site, task):
    snapshot = await site.platform.snapshot(ASK)
    answer = await site.platform.ask(task, snapshot, ASK)
    codes = tuple(reason.code for reason in answer.reasons)
    argv = (*options(kind, task), task.executable.image)
    case = Case(task, argv, answer.verdict, codes, dry_run=False)
    program = (kind.kind, *site.platform.endpoint.options)
    case.dry_run = created(site.engine, program, argv)
    wanted = task.resources
    check = INSIDE.format(cores=wanted.cores.min or 0, memory=wanted.memory.min or 0)
    done = site.engine.run(*program, "run", "--rm", *argv, "sh", "-c", check)
    said = (done.stderr.strip().splitlines() or ["the host has less"])[-1]
    case.truth = "started" if done.returncode == 0 else f"rejected: {said}"
    return case


def created(engine, program, argv):
    """Whether the engine's own ``create`` takes it; what it made is removed."""
    done = engine.run(*program, "create", *argv, "true")
    if done.returncode == 0:
        engine.run(*program, "rm", "--force", done.stdout.strip().splitlines()[-1])
    return done.returncode == 0


async def measure(kind, seed, count):
    """Return what was said and what happened on one engine."""
    with ExitStack() as stack:
        site = Site(kind, stack)
        info = (await site.platform.snapshot(ASK)).content.info
        tasks = list(draw(seed, count, site.images, info))
        matrix = Matrix(f"{kind.kind} {info.ServerVersion}")
        for task in tasks:
            matrix.cases.append(await one(kind, site, task))
        return matrix


def main() -> int:
    """Measure every engine that is here."""
    kinds = [kind for kind in KINDS if not lacks(kind)]
    if not kinds:
        sys.exit(f"no engine: {lacks(Docker)} missing")

    def run(tasks, seed):
        return [asyncio.run(measure(kind, seed, tasks)) for kind in kinds]

    return command("containers", "Docker and Podman", lambda: "Private engines", run, tasks=100)


if __name__ == "__main__":
    sys.exit(main())
