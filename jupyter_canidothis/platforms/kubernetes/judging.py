"""From dry runs and what is known of the cluster to one answer.

A dry run that is refused is a NO and the arithmetic explains it; one that passes where
the nodes have no room is a NO too, with both shown. Where nodes are hidden nobody can
tell, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from ...answer import Answer, Offer, Reason, Start, Verdict
from ...evidence import Evidence, trim
from ...resources import Range, Resources
from ...task import Task
from . import counting, limiting, refusal
from .chart import Rendered
from .cluster import Cluster, Machine
from .gpus import Chosen
from .nodes import against
from .objects import PodSpec
from .offering import offered, slots
from .placing import Batch, Placement, place
from .quantity import CPU, MEMORY, add, spell
from .selecting import unjudged
from .totals import beyond, most, whole
from .trying import Trial
from .work import Part, Work

__all__ = ["Case", "judge"]

_MOST_REASONS = 12


@dataclass
class Case:
    """All that one answer rests on."""

    name: str
    """The platform's configured name."""
    task: Task
    """The task as asked."""
    work: Work
    """What it comes down to."""
    cluster: Cluster
    """What is known of the cluster."""
    at: float
    """Our time, in seconds since the Unix epoch."""
    sources: list[Evidence]
    """Evidence so far: that of the snapshot."""
    trials: Sequence[Trial] = ()
    """Dry runs; none of them makes an estimate."""
    chart: Rendered | None = None
    """How a chart was rendered; None for other tasks, and for any chart at all."""
    gpus: Chosen = field(default_factory=Chosen)
    """How GPUs are asked for."""
    context: str = ""
    """Context of the kubeconfig."""
    queue: str = ""
    """LocalQueue of Kueue that is configured."""

    @property
    def is_chart(self) -> bool:
        """Whether the task is a chart."""
        return self.task.executable.type == "uri://kubernetes-helm"

    def add(self, evidence: Evidence) -> int:
        """Keep one piece of evidence and return its index."""
        self.sources.append(evidence)
        return len(self.sources) - 1


def judge(case: Case) -> Answer:
    """Judge one case."""
    tried = [case.add(_said(trial, case.at)) for trial in case.trials]
    if case.chart is not None:
        case.add(_rendered(case))
    batches = _batches(case)
    no: list[Reason] = []
    unsure: list[Reason] = []
    for trial, index in zip(case.trials, tried, strict=True):
        _weigh(case, trial, index, no, unsure)
    no += _by_arithmetic(case, batches)
    unsure += _open_questions(case, batches)
    room = _room(case, batches, no, unsure)
    if no:
        return _answer(case, Verdict.NO, Verdict.NO, tuple(no))
    if unsure:
        now = Verdict.NO if room.now is Verdict.NO else Verdict.CANNOT_TELL
        return _answer(case, Verdict.CANNOT_TELL, now, tuple(unsure))
    return _accepted(case, batches, room, tried)


def _answer(
    case: Case,
    verdict: Verdict,
    now: Verdict,
    reasons: tuple[Reason, ...],
    offer: Offer | None = None,
) -> Answer:
    shown = [
        reason if reason.evidence else _with(reason, (0,)) for reason in _distinct(reasons)
    ]
    return Answer(
        case.name,
        verdict,
        now,
        offers=(offer,) if offer is not None else (),
        reasons=tuple(shown[:_MOST_REASONS]),
        evidence=tuple(case.sources),
        kind="kubernetes",
        at=int(case.at),
    )


def _distinct(reasons: Sequence[Reason]) -> list[Reason]:
    """Say once what a dry run and the arithmetic both found, the dry run's way."""
    seen: dict[tuple[object, ...], Reason] = {}
    for reason in reasons:
        key = (reason.field, reason.scope, reason.limit) if reason.field else (reason.message,)
        seen.setdefault(key, reason)
    return list(seen.values())


def _with(reason: Reason, evidence: tuple[int, ...]) -> Reason:
    return msgspec.structs.replace(reason, evidence=evidence)


def _said(trial: Trial, at: float) -> Evidence:
    if trial.refusal is not None:
        said = f"HTTP {trial.refusal.status}: {trial.refusal.text}"
    else:
        said = f"accepted: {trial.what}" + (f"; {_sizes(trial.spec)}" if trial.spec else "")
    return Evidence("dry-run", trial.source, trim(said), int(at))


def _sizes(spec: PodSpec) -> str:
    asks = Batch("", spec).need
    return "requests " + ", ".join(
        f"{name}={spell(name, amount)}" for name, amount in asks.items()
    )


