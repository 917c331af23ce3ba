"""One partition's verdict: the dry run and the arithmetic held together.

Dry run passed and arithmetic fails: NO, both shown. Dry run failed: NO, and the
arithmetic explains.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from ...answer import Offer, Reason, Start, Verdict
from ...evidence import Evidence, trim
from ...task import Task
from ...units import format_duration
from .. import refusals
from ..capacity import Slot
from .cluster import Cluster, Partition
from .load import Load
from .question import Question, gpu_memory
from .quota import ACCOUNTED, comes_back_in, crowded, listing, narrowed, unclear
from .refusal import DryRun, Meaning
from .slots import effective, roomiest
from .start import Outlook, outlook
from .weighing import Weighed

__all__ = ["Outcome", "Sources", "Trial", "judge", "unexplained"]


class Sources:
    """The evidence of one answer, as it is collected.

    Parameters
    ----------
    prefix
        What every command line begins with, e.g. ``SLURM_CONF=...``.
    """

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.list: list[Evidence] = []

    def add(self, evidence: Evidence) -> int:
        """Keep one piece and return its index in `Answer.evidence`."""
        self.list.append(evidence)
        return len(self.list) - 1


@dataclass(frozen=True)
class Trial:
    """One question and what the dry run said."""

    weighed: Weighed
    """Who was asked what, and what arithmetic says of it."""
    run: DryRun
    """What it said; nothing where arithmetic already refuses."""
    source: str
    """The command line; empty when it was not run."""
    raw: str
    """Everything it printed."""
    at: float
    """When, in seconds since the Unix epoch."""
    name: str = ""
    """What the offer is called; the partition's name when empty."""
    borrowed: bool = False
    """Whether the dry run is that of another account or QOS in the same partition."""
    blamed: str = ""
    """JSON pointer to the one term without which the dry run passed, if it was sought."""
    without: Trial | None = None
    """That dry run."""

    @property
    def partition(self) -> Partition:
        """Who was asked."""
        return self.weighed.partition

    @property
    def question(self) -> Question:
        """What was asked."""
        return self.weighed.question


@dataclass(frozen=True)
class Outcome:
    """One partition's verdict."""

    partition: Partition
    """Which."""
    verdict: Verdict
    """Would it take the job?"""
    now: Verdict = Verdict.NO
    """Has it room now?"""
    offer: Offer | None = None
    """How it would run it, with a YES."""
    reasons: tuple[Reason, ...] = ()
    """Why not; with a YES, why not now."""


@dataclass(frozen=True)
class _Case:
    """What the judgement of one trial rests on."""

    task: Task
    trial: Trial
    cluster: Cluster
    dry_run: tuple[int, ...]
    state: int
    nodes: int
    queue: int
    without: tuple[int, ...]
    load: Load
    limits: tuple[int, ...]
    slots: tuple[Slot, ...]


def judge(trial: Trial, sources: Sources, queue: int) -> Outcome:
    """Judge one trial.

    Parameters
    ----------
    trial
        The dry run in one partition, under one account and QOS.
    sources
        Where evidence is collected.
    queue
        Index of the evidence for queue and reservations.
    """
    weighed, partition = trial.weighed, trial.partition
    cluster, found = weighed.cluster, weighed.found
    name, job, at = partition.name, weighed.load(trial.run.nodes), int(trial.at)
    case = _Case(
        weighed.task,
        trial,
        cluster,
        dry_run=tuple(sources.add(_said(run)) for run in (trial,) if run.source),
        state=sources.add(
            Evidence(
                "live-read",
                f"{sources.prefix}scontrol -o show partition {name}",
                trim(partition.record),
                at,
            )
        ),
        nodes=sources.add(
            Evidence(
                "arithmetic",
                f"{sources.prefix}scontrol -d -o show node; nodes of partition {name}",
                trim(f"{found.counts}\n{found.listing()}"),
                at,
            )
        ),
        queue=queue,
        without=tuple(sources.add(_said(run)) for run in (trial.without,) if run is not None),
        load=job,
        limits=tuple(
            sources.add(read) for read in _limits(trial, cluster, job, sources.prefix)
        ),
        slots=narrowed(weighed.slots, job),
    )
    against = weighed.against(job)
    if trial.run.meaning is not None:
        return _refused(case, against)
    if against:
        return _overruled(case, against)
    return _accepted(case)


