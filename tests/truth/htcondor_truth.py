"""Ask HTCondor pools about random tasks, really submit them, and hold both together.

``PYTHONPATH=tests python -m truth.htcondor_truth --tasks 100 --out docs/truth.md`` starts a
pool for each configuration and writes HTCondor's section. Everything submitted is removed;
the same seed draws the same tasks.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from live.condor_pool import MACHINES, CondorPool, Machine
from truth.matrix import Case, Matrix, Started, until
from truth.report import command

from jupyter_canidothis.answer import Answer, Verdict
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.htcondor import HTCondor
from jupyter_canidothis.platforms.htcondor.dry_run import read_conditions
from jupyter_canidothis.resources import Gpu, Range, Resources
from jupyter_canidothis.task import Executable, Task

MIB, HOUR = 2**20, 3600
QUIET_SECONDS = 7.0
"""Seconds without any change after which nothing more will be matched: three cycles."""
SETTLED_SECONDS = 90.0
PATIENCE = 12.0
"""Seconds in which a job that has room now must have started."""
ASK = Ask(deadline=30.0)


@dataclass(frozen=True)
class Setting:
    """One configuration in which a pool is asked."""

    name: str
    machines: Sequence[Machine] = MACHINES
    conf: Sequence[str] = ()
    prepare: Callable[[CondorPool], None] = field(default=lambda pool: None)


def drain(pool: CondorPool) -> None:
    """Drain the machine of that name, and wait until the pool says so."""
    pool.as_root("condor_drain", "-graceful", "slot1@drained@pool.example")
    rows = ("condor_status", "-af", "Name", "State")
    pool.until(lambda: "drained@pool.example Drained" in pool.run(*rows))


POLICIES = (
    Machine(
        "capped", "cpus=8, memory=32000, disk=4%", "TARGET.RequestMemory <= 20000", count=3
    ),
    Machine(
        "large", "cpus=16, memory=64000, disk=4%", "RequestMemory >= 30000 && RequestCpus >= 4"
    ),
    Machine(
        "brief",
        "cpus=12, memory=8000, disk=4%",
        "TARGET.MaxRuntime isnt undefined && TARGET.MaxRuntime <= 7200",
        count=2,
    ),
    Machine("lab", "cpus=32, memory=8000, disk=4%", "TARGET.WantLab =?= true"),
    Machine("bob", "cpus=4, memory=48000, disk=4%", 'TARGET.Owner == "bob"'),
    Machine("alice", "cpus=2, memory=12000, disk=4%", 'TARGET.Owner == "alice"', count=2),
    Machine("project", "cpus=28, memory=16000, disk=4%", 'TARGET.Project == "stars"'),
    Machine("shut", "cpus=20, memory=16000, disk=4%", "False"),
    Machine("ratio", "cpus=6, memory=40000, disk=4%", "RequestMemory <= 4000 * RequestCpus"),
    Machine("drained", "cpus=24, memory=16000, disk=4%"),
    Machine(
        "graphics",
        "cpus=4, memory=16000, disk=4%, gpus=2",
        "TARGET.RequestGPUs >= 1",
        gpus=2,
        model="Tesla V100-SXM2-16GB",
        gpu_memory=16160,
    ),
)
"""Ways in which START refuses."""


SETTINGS = (
    Setting("partitionable, static and GPU slots"),
    Setting(
        "START policies, a drained machine, a submit requirement",
        POLICIES,
        (
            "SUBMIT_REQUIREMENT_NAMES = MostGPUs",
            "SUBMIT_REQUIREMENT_MostGPUs = RequestGPUs is undefined || RequestGPUs < 3",
            'SUBMIT_REQUIREMENT_MostGPUs_REASON = "two GPUs at most"',
        ),
        drain,
    ),
)


def draw(seed: int, count: int) -> Iterator[Task]:
    """Yield tasks around the limits."""
    dice = random.Random(seed)
    for _ in range(count):
        cores = dice.choice((None, None, 1, 1, 2, 2, 3, 4, 5, 6, 8, 8, 9, 12, 16, 17, 24, 32))
        memory = dice.choice(
            (None, None, 500, 1000, 3000, 3000, 4000, 8000, 16000, 20000, 32000, 48000, 64000)
        )
        nudge = dice.choice((-1, 0, 0, 0, 1))
        gpus = dice.choice((None,) * 7 + (1, 1, 2, 3))
        wish = Gpu(
            model=dice.choice((None, "a100", "v100", "h100")),
            vendor=dice.choice((None, None, "nvidia", "amd")),
            memory=dice.choice((None, None, 10_000 * MIB, 30_000 * MIB)),
        )
        resources = Resources(
            cores=Range(cores * 1000 if cores else None),
            memory=Range((memory + nudge) * MIB if memory else None),
            disk=Range(dice.choice((100 * MIB, 100 * MIB, 500 * MIB, 2**40))),
            duration=Range(dice.choice((None, None, HOUR, 2 * HOUR, 2 * HOUR + 1, 9 * HOUR))),
            gpus=Range(gpus),
            nodes=Range(dice.choice((None,) * 12 + (1, 2))),
            gpu=wish if gpus and dice.random() < 0.6 else None,
        )
        yield Task(Executable("uri://batch-script", command=("true",)), resources)


def platform_of(pool: CondorPool) -> HTCondor:
    keys = {"kind": "htcondor", "collector": pool.address, "bin": pool.bin}
    keys |= {"conf": str(pool.folder / "condor_config"), "owner": "alice"}
    return HTCondor.configure(keys)


async def ask(pool: CondorPool, task: Task) -> tuple[Case, Answer]:
    platform = platform_of(pool)
    snapshot = await platform.snapshot(ASK)
    answer = await platform.ask(task, snapshot, ASK)
    table = next(e.text for e in reversed(answer.evidence) if e.how == "dry-run")
    rows = read_conditions(table)
    able = bool(rows) and all(row.slots for row in rows)
    put = platform._job(task, snapshot.content)
    codes = tuple(reason.code for reason in answer.reasons)
    return Case(task, tuple(put.description()), answer.verdict, codes, able), answer


def submit(pool: CondorPool, case: Case, seconds: int = 0) -> None:
    if (case.task.resources.nodes.min or 1) > 1:
        # A job of several machines is of the parallel universe, which asks for a
        # dedicated scheduler; this pool has none.
        universe, machines = "parallel", [f"machine_count = {case.task.resources.nodes.min}"]
    else:
        universe, machines = "vanilla", []
    lines = (
        f"universe = {universe}",
        *("executable = /bin/sleep", f"arguments = {seconds}", "transfer_executable = false"),
        *("should_transfer_files = YES", "when_to_transfer_output = ON_EXIT"),
        *case.options,
        *machines,
        *("queue", ""),
    )
    try:
        said = pool.run("condor_submit", "-terse", "-", stdin="\n".join(lines))
        case.job = said.split(" ")[0].strip()
    except AssertionError as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        case.truth = f"rejected: {lines[-1]}"


def queued(pool: CondorPool) -> dict[str, tuple[str, str]]:
    """Return the jobs that are not done: id to state and what was said of them last."""
    rows = pool.run(
        "condor_q", "-all", "-af:j", "JobStatus", 'HoldReason ?: LastRejMatchReason ?: ""'
    )
    found = (row.split(" ", 2) for row in rows.splitlines() if row.strip())
    return {row[0]: (row[1], row[2] if len(row) > 2 else "") for row in found}


def settle(pool: CondorPool) -> dict[str, tuple[str, str]]:
    """Wait until all that can be matched has been, and return what is left."""
    last, since, begun = None, time.monotonic(), time.monotonic()
    while time.monotonic() - begun < SETTLED_SECONDS:
        left = queued(pool)
        states = {job: state for job, (state, _) in left.items()}
        if states != last or set(states.values()) & {"2", "3", "6"}:
            last, since = states, time.monotonic()
        if not states or time.monotonic() - since > QUIET_SECONDS:
            return left
        time.sleep(0.2)
    return queued(pool)


async def measure(setting: Setting, seed: int, count: int) -> Matrix:
    """Run one configuration on a pool of its own."""
    matrix = Matrix(setting.name)
    with CondorPool(setting.machines, setting.conf) as pool:
        setting.prepare(pool)
        for task in draw(seed, count):
            matrix.cases.append((await ask(pool, task))[0])
        for case in matrix.cases:
            submit(pool, case)
        left = settle(pool)
        for case in matrix.cases:
            if case.job:
                state, said = left.get(case.job, ("", ""))
                case.truth = f"waits ({state}): {said}" if state else "started"
        pool.run("condor_rm", "-all", check=False)
    return matrix


BACKGROUND = (
    (5, 20000, 0),
    (2, 9000, 1),
    (1, 1000, 0),
)
"""Cores, MiB and GPUs of jobs that keep the pool busy."""


async def measure_starts(seed: int, count: int) -> Matrix:
    """Ask a busy pool whether there is room now, and watch."""
    matrix = Matrix("busy")
    with CondorPool() as pool:
        for cores, memory, gpus in BACKGROUND:
            wanted = Resources(
                cores=Range(cores * 1000), memory=Range(memory * MIB), disk=Range(MIB),
                gpus=Range(gpus or None),
            )  # fmt: skip
            case, _ = await ask(pool, Task(Executable("uri://batch-script"), wanted))
            submit(pool, case, 3000)
            pool.until(lambda job=case.job: queued(pool)[job][0] == "2")
        busy = {job for job, _ in queued(pool).items()}
        pool.quiet()
        for task in draw(seed, count):
            case, answer = await ask(pool, task)
            if case.verdict is Verdict.YES:
                matrix.starts.append(watch_start(pool, case, answer, busy))
    return matrix


def watch_start(pool: CondorPool, case: Case, answer: Answer, busy: set[str]) -> Started:
    """Submit for real and measure the wait; the job is removed at once."""
    began = time.monotonic()
    submit(pool, case, 600)
    ran = until(lambda: queued(pool).get(case.job, ("",))[0] == "2", PATIENCE)
    after = time.monotonic() - began if ran else None
    pool.run("condor_rm", case.job)
    until(lambda: set(queued(pool)) == busy, 20)
    pool.quiet()
    start = answer.offers[0].start
    return Started(case, answer.now, after, PATIENCE, start.earliest, start.latest)


def version() -> str:
    with CondorPool(MACHINES[:1]) as pool:
        said = pool.run("condor_status", "-af", "CondorVersion").split()
    return f"HTCondor {said[1]}"


def everything(count: int, seed: int) -> list[Matrix]:
    if missing := CondorPool.missing():
        sys.stderr.write(f"{missing}\n")
        raise SystemExit(1)
    matrices = [asyncio.run(measure(setting, seed, count)) for setting in SETTINGS]
    return [*matrices, asyncio.run(measure_starts(seed, count // 3))]


if __name__ == "__main__":
    sys.exit(command("htcondor", "HTCondor", version, everything, tasks=100))
