"""Ask about random tasks, really submit them, and hold both against each other.

``PYTHONPATH=tests python -m truth.slurm_truth --tasks 300 --out docs/truth.md`` runs every
configuration on a Slurm of its own and writes Slurm's section. Everything submitted is
cancelled; the same seed draws the same tasks.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from truth.matrix import Case, Matrix, Started, until
from truth.report import command
from truth.settings import NODES, ODD, QUICK, SETTINGS, Setting

from jupyter_canidothis.answer import Answer, Verdict
from jupyter_canidothis.demo import SlurmCluster
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.slurm import Slurm
from jupyter_canidothis.platforms.slurm.question import question
from jupyter_canidothis.resources import Gpu, Range, Resources
from jupyter_canidothis.task import Executable, Task

MIB, MINUTE, HOUR = 2**20, 60, 3600
TOGETHER = 20
SETTLED_SECONDS = 30.0
ALONE_SECONDS = 6.0
PATIENCE = 6.0
"""Seconds in which a job that has room now must have started; backfill runs each second."""

BY_LIMITS = ("QOS", "Assoc")
"""How reasons begin that limits of accounts and QOS give (squeue(1), JOB REASON CODES)."""
UNCLEAR = (
    *(f"waits: {reason}" for reason in BY_LIMITS),
    "waits: Nodes required for job",
    "waits: ReqNodeNotAvail",
    *(f"waits: {reason}" for reason in ("Resources", "Priority", "None")),
)
"""Reasons that may also come from the other jobs of a batch."""
CURABLE = ("None", "Resources", "Priority", "BeginTime", "Reservation", "Cleaning", "JobLaunch")
"""Reasons that time alone cures (squeue(1), JOB REASON CODES), on a cluster that works."""


def draw(seed: int, count: int, partitions: Sequence[str]) -> Iterator[tuple[Task, str]]:
    """Yield tasks around the limits, each with the partition it is put to."""
    dice = random.Random(seed)
    for _ in range(count):
        cores = dice.choice((None, None, 1, 1, 2, 2, 3, 4, 4, 5, 8, 8, 9, 16))
        memory = dice.choice(
            (None, None, None, 500, 1000, 2000, 4000, 4000, 8000, 16000, 32000)
        )
        short = (10 * MINUTE, 30 * MINUTE, HOUR, HOUR)
        long = (2 * HOUR, 8 * HOUR, 24 * HOUR, 7 * 24 * HOUR)
        seconds = dice.choice((None, *short, *short, *long))
        nudge = dice.choice((-1, 0, 0, 0, 1))
        gpus = dice.choice((None,) * 6 + (1, 2, 3))
        resources = Resources(
            cores=Range(cores * 1000 if cores else None),
            memory=Range((memory + nudge) * MIB if memory else None),
            duration=Range(seconds + nudge * MINUTE if seconds else None),
            gpus=Range(gpus),
            nodes=Range(dice.choice((None,) * 6 + (1, 2, 2, 3))),
            gpu=Gpu(model=dice.choice(("a100", "v100")))
            if gpus and dice.random() < 0.3
            else None,
        )
        executable = Executable("uri://batch-script")
        yield Task(executable, resources), dice.choice(partitions)


async def ask(
    cluster: SlurmCluster, task: Task, partition: str, qos: str = "", account: str = ""
) -> tuple[Case, Answer]:
    """Ask about one way, or where nothing is named about the best of all."""
    keys = {"kind": "slurm", "conf": str(cluster.conf), "partitions": [partition]}
    platform = Slurm.configure({**keys, "qos": qos, "account": account})
    snapshot = await platform.snapshot(Ask())
    answer = await platform.ask(task, snapshot, Ask())
    (asked,) = [p for p in snapshot.content.partitions if p.name == partition]
    dry_run = any("to start at" in e.text for e in answer.evidence if e.how == "dry-run")
    put = question(task.resources, asked, snapshot.content, account, qos)
    if answer.offers:
        options = answer.offers[0].service_info["options"]
        named = dict(option.split("=", 1) for option in options)
        put = replace(put, account=named.get("--account", ""), qos=named.get("--qos", ""))
    codes = tuple(reason.code for reason in answer.reasons)
    return Case(task, put.options, answer.verdict, codes, dry_run), answer


def submit(cluster: SlurmCluster, case: Case) -> None:
    try:
        options = (*case.options, "--output=/dev/null", "--wrap=true")
        case.job = cluster.run("sbatch", "--parsable", *options).strip()
    except subprocess.CalledProcessError as error:
        case.truth = f"rejected: {error.stderr.strip().splitlines()[-1]}"


def watch(cluster: SlurmCluster, cases: Sequence[Case]) -> None:
    """Wait until every job ended or waits for something that time cannot cure."""
    waiting = {case.job: case for case in cases if case.job}

    def settled():
        rows = cluster.run("squeue", "-h", "-t", "all", "-o", "%A|%T|%r").splitlines()
        seen = {job: (state, reason) for job, state, reason in (r.split("|", 2) for r in rows)}
        stuck = True
        for job, case in waiting.items():
            state, reason = seen.get(job, ("COMPLETED", "None"))
            case.truth = "started" if state != "PENDING" else f"waits: {reason}"
            stuck = stuck and not (state == "PENDING" and reason.startswith(CURABLE))
        return stuck

    until(settled, SETTLED_SECONDS if len(cases) > 1 else 0)
    left = [job for job, case in waiting.items() if case.truth != "started"]
    if left:
        cluster.run("scancel", *left)
    until(lambda: not cluster.jobs(), 10)


def again(cluster: SlurmCluster, case: Case) -> None:
    """Submit a job once more, alone: beside others its reason can mean two things."""
    submit(cluster, case)
    if case.job:
        state = ("squeue", "-h", "-t", "all", "-j", case.job, "-o", "%T|%r")

        def known():
            status, reason = cluster.run(*state).strip().split("|", 1)
            return status != "PENDING" or reason.startswith(BY_LIMITS)

        until(known, ALONE_SECONDS)
        watch(cluster, [case])


async def measure(setting: Setting, seed: int, count: int) -> Matrix:
    """Run one configuration on a cluster of its own."""
    matrix = Matrix(setting.name)
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        setting.cluster(Path(parent, "c")) as cluster,
    ):
        for command in setting.commands:
            cluster.run(*command)
        dice = random.Random(seed)
        drawn = [
            (*pair, dice.choice(setting.qos), dice.choice(setting.accounts))
            for pair in draw(seed, count, setting.partitions)
        ]
        for start in range(0, count, TOGETHER):
            batch = [(await ask(cluster, *pair))[0] for pair in drawn[start : start + TOGETHER]]
            for case in batch:
                submit(cluster, case)
            watch(cluster, batch)
            for case in batch:
                if case.truth.startswith(UNCLEAR):
                    again(cluster, case)
            matrix.cases += batch
    return matrix


BACKGROUND = (
    ("--partition=short", "--cpus-per-task=6", "--mem=12000", "--time=40"),
    ("--partition=threads", "--cpus-per-task=3", "--mem=2000", "--time=60"),
    ("--partition=gpu", "--cpus-per-task=1", "--mem=2000", "--gres=gpu:1", "--time=60"),
    ("--partition=short", "--cpus-per-task=8", "--mem=1000", "--time=60"),
)
"""Jobs that keep the cluster busy: three run, the last one waits for the first."""


async def measure_starts(seed: int, count: int) -> Matrix:
    """Ask a busy cluster whether there is room now, and watch."""
    matrix = Matrix("busy")
    partitions = ("short", "short", "long", "threads", "gpu", "whole", "narrow", "lean")
    with tempfile.TemporaryDirectory(prefix="slurm-") as parent:
        folder = Path(parent, "c")
        with SlurmCluster(folder, nodes=NODES, partitions=ODD, extra_conf=QUICK) as cluster:
            for options in BACKGROUND:
                cluster.run("sbatch", "--output=/dev/null", *options, "--wrap=sleep 3000")
                until(lambda: "None" not in cluster.run("squeue", "-h", "-o", "%S%r"), 10)
            until(lambda: "N/A" not in cluster.run("squeue", "-h", "-t", "PD", "-o", "%S"), 10)
            for pair in draw(seed, count, partitions):
                case, answer = await ask(cluster, *pair)
                if case.verdict is Verdict.YES:
                    matrix.starts.append(watch_start(cluster, case, answer))
    return matrix


def watch_start(cluster: SlurmCluster, case: Case, answer: Answer) -> Started:
    """Submit for real and measure the wait; the job is cancelled at once."""
    began = time.monotonic()
    options = (*case.options, "--output=/dev/null", "--wrap=sleep 600")
    case.job = cluster.run("sbatch", "--parsable", *options).strip()
    state = ("squeue", "-h", "-j", case.job, "-o", "%T")
    ran = until(lambda: cluster.run(*state).strip() == "RUNNING", PATIENCE)
    after = time.monotonic() - began if ran else None
    cluster.run("scancel", case.job)
    until(lambda: case.job not in cluster.jobs(), 10)
    start = answer.offers[0].start
    return Started(case, answer.now, after, PATIENCE, start.earliest, start.latest)


async def run(count: int, seed: int, settings: Sequence[Setting] = SETTINGS) -> list[Matrix]:
    able = [setting for setting in settings if not setting.missing()]
    for setting in settings:
        if setting not in able:
            sys.stderr.write(f"left out: {setting.name}: {setting.missing()}\n")
    return [await measure(setting, seed, count) for setting in able]


def version() -> str:
    done = subprocess.run(["slurmctld", "-V"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def everything(count: int, seed: int) -> list[Matrix]:
    matrices = asyncio.run(run(count, seed))
    return [*matrices, asyncio.run(measure_starts(seed, count // 3))]


def some(count: int, seed: int, only: str) -> list[Matrix]:
    chosen = [setting for setting in SETTINGS if only in setting.name]
    return asyncio.run(run(count, seed, chosen))


if __name__ == "__main__":
    sys.exit(command("slurm", "Slurm", version, everything, tasks=300, some=some))