def _limits(trial: Trial, cluster: Cluster, job: Load, prefix: str) -> Iterator[Evidence]:
    if cluster.accounting is not None:
        source = f"{prefix}scontrol show assoc_mgr flags=assoc,qos; sacctmgr show qos"
        yield Evidence("live-read", source, trim(listing(job)), int(trial.at))


def _said(trial: Trial) -> Evidence:
    return Evidence("dry-run", trial.source, trim(trial.raw.strip()), int(trial.at))


def unexplained(trial: Trial) -> bool:
    """Whether neither Slurm's words nor the arithmetic say why a dry run was refused."""
    if trial.run.meaning is None or trial.run.meaning.explained:
        return False
    return not trial.weighed.against()


def _refused(case: _Case, against: tuple[Reason, ...]) -> Outcome:
    """Dry run failed: NO, and the arithmetic explains."""
    run, partition = case.trial.run, case.trial.partition
    meaning = run.meaning or Meaning("refused")
    reasons = [_shown(case, reason) for reason in against]
    told = {reason.field for reason in reasons}
    if not reasons or (meaning.explained and meaning.field not in told):
        scope = meaning.scope or f"partition {partition.name}"
        message = f"Slurm refuses: {trim(run.text, 300)}"
        plain = Reason(meaning.code, message, meaning.field, scope=scope)
        reasons.append(_shown(case, _blamed(case, plain)))
    if not against and _lifted(case.trial):
        message = (
            "The QOS lifts limits of the partition, which Slurm's dry run does not count"
            " everywhere"
        )
        lifts = Reason("not-published", message, scope="qos")
        return Outcome(partition, Verdict.CANNOT_TELL, reasons=(_shown(case, lifts), *reasons))
    unsure = all(reason.code == "misconfigured" for reason in reasons)
    verdict = Verdict.CANNOT_TELL if unsure else Verdict.NO
    return Outcome(partition, verdict, reasons=tuple(reasons))


def _lifted(trial: Trial) -> bool:
    """Whether the job keeps to the partition's limits only as its QOS lifts them.

    With PartitionMaxNodes a real 22.05 starts jobs of which its dry run says that their
    node configuration is not available.
    """
    eased, nodes = trial.partition, trial.question.nodes
    for plain in trial.weighed.cluster.partitions:
        if plain.name == eased.name and plain != eased:
            most = plain.max_nodes or nodes
            seconds = trial.question.minutes * 60
            longest = plain.max_time or seconds
            return not (plain.min_nodes <= nodes <= most and seconds <= longest)
    return False


def _blamed(case: _Case, plain: Reason) -> Reason:
    """Name the term without which the dry run passed."""
    trial = case.trial
    if trial.without is None:
        return plain
    what = trial.blamed.split("/")[2]
    message = f"{plain.message}; it would take the task with less or no {what}"
    return msgspec.structs.replace(
        plain, code="limit-exceeded", field=trial.blamed, message=message
    )


def _overruled(case: _Case, against: tuple[Reason, ...]) -> Outcome:
    """Dry run passed and arithmetic fails: NO, both shown."""
    reasons = tuple(_shown(case, _pending(case, reason)) for reason in against)
    return Outcome(case.trial.partition, Verdict.NO, reasons=reasons)


def _pending(case: _Case, reason: Reason) -> Reason:
    """Say what becomes of a job whose limit is not enforced at submission.

    With EnforcePartLimits=NO it is accepted and never starts (slurm.conf(5)).
    """
    if reason.scope in ACCOUNTED:
        if reason.code not in ("limit-exceeded", "below-minimum"):
            return reason
        message = f"{reason.message}: the job would be accepted and wait for ever"
        return msgspec.structs.replace(reason, code="would-pend-forever", message=message)
    limits = ("/resources/duration/min", "/resources/nodes/min")
    if case.cluster.settings.enforce != "NO" or reason.field not in limits:
        return reason
    message = f"{reason.message}: the job would be accepted and wait for ever"
    return msgspec.structs.replace(reason, code="would-pend-forever", message=message)


def _shown(case: _Case, reason: Reason) -> Reason:
    rests: tuple[int, ...] = (case.state,)
    if reason.scope in ACCOUNTED and case.limits:
        rests = case.limits
    elif reason.scope == "node" or "nodes:" in reason.message:
        rests = (case.nodes,)
    return msgspec.structs.replace(
        reason,
        text=trim(case.trial.run.text, 500),
        evidence=(*case.dry_run, *rests, *case.without),
    )


