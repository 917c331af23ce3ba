"""What limits, nodes and queue alone say of a task, while nobody waits for a dry run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from ...answer import Answer, Offer, Start
from ...task import Task
from ..base import Snapshot
from .answering import answer
from .candidates import Candidate
from .cluster import Cluster

__all__ = ["estimate"]

_BASIS: Final = "by idle resources and the queue as last read; no dry run was made"


def estimate(
    name: str,
    wanted: Sequence[Candidate],
    task: Task,
    snapshot: Snapshot[Cluster],
    *,
    at: float,
    chosen: Collection[str] = (),
    prefix: str = "",
    left_out: int = 0,
) -> Answer:
    """Judge every partition, account and QOS by arithmetic alone.

    Parameters
    ----------
    name
        The platform's configured name.
    wanted
        The task as it would be put to each of them.
    task
        The task as asked.
    snapshot
        What is known of the cluster.
    at
        Our time, in seconds since the Unix epoch.
    chosen, prefix, left_out
        As for `answering.answer`.
    """
    trials = [each.unasked(snapshot.taken_at) for each in wanted]
    told = answer(
        name, task, trials, snapshot, at=at, chosen=chosen, prefix=prefix, left_out=left_out
    )
    return msgspec.structs.replace(told, offers=tuple(map(_without_latest, told.offers)))


def _without_latest(offer: Offer) -> Offer:
    """Drop what only a dry run could say of the start."""
    if offer.start is None:
        return offer
    earliest, evidence = offer.start.earliest, offer.start.evidence
    return msgspec.structs.replace(offer, start=Start(earliest, None, _BASIS, evidence))
