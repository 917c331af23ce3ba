"""One queue's verdict: the dry runs and the arithmetic held together.

Dry run passed and arithmetic fails: NO, both shown. Dry run failed: NO, and the
arithmetic explains.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from ...answer import Offer, Reason, Start, Verdict
from ...evidence import trim
from ...resources import Range
from ...task import Task
from .. import refusals
from .cluster import Cluster, Queue
from .fit import Fit, room
from .outlook import Outlook, outlook, too_late
from .question import Question
from .quota import applying, left, most
from .refusal import DryRun
from .slots import effective, open_members, roomiest, slots

__all__ = ["Case", "Outcome", "Said", "judge"]


@dataclass(frozen=True)
class Said:
    """One dry run."""

    run: DryRun
    """What it said."""
    evidence: int
    """Index of its evidence."""


@dataclass(frozen=True)
class Case:
    """What the judgement of one queue rests on."""

    task: Task
    """The task as asked."""
    put: Question
    """The task as put to this queue."""
    queue: Queue
    """Whom it was put to."""
    cluster: Cluster
    """What is known."""
    found: Fit
    """How it fits."""
    against: tuple[Reason, ...]
    """What speaks against it by arithmetic."""
    rests: tuple[int, ...]
    """Indices of the evidence for the arithmetic."""
    at: float
    """When, in seconds since the Unix epoch."""
    ever: Said | None = None
    """``-w v``, where it was asked; what ``-w p`` takes, it takes too."""
    now: Said | None = None
    """``-w p``, where it was asked."""

    @property
    def said(self) -> tuple[int, ...]:
        """Indices of the evidence for the dry runs."""
        return tuple(each.evidence for each in (self.ever, self.now) if each is not None)


@dataclass(frozen=True)
class Outcome:
    """One queue's verdict."""

    queue: str
    """Which."""
    verdict: Verdict
    """Would it take the job?"""
    now: Verdict = Verdict.NO
    """Has it room now?"""
    offer: Offer | None = None
    """How it would run it, with a YES."""
    reasons: tuple[Reason, ...] = ()
    """Why not; with a YES, why not now."""


def judge(case: Case) -> Outcome:
    """Judge one queue."""
    refused = case.ever is not None and not case.ever.run.taken
    if refused or case.against:
        return _refused(case)
    return _accepted(case)


def _refused(case: Case) -> Outcome:
    said = case.ever or case.now
    text = trim(said.run.text, 500) if said is not None else ""
    reasons = [
        msgspec.structs.replace(
            reason,
            text="; ".join(filter(None, (reason.text, text))),
            evidence=(*case.said, *case.rests),
        )
        for reason in case.against
    ]
    if not reasons and said is not None:
        scope = f"queue {case.queue.name}"
        message = f"Grid Engine refuses: {trim(said.run.text, 300)}"
        reasons.append(
            Reason(said.run.code, message, scope=scope, text=text, evidence=case.said)
        )
    return Outcome(case.queue.name, Verdict.NO, reasons=tuple(reasons))


def _accepted(case: Case) -> Outcome:
    """Both agree, or nobody was asked: then the arithmetic alone."""
    idle = room(case.put, case.queue, case.cluster)
    taken = bool(idle) if case.now is None else case.now.run.taken
    seen = outlook(case.queue, case.cluster, case.found, idle, case.at, taken=taken)
    reasons = () if seen.now is Verdict.YES else tuple(_not_now(case, idle, seen))
    late = too_late(case.task, seen.start, f"queue {case.queue.name}")
    unsure = [reason for reason in (late, _hidden(case), _unseen(case)) if reason is not None]
    if unsure:
        shown = [_resting(case, reason) for reason in unsure]
        never = late is not None and late.code == "full-now"
        verdict = Verdict.NO if never else Verdict.CANNOT_TELL
        now = Verdict.NO if never else seen.now
        return Outcome(case.queue.name, verdict, now, reasons=(*shown, *reasons))
    return Outcome(case.queue.name, Verdict.YES, seen.now, _offer(case, seen.start), reasons)