def _accepted(case: _Case) -> Outcome:
    trial, wanted = case.trial, case.task.resources
    seen = outlook(trial.question, trial.partition, case.cluster, trial.run.start, trial.at)
    used = tuple(_shown(case, reason) for reason in crowded(case.load))
    if used:
        basis = "when jobs that count against the same limit have ended"
        sure = any(reason.code == "quota-exhausted" for reason in used)
        now = Verdict.NO if sure or seen.now is Verdict.NO else Verdict.CANNOT_TELL
        wait = comes_back_in(case.load)
        if wait:
            basis = f"used minutes come back in {format_duration(wait)}, if nobody uses more"
        seen = Outlook(Start(wait or None, None, basis), now, seen.obstacle)
    hidden = _hidden(case)
    late = _late(case, seen)
    if late is not None and late.code == "full-now":
        return Outcome(trial.partition, Verdict.NO, reasons=(late,))
    unknown = tuple(_shown(case, reason) for reason in unclear(case.load))
    unsure = (*(reason for reason in (late, hidden) if reason is not None), *unknown)
    reasons = [*used, *([_not_now(case, seen)] if seen.obstacle else [])]
    if unsure:
        return Outcome(
            trial.partition, Verdict.CANNOT_TELL, seen.now, reasons=(*unsure, *reasons)
        )
    asked, filled = effective(wanted, trial.question)
    resources = msgspec.structs.replace(asked, gpu=wanted.gpu)
    slot = roomiest(case.slots, msgspec.structs.replace(case.task, resources=asked))
    if slot is not None:
        if not resources.memory and "memory" in slot.bounds:
            # Nobody says how much: the job gets what its node has.
            resources = resources.replace("memory", max=slot.bounds["memory"].max)
            filled["memory.max"] = "offered"
        resources, offered = refusals.granted(slot, resources)
        filled = {**offered, **filled}
    offer = Offer(
        "uri://slurm",
        trial.name or trial.partition.name,
        {"cluster": case.cluster.settings.cluster, "options": list(trial.question.options)},
        resources,
        filled,
        msgspec.structs.replace(seen.start, evidence=(*case.dry_run, case.nodes, case.queue)),
        (*case.dry_run, case.state),
    )
    return Outcome(trial.partition, Verdict.YES, seen.now, offer, tuple(reasons))


def _not_now(case: _Case, seen: Outlook) -> Reason:
    scope = f"partition {case.trial.partition.name}"
    message = f"Not now in {scope}: {seen.obstacle}"
    return Reason("full-now", message, scope=scope, evidence=(case.nodes, case.queue))


def _late(case: _Case, seen: Outlook) -> Reason | None:
    """Hold the start against the longest start-up that the task accepts.

    Code ``full-now`` when it is surely later, ``not-published`` when it could be.
    """
    most, start = case.task.resources.startup.max, seen.start
    if most is None or (start.latest is not None and start.latest <= most):
        return None
    scope = f"partition {case.trial.partition.name}"
    late = start.earliest is not None and start.earliest > most
    first = "nobody knows when" if start.earliest is None else _after(start.earliest)
    last = "nobody knows when" if start.latest is None else _after(start.latest)
    accepted = f"the task accepts {format_duration(most)}"
    message = (
        f"Starts {first} at the earliest; {accepted}"
        if late
        else f"Slurm does not say whether it starts in time: {accepted}; earliest {first},"
        f" latest {last}"
    )
    return Reason(
        "full-now" if late else "not-published",
        message,
        "/resources/startup/max",
        most,
        start.earliest if late else start.latest,
        scope=scope,
        evidence=(*case.dry_run, case.nodes, case.queue),
    )


def _after(seconds: int) -> str:
    return f"in {format_duration(seconds)}" if seconds else "at once"


def _hidden(case: _Case) -> Reason | None:
    """Return what the task asks of its GPU that Slurm does not publish."""
    gpu, question = case.task.resources.gpu, case.trial.question
    if gpu is None or gpu.memory is None or not question.gpus:
        return None
    if (gpu_memory(question.gpu_type) or 0) >= gpu.memory:
        return None
    return Reason(
        "not-published",
        "Slurm does not publish the memory of its GPUs",
        "/resources/gpu/memory",
        gpu.memory,
        scope=f"partition {case.trial.partition.name}",
        evidence=(case.nodes,),
    )
