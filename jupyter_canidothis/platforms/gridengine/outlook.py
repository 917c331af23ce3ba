"""When a job would start: now, after a calendar, or nobody knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...answer import Reason, Start, Verdict
from ...task import Task
from ...units import format_duration
from .cluster import Cluster, Queue
from .fit import Fit, opening

__all__ = ["Outlook", "outlook", "too_late"]

_RUNS: Final = 2
"""Scheduler runs until a job that has room is sent off: one may have just begun."""
_SENDING: Final = 5
"""Seconds from the scheduler's decision to a running job."""


@dataclass(frozen=True)
class Outlook:
    """What is known of a job's start."""

    start: Start
    """As a range."""
    now: Verdict
    """Whether there is room at this moment."""
    obstacle: str = ""
    """What is in the way now; empty where the counts say it."""


def outlook(
    queue: Queue, cluster: Cluster, found: Fit, idle: Fit, at: float, *, taken: bool
) -> Outlook:
    """Say when a job would start.

    Parameters
    ----------
    queue, cluster
        Whom it was put to, and what is known.
    found
        Where it fits in total.
    idle
        Where it fits at this moment.
    at
        Seconds since the Unix epoch.
    taken
        Whether ``-w p`` says that there is room.
    """
    if taken and not _alarmed(found):
        return Outlook(_soon(cluster), Verdict.YES)
    waits = [
        wait
        for each in found.fitting
        if each.unavailable and (wait := opening(queue, each, cluster, at)) is not None
    ]
    if waits and len(waits) == len(found.fitting):
        return _closed(min(waits), idle)
    if taken:
        words = "its hosts are above the load threshold, which the dry run does not see"
        return Outlook(Start(None, None, words), Verdict.NO, words)
    basis = "when running jobs end; Grid Engine publishes no start times"
    return Outlook(Start(None, None, basis), Verdict.NO)


def _alarmed(found: Fit) -> bool:
    return all(each.alarmed for each in found.fitting)


def _soon(cluster: Cluster) -> Start:
    if cluster.waiting:
        basis = f"there is room; {cluster.waiting} waiting jobs may be sent off first"
        return Start(0, None, basis)
    if cluster.interval is None:
        return Start(0, None, "there is room; when the scheduler runs is not shown")
    latest = _RUNS * cluster.interval + _SENDING
    every = format_duration(cluster.interval)
    return Start(0, latest, f"there is room; the scheduler runs every {every}")


def _closed(wait: int, idle: Fit) -> Outlook:
    if not wait:
        basis = f"{idle.counts}; when that ends is not known"
        return Outlook(Start(None, None, basis), Verdict.NO)
    basis = f"its calendar opens the queue in {format_duration(wait)}"
    return Outlook(Start(wait, None, basis), Verdict.NO, basis)


def too_late(task: Task, start: Start, scope: str) -> Reason | None:
    """Hold the start against the longest start-up that the task accepts.

    Code ``full-now`` when it is surely later, ``not-published`` when it could be.
    """
    most = task.resources.startup.max
    if most is None or (start.latest is not None and start.latest <= most):
        return None
    accepted = f"the task accepts {format_duration(most)}"
    field = "/resources/startup/max"
    if start.earliest is not None and start.earliest > most:
        message = f"Starts in {format_duration(start.earliest)} at the earliest; {accepted}"
        return Reason("full-now", message, field, most, start.earliest, scope=scope)
    message = f"Grid Engine does not say whether it starts in time: {accepted}; {start.basis}"
    return Reason("not-published", message, field, most, start.latest, scope=scope)
