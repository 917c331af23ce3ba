"""What speaks against a case where no dry run said it, and what nobody shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...answer import Reason
from ...evidence import trim
from . import counting, limiting
from .case import Case
from .placing import Batch
from .selecting import unjudged

__all__ = ["objections", "open_questions"]


def objections(case: Case, batches: Sequence[Batch]) -> Iterator[Reason]:
    """Yield what limits and quotas say where no dry run said it."""
    cluster, untried = case.cluster, case.untried()
    if not case.trials and not any(access.allowed for access in cluster.access.values()):
        told = f"You may not create pods or jobs in namespace {cluster.namespace}"
        yield Reason("not-authorised", told, scope="user")
    if untried:
        names = {part.batch.name for part in untried}
        for batch in batches:
            if batch.name in names:
                yield from limiting.violations(batch.spec, cluster.limits or ())
    # A single pod was tried against the quotas as they are now, not some seconds ago.
    if cluster.quotas is not None and (untried or case.work.pods > 1):
        for excess in counting.excesses(cluster.quotas, batches, case.work.counted):
            yield excess.reason()
    yield from _storage(case)
    yield from _closed_queue(case)
    yield from _spread_over(case)


def _spread_over(case: Case) -> Iterator[Reason]:
    """Refuse to spread a task over nodes, unless a chart does it by its own pods."""
    asked = case.task.resources.nodes.min
    if asked is not None and asked > 1 and not case.is_chart:
        told = f"{asked} nodes asked, but the task is one pod, and a pod runs on one node"
        yield Reason("limit-exceeded", told, "/resources/nodes/min", asked, 1, scope="pod")


def _closed_queue(case: Case) -> Iterator[Reason]:
    """Yield why the configured queue admits nothing (Kueue API, condition ``Active``)."""
    for queue in case.cluster.queues or ():
        if queue.name == case.queue and not queue.active:
            told = f"Queue {queue.name} admits nothing: {trim(queue.why, 200)}"
            yield Reason("closed", told, scope="queue")


def _storage(case: Case) -> Iterator[Reason]:
    known = case.cluster.storage
    for name in case.work.classes if known is not None else ():
        if name and name not in (known or {}) and ("StorageClass", name) not in case.work.made:
            listed = ", ".join(sorted(known or {})) or "none"
            told = f"There is no storage class {trim(name, 80)}; there are: {trim(listed, 200)}"
            yield Reason(
                "no-such-resource", told, asked=trim(name, 80), limit=trim(listed, 200)
            )
        if not name and not any((known or {}).values()):
            told = "The chart wants the default storage class, and there is none"
            yield Reason("no-such-resource", told)


def open_questions(case: Case, batches: Sequence[Batch]) -> Iterator[Reason]:
    """Yield what nobody shows, or we do not judge."""
    cluster, task = case.cluster, case.task
    if cluster.machines is None:
        told = (
            "Kubernetes would take it, but shows you no nodes: whether any has room is hidden"
        )
        if not case.trials:
            told = "Kubernetes shows you no nodes: whether any has room is hidden"
        yield Reason("not-published", told, scope="node")
    if cluster.quotas is None and (case.work.pods > 1 or case.untried()):
        yield Reason(
            "not-published", "Quotas of the namespace are not shown to you", scope="quota"
        )
    for batch in batches:
        if found := unjudged(batch.spec):
            told = f"What the scheduler makes of {', '.join(found)} is not judged here"
            yield Reason("not-published", told, scope="node")
    if task.resources.startup.max is not None:
        told = "Kubernetes does not say how long pulling the image and starting takes"
        yield Reason(
            "not-published", told, "/resources/startup/max", task.resources.startup.max
        )
    if case.work.classes and cluster.storage is None:
        yield Reason("not-published", "Storage classes are not shown to you", scope="storage")
    yield from _queue(case)


def _queue(case: Case) -> Iterator[Reason]:
    """Hold the configured LocalQueue against what Kueue shows (Kueue API, LocalQueue)."""
    if not case.queue:
        return
    found = [each for each in case.cluster.queues or () if each.name == case.queue]
    if case.cluster.queues is not None and not found:
        yield Reason(
            "misconfigured", f"There is no queue {case.queue} in the namespace", scope="queue"
        )
    elif not found:
        yield Reason("not-published", "Queues of Kueue are not shown to you", scope="queue")
    else:
        whole = found[0].cluster_queue
        told = (
            f"Quotas of Kueue's queue {whole} are not shown; {found[0].pending} workloads wait"
        )
        yield Reason("not-published", told, scope="queue")
