"""From the outcomes of all queues to one answer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from ...answer import Answer, Change, Reason, Verdict
from ...evidence import Evidence, trim
from ...task import Task
from .. import refusals
from ..base import Snapshot
from ..capacity import Slot
from .cluster import Cluster, Queue
from .fit import Fit, fit
from .judge import Case, Outcome, Said, judge
from .objections import objections
from .question import Question
from .refusal import DryRun
from .slots import alternatives, open_members

__all__ = ["Asked", "Put", "answer", "nearest", "put_all"]

_MOST_REASONS: Final = 12
_ROOM: Final = (Verdict.YES, Verdict.CANNOT_TELL, Verdict.NO)
"""Room now, best first."""


@dataclass(frozen=True)
class Put:
    """A task put to one queue, as far as arithmetic goes."""

    queue: Queue
    """Whom."""
    question: Question
    """What is asked."""
    found: Fit
    """How it fits."""
    against: tuple[Reason, ...]
    """What speaks against it."""


@dataclass(frozen=True)
class Asked:
    """One dry run and its command line."""

    run: DryRun
    """What it said."""
    source: str
    """The command line."""
    raw: str
    """Everything it printed."""
    at: float
    """When, in seconds since the Unix epoch."""


def put_all(
    task: Task, questions: Sequence[tuple[Queue, Question]], cluster: Cluster, now: float
) -> list[Put]:
    """Hold a task against every queue by arithmetic."""
    found = []
    for queue, question in questions:
        fits = fit(question, queue, cluster, now)
        against = objections(task, question, queue, cluster, fits, now=now)
        found.append(Put(queue, question, fits, against))
    return found


def answer(
    name: str,
    task: Task,
    put: Sequence[Put],
    snapshot: Snapshot[Cluster],
    asked: Mapping[str, Mapping[str, Asked]],
    *,
    at: float,
    chosen: Collection[str] = (),
) -> Answer:
    """Judge every queue and put the outcomes together.

    Parameters
    ----------
    name
        The platform's configured name.
    task
        The task as asked.
    put
        The task put to each queue.
    snapshot
        What is known of the cluster.
    asked
        By queue what ``-w v`` (key ``v``) and ``-w p`` (key ``p``) said, where asked.
    at
        Our time, in seconds since the Unix epoch.
    chosen
        Queues that the configuration names; empty is all.
    """
    evidence = list(snapshot.evidence)
    outcomes = [
        judge(
            _case(
                task,
                each,
                snapshot.content,
                asked.get(each.queue.name, {}),
                evidence,
                at=at,
            )
        )
        for each in put
    ]
    accepting = sorted((o for o in outcomes if o.offer is not None), key=_rank)
    if accepting:
        verdict, now = Verdict.YES, min((o.now for o in accepting), key=_ROOM.index)
        reasons: tuple[Reason, ...] = (*accepting[0].reasons, *_unpublished(task))
    else:
        reasons = _why_not(outcomes, chosen)
        unsure = not outcomes or any(o.verdict is Verdict.CANNOT_TELL for o in outcomes)
        verdict = now = Verdict.CANNOT_TELL if unsure else Verdict.NO
    return Answer(
        name,
        verdict,
        now,
        offers=tuple(o.offer for o in accepting if o.offer is not None),
        reasons=reasons,
        evidence=tuple(evidence),
        kind="gridengine",
        at=int(at),
    )


def _case(
    task: Task,
    put: Put,
    cluster: Cluster,
    asked: Mapping[str, Asked],
    evidence: list[Evidence],
    *,
    at: float,
) -> Case:
    said: dict[str, Said] = {}
    for level, each in asked.items():
        piece = Evidence("dry-run", each.source, trim(each.raw.strip()), int(each.at))
        if piece not in evidence:
            evidence.append(piece)
        said[level] = Said(each.run, evidence.index(piece))
    text = trim(f"{put.found.counts}\n{put.found.listing()}")
    source = f"qconf -sq, qstat -f -F, qhost -F, qconf -srqs; queue {put.queue.name}"
    evidence.append(Evidence("arithmetic", source, text, int(at)))
    rests = (len(evidence) - 1,)
    return Case(
        task,
        *(put.question, put.queue, cluster, put.found, put.against, rests, at),
        ever=said.get("v"),
        now=said.get("p"),
    )


def _rank(outcome: Outcome) -> tuple[int, int]:
    """Order offers: room now, then the earliest start that is known."""
    start = outcome.offer.start if outcome.offer else None
    earliest = start.earliest if start and start.earliest is not None else 0
    return _ROOM.index(outcome.now), earliest


def _why_not(outcomes: Sequence[Outcome], chosen: Collection[str]) -> tuple[Reason, ...]:
    """Return reasons, those of the queue that comes closest first."""
    if not outcomes:
        if chosen:
            words = f"none of the configured queues exists: {', '.join(chosen)}"
            return (Reason("misconfigured", words, scope="queue", evidence=(0,)),)
        return (Reason("not-published", "no queue is shown", scope="queue", evidence=(0,)),)

    def misfit(outcome: Outcome) -> tuple[bool, bool, bool, int]:
        codes = {reason.code for reason in outcome.reasons}
        sure = outcome.verdict is not Verdict.CANNOT_TELL
        barred = bool(codes & {"closed", "not-authorised"})
        return sure, barred, "no-such-resource" in codes, len(outcome.reasons)

    ordered = sorted(outcomes, key=misfit)
    return tuple(reason for outcome in ordered for reason in outcome.reasons)[:_MOST_REASONS]


def _unpublished(task: Task) -> Iterator[Reason]:
    """Name what a task asks for and Grid Engine knows nothing of."""
    if disk := task.resources.disk.min:
        message = "Grid Engine does not publish disk space; check your quota there"
        yield Reason("not-published", message, "/resources/disk/min", disk, evidence=(0,))
    if image := task.executable.image:
        message = "Grid Engine does not publish whether container images run there"
        field, shown = "/executable/image", trim(image, 200)
        yield Reason("not-published", message, field, shown, evidence=(0,))


def nearest(task: Task, put: Sequence[Put], cluster: Cluster, now: float) -> tuple[Change, ...]:
    """Return changes that the limits of open queues suggest, smallest first."""
    offered: list[Slot] = []
    for each in put:
        if any(reason.code in ("closed", "not-authorised") for reason in each.against):
            continue
        members = open_members(each.queue, cluster, now)
        offered += alternatives(each.question, each.queue, members, cluster)
    if not offered:
        return ()
    gpu = task.resources.gpu
    known = (
        None
        if gpu is None
        else msgspec.structs.replace(gpu, model=None, vendor=None, memory=None)
    )
    resources = msgspec.structs.replace(task.resources, gpu=known)
    return refusals.changes(msgspec.structs.replace(task, resources=resources), offered)
