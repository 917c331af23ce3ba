"""Verdicts without a dry run: arithmetic on what slurmrestd publishes.

What does not fit is a NO. What fits is a YES only where nothing that decides is
unpublished; else nobody can tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from ...answer import Answer, Offer, Reason, Verdict
from ...evidence import Evidence
from .cluster import Cluster, Partition
from .rest import Published

__all__ = ["published"]

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


def published(told: Answer, cluster: Cluster, account: str = "", qos: str = "") -> Answer:
    """Say of an estimate what is certain where slurmrestd is all that there is to ask.

    Parameters
    ----------
    told
        By arithmetic on what was published.
    cluster
        What was; returned as it is where commands were run.
    account, qos
        As configured; empty leaves them to Slurm.
    """
    if not isinstance(cluster, Published):
        return told
    evidence = tuple(_restated(each, cluster.base) for each in told.evidence)
    told = msgspec.structs.replace(told, evidence=evidence)
    return _doubted(told, cluster, account, qos) if told.verdict is Verdict.YES else told


def _restated(evidence: Evidence, base: str) -> Evidence:
    """Say where a sentence really comes from: nothing here ran a command."""
    source = evidence.source
    if source.startswith("scontrol -o show partition "):
        source = f"GET {base}/partitions; partition {source.rpartition(' ')[2]}"
    elif source.startswith("scontrol -d -o show node; "):
        source = f"GET {base}/nodes; {source.partition('; ')[2]}"
    return msgspec.structs.replace(evidence, source=source)


def _doubted(told: Answer, cluster: Published, account: str, qos: str) -> Answer:
    """Keep the offers that nothing unpublished can spoil."""
    doubts: dict[str, list[Offer]] = {}
    sure: list[Offer] = []
    for offer in told.offers:
        partition = next(each for each in cluster.partitions if _in(each, offer))
        found = "; ".join(_unpublished(partition, cluster, account, qos))
        if found:
            doubts.setdefault(found, []).append(offer)
        else:
            sure.append(offer)
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


def _in(partition: Partition, offer: Offer) -> bool:
    return f"--partition={partition.name}" in offer.service_info["options"]


def _named(offers: list[Offer]) -> str:
    names = ", ".join(offer.name for offer in offers)
    return f"partition{'s' if len(offers) > 1 else ''} {names}"


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
