"""Under which account and quality of service a job may be put to a partition."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Final, NamedTuple

from .accounting import Accounting, Association
from .cluster import Cluster, Partition
from .objections import admitted

__all__ = ["MOST_WAYS", "Way", "ways", "within_reason"]

MOST_WAYS: Final = 160
"""Most partitions by account and QOS that one ask looks at."""


class Way(NamedTuple):
    """One account and one QOS; empty is the asker's default."""

    account: str = ""
    qos: str = ""

    def name(self, partition: str) -> str:
        """Return what a person calls it: ``short``, or ``short/astro/gold``."""
        return "/".join(filter(None, (partition, *self)))


def ways(partition: Partition, cluster: Cluster, account: str, qos: str) -> Sequence[Way]:
    """Return the ways that differ, the asker's defaults first; at least one.

    Of those that meet the very same limits only the first counts: their answers cannot
    differ. Accounts and QOS that a partition does not take (slurm.conf(5), AllowAccounts,
    AllowQos) are left out where it takes another.

    Parameters
    ----------
    partition, cluster
        Whom to ask, and what is known.
    account, qos
        As configured; they leave no other choice.
    """
    configured = Way(account, qos)
    if cluster.accounting is None or (account and qos):
        return (configured,)
    accounting = cluster.accounting
    every = list(dict.fromkeys(_every(accounting, partition, configured)))
    open_ways = [way for way in every if admitted(way.account, way.qos, partition)]
    distinct: dict[Hashable, Way] = {}
    for way in open_ways:
        distinct.setdefault(_what_counts(accounting, partition, way), way)
    found = tuple(distinct.values())
    if not found or (len(found) == 1 and found[0] == every[0]):
        # The defaults need not be named.
        return (configured,)
    return found


def _every(accounting: Accounting, partition: Partition, configured: Way) -> Iterator[Way]:
    """Yield every way in sacctmgr's order, the defaults first."""
    for own in _own(accounting, partition, configured.account):
        allowed = accounting.allowed_qos.get((own.account, own.partition), ())
        if not configured.qos:
            yield Way(own.account, accounting.job_qos(partition, own.account, ""))
            yield from (Way(own.account, name) for name in allowed)
        elif configured.qos in allowed:
            yield Way(own.account, configured.qos)


def _own(accounting: Accounting, partition: Partition, account: str) -> Iterator[Association]:
    """Yield the asker's association in each account, the default one first."""
    mine = [each for each in accounting.associations if each.own]
    names = dict.fromkeys(
        each.account for each in sorted(mine, key=lambda each: not each.default)
    )
    for name in names:
        found = accounting.association(name, partition.name)
        if found is not None and account in ("", name):
            yield found


def _what_counts(accounting: Accounting, partition: Partition, way: Way) -> Hashable:
    """Return all on which the answer can depend."""
    met = accounting.meeting(partition, *way)
    rules = accounting.qos.get(way.qos)
    return (
        frozenset((each.key, each.limit) for each in met),
        rules.flags if rules else frozenset(),
    )


def within_reason(
    found: Sequence[tuple[Partition, Sequence[Way]]],
) -> tuple[list[tuple[Partition, Way]], int]:
    """Return what is asked, every partition's first way first, and how many are left out."""
    rounds = max((len(each) for _, each in found), default=0)
    ordered = [
        (partition, each[turn])
        for turn in range(rounds)
        for partition, each in found
        if turn < len(each)
    ]
    most = max(MOST_WAYS, len(found))
    return ordered[:most], max(len(ordered) - most, 0)
