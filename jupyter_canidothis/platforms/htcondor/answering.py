"""From the outcomes of all shapes of slots to one answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from ...answer import Answer, Change, Offer, Reason, Start, Sure, Verdict
from ...evidence import Evidence, trim
from ...task import Task
from ...units import format_duration
from .. import refusals
from ..base import Snapshot
from ..capacity import Slot, asked, judge_for
from .dry_run import DryRun
from .job import Job, effective
from .judge import Outcome, judge, obstacles, saturated, tally
from .pool import Pool
from .slots import limits, reachable

__all__ = ["answer", "nearest"]

_MOST_OFFERS: Final = 5
_MOST_REASONS: Final = 12
_MOST_LIMITS: Final = 40
"""Most shapes whose exact limits are looked for; the others count in the tally."""
_ROOM: Final = (Verdict.YES, Verdict.CANNOT_TELL, Verdict.NO)
"""Room now, best first."""


def answer(
    name: str,
    task: Task,
    put: Job,
    snapshot: Snapshot[Pool],
    *,
    at: float,
    info: dict[str, Any],
    dry: DryRun | None = None,
) -> Answer:
    """Judge every shape of slots and put the outcomes together.

    Parameters
    ----------
    name
        The platform's configured name.
    task
        The task as asked.
    put
        The job that it becomes.
    snapshot
        What is known of the pool.
    at
        Our time, in seconds since the Unix epoch.
    info
        What a client needs to submit there.
    dry
        What HTCondor's own dry run said; None where it was not asked.
    """
    pool = snapshot.content
    match = Evidence("arithmetic", "ClassAd matching", trim(_asked(put)), int(at))
    evidence = (*snapshot.evidence, match, *(dry.evidence if dry else ()))
    proof = tuple(range(len(evidence)))
    outcomes = [judge(put, shape) for shape in pool.shapes]
    refused = [*_spread(task), *obstacles(put, pool), *(dry.refusals if dry else ())]
    accepting = sorted(
        (outcome for outcome in outcomes if outcome.verdict is Verdict.YES), key=_rank
    )
    offers: tuple[Offer, ...] = ()
    if refused:
        verdict = now = Verdict.NO
        reasons = refused
    elif accepting:
        verdict = Verdict.YES
        offers = tuple(
            _offer(task, put, outcome, pool, info) for outcome in accepting[:_MOST_OFFERS]
        )
        now = accepting[0].now if pool.negotiator and not saturated(pool) else Verdict.NO
        reasons = [*_not_now(accepting, pool, now), *_unpublished(task, put, pool)]
    else:
        verdict = now = _no_or_unknown(outcomes, complete=snapshot.complete)
        reasons = [*_why_not(task, put, outcomes), *_hidden(snapshot)]
    sure: Sure = "checked" if dry else "asked"
    return Answer(
        name,
        verdict,
        now,
        offers=tuple(_resting(offer, proof) for offer in offers),
        reasons=tuple(_resting(reason, proof) for reason in reasons[:_MOST_REASONS]),
        sure=sure,
        evidence=evidence,
        kind="htcondor",
        at=int(at),
    )


def _resting(told: Any, proof: tuple[int, ...]) -> Any:
    """Name the evidence, which is the same for all: the pool and the job."""
    if isinstance(told, Offer) and told.start is not None:
        start = msgspec.structs.replace(told.start, evidence=proof)
        told = msgspec.structs.replace(told, start=start)
    return msgspec.structs.replace(told, evidence=proof)


def _asked(put: Job) -> str:
    return "\n".join(f"{name} = {value}" for name, value in put.facts().items())


def _rank(outcome: Outcome) -> tuple[int, int, int, float]:
    """Order by room now, by opening hour, then slots without GPUs that nobody asked for."""
    return (
        _ROOM.index(outcome.now),
        outcome.opens or 0,
        int(outcome.shape.total[-1]),
        -outcome.shape.total[0],
    )


def _no_or_unknown(outcomes: Sequence[Outcome], *, complete: bool) -> Verdict:
    unsure = any(outcome.verdict is Verdict.CANNOT_TELL for outcome in outcomes)
    return Verdict.CANNOT_TELL if unsure or not outcomes or not complete else Verdict.NO


def _spread(task: Task) -> Iterator[Reason]:
    nodes = task.resources.nodes.min
    if nodes is not None and nodes > 1:
        yield Reason(
            "limit-exceeded",
            f"Nodes {nodes} is above the limit of 1: such a job runs on one slot",
            "/resources/nodes/min",
            nodes,
            1,
            scope="slot",
        )


def _offer(task: Task, put: Job, outcome: Outcome, pool: Pool, info: dict[str, Any]) -> Offer:
    wanted, defaults = effective(task.resources, put)
    granted, filled = refusals.granted(limits(put, outcome.shape), wanted)
    first, count = outcome.shape.rooms[0].name, len(outcome.shape.rooms)
    name = trim(outcome.room.name if outcome.room else first, 200)
    return Offer(
        "uri://htcondor",
        name if count == 1 else f"{name} and {count - 1} more",
        {**info, "description": put.description()},
        resources=granted,
        filled={**filled, **defaults},
        start=_start(outcome, pool),
    )


def _start(outcome: Outcome, pool: Pool) -> Start:
    every = f", every {format_duration(pool.cycle)}" if pool.cycle else ""
    basis = f"HTCondor publishes no start times; its negotiator matches jobs in cycles{every}"
    if outcome.opens is not None:
        return Start(outcome.opens, basis=f"START opens at an hour of the week; {basis}")
    return Start(0 if outcome.now is Verdict.YES else None, basis=basis)


def _not_now(accepting: Sequence[Outcome], pool: Pool, now: Verdict) -> Iterator[Reason]:
    if now is Verdict.YES:
        return
    if not pool.negotiator:
        message = "The pool shows no negotiator, so nothing is matched at present"
        yield Reason("closed", message, scope="pool")
    elif saturated(pool):
        message = "The schedd runs as many jobs as it may (MaxJobsRunning)"
        most = pool.schedds[0].most_running
        yield Reason(
            "full-now", message, limit=most, used=pool.schedds[0].running, scope="schedd"
        )
    elif (wait := accepting[0].opens) is not None:
        message = (
            f"START takes such jobs at certain hours only, next in {format_duration(wait)}"
        )
        yield Reason("closed", message, scope="slot", text=_words(accepting[0]))
    else:
        slots = sum(len(outcome.shape.rooms) for outcome in accepting)
        rooms = [room for outcome in accepting for room in outcome.shape.rooms]
        free = [room for room in rooms if not room.claimed]
        freest = max((room.free for room in free), default=(0, 0, 0, 0))
        message = (
            f"None of the {slots} slots that take it has room now; the freest has "
            f"{freest[0]:g} cores and {freest[1] / 1024:.4g} GiB"
        )
        yield Reason("full-now", message, used=len(rooms) - len(free), scope="slot")


def _words(outcome: Outcome) -> str:
    return trim(" && ".join((*outcome.match.objections, *outcome.match.demands)), 500)


def _unpublished(task: Task, put: Job, pool: Pool) -> Iterator[Reason]:
    """Name what a task asks for and the pool says nothing of."""
    time = task.resources.duration.min
    if time is not None and not put.duration:
        message = "HTCondor publishes no limit of run time here"
        kept = {shape.facts.get("maxjobretirementtime", "") for shape in pool.shapes}
        if len(kept) == 1 and (only := kept.pop()).isdigit() and int(only):
            message += f"; a job that has to leave is given {format_duration(int(only))}"
        yield Reason("not-published", message, "/resources/duration/min", time)
    if image := task.executable.image:
        message = "HTCondor does not publish whether this container image runs there"
        yield Reason("not-published", message, "/executable/image", trim(image, 200))


def _hidden(snapshot: Snapshot[Pool]) -> Iterator[Reason]:
    if not snapshot.content.shapes:
        message = "HTCondor shows you no slot; a pool that grows on demand may have some later"
        yield Reason("not-published", message, scope="pool")
    elif not snapshot.complete:
        yield Reason("not-published", "Not all slots of this pool were read", scope="pool")


def _why_not(task: Task, put: Job, outcomes: Sequence[Outcome]) -> Iterator[Reason]:
    """Yield reasons: limits of the closest slots, what START says, and the count of all."""
    if not outcomes:
        return
    open_ones = [outcome for outcome in outcomes if not outcome.shape.closed]
    # Who needs a GPU wants to hear of the slots that have some.
    closest = sorted(open_ones, key=lambda one: put.gpus > 0 and not one.shape.total[-1])
    found = [reachable(put, outcome.shape) for outcome in closest[:_MOST_LIMITS]]
    if slots := [slot for slot in found if slot is not None]:
        yield from _over_limits(task, slots)
    told = set()
    for outcome in open_ones:
        if outcome.match.unknown:
            names = ", ".join(outcome.match.unknown[:5])
            message = (
                f"A slot's START depends on what is not known of the job: {trim(names, 200)}"
            )
            told.add(("not-published", message, _words(outcome)))
        elif outcome.verdict is Verdict.CANNOT_TELL:
            message = "Slots have GPUs but do not publish which"
            told.add(("not-published", message, ""))
        elif not outcome.match.demands:
            told.add(
                ("would-pend-forever", "A slot's START refuses such a job", _words(outcome))
            )
    for code, message, words in sorted(told)[:4]:
        yield Reason(code, message, scope="slot", text=words)  # type: ignore[arg-type]
    closed = {outcome.shape.closed for outcome in outcomes if outcome.shape.closed}
    code = "closed" if len(open_ones) < len(outcomes) and closed else "would-pend-forever"
    yield Reason(code, tally(outcomes), scope="pool")  # type: ignore[arg-type]


def _over_limits(task: Task, slots: Sequence[Slot]) -> Iterator[Reason]:
    tallied = judge_for(slots).judge(asked(task)).tally()
    if not tallied.accepting:
        place = refusals.closest_refusal(tallied)
        yield from refusals.reasons(slots[place], tallied.failing(place))


def nearest(task: Task, put: Job, pool: Pool) -> tuple[Change, ...]:
    """Return changes that the slots' limits suggest, smallest first.

    Parameters
    ----------
    task
        The refused task.
    put
        The job that it becomes.
    pool
        What is known.
    """
    shapes = [shape for shape in pool.shapes if not shape.closed]
    found = [reachable(put, shape) for shape in shapes[:_MOST_LIMITS]]
    slots = [slot for slot in found if slot is not None]
    return refusals.changes(task, slots) if slots else ()
