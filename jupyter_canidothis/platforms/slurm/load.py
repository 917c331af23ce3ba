"""What a job takes, as Slurm counts it against limits and bills it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from .accounting import Accounting, Met
from .cluster import Cluster, Node, Partition, Settings
from .fit import Fit, fit, processors, whole_cores
from .question import Question

__all__ = ["MINUTES", "Load", "billing", "load"]

MINUTES: Final = frozenset({"GrpTRESMins", "GrpTRESRunMins", "MaxTRESMinsPJ"})
"""Limits on amounts by minutes."""


@dataclass(frozen=True)
class Load:
    """What a job would take, as Slurm counts it, and the limits that it meets."""

    amounts: Mapping[str, int]
    """By TRES: ``cpu``, ``mem`` (MiB), ``node``, ``gres/gpu``, ...; absent is unknown."""
    nodes: int
    """Nodes."""
    minutes: int
    """Time limit."""
    met: tuple[Met, ...]
    """The limits."""
    safe: bool
    """Whether a job has to fit the minutes that are left as a whole."""
    factor: float = 1.0
    """By what its QOS multiplies the minutes that have to be left."""
    unknown: frozenset[str] = frozenset()
    """TRES that it may take, nobody knows how much of."""
    settings: Settings = field(default_factory=Settings)
    """How usage is counted, and whether it comes back."""

    def demand(self, met: Met) -> int | None:
        """Return how much of one limit the job takes alone; None when nobody knows."""
        name, tres = met.key
        if name == "MaxWallPJ":
            return self.minutes
        if not tres:
            return 1
        amount = self.amounts.get(tres)
        if amount is None or name == "GrpWall":
            return None
        if name in MINUTES:
            return int(amount * self.minutes * self.factor)
        return -(-amount // self.nodes) if name == "MaxTRESPN" else amount


def load(
    question: Question,
    partition: Partition,
    cluster: Cluster,
    chosen: Collection[str] = (),
    found: Fit | None = None,
) -> Load:
    """Say what a job would take in a partition, and which limits it meets.

    Cores are counted as given, so whole ones, and all of a node in an exclusive
    partition. Without any default a job takes all memory of its node.

    Parameters
    ----------
    question, partition, cluster
        The job, where it would run, and what is known there.
    chosen
        Names of the nodes that the dry run chose; of nodes that differ those that give
        least count where it chose none.
    found
        How the question fits the partition's nodes, where that is known already.
    """
    accounting, members = cluster.accounting, cluster.members(partition)
    if accounting is None:
        return Load({}, question.nodes, question.minutes, (), safe=False)
    nodes = [node for node in members if node.name in chosen]
    if not nodes:
        found = found or fit(question, partition, members, cluster.settings)
        nodes = list(found.fitting or members)
    met = accounting.meeting(partition, question.account, question.qos)
    amounts = _taken(question, partition, cluster, nodes)
    billed = billing(amounts, partition.weights, cluster.settings)
    known = {} if billed is None else {"billing": billed}
    kinds = {f"gres/gpu:{kind}" for node in nodes for kind in node.gpus if kind}
    unknown = kinds - set(amounts) if question.gpus and not question.gpu_type else set()
    return Load(
        {**amounts, **known},
        question.nodes,
        question.minutes,
        met,
        accounting.safe,
        _factor(accounting, question, partition),
        frozenset(unknown if known else {"billing", *unknown}),
        cluster.settings,
    )


def _factor(accounting: Accounting, question: Question, partition: Partition) -> float:
    """Return by what a QOS multiplies minutes (sacctmgr(1), Flags, UsageFactorSafe).

    The manual ties it to AccountingStorageEnforce with ``safe``; a real 22.05 does it for
    MaxTRESMinsPerJob without that too.
    """
    name = accounting.job_qos(partition, question.account, question.qos)
    rules = accounting.qos.get(name)
    if rules is None or "UsageFactorSafe" not in rules.flags:
        return 1.0
    return rules.usage_factor


def billing(
    amounts: Mapping[str, int], weights: Mapping[str, float], settings: Settings
) -> int | None:
    """Return what a job is billed; None where its grounds are not shown.

    slurm.conf(5), TRESBillingWeights and PriorityFlags, MAX_TRES: the sum of the weighted
    TRES, or only the dearest of them; without weights the processors. Fractions are cut
    off. Only tracked GPUs count (AccountingStorageTRES).
    """
    if not weights:
        return amounts["cpu"]
    counted = [
        amounts.get(tres, 0) * weight
        for tres, weight in weights.items()
        if not tres.startswith("gres/") or tres in settings.tracked
    ]
    most, whole = int(max(counted, default=0)), int(sum(counted))
    if settings.billed_by_most is None and most != whole:
        return None
    return most if settings.billed_by_most else whole


def _taken(
    question: Question, partition: Partition, cluster: Cluster, nodes: Sequence[Node]
) -> dict[str, int]:
    """Return what a job takes of some nodes, by TRES."""
    cpus = processors(question, partition, cluster.settings)
    given = [node.cpus if partition.exclusive else whole_cores(cpus, node) for node in nodes]
    memory = [question.needed_memory or node.memory for node in nodes]
    count = question.nodes
    taken = {
        "cpu": sum(sorted(given)[:count]) or cpus * count,
        "mem": sum(sorted(memory)[:count]) or question.needed_memory * count,
        "node": count,
    }
    if question.gpus:
        kinds = {kind for node in nodes for kind in node.gpus if kind}
        kind = question.gpu_type or (kinds.pop() if len(kinds) == 1 else "")
        taken["gres/gpu"] = taken[f"gres/gpu:{kind}"] = question.gpus * count
    return taken
