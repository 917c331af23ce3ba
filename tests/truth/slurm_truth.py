"""Ask about random tasks, really submit them, and hold both against each other.

``PYTHONPATH=tests python -m truth.slurm_truth --tasks 300 --out docs/truth.md`` runs every
configuration on a Slurm of its own and writes the table. Everything submitted is
cancelled; the same seed draws the same tasks.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from truth.settings import NODES, ODD, QUICK, SETTINGS, Setting

from jupyter_canidothis.answer import Answer, Verdict
from jupyter_canidothis.demo import SlurmCluster
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.slurm import Slurm
from jupyter_canidothis.platforms.slurm.question import Question, question
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


@dataclass
class Case:
    """One task in one partition: what was said, and what happened."""

    task: Task
    question: Question
    verdict: Verdict
    codes: tuple[str, ...]
    dry_run: bool
    job: str = ""
    truth: str = ""

    @property
    def real(self) -> bool:
        return self.truth == "started"


@dataclass
class Started:
    """One task on a busy cluster: what was said of its start, and when it started."""

    case: Case
    now: Verdict
    earliest: int | None
    latest: int | None
    after: float | None
    """Seconds until it ran; None when it did not while we watched."""

    @property
    def right(self) -> bool:
        """Whether the start was as said, as far as it could be watched."""
        ran = self.after is not None
        if self.now is Verdict.CANNOT_TELL:
            return True
        inside = not ran or self.latest is None or self.after <= max(self.latest, PATIENCE)
        return ran == (self.now is Verdict.YES) and inside


@dataclass
class Matrix:
    """What was said against what happened."""

    setting: str
    cases: list[Case] = field(default_factory=list)
    starts: list[Started] = field(default_factory=list)

    def counts(self) -> Counter[tuple[str, bool]]:
        return Counter((case.verdict.value, case.real) for case in self.cases)

    def wrong(self) -> list[Case]:
        return [c for c in self.cases if c.verdict.value == ("NO" if c.real else "YES")]

    def dry_run_wrong(self) -> tuple[int, int]:
        """Count false YES and false NO of the dry run alone."""
        false_yes = sum(case.dry_run and not case.real for case in self.cases)
        false_no = sum(not case.dry_run and case.real for case in self.cases)
        return false_yes, false_no


def until(done, seconds):
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


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
    return Case(task, put, answer.verdict, codes, dry_run), answer


def submit(cluster: SlurmCluster, case: Case) -> None:
    try:
        options = (*case.question.options, "--output=/dev/null", "--wrap=true")
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
    options = (*case.question.options, "--output=/dev/null", "--wrap=sleep 600")
    case.job = cluster.run("sbatch", "--parsable", *options).strip()
    state = ("squeue", "-h", "-j", case.job, "-o", "%T")
    ran = until(lambda: cluster.run(*state).strip() == "RUNNING", PATIENCE)
    after = time.monotonic() - began if ran else None
    cluster.run("scancel", case.job)
    until(lambda: case.job not in cluster.jobs(), 10)
    start = answer.offers[0].start
    return Started(case, answer.now, start.earliest, start.latest, after)


COLUMNS = (
    "Slurm configuration",
    "Tasks",
    "YES, ran",
    "NO, did not run",
    "False YES",
    "False NO",
    "CANNOT TELL",
    "Dry run alone: false YES",
    "false NO",
)


def starts_report(starts: Sequence[Started]) -> list[str]:
    """Return the table of what was said about now, on a busy cluster."""
    if not starts:
        return []
    found = Counter((s.now.value, s.after is not None) for s in starts)
    rows = [
        f"| {now} | {found[now, True]} | {found[now, False]} |"
        for now in ("YES", "NO", "CANNOT_TELL")
    ]
    return [
        "",
        "## Room now, on a busy cluster",
        "",
        f"Jobs that the cluster takes, watched for {PATIENCE:g} s each.",
        "",
        "| Said of now | Started | Waited |",
        "|---|---|---|",
        *rows,
    ]


def report(matrices: Sequence[Matrix], seed: int, version: str) -> str:
    """Return the table of all configurations as Markdown."""
    how = "Random tasks around the limits, asked and then really submitted"
    lines = [
        "# Truth: what we said, and what really happened",
        "",
        f"{how}; {version}, seed {seed}, {datetime.now(timezone.utc).date()}.",
        "Written by `tests/run truth`; do not edit.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for matrix in matrices:
        found, (dry_yes, dry_no) = matrix.counts(), matrix.dry_run_wrong()
        unsure = found["CANNOT_TELL", True] + found["CANNOT_TELL", False]
        lines.append(
            f"| {matrix.setting} | {len(matrix.cases)} | {found['YES', True]} "
            f"| {found['NO', False]} | {found['YES', False]} | {found['NO', True]} "
            f"| {unsure} | {dry_yes} | {dry_no} |"
        )
    lines += starts_report([started for matrix in matrices for started in matrix.starts])
    wrong = [(m.setting, case) for m in matrices for case in m.wrong()]
    if wrong:
        lines += ["", "## Wrong answers", ""]
        lines += [
            f"- {setting}: said {case.verdict.value} {', '.join(case.codes)} to "
            f"`{' '.join(case.question.options)}`; {case.truth}"
            for setting, case in wrong
        ]
    return "\n".join(lines) + "\n"


async def run(count: int, seed: int, settings: Sequence[Setting] = SETTINGS) -> list[Matrix]:
    able = [setting for setting in settings if not setting.missing()]
    for setting in settings:
        if setting not in able:
            sys.stderr.write(f"left out: {setting.name}: {setting.missing()}\n")
    return [await measure(setting, seed, count) for setting in able]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=300)
    parser.add_argument("--seed", type=int, default=20211104)
    parser.add_argument("--only", help="only settings whose name has this in it", default="")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    version = subprocess.run(
        ["slurmctld", "-V"], capture_output=True, text=True, check=True
    ).stdout.strip()
    chosen = [setting for setting in SETTINGS if options.only in setting.name]
    matrices = asyncio.run(run(options.tasks, options.seed, chosen))
    if not options.only:
        starts = asyncio.run(measure_starts(options.seed, options.tasks // 3)).starts
        matrices[-1].starts = starts
    text = report(matrices, options.seed, version)
    sys.stdout.write(text)
    if options.out:
        options.out.write_text(text)
    right = all(started.right for matrix in matrices for started in matrix.starts)
    return int(not right or any(matrix.wrong() for matrix in matrices))


if __name__ == "__main__":
    sys.exit(main())
