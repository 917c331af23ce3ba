"""Limits of accounts and qualities of service held against one job.

The dry run checks them only for a QOS with the flag DenyOnLimit; without it a job is
taken and waits, with reasons such as ``QOSMaxCpuPerUserLimit`` or
``AssocGrpCPUMinutesLimit`` (squeue(1), JOB REASON CODES). Minutes used up: slurm.conf(5),
AccountingStorageEnforce, ``limits`` and ``safe``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from ...answer import Code, Reason
from ...resources import DIMENSIONS, Range
from ..capacity import Slot
from .accounting import Met
from .cluster import MIB, Cluster, Node, Partition
from .fit import fit, processors, whole_cores
from .question import Question

__all__ = ["ACCOUNTED", "Load", "crowded", "listing", "load", "narrowed", "overdrawn"]

ACCOUNTED: Final = frozenset({"qos", "account", "user"})
"""Scopes of the reasons that come from here."""
_UNITS: Final[Mapping[str, tuple[str, int]]] = {
    "cpu": ("cores", 1000),
    "mem": ("memory", MIB),
    "node": ("nodes", 1),
    "gres": ("gpus", 1),
}
"""What Slurm counts, as a dimension of a task with the size of its unit."""
_MINUTE_WORDS: Final = {"cpu": "Core-minutes", "node": "Node-minutes", "gres": "GPU-minutes"}
_MINUTES: Final = frozenset({"GrpTRESMins", "GrpTRESRunMins", "MaxTRESMinsPJ"})
_ALONE: Final = frozenset({"MaxTRESPJ", "MaxTRESPN", "MaxTRESMinsPJ", "MaxWallPJ", "MinTRESPJ"})
"""Limits of one job, whatever else runs."""
_COUNTED_ALONE: Final = ("GrpWall", "GrpSubmit", "MaxSubmit")
"""Limits that stop jobs once they are reached, whatever the job asks: time that jobs ran,
and how many may wait and run; the latter refuses the submission itself."""
_WHOM: Final = {"PU": " per user", "PA": " per account", "PJ": " per job", "PN": " per node"}


@dataclass(frozen=True)
class Load:
    """What a job would take, as Slurm counts it, and the limits that it meets."""

    amounts: Mapping[str, int]
    """By TRES: ``cpu``, ``mem`` (MiB), ``node``, ``gres/gpu``, ...; absent is unknown."""
    nodes: int
    """Nodes."""
    minutes: int
    """Time limit."""
    met: tuple[Met, ...]
    """The limits."""
    safe: bool
    """Whether a job has to fit the minutes that are left as a whole."""

    def demand(self, met: Met) -> int | None:
        """Return how much of one limit the job takes alone; None when nobody knows."""
        name, tres = met.key
        if name == "MaxWallPJ":
            return self.minutes
        if not tres:
            return 1
        amount = self.amounts.get(tres)
        if amount is None or name == "GrpWall":
            return None
        if name in _MINUTES:
            return amount * self.minutes
        return -(-amount // self.nodes) if name == "MaxTRESPN" else amount


def load(
    question: Question,
    partition: Partition,
    cluster: Cluster,
    chosen: Collection[str] = (),
) -> Load:
    """Say what a job would take in a partition, and which limits it meets.

    Cores are counted as given, so whole ones, and all of a node in an exclusive
    partition. Without any default a job takes all memory of its node.

    Parameters
    ----------
    question, partition, cluster
        The job, where it would run, and what is known there.
    chosen
        Names of the nodes that the dry run chose; of nodes that differ those that give
        least count where it chose none.
    """
    accounting, members = cluster.accounting, cluster.members(partition)
    if accounting is None:
        return Load({}, question.nodes, question.minutes, (), safe=False)
    nodes = [node for node in members if node.name in chosen]
    nodes = nodes or list(
        fit(question, partition, members, cluster.settings).fitting or members
    )
    met = accounting.meeting(partition, question.account, question.qos)
    amounts = _taken(question, partition, cluster, nodes)
    return Load(amounts, question.nodes, question.minutes, met, accounting.safe)


def _taken(
    question: Question, partition: Partition, cluster: Cluster, nodes: Sequence[Node]
) -> dict[str, int]:
    """Return what a job takes of some nodes, by TRES."""
    cpus = processors(question, partition, cluster.settings)
    given = [node.cpus if partition.exclusive else whole_cores(cpus, node) for node in nodes]
    memory = [question.needed_memory or node.memory for node in nodes]
    count = question.nodes
    taken = {
        "cpu": sum(sorted(given)[:count]) or cpus * count,
        "mem": sum(sorted(memory)[:count]) or question.needed_memory * count,
        "node": count,
    }
    if not partition.weighted:
        taken["billing"] = taken["cpu"]
    if question.gpus:
        kinds = {kind for node in nodes for kind in node.gpus if kind}
        kind = question.gpu_type or (kinds.pop() if len(kinds) == 1 else "")
        taken["gres/gpu"] = taken[f"gres/gpu:{kind}"] = question.gpus * count
    return taken


def overdrawn(job: Load) -> Iterator[Reason]:
    """Yield the limits because of which a job never starts, or is not even taken."""
    for met in job.met:
        name, limit, demand = met.key.name, met.limit, job.demand(met)
        spent = name == "GrpTRESMins" or name.startswith(_COUNTED_ALONE)
        if spent and limit.used >= limit.most:
            yield _used_up(met)
        elif demand is not None and not name.startswith(_COUNTED_ALONE):
            yield from _beyond(job, met, demand)


def _beyond(job: Load, met: Met, demand: int) -> Iterator[Reason]:
    """Hold what a job takes alone against one limit."""
    name, limit = met.key.name, met.limit
    if name == "MinTRESPJ":
        if demand < limit.most:
            yield _reason(job, met, demand, "below-minimum", "below the minimum of")
    elif name == "GrpTRESMins":
        if job.safe and demand > limit.most - limit.used:
            yield _too_much_beside(job, met, demand, limit.used)
    elif demand > limit.most:
        yield _reason(job, met, demand, "limit-exceeded", "above the limit of")


def crowded(job: Load) -> Iterator[Reason]:
    """Yield the limits because of which a job does not start beside what runs now.

    Code ``not-published`` where it may start all the same: on nodes that count already.
    """
    for met in job.met:
        name, limit, demand = met.key.name, met.limit, job.demand(met)
        if demand is None or name in _ALONE or name.startswith(_COUNTED_ALONE):
            continue
        taken = limit.used + limit.running
        if demand + taken > limit.most and (job.safe or name != "GrpTRESMins"):
            reason = _too_much_beside(job, met, demand, taken)
            if met.key.tres == "node":
                message = f"{reason.message}; nodes that jobs share count only once"
                reason = msgspec.structs.replace(reason, code="not-published", message=message)
            yield reason


def listing(job: Load) -> str:
    """Return every limit that the job meets, for evidence."""
    return "\n".join(met.words for met in job.met) or "no limit is set"


def narrowed(slots: Sequence[Slot], job: Load) -> tuple[Slot, ...]:
    """Return the slots with the limits of accounts and QOS in them.

    Minutes left bound the duration of as many cores, or the cores for as long: there is
    one slot for either.
    """
    found = tuple(slots)
    for met in job.met:
        if met.key.name in ("GrpWall", "MinTRESPJ"):
            continue
        bounds = list(_bounds(job, met))
        found = tuple(
            narrow
            for slot in found
            for bound in bounds
            if (narrow := _within(slot, *bound)) is not None
        )
    return found


def _bounds(job: Load, met: Met) -> Iterator[tuple[str, int]]:
    """Yield the dimensions that one limit bounds so far; either bound suffices.

    The empty dimension is no bound.
    """
    name, tres = met.key
    amount, limit = job.amounts.get(tres), met.limit
    dimension, unit = _unit(job, met)
    left = max(limit.most - limit.used, 0) if name == "GrpTRESMins" else limit.most
    if name not in _MINUTES:
        yield dimension, left * unit
    elif not amount or (name == "GrpTRESMins" and left and not job.safe):
        yield "", 0
    else:
        yield "duration", left // amount * 60
        if dimension:
            yield dimension, left // job.minutes * unit


def _within(slot: Slot, dimension: str, most: int) -> Slot | None:
    """Return a slot with one bound lowered; None where nothing is left of it."""
    if not dimension:
        return slot
    bound = slot.bounds.get(dimension, Range()).overlap(Range(max=most))
    if bound is None or (not most and dimension != "gpus"):
        return None
    return msgspec.structs.replace(slot, bounds={**slot.bounds, dimension: bound})


def _unit(job: Load, met: Met) -> tuple[str, int]:
    """Return the dimension of a task that a limit is about, and its unit there."""
    name, tres = met.key
    if name == "MaxWallPJ":
        return "duration", 60
    dimension, unit = _UNITS.get(tres.partition("/")[0], ("", 1))
    return dimension, unit * job.nodes if name == "MaxTRESPN" else unit


def _used_up(met: Met) -> Reason:
    limit = met.limit
    left = f"{limit.used} of {limit.most} {_noun(met)}{_whom(met)} are used"
    return Reason(
        "quota-exhausted",
        f"Nothing is left for {met.rules.words}: {left}",
        limit=limit.most,
        used=limit.used,
        scope=met.rules.scope,
        text=met.words,
    )


def _too_much_beside(job: Load, met: Met, demand: int, taken: int) -> Reason:
    left = _spelled(job, met, max(met.limit.most - taken, 0))
    phrase = f"above the {left} left of"
    reason = _reason(job, met, demand, "quota-exhausted", phrase)
    return msgspec.structs.replace(reason, used=_in_field(job, met, taken))


def _reason(job: Load, met: Met, demand: int, code: Code, phrase: str) -> Reason:
    """Say that what the job takes is above or below a limit."""
    dimension, _ = _unit(job, met)
    if met.key.name in _MINUTES and job.amounts.get(met.key.tres):
        dimension = "duration"
    amount, allowed = _spelled(job, met, demand), _spelled(job, met, met.limit.most)
    return Reason(
        code,
        f"{_noun(met)} {amount} is {phrase} {allowed}{_whom(met)} of {met.rules.words}",
        f"/resources/{dimension}/min" if dimension else "",
        _in_field(job, met, demand),
        _in_field(job, met, met.limit.most),
        scope=met.rules.scope,
        text=met.words,
    )


def _in_field(job: Load, met: Met, value: int) -> int:
    """Return an amount in the unit of the task's field; minutes by what the job takes."""
    if met.key.name in _MINUTES:
        return value * 60 // max(job.amounts.get(met.key.tres, 1), 1)
    return value * _unit(job, met)[1]


def _noun(met: Met) -> str:
    name, tres = met.key
    if name == "GrpWall":
        return "Minutes"
    if name in _MINUTES:
        return _MINUTE_WORDS.get(tres.partition("/")[0], f"{tres}-minutes")
    if not tres:
        return "Time" if name == "MaxWallPJ" else "Jobs"
    dimension, _ = _UNITS.get(tres.partition("/")[0], ("", 1))
    return DIMENSIONS[dimension].label if dimension else tres.capitalize()


def _spelled(job: Load, met: Met, value: int) -> str:
    """Print an amount for a person."""
    dimension, unit = _unit(job, met)
    if met.key.name in _MINUTES or not dimension:
        return str(value)
    text = DIMENSIONS[dimension].format(value * unit)
    return text.split()[0] if dimension == "cores" else text


def _whom(met: Met) -> str:
    return _WHOM.get(met.key.name[-2:], "")
