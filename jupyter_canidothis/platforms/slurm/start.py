"""When a job could start: a range with its grounds, never a naked number.

``sbatch --test-only`` adds up the time limits of everything that waits, so what it
says is late; the backfill scheduler starts a job at once when idle resources suffice
and the job ends before the next waiting one is due (slurm.conf(5), SchedulerType,
sched/backfill).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ...answer import Start, Verdict
from ...units import format_duration
from .cluster import Cluster, Node, Partition
from .fit import room
from .question import Question

__all__ = ["Outlook", "outlook"]

PROMPT: Final = 5
"""Seconds within which a start counts as now; the controller prints whole seconds."""


class Outlook(NamedTuple):
    """When, and whether now."""

    start: Start
    """The range."""
    now: Verdict
    """Whether there is room at this moment."""
    obstacle: str
    """What is in the way now, in plain words; empty when nothing is."""


def outlook(
    question: Question,
    partition: Partition,
    cluster: Cluster,
    expected: float | None,
    clock: float,
) -> Outlook:
    """Say when a job that passed the dry run would start.

    Parameters
    ----------
    question
        The job.
    partition
        Where it would run.
    cluster
        What is known of nodes, queue and reservations.
    expected
        The dry run's start by the controller's clock; None when it said none.
    clock
        Our time when the dry run answered, in seconds since the Unix epoch.
    """
    now = clock + cluster.settings.skew
    latest = None if expected is None else max(0, round(expected - now))
    if latest is not None and latest <= PROMPT:
        return Outlook(Start(0, latest, "the dry run expects it to start at once"), _YES, "")
    members = cluster.members(partition)
    idle = room(question, partition, members, cluster.settings)
    if not idle:
        basis = "latest by the dry run; earlier when running jobs end before their limits"
        return Outlook(Start(None, latest, basis), _NO, f"idle now: {idle.counts}")
    if closing := _reserved(idle.fitting, question, cluster, now):
        basis = f"after the reservation {closing}, by the dry run"
        return Outlook(
            Start(latest, latest, basis), _NO, f"the reservation {closing} is in the way"
        )
    return _behind(question, partition, cluster, latest, now)


_YES: Final = Verdict.YES
_NO: Final = Verdict.NO


def _reserved(nodes: tuple[Node, ...], question: Question, cluster: Cluster, now: float) -> str:
    """Return the reservation that keeps idle nodes from this job, or nothing."""
    names = {node.name for node in nodes}
    blocking = ""
    for reservation in cluster.reservations:
        overlaps = reservation.start < now + question.minutes * 60 and reservation.end > now
        if overlaps and reservation.nodes & names:
            names -= reservation.nodes
            blocking = reservation.name
    return blocking if len(names) < question.nodes else ""


def _behind(
    question: Question, partition: Partition, cluster: Cluster, latest: int | None, now: float
) -> Outlook:
    """Judge a job that has idle resources but a queue before it."""
    around = frozenset().union(*(node.partitions for node in cluster.members(partition)))
    queue = [waiting for waiting in cluster.waiting if waiting.partitions & around]
    due = min((w.start for w in queue if w.start is not None and w.start > now), default=None)
    if due is not None and now + question.minutes * 60 > due:
        wait = format_duration(round(due - now))
        basis = "latest by the dry run; a waiting job is to start before this one would end"
        return Outlook(Start(None, latest, basis), _NO, f"a waiting job is to start in {wait}")
    basis = "earliest by backfill into idle resources; latest by the dry run"
    if due is None and queue:
        return Outlook(
            Start(0, latest, basis), Verdict.CANNOT_TELL, "jobs wait before this one"
        )
    return Outlook(Start(0, latest, basis), _YES, "")
