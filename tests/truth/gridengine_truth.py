"""Ask a Grid Engine about random tasks, really submit them, and hold both together.

``PYTHONPATH=tests python -m truth.gridengine_truth --tasks 100 --out docs/truth.md`` runs
every configuration on a cluster of its own and writes Grid Engine's section.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from truth.gridengine_settings import SETTINGS, Setting
from truth.matrix import Case, Matrix, Started, until
from truth.report import command

from jupyter_canidothis.answer import Answer, Verdict
from jupyter_canidothis.demo import GridEngineCluster
from jupyter_canidothis.platforms.base import Ask, Snapshot
from jupyter_canidothis.platforms.gridengine import GridEngine
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task

MIB, HOUR = 2**20, 3600
TOGETHER = 20
QUIET_SECONDS = 5.0
"""Nothing ran for so long, though the scheduler looks each second: what waits, waits."""
SETTLED_SECONDS = 90.0
PATIENCE = 12.0
"""Seconds in which a job that has room now must have started."""
ASKING = Ask(deadline=30.0)


def draw(
    seed: int, count: int, queues: Sequence[str], memories: Sequence[int | None]
) -> Iterator[tuple[Task, str]]:
    """Yield tasks around the limits, each with the queue it is put to."""
    dice = random.Random(seed)
    for _ in range(count):
        cores = dice.choice((None, None, 1, 1, 2, 2, 3, 4, 4, 5, 6, 8, 9))
        memory = dice.choice(memories)
        seconds = dice.choice((None, 600, 600, HOUR, 2 * HOUR, 2 * HOUR, 8 * HOUR, 168 * HOUR))
        nudge = dice.choice((-1, 0, 0, 0, 1))
        resources = Resources(
            cores=Range(cores * 1000 if cores else None),
            memory=Range(max(memory + nudge, 1) * MIB if memory else None),
            duration=Range(seconds + nudge if seconds else None),
            gpus=Range(dice.choice((None,) * 6 + (1, 2, 3))),
        )
        yield Task(Executable("uri://batch-script"), resources), dice.choice(queues)


def platform(cluster: GridEngineCluster, queue: str) -> GridEngine:
    env = cluster.env
    ports = {
        "qmaster_port": int(env["SGE_QMASTER_PORT"]),
        "execd_port": int(env["SGE_EXECD_PORT"]),
    }
    where = {"root": env["SGE_ROOT"], "cell": env["SGE_CELL"], **ports}
    return GridEngine.configure({"kind": "gridengine", "queues": [queue], **where})


def options_of(asked: GridEngine, task: Task, snapshot: Snapshot) -> tuple[str, ...]:
    (put,) = asked._put(task, snapshot.content)
    return put.question.options()


def words(options: Sequence[str]) -> list[str]:
    return [word for option in options for word in option.split()]


def dry_run(cluster: GridEngineCluster, options: Sequence[str]) -> bool:
    """Ask as a person would, by ``qsub -w v`` and the options of the real job."""
    try:
        said = cluster.run("qsub", "-w", "v", *words(options), "-b", "y", "/bin/true")
    except subprocess.CalledProcessError:
        return False
    return "found suitable queue" in said


async def ask(
    cluster: GridEngineCluster, task: Task, queue: str, snapshot: Snapshot
) -> tuple[Case, Answer]:
    asked = platform(cluster, queue)
    answer = await asked.ask(task, snapshot, ASKING)
    options = options_of(asked, task, snapshot)
    codes = tuple(reason.code for reason in answer.reasons)
    taken = dry_run(cluster, options)
    return Case(task, options, answer.verdict, codes, taken), answer


def submit(cluster: GridEngineCluster, case: Case, *script: str) -> None:
    argv = ("qsub", "-terse", "-cwd", "-o", "/dev/null", "-j", "y", *words(case.options))
    try:
        case.job = cluster.run(*argv, "-b", "y", "-shell", "n", *script).strip()
    except subprocess.CalledProcessError as error:
        case.truth = f"rejected: {(error.stderr or error.stdout).strip().splitlines()[0]}"


def states(cluster: GridEngineCluster) -> dict[str, str]:
    rows = (line.split() for line in cluster.run("qstat", "-u", "*").splitlines()[2:])
    return {row[0]: row[4] for row in rows}


def watch(cluster: GridEngineCluster, cases: Sequence[Case]) -> None:
    """Wait until every job ended or nothing has moved for a while."""
    waiting = {case.job: case for case in cases if case.job}
    quiet = time.monotonic()
    left: dict[str, str] = {}

    def settled() -> bool:
        nonlocal quiet
        now = states(cluster)
        if now != left:
            left.clear()
            left.update(now)
            quiet = time.monotonic()
        idle = all("w" in state for state in now.values())
        return not now or (idle and time.monotonic() - quiet > QUIET_SECONDS)

    until(settled, SETTLED_SECONDS)
    for job, case in waiting.items():
        state = left.get(job, "")
        case.truth = f"waits: {state}" if "w" in state else "started"
    cluster.clear()


async def measure(setting: Setting, seed: int, count: int) -> Matrix:
    """Run one configuration on a cluster of its own."""
    matrix = Matrix(setting.name)
    with (
        tempfile.TemporaryDirectory(prefix="sge-") as parent,
        setting.cluster(Path(parent, "c")) as cluster,
    ):
        for each in setting.commands:
            cluster.run(*each)
        drawn = list(draw(seed, count, tuple(setting.queues), setting.memories))
        for start in range(0, count, TOGETHER):
            snapshot = await platform(cluster, "").snapshot(ASKING)
            batch = [
                (await ask(cluster, *pair, snapshot))[0]
                for pair in drawn[start : start + TOGETHER]
            ]
            for case in batch:
                submit(cluster, case, "/bin/true")
            watch(cluster, batch)
            matrix.cases += batch
    return matrix


BACKGROUND = (
    ("-q", "short.q", "-pe", "smp", "5", "-l", "h_vmem=1G"),
    ("-q", "quota.q", "-l", "h_vmem=5G"),
    ("-q", "short.q", "-l", "gpu=1,h_vmem=500M"),
)
"""Jobs that keep the cluster busy; together 7 of 8 slots."""
OPEN = ("short.q", "short.q", "long.q", "quota.q", "single.q", "lean.q")
LITTLE = (None, None, 500, 1000, 4096, 8192)


async def measure_starts(seed: int, count: int) -> Matrix:
    """Ask a busy cluster whether there is room now, and watch."""
    matrix = Matrix("busy")
    setting = SETTINGS[0]
    with (
        tempfile.TemporaryDirectory(prefix="sge-") as parent,
        setting.cluster(Path(parent, "c")) as cluster,
    ):
        for options in BACKGROUND:
            argv = ("qsub", "-terse", "-cwd", "-o", "/dev/null", "-j", "y", *options)
            cluster.run(*argv, "-b", "y", "-shell", "n", "/bin/sleep", "3000")
        until(lambda: set(states(cluster).values()) == {"r"}, 60)
        snapshot = await platform(cluster, "").snapshot(ASKING)
        for pair in draw(seed, count, OPEN, LITTLE):
            case, answer = await ask(cluster, *pair, snapshot)
            if case.verdict is Verdict.YES:
                matrix.starts.append(watch_start(cluster, case, answer))
    return matrix


def watch_start(cluster: GridEngineCluster, case: Case, answer: Answer) -> Started:
    """Submit for real and measure the wait; the job is deleted at once."""
    began = time.monotonic()
    submit(cluster, case, "/bin/sleep", "600")
    running = ("r", "t", "Rr")
    patience = PATIENCE if answer.now is Verdict.YES else QUIET_SECONDS
    ran = until(lambda: states(cluster).get(case.job) in running, patience)
    after = time.monotonic() - began if ran else None
    cluster.run("qdel", "-f", case.job)
    until(lambda: case.job not in states(cluster), 30)
    start = answer.offers[0].start
    return Started(case, answer.now, after, PATIENCE, start.earliest, start.latest)


async def run(count: int, seed: int) -> list[Matrix]:
    return [await measure(setting, seed, count) for setting in SETTINGS]


def version() -> str:
    # Its commands say nothing, not even who they are, without a cluster.
    argv = (
        "dpkg-query",
        "-W",
        "-f",
        "Debian gridengine-master ${Version}",
        "gridengine-master",
    )
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stdout or "Grid Engine"


def everything(count: int, seed: int) -> list[Matrix]:
    return [*asyncio.run(run(count, seed)), asyncio.run(measure_starts(seed, count // 3))]


if __name__ == "__main__":
    sys.exit(command("gridengine", "Grid Engine", version, everything, tasks=100))
