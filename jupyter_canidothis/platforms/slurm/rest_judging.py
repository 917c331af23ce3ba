"""Verdicts without a dry run: arithmetic on what slurmrestd publishes.

What does not fit is a NO. What fits is a YES only where nothing that decides is
unpublished; else nobody can tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import msgspec

from ...answer import Answer, Offer, Reason, Start, Verdict
from ...evidence import Evidence
from ...task import Task
from ..base import Snapshot
from .answering import answer
from .cluster import Cluster, Partition
from .judge import Trial
from .question import question
from .refusal import DryRun
from .rest import Published

__all__ = ["published_answer"]

_ARITHMETIC: Final = "arithmetic on partitions and nodes of"
_NO_COPY: Final = (
    "whether limits of accounts, of memory or by a plugin hold, and whether a partition wants"
    " a reservation; name a copy of slurm.conf under conf"
)
_RESTRICTED: Final = {
    "AllowGroups": "which groups you are in",
    "AllowAccounts": "which accounts you have",
    "DenyAccounts": "which accounts you have",
    "AllowQos": "which QOS you may use",
    "DenyQos": "which QOS you may use",
}


def published_answer(
    name: str,
    task: Task,
    snapshot: Snapshot[Cluster],
    *,
    at: float,
    chosen: Collection[str] = (),
    account: str = "",
    qos: str = "",
) -> Answer:
    """Judge every partition by what is published of it.

    Parameters
    ----------
    name
        The platform's configured name.
    task
        The task as asked.
    snapshot
        From `Rest.snapshot`.
    at
        Our time, in seconds since the Unix epoch.
    chosen
        Partitions that the configuration names; empty is all.
    account, qos
        As configured; empty leaves them to Slurm.
    """
    cluster = snapshot.content
    if not isinstance(cluster, Published):
        raise TypeError("a snapshot of another kind")
    trials = []
    for partition in cluster.partitions:
        if not chosen or partition.name in chosen:
            put = question(task.resources, partition, cluster, account, qos)
            source = f"{_ARITHMETIC} {cluster.base}"
            raw = f"partition {partition.name}: {' '.join(put.options)}"
            trials.append(Trial(partition, put, DryRun(None, "", None), source, raw, at))
    told = answer(name, task, trials, snapshot, at=at, chosen=chosen)
    evidence = tuple(_restated(each, cluster.base) for each in told.evidence)
    told = msgspec.structs.replace(told, evidence=evidence)
    if told.verdict is not Verdict.YES:
        return told
    return _doubted(told, cluster, account, qos)


def _restated(evidence: Evidence, base: str) -> Evidence:
    """Say where a sentence really comes from: nothing here ran a command."""
    how, source = evidence.how, evidence.source
    if how == "dry-run":
        how = "arithmetic"
    elif source.startswith("scontrol -o show partition "):
        source = f"GET {base}/partitions; partition {source.rpartition(' ')[2]}"
    elif source.startswith("scontrol -d -o show node; "):
        source = f"GET {base}/nodes; {source.partition('; ')[2]}"
    return msgspec.structs.replace(evidence, how=how, source=source)


def _doubted(told: Answer, cluster: Published, account: str, qos: str) -> Answer:
    """Keep the offers that nothing unpublished can spoil."""
    doubts: dict[str, list[Offer]] = {}
    sure: list[Offer] = []
    for offer in told.offers:
        partition = next(each for each in cluster.partitions if each.name == offer.name)
        found = "; ".join(_unpublished(partition, cluster, account, qos))
        if found:
            doubts.setdefault(found, []).append(offer)
        else:
            sure.append(_started(offer))
    if sure:
        return msgspec.structs.replace(told, offers=tuple(sure))
    reasons = tuple(
        Reason(
            "not-published",
            f"By all that is published {_named(offers)} would take it; slurmrestd does not"
            f" say {unsaid}",
            scope="partition",
            evidence=offers[0].evidence,
        )
        for unsaid, offers in doubts.items()
    )
    return msgspec.structs.replace(
        told,
        verdict=Verdict.CANNOT_TELL,
        now=Verdict.NO if told.now is Verdict.NO else Verdict.CANNOT_TELL,
        offers=(),
        reasons=(*reasons, *told.reasons),
    )


def _named(offers: list[Offer]) -> str:
    names = ", ".join(offer.name for offer in offers)
    return f"partition{'s' if len(offers) > 1 else ''} {names}"


def _started(offer: Offer) -> Offer:
    """Say what the start rests on where there is no dry run."""
    start = offer.start or Start()
    basis = (
        "earliest by idle resources; nobody says the latest without a dry run"
        if start.earliest is not None
        else "nobody says when without a dry run"
    )
    return msgspec.structs.replace(
        offer, start=msgspec.structs.replace(start, latest=None, basis=basis)
    )


def _unpublished(
    partition: Partition, cluster: Published, account: str, qos: str
) -> Iterator[str]:
    """Yield what would decide about a job and is not known."""
    conf, given = cluster.conf, {"Accounts": account, "Qos": qos}
    if conf is None:
        yield _NO_COPY
    else:
        if not conf.whole:
            yield "what the files say that slurm.conf includes"
        if partition.name not in conf.partitions:
            yield "whether this partition wants a reservation: it is not in slurm.conf's copy"
        if conf.partitions.get(partition.name, {}).get("allocnodes", "ALL") != "ALL":
            yield "from where you would submit, which this partition restricts"
        if conf.hooks:
            yield f"what the plugin {conf.hooks} does to a job"
        if conf.settings.accounts_kept and conf.settings.accounting:
            yield "the limits of accounts and QOS, which are enforced"
    if partition.root_only:
        yield "whether you are root: this partition takes jobs of nobody else"
    yield from dict.fromkeys(
        words
        for key, words in _RESTRICTED.items()
        if key in partition.words
        and not any(key.endswith(word) and name for word, name in given.items())
    )