def _resting(case: Case, reason: Reason) -> Reason:
    return msgspec.structs.replace(reason, evidence=(*case.said, *case.rests))


def _not_now(case: Case, idle: Fit, seen: Outlook) -> Iterator[Reason]:
    scope = f"queue {case.queue.name}"
    text = "" if case.now is None else trim(case.now.run.text, 500)
    for reason in _quotas(case):
        yield _resting(case, reason)
    message = f"Not now in {scope}: {seen.obstacle or idle.counts}"
    yield _resting(case, Reason("full-now", message, scope=scope, text=text))


def _quotas(case: Case) -> Iterator[Reason]:
    """Name the quotas of which too little is left (qquota(1))."""
    put = case.put
    queue = case.queue.name
    rules = {
        rule.name: (rule, each.host)
        for each in case.found.fitting
        for rule in applying(case.cluster, queue, each.host, put.pe)
    }
    for rule, host in rules.values():
        for resource, field, wanted, unit in (
            ("slots", "cores", put.slots, 1000),
            (put.names.memory, "memory", put.all_memory, 1),
            (put.names.gpu, "gpus", put.all_gpus, 1),
        ):
            limit, rest = most(rule, resource), left(rule, resource, queue, host)
            if limit is None or rest is None or wanted <= rest:
                continue
            used = int(limit - rest) * unit
            message = (
                f"Quota {rule.name}: too little left of {rule.limits[resource]} {resource}"
            )
            yield Reason(
                "quota-exhausted",
                message,
                f"/resources/{field}/min",
                wanted * unit,
                int(limit) * unit,
                used=used,
                scope=f"quota {rule.name}",
            )


def _offer(case: Case, start: Start) -> Offer:
    wanted = effective(case.task.resources, case.put)
    filled = {}
    if wanted.cores.min is None:
        wanted, filled["cores.min"] = wanted.replace("cores", min=1000), "default"
    if case.task.resources.memory.min is None and case.put.all_memory:
        filled["memory.min"] = "default"
    members = open_members(case.queue, case.cluster, case.at)
    offered = slots(case.put, case.queue, members, case.cluster)
    slot = roomiest(offered, msgspec.structs.replace(case.task, resources=wanted))
    if slot is not None:
        for name in ("memory", "duration"):
            if not getattr(wanted, name) and name in slot.bounds:
                # Nobody says how much: the job may have what its queue gives.
                wanted = wanted.replace(name, max=slot.bounds[name].max)
                filled[f"{name}.max"] = "offered"
        wanted, more = refusals.granted(slot, wanted)
        filled = {**more, **filled}
    wanted = msgspec.structs.replace(wanted, nodes=Range())
    filled.pop("nodes.max", None)
    evidence = (*case.said, *case.rests)
    return Offer(
        "uri://gridengine",
        case.queue.name,
        {"options": list(case.put.options())},
        wanted,
        filled,
        msgspec.structs.replace(start, evidence=evidence),
        evidence,
    )


def _unseen(case: Case) -> Reason | None:
    """Return that nobody knows whether the slots would be on one host."""
    put = case.put
    if not put.unseen:
        return None
    message = (
        f"Grid Engine did not show how parallel environment {put.pe} spreads {put.slots} slots"
    )
    field, cores = "/resources/cores/min", case.task.resources.cores.min
    return Reason("not-published", message, field, cores, scope=f"environment {put.pe}")


def _hidden(case: Case) -> Reason | None:
    """Return what the task asks of its GPU that Grid Engine does not publish."""
    gpu = case.task.resources.gpu
    if gpu is None or not case.put.gpus or not (gpu.model or gpu.memory or gpu.vendor):
        return None
    field, asked = next(
        (f"/resources/gpu/{name}", value)
        for name, value in (
            ("model", gpu.model),
            ("memory", gpu.memory),
            ("vendor", gpu.vendor),
        )
        if value
    )
    message = "Grid Engine does not publish what its GPUs are"
    return Reason("not-published", message, field, asked, scope=f"queue {case.queue.name}")
