"""From the outcomes of all partitions to one answer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

import msgspec

from ...answer import Answer, Change, Reason, Verdict
from ...evidence import trim
from ...task import Task
from .. import refusals
from ..base import Snapshot
from ..capacity import Slot
from .cluster import Cluster, Partition
from .fit import fit
from .judge import Outcome, Sources, Trial, judge
from .load import load
from .marks import marks
from .question import question
from .quota import narrowed
from .slots import slots
from .ways import ways

__all__ = ["answer", "nearest"]

_MOST_REASONS = 12
_LATE = 2**62


def answer(
    name: str,
    task: Task,
    trials: Sequence[Trial],
    snapshot: Snapshot[Cluster],
    *,
    at: float,
    chosen: Collection[str] = (),
    prefix: str = "",
    left_out: int = 0,
) -> Answer:
    """Judge every partition, account and QOS and put the outcomes together.

    Parameters
    ----------
    name
        The platform's configured name.
    task
        The task as asked.
    trials
        The dry runs, at least one per partition.
    snapshot
        What is known of the cluster.
    at
        Our time, in seconds since the Unix epoch.
    chosen
        Partitions that the configuration names; empty is all.
    prefix
        What every command line in the evidence begins with.
    left_out
        How many combinations of partition, account and QOS were not looked at.
    """
    sources = Sources(prefix)
    for read in snapshot.evidence:
        sources.add(read)
    queue = len(snapshot.evidence) - 1
    outcomes = [judge(trial, sources, queue) for trial in trials]
    accepting = sorted((o for o in outcomes if o.offer is not None), key=_rank)
    if accepting:
        reasons: tuple[Reason, ...] = (
            *accepting[0].reasons,
            *_unpublished(task),
            *_limits_hidden(snapshot.content),
            *_not_looked_at(left_out),
        )
        verdict = Verdict.YES
        now = min((o.now for o in accepting), key=_ROOM.index)
    else:
        reasons = (*_why_not(outcomes, chosen), *_not_looked_at(left_out))
        unsure = (
            not outcomes or left_out or any(o.verdict is Verdict.CANNOT_TELL for o in outcomes)
        )
        verdict = Verdict.CANNOT_TELL if unsure else Verdict.NO
        now = verdict
    return Answer(
        name,
        verdict,
        now,
        offers=tuple(o.offer for o in accepting if o.offer is not None),
        reasons=reasons,
        cliffs=marks(_without_unpublished(task), trials, outcomes),
        evidence=tuple(sources.list),
        kind="slurm",
        at=int(at),
    )


_ROOM: Final = (Verdict.YES, Verdict.CANNOT_TELL, Verdict.NO)
"""Room now, best first."""


def _rank(outcome: Outcome) -> tuple[int, int, bool]:
    """Order offers: room now, then the soonest start, then the default partition."""
    start = outcome.offer.start if outcome.offer else None
    latest = start.latest if start and start.latest is not None else _LATE
    return _ROOM.index(outcome.now), latest // 60, not outcome.partition.default


def _why_not(outcomes: Sequence[Outcome], chosen: Collection[str]) -> tuple[Reason, ...]:
    """Return reasons, those of the partition that comes closest first."""
    if not outcomes:
        if chosen:
            words = f"none of the configured partitions exists: {', '.join(chosen)}"
            return (Reason("misconfigured", words, scope="partition", evidence=(0,)),)
        words = "Slurm shows you no partition"
        return (Reason("not-published", words, scope="partition", evidence=(0,)),)

    def misfit(outcome: Outcome) -> tuple[bool, bool, bool, int]:
        codes = {reason.code for reason in outcome.reasons}
        sure = outcome.verdict is not Verdict.CANNOT_TELL
        return sure, "closed" in codes, "no-such-resource" in codes, len(outcome.reasons)

    ordered = sorted(outcomes, key=misfit)
    told: dict[tuple[str, str, str], Reason] = {}
    for outcome in ordered:
        for reason in outcome.reasons:
            told.setdefault((reason.code, reason.scope, reason.message), reason)
    return tuple(told.values())[:_MOST_REASONS]


def _unpublished(task: Task) -> Iterator[Reason]:
    """Name what a task asks for and Slurm knows nothing of."""
    if disk := task.resources.disk.min:
        message = "Slurm does not publish disk space; check your quota there"
        yield Reason("not-published", message, "/resources/disk/min", disk, evidence=(0,))
    if image := task.executable.image:
        message = "Slurm does not publish whether container images run there"
        yield Reason(
            "not-published", message, "/executable/image", trim(image, 200), evidence=(0,)
        )


def _limits_hidden(cluster: Cluster) -> Iterator[Reason]:
    """Say that limits hold which nobody shows, so that a YES does not cover them."""
    if cluster.settings.limits_enforced and cluster.accounting is None:
        message = (
            "slurmdbd, which shows the limits of accounts and QOS, does not answer; the"
            " controller goes on to enforce those that it remembers"
            if cluster.accounts_silent
            else "Limits of accounts and QOS are enforced here but not shown to you"
        )
        yield Reason("not-published", message, scope="account", evidence=(0,))


def _not_looked_at(left_out: int) -> Iterator[Reason]:
    """Say that there were more combinations than one ask looks at."""
    if left_out:
        message = f"{left_out} more combinations of partition, account and QOS were not asked"
        yield Reason("not-published", message, scope="account", evidence=(0,))


def nearest(
    task: Task,
    cluster: Cluster,
    chosen: Collection[str],
    *,
    account: str = "",
    qos: str = "",
) -> tuple[Change, ...]:
    """Return changes that partition limits and node sizes suggest, smallest first.

    Parameters
    ----------
    task
        The refused task.
    cluster
        What is known.
    chosen
        Partitions that the configuration names; empty is all.
    account, qos
        As configured; empty leaves them to Slurm.
    """
    offered: list[Slot] = []
    for partition in cluster.partitions:
        if _open(partition) and (not chosen or partition.name in chosen):
            put = question(task.resources, partition, cluster)
            members = cluster.members(partition)
            most = min(partition.max_nodes or len(members), len(members))
            found = slots(partition, cluster, min(put.nodes, most))
            fits = fit(put, partition, members, cluster.settings)
            for way in ways(partition, cluster, account, qos):
                by = replace(put, account=way.account, qos=way.qos)
                offered += narrowed(found, load(by, partition, cluster, found=fits))
    if not offered:
        return ()
    return refusals.changes(_without_unpublished(task), offered)


def _without_unpublished(task: Task) -> Task:
    """Leave out what Slurm does not know of a GPU; no change of it could help."""
    gpu = task.resources.gpu
    if gpu is None:
        return task
    known = msgspec.structs.replace(gpu, vendor=None, memory=None)
    return msgspec.structs.replace(
        task, resources=msgspec.structs.replace(task.resources, gpu=known)
    )


def _open(partition: Partition) -> bool:
    return partition.state == "UP" and not partition.needs_reservation
