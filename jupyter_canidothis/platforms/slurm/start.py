"""When a job could start: a range with its grounds, never a naked number.

``sbatch --test-only`` adds up the time limits of everything that waits in the same
partition, so what it says is late; and it does not see what waits in other partitions
for the same nodes, so it can be early. The backfill scheduler starts a job at once when
idle resources suffice and no waiting job is thereby late (slurm.conf(5), SchedulerType,
sched/backfill).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from ...answer import Start, Verdict
from ...units import format_duration
from .cluster import Cluster, Node, Partition, Waiting
from .fit import Fit, room, whole_cores
from .question import Question

__all__ = ["Outlook", "outlook"]

PROMPT: Final = 5
"""Seconds within which a start counts as now; the controller prints whole seconds."""
_IN_LINE: Final = frozenset({"None", "Resources", "Priority"})
"""Reasons of jobs that start as soon as there is room (squeue(1), JOB REASON CODES)."""
_YES, _NO = Verdict.YES, Verdict.NO
_HIDDEN: Final = "Slurm does not show its nodes to you"


class Outlook(NamedTuple):
    """When, and whether now."""

    start: Start
    """The range."""
    now: Verdict
    """Whether there is room at this moment."""
    obstacle: str = ""
    """What is in the way now, in plain words; empty when nothing is."""


class _Hold(NamedTuple):
    """Idle nodes that are spoken for before the job would end."""

    nodes: frozenset[str]
    words: str
    certain: bool


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
    prompt = latest is not None and latest <= PROMPT
    idle = room(question, partition, cluster.members(partition), cluster.settings)
    if not idle.shortfalls and not prompt:
        return Outlook(
            Start(None, latest, "latest by the dry run"), Verdict.CANNOT_TELL, _HIDDEN
        )
    if not idle:
        return _at_once(latest) if prompt else _full(idle, latest)
    free = {node.name for node in idle.fitting}
    for hold in _holds(question, partition, cluster, idle.fitting, now):
        free -= hold.nodes
        if len(free) < question.nodes:
            return _held(hold, latest, prompt=prompt)
    if prompt:
        return _at_once(latest)
    basis = "earliest by backfill into idle resources; latest by the dry run"
    if _unplanned(cluster, partition):
        return Outlook(
            Start(0, latest, basis), Verdict.CANNOT_TELL, "jobs wait before this one"
        )
    return Outlook(Start(0, latest, basis), _YES)


def _at_once(latest: int | None) -> Outlook:
    return Outlook(Start(0, latest, "the dry run expects it to start at once"), _YES)


def _full(idle: Fit, latest: int | None) -> Outlook:
    basis = "latest by the dry run; earlier when running jobs end before their limits"
    return Outlook(Start(None, latest, basis), _NO, f"idle now: {idle.counts}")


def _held(hold: _Hold, latest: int | None, *, prompt: bool) -> Outlook:
    if prompt:
        basis = f"{hold.words}, which the dry run does not see"
        return Outlook(Start(None, None, basis), _NO, hold.words)
    if hold.certain:
        return Outlook(Start(latest, latest, f"after {hold.words}"), _NO, hold.words)
    return Outlook(Start(None, latest, f"latest by the dry run; {hold.words}"), _NO, hold.words)


def _holds(
    question: Question,
    partition: Partition,
    cluster: Cluster,
    nodes: tuple[Node, ...],
    now: float,
) -> Iterator[_Hold]:
    """Yield what needs idle nodes before the job would end, waiting jobs first."""
    end = now + question.minutes * 60
    exclusive = {each.name for each in cluster.partitions if each.exclusive}
    for waiting in cluster.waiting:
        if waiting.start is not None and now < waiting.start < end:
            whole = partition.exclusive or bool(waiting.partitions & exclusive)
            taken = _wanted(question, waiting, nodes, whole=whole)
            wait = format_duration(round(waiting.start - now))
            yield _Hold(taken, f"a waiting job is to start in {wait}", certain=False)
    for reservation in cluster.reservations:
        if reservation.start < end and reservation.end > now:
            words = f"the reservation {reservation.name} is in the way"
            yield _Hold(reservation.nodes, words, certain=True)


def _wanted(
    question: Question, waiting: Waiting, nodes: tuple[Node, ...], *, whole: bool
) -> frozenset[str]:
    """Return the nodes on which a waiting job leaves too few cores for this one."""
    share = -(-waiting.cpus // max(len(waiting.nodes), 1))
    return frozenset(
        node.name
        for node in nodes
        if node.name in waiting.nodes
        and (whole or whole_cores(question.cpus, node) + share > node.cpus)
    )


def _unplanned(cluster: Cluster, partition: Partition) -> bool:
    """Whether jobs wait for the same nodes of which the scheduler has no plan yet."""
    around = frozenset().union(*(node.partitions for node in cluster.members(partition)))
    return any(
        waiting.start is None and waiting.reason in _IN_LINE and waiting.partitions & around
        for waiting in cluster.waiting
    )
