"""Whom one ask looks at: every partition by every account and QOS that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Final, NamedTuple

from ...task import Task
from .cluster import Cluster, Partition
from .judge import Trial
from .refusal import DryRun
from .ways import Way, ways, within_reason
from .weighing import Weighed, weigh

__all__ = ["Candidate", "candidates", "eased"]


class Candidate(NamedTuple):
    """One partition under one account and QOS."""

    weighed: Weighed
    """The task put to it."""
    name: str
    """What an offer of it is called."""
    first: bool
    """Whether it is the first of its partition."""
    leader: bool
    """Whether it is the first of its account and QOS, or unlike any other of them."""

    @property
    def asked(self) -> bool:
        """Whether nothing but its own dry run will do.

        Each partition, and each account and QOS, is asked at least once. That an account
        may use a partition at all is arithmetic; what nodes are there is the same for all.
        """
        return self.first or self.leader

    def unasked(self, at: float) -> Trial:
        """Return the trial of a task that arithmetic refuses, so that nobody was asked."""
        return Trial(self.weighed, DryRun(None, "", None), "", "", at, self.name)


def candidates(
    task: Task, partitions: Sequence[Partition], cluster: Cluster, account: str, qos: str
) -> tuple[list[Candidate], int]:
    """Return whom to ask, and how many there are beyond `ways.MOST_WAYS`.

    Parameters
    ----------
    task
        The task as asked.
    partitions, cluster
        Whom to ask, and what is known.
    account, qos
        As configured; empty leaves the choice.
    """
    by_name = [(each, ways(each, cluster, account, qos)) for each in partitions]

    @cache
    def weighed(name: str, flags: frozenset[str]) -> Weighed:
        (partition,) = (each for each in partitions if each.name == name)
        return weigh(task, eased(partition, flags), cluster)

    several = {each.name for each, found in by_name if len(found) > 1}
    asked, left_out = within_reason(by_name)
    firsts = {each.name: found[0] for each, found in by_name}
    seen: set[Way] = set()
    found = []
    for each, way in asked:
        flags = _flags(each, cluster, way)
        name = way.name(each.name) if each.name in several else each.name
        leads = way not in seen or bool(flags)
        seen.add(way)
        by = weighed(each.name, flags & _EASING).by(way)
        found.append(Candidate(by, name, way == firsts[each.name], leads))
    return found, left_out


def _flags(partition: Partition, cluster: Cluster, way: Way) -> frozenset[str]:
    """Return the flags of the QOS of a job that make a partition another one for it."""
    accounting = cluster.accounting
    if accounting is None:
        return frozenset()
    rules = accounting.qos.get(accounting.job_qos(partition, *way))
    return rules.flags & (_EASING | _HELD) if rules else frozenset()


_EASING: Final = frozenset({"PartitionMaxNodes", "PartitionMinNodes", "PartitionTimeLimit"})
_HELD: Final = frozenset({"EnforceUsageThreshold", "RequiresReservation"})
"""Flags of which only the dry run knows what they come to (sacctmgr(1), Flags)."""


def eased(partition: Partition, flags: frozenset[str]) -> Partition:
    """Return a partition without the limits that a QOS overrides (sacctmgr(1), Flags)."""
    if "PartitionMaxNodes" in flags:
        partition = replace(partition, max_nodes=None)
    if "PartitionMinNodes" in flags:
        partition = replace(partition, min_nodes=0)
    if "PartitionTimeLimit" in flags:
        partition = replace(partition, max_time=None)
    return partition
