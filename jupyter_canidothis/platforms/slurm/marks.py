"""Where the answers of partitions change along each quantity, for the marks of sliders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from ...answer import Cliff, Verdict
from ...task import Task
from ...units import format_duration
from ..capacity import Loop, asked
from ..cliffs import cliffs
from .judge import Outcome, Trial
from .quota import narrowed
from .start import Outlook, outlook

__all__ = ["marks"]

_FIELD: Final = "/resources/duration/min"
_MOST_MOMENTS: Final = 32
"""Most reservations and waiting jobs that are looked at for one partition."""
_NO_LIMIT: Final = 2**40


def marks(
    task: Task, trials: Sequence[Trial], outcomes: Sequence[Outcome]
) -> tuple[Cliff, ...]:
    """Return how far each quantity goes, and how long a job may be to start now.

    Parameters
    ----------
    task
        The task, without what Slurm does not know of a GPU.
    trials, outcomes
        What was asked, and what came of it, in the same order.
    """
    slots = [
        slot
        for trial, outcome in zip(trials, outcomes, strict=True)
        if not _closed(outcome)
        for slot in narrowed(trial.weighed.slots, trial.weighed.load())
    ]
    ever = cliffs(Loop(slots).judge(asked(task)).tally()) if slots else ()
    return (*_later(trials, outcomes, ever), *ever)


def _closed(outcome: Outcome) -> bool:
    """Whether a partition takes nothing of this kind, however little it were."""
    helpless = {"closed", "not-authorised", "refused", "misconfigured"}
    return any(reason.code in helpless for reason in outcome.reasons)


def _later(
    trials: Sequence[Trial], outcomes: Sequence[Outcome], ever: Sequence[Cliff]
) -> Iterator[Cliff]:
    """Yield the duration up to which some partition would start the job now."""
    longest, why = 0, ""
    for trial, outcome in zip(trials, outcomes, strict=True):
        if outcome.verdict is Verdict.YES and outcome.now is Verdict.YES:
            seconds, words = _until(trial)
            longest, why = max((longest, why), (seconds, words))
    limit = next((cliff.at for cliff in ever if cliff.field == _FIELD), _NO_LIMIT)
    if why and longest < limit:
        message = f"Duration up to {format_duration(longest)}: {why}"
        yield Cliff(_FIELD, longest, message, "later")


def _until(trial: Trial) -> tuple[int, str]:
    """Return how long a job may be to start now, and what is in the way of a longer one."""
    cluster, now = trial.weighed.cluster, trial.at + trial.weighed.cluster.settings.skew
    moments = [each.start for each in cluster.reservations]
    moments += [each.start for each in cluster.waiting if each.start is not None]
    minutes = trial.partition.max_time // 60 if trial.partition.max_time else None
    for start in sorted(moment for moment in moments if moment > now)[:_MOST_MOMENTS]:
        most = int(start - now) // 60
        if minutes is not None and most >= minutes:
            break
        if most >= trial.question.minutes and (seen := _seen(trial, most + 1)).obstacle:
            return most * 60, seen.obstacle
    return (minutes * 60 if minutes else _NO_LIMIT), ""


def _seen(trial: Trial, minutes: int) -> Outlook:
    """Return the outlook of the same job if it were so long."""
    longer = replace(trial.question, minutes=minutes)
    return outlook(longer, trial.partition, trial.weighed.cluster, trial.run.start, trial.at)