def _rendered(case: Case) -> Evidence:
    """Say what a chart comes down to, without the objects themselves: some hold secrets."""
    kinds = ", ".join(f"{kind}/{name}" for kind, name in sorted(case.work.made))
    parts = [part.batch for part in case.work.parts]
    total = add(*({k: v * b.count for k, v in b.need.items()} for b in parts))
    sums = ", ".join(f"{name} {spell(name, amount)}" for name, amount in total.items())
    found = case.chart.evidence if case.chart else Evidence("arithmetic", "the chart")
    return msgspec.structs.replace(
        found, text=trim(f"{kinds}; together: {sums}"), at=int(case.at)
    )


def _batches(case: Case) -> list[Batch]:
    """Return all pods, with what the dry run or the namespace's defaults fill in."""
    filled = {id(trial.part): trial.spec for trial in case.trials if trial.spec is not None}
    found = []
    for part in case.work.parts:
        spec = filled.get(id(part)) or limiting.filled(
            part.batch.spec, case.cluster.limits or ()
        )
        found.append(Batch(part.batch.name, spec, part.batch.count, part.batch.daemon))
    return found


def _untried(case: Case) -> list[Part]:
    """Return the parts of which no pod was tried: for an estimate, or not allowed."""
    tried = {
        id(trial.part)
        for trial in case.trials
        if trial.refusal is None or not (trial.refusal.by_access or trial.refusal.untried)
    }
    return [part for part in case.work.parts if id(part) not in tried]


def _weigh(
    case: Case, trial: Trial, index: int, no: list[Reason], unsure: list[Reason]
) -> None:
    """Sort the outcome of one dry run into what speaks against and what stays open."""
    said = trial.refusal
    if said is None:
        return
    made = ("Namespace", case.cluster.namespace) in case.work.made
    by_controller = trial.part is not None and not trial.part.batch.name.startswith("Pod")
    if said.no_namespace:
        told = f"There is no namespace {case.cluster.namespace}"
        unsure.append(
            Reason(
                "not-published" if made else "misconfigured",
                told,
                text=trim(said.text, 500),
                evidence=(index,),
            )
        )
    elif said.untried:
        told = "A policy of the cluster does not let itself be tried; it may refuse this"
        unsure.append(
            Reason("not-published", told, text=trim(said.text, 500), evidence=(index,))
        )
    elif said.by_access and by_controller:
        # The object that makes the pods is tried too, and refused by itself if it is not
        # allowed: a controller makes them, not the user.
        told = (
            "You may not create pods yourself, so whether one would be let in cannot be tried"
        )
        unsure.append(
            Reason("not-published", told, text=trim(said.text, 500), evidence=(index,))
        )
    else:
        no += [_with(reason, (index,)) for reason in refusal.reasons(said, trial.what)]


def _by_arithmetic(case: Case, batches: Sequence[Batch]) -> Iterator[Reason]:
    """Yield what limits and quotas say where no dry run said it."""
    cluster, untried = case.cluster, _untried(case)
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


def _open_questions(case: Case, batches: Sequence[Batch]) -> Iterator[Reason]:
    """Yield what nobody shows, or we do not judge."""
    cluster, task = case.cluster, case.task
    if cluster.machines is None:
        told = (
            "Kubernetes would take it, but shows you no nodes: whether any has room is hidden"
        )
        if not case.trials:
            told = "Kubernetes shows you no nodes: whether any has room is hidden"
        yield Reason("not-published", told, scope="node")
    if cluster.quotas is None and (case.work.pods > 1 or _untried(case)):
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


@dataclass(frozen=True)
class _Room:
    """What the nodes say."""

    ever: Placement | None = None
    now: Verdict = Verdict.CANNOT_TELL
    notes: tuple[Reason, ...] = ()
    evidence: tuple[int, ...] = (0,)


def _room(
    case: Case, batches: Sequence[Batch], no: list[Reason], unsure: list[Reason]
) -> _Room:
    """Hold all pods against the nodes, on an empty day and now."""
    cluster, machines = case.cluster, case.cluster.machines
    if machines is None:
        return _Room()
    for reason in beyond(case.task, batches, cluster) if case.is_chart else ():
        (unsure if cluster.grows else no).append(reason)
    ever = place(batches, machines, lambda machine: machine.ever)
    shown = case.add(_arithmetic("nodes on an empty day", ever, case.at))
    if ever.fits is False:
        found = [_with(r, (shown,)) for r in against(case.task, batches, cluster, ever)]
        if cluster.grows:
            found = [
                msgspec.structs.replace(
                    r,
                    code="not-published",
                    message=f"{r.message}; but the cluster can add nodes",
                )
                for r in found
            ]
        (unsure if cluster.grows else no).extend(found)
        return _Room(ever, Verdict.NO)
    if ever.fits is None:
        told = "Whether all pods fit depends on the order in which the scheduler places them"
        unsure.append(Reason("not-published", told, scope="node", evidence=(shown,)))
        return _Room(ever)
    if not cluster.pods_shown:
        told = "What other pods take is not shown to you, so room now is unknown"
        return _Room(
            ever, notes=(Reason("not-published", told, scope="node", evidence=(shown,)),)
        )
    return _now(case, batches, machines, ever)


