"""Limits of accounts and qualities of service held against one job.

The dry run checks them only for a QOS with the flag DenyOnLimit; without it a job is
taken and waits, with reasons such as ``QOSMaxCpuPerUserLimit`` or
``AssocGrpCPUMinutesLimit`` (squeue(1), JOB REASON CODES). Minutes used up: slurm.conf(5),
AccountingStorageEnforce, ``limits`` and ``safe``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from ...answer import Code, Reason
from ...resources import DIMENSIONS, Range
from ..capacity import Slot
from .accounting import Met
from .cluster import MIB
from .load import MINUTES, Load

__all__ = [
    "ACCOUNTED",
    "comes_back_in",
    "crowded",
    "listing",
    "narrowed",
    "overdrawn",
    "unclear",
]

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
_ALONE: Final = frozenset({"MaxTRESPJ", "MaxTRESPN", "MaxTRESMinsPJ", "MaxWallPJ", "MinTRESPJ"})
"""Limits of one job, whatever else runs."""
_COUNTED_ALONE: Final = ("GrpWall", "GrpSubmit", "MaxSubmit")
"""Limits that stop jobs once they are reached, whatever the job asks: time that jobs ran,
and how many may wait and run; the latter refuses the submission itself."""
_WHOM: Final = {"PU": " per user", "PA": " per account", "PJ": " per job", "PN": " per node"}


def overdrawn(job: Load) -> Iterator[Reason]:
    """Yield the limits because of which a job never starts, or is not even taken."""
    for met in job.met:
        name, limit, demand = met.key.name, met.limit, job.demand(met)
        if _spent(met) and not (_comes_back(job, met) and limit.most):
            yield _used_up(met)
        elif demand is not None and not name.startswith(_COUNTED_ALONE):
            yield from _beyond(job, met, demand)


def _spent(met: Met) -> bool:
    """Whether a limit that counts what jobs took is reached."""
    name = met.key.name
    counts = name == "GrpTRESMins" or name.startswith(_COUNTED_ALONE)
    return counts and met.limit.used >= met.limit.most


def _comes_back(job: Load, met: Met) -> bool:
    """Whether what is used up comes back with time.

    slurm.conf(5), PriorityDecayHalfLife and PriorityUsageResetPeriod; sacctmgr(1),
    Flags, NoDecay.
    """
    if met.key.name not in ("GrpTRESMins", "GrpWall") or "NoDecay" in met.rules.flags:
        return False
    return job.settings.half_life is not None or job.settings.usage_reset


def unclear(job: Load) -> Iterator[Reason]:
    """Yield the limits of which nobody knows how much of them the job takes."""
    for met in job.met:
        if met.key.tres in job.unknown and met.key.name != "GrpWall":
            message = (
                f"{met.rules.words} limits {met.key.tres}, and Slurm does not show how much"
                " of it the job takes"
            )
            yield Reason("not-published", message, scope=met.rules.scope, text=met.words)


def comes_back_in(job: Load) -> int:
    """Return the seconds that used minutes need to decay until the job has enough left."""
    half_life = job.settings.half_life
    if half_life is None or job.settings.usage_reset:
        return 0
    waits = [0.0]
    for met in job.met:
        if not _comes_back(job, met):
            continue
        demand = job.demand(met) if job.safe else 0
        # Usage is printed in whole minutes, cut off.
        room = max(met.limit.most - (demand or 0), 0) + 1
        if met.limit.used > room:
            waits.append(half_life * math.log2(met.limit.used / room))
    return int(max(waits))


def _beyond(job: Load, met: Met, demand: int) -> Iterator[Reason]:
    """Hold what a job takes alone against one limit."""
    name, limit = met.key.name, met.limit
    if name == "MinTRESPJ":
        if demand < limit.most:
            yield _reason(job, met, demand, "below-minimum", "below the minimum of")
    elif name == "GrpTRESMins":
        used = 0 if _comes_back(job, met) else limit.used
        if job.safe and demand > limit.most - used:
            yield _too_much_beside(job, met, demand, limit.used)
    elif demand > limit.most:
        yield _reason(job, met, demand, "limit-exceeded", "above the limit of")


def crowded(job: Load) -> Iterator[Reason]:
    """Yield the limits because of which a job does not start beside what runs now.

    Code ``not-published`` where it may start all the same: on nodes that count already.
    """
    for met in job.met:
        name, limit, demand = met.key.name, met.limit, job.demand(met)
        if _spent(met) and _comes_back(job, met):
            yield _used_up(met)
            continue
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
    used = limit.used if name == "GrpTRESMins" and not _comes_back(job, met) else 0
    left = max(limit.most - used, 0)
    if name not in MINUTES:
        yield dimension, left * unit
    elif not amount or (name == "GrpTRESMins" and left and not job.safe):
        yield "", 0
    else:
        left = int(left / job.factor) if job.factor else left
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
    if met.key.name in MINUTES and job.amounts.get(met.key.tres):
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
    if met.key.name in MINUTES:
        return value * 60 // max(job.amounts.get(met.key.tres, 1), 1)
    return value * _unit(job, met)[1]


def _noun(met: Met) -> str:
    name, tres = met.key
    if name == "GrpWall":
        return "Minutes"
    if name in MINUTES:
        return _MINUTE_WORDS.get(tres.partition("/")[0], f"{tres}-minutes")
    if not tres:
        return "Time" if name == "MaxWallPJ" else "Jobs"
    dimension, _ = _UNITS.get(tres.partition("/")[0], ("", 1))
    return DIMENSIONS[dimension].label if dimension else tres.capitalize()


def _spelled(job: Load, met: Met, value: int) -> str:
    """Print an amount for a person."""
    dimension, unit = _unit(job, met)
    if met.key.name in MINUTES or not dimension:
        return str(value)
    text = DIMENSIONS[dimension].format(value * unit)
    return text.split()[0] if dimension == "cores" else text


def _whom(met: Met) -> str:
    return _WHOM.get(met.key.name[-2:], "")
