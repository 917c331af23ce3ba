"""What limits, nodes and queue alone say of a task, while nobody waits for a dry run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from ...answer import Answer, Offer, Start
from ...task import Task
from ..base import Snapshot
from .answering import answer
from .cluster import Cluster
from .judge import Trial
from .question import Question
from .refusal import DryRun

__all__ = ["estimate"]

_UNTRIED: Final = DryRun(None, "", None)
"""Says nothing against a job, and nothing of its start."""
_BASIS: Final = "by idle resources and the queue as last read; no dry run was made"


def estimate(
    name: str,
    questions: Sequence[Question],
    task: Task,
    snapshot: Snapshot[Cluster],
    *,
    at: float,
    chosen: Collection[str] = (),
    prefix: str = "",
) -> Answer:
    """Judge every partition by arithmetic alone.

    Parameters
    ----------
    name
        The platform's configured name.
    questions
        The task as it would be put to each partition.
    task
        The task as asked.
    snapshot
        What is known of the cluster.
    at
        Our time, in seconds since the Unix epoch.
    chosen, prefix
        As for `answering.answer`.
    """
    partitions = {each.name: each for each in snapshot.content.partitions}
    trials = [
        Trial(partitions[put.partition], put, _UNTRIED, "", "", snapshot.taken_at)
        for put in questions
    ]
    told = answer(name, task, trials, snapshot, at=at, chosen=chosen, prefix=prefix)
    return msgspec.structs.replace(told, offers=tuple(map(_without_latest, told.offers)))


def _without_latest(offer: Offer) -> Offer:
    """Drop what only a dry run could say of the start."""
    if offer.start is None:
        return offer
    earliest, evidence = offer.start.earliest, offer.start.evidence
    return msgspec.structs.replace(offer, start=Start(earliest, None, _BASIS, evidence))