def _now(
    case: Case, batches: Sequence[Batch], machines: Sequence[Machine], ever: Placement
) -> _Room:
    now = place(batches, machines, lambda machine: machine.free())
    shown = case.add(_arithmetic("nodes less what pods take now", now, case.at))
    if now.fits:
        return _Room(ever, Verdict.YES, (), (shown,))
    told = f"No room now: {now.counts}"
    reason = Reason("full-now", told, scope="node", evidence=(shown,))
    verdict = Verdict.CANNOT_TELL if now.fits is None else Verdict.NO
    if verdict is Verdict.NO and _by_eviction(batches, machines):
        verdict = Verdict.CANNOT_TELL
        reason = msgspec.structs.replace(
            reason, message=f"{told}; pods of lower priority may make room"
        )
    return _Room(ever, verdict, (reason,), (shown,))


def _by_eviction(batches: Sequence[Batch], machines: Sequence[Machine]) -> bool:
    """Whether there would be room after evicting pods of lower priority (Pod Priority)."""
    if any(batch.spec.preemption == "Never" for batch in batches):
        return False
    least = min((batch.spec.priority for batch in batches), default=0)
    return place(batches, machines, lambda machine: machine.free(least)).fits is True


def _arithmetic(what: str, found: Placement, at: float) -> Evidence:
    text = f"{found.counts}\n{found.listing()}"
    return Evidence("arithmetic", f"GET /api/v1/nodes; {what}", trim(text), int(at))


def _accepted(
    case: Case, batches: Sequence[Batch], room: _Room, tried: Sequence[int]
) -> Answer:
    task, cluster = case.task, case.cluster
    if case.is_chart:
        resources, filled = _whole_chart(case, batches)
    else:
        asked, filled = _defaults(task.resources, batches[0].spec)
        found = slots(batches[0].spec, cluster)
        resources, more = offered(msgspec.structs.replace(task, resources=asked), found)
        filled = {**more, **filled}
    basis = "bound within seconds, then the image is pulled"
    start = Start(0 if room.now is Verdict.YES else None, None, basis, room.evidence)
    info: dict[str, object] = {"endpoint": cluster.server, "namespace": cluster.namespace}
    if case.context:
        info["context"] = case.context
    if case.gpus.count:
        info["gpus"] = msgspec.to_builtins(case.gpus)
    if not case.is_chart:
        info["object"] = case.work.objects[-1]["kind"]
    if case.chart is not None:
        info["tool"] = case.chart.tool
    offer = Offer(
        "uri://kubernetes-helm" if case.is_chart else "uri://kubernetes",
        cluster.namespace,
        info,
        resources,
        filled,
        start,
        (*tried, *room.evidence)[:8],
    )
    return _answer(case, Verdict.YES, room.now, (*room.notes, *_unseen(case)), offer)


def _unseen(case: Case) -> Iterator[Reason]:
    if image := case.task.executable.image:
        told = "Whether the image can be pulled there is not known before it runs"
        yield Reason("not-published", told, "/executable/image", trim(image, 200))


def _defaults(wanted: Resources, spec: PodSpec) -> tuple[Resources, dict[str, str]]:
    """Return what the pod would have, where the namespace filled in what nobody asked."""
    from .needs import limits, requests

    filled = {}
    for dimension, resource in (("cores", CPU), ("memory", MEMORY)):
        own: Range = getattr(wanted, dimension)
        for end, has in (("min", requests(spec)), ("max", limits(spec))):
            if not own and has.get(resource):
                wanted = wanted.replace(dimension, **{end: has[resource]})
                filled[f"{dimension}.{end}"] = "default"
    return wanted, filled


def _whole_chart(case: Case, batches: Sequence[Batch]) -> tuple[Resources, dict[str, str]]:
    """Return what a chart takes as a whole, and up to how much it could grow."""
    resources, filled = case.task.resources, {}
    takes, could = whole(batches), most(batches, case.cluster)
    for dimension, resource in (("cores", CPU), ("memory", MEMORY)):
        own: Range = getattr(resources, dimension)
        if own.min is None and takes.get(resource):
            resources = resources.replace(dimension, min=takes[resource])
            filled[f"{dimension}.min"] = "default"
        if own.max is None and resource in could:
            resources = resources.replace(dimension, max=could[resource])
            filled[f"{dimension}.max"] = "offered"
    return resources, filled
