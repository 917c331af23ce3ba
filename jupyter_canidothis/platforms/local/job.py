"""Limits that the environment tells: a JupyterHub server's, and a Slurm job's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ...command import LocalCommand
from ...errors import PlatformError, RequestError
from ...units import parse_cores, parse_duration, parse_memory
from .readings import Reading

__all__ = ["hub_readings", "remaining_time", "slurm_readings"]

_MIB: Final = 2**20


def hub_readings(environ: Mapping[str, str]) -> Iterator[Reading]:
    """Yield what JupyterHub's spawner says in ``CPU_LIMIT`` and ``MEM_LIMIT``.

    See "Environment variables" of JupyterHub's spawner reference; not every spawner
    enforces them, yet they are what the user was promised.
    """
    for name, dimension, parse in (
        ("CPU_LIMIT", "cores", parse_cores),
        ("MEM_LIMIT", "memory", parse_memory),
    ):
        value = environ.get(name, "")
        try:
            amount = parse(value, name) if value else 0
        except RequestError:
            continue
        if amount:
            yield Reading(dimension, amount, "JupyterHub", f"environment {name}", value)


def slurm_readings(environ: Mapping[str, str]) -> Iterator[Reading]:
    """Yield processors and memory of the Slurm job that we run in.

    From the output environment variables of ``sbatch(1)``; memory is in MiB, and 0
    stands for all memory of the node.
    """
    job = environ.get("SLURM_JOB_ID", "")
    if not job.isdigit():
        return
    cpus, source = environ.get("SLURM_CPUS_ON_NODE", ""), "SLURM_CPUS_ON_NODE"
    if cpus.isdigit() and int(cpus):
        yield Reading(
            "cores", int(cpus) * 1000, f"Slurm job {job}", f"environment {source}", cpus
        )
    for source, factor in (
        ("SLURM_MEM_PER_NODE", "1"),
        ("SLURM_MEM_PER_CPU", cpus),
    ):
        memory = environ.get(source, "")
        if memory.isdigit() and factor.isdigit() and (amount := int(memory) * int(factor)):
            scope = f"Slurm job {job}"
            yield Reading("memory", amount * _MIB, scope, f"environment {source}", memory)


async def remaining_time(
    environ: Mapping[str, str], command: LocalCommand, now: float, deadline: float
) -> Reading | None:
    """Return how long the Slurm job that we run in may still last.

    From ``SLURM_JOB_END_TIME`` (newer Slurm) or ``squeue -o %L`` (``squeue(1)``:
    "time left for the job to execute"). None outside a job, or when it has no end.
    """
    job = environ.get("SLURM_JOB_ID", "")
    if not job.isdigit():
        return None
    end, scope = environ.get("SLURM_JOB_END_TIME", ""), f"Slurm job {job}"
    if end.isdigit():
        left = max(0, int(end) - int(now))
        return Reading("duration", left, scope, "environment SLURM_JOB_END_TIME", end)
    try:
        argv = ("squeue", "-h", "-j", job, "-o", "%L")
        done = await command.run(argv, deadline=deadline, cap=4096)
        left = parse_duration(done.stdout.strip())
    except (PlatformError, RequestError):
        # UNLIMITED, NOT_SET, INVALID, or no squeue on this node: no end is known.
        return None
    return Reading("duration", left, scope, done.line, done.stdout.strip())
