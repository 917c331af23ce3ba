"""From dry runs and what is known of the cluster to one answer.

A dry run that is refused is a NO and the arithmetic explains it; one that passes where
the nodes have no room is a NO too, with both shown. Where nodes are hidden nobody can
tell, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ...answer import Answer, Cliff, Offer, Reason, Start, Verdict
from ...evidence import Evidence, trim
from ...resources import Range, Resources
from . import refusal
from .case import Case
from .doubts import objections, open_questions
from .needs import limits, requests
from .objects import PodSpec
from .offering import marks, offered, slots
from .placing import Batch
from .quantity import CPU, MEMORY, add, spell
from .room import Room, room_for
from .totals import most, whole
from .trying import Trial

__all__ = ["judge"]

_MOST_REASONS = 12
_HELPLESS = frozenset({"closed", "not-authorised", "refused", "misconfigured"})


def judge(case: Case) -> Answer:
    """Judge one case."""
    tried = [case.add(_said(trial, case.at)) for trial in case.trials]
    if case.chart is not None:
        case.add(_rendered(case))
    batches = case.batches()
    no: list[Reason] = []
    unsure: list[Reason] = []
    for trial, index in zip(case.trials, tried, strict=True):
        _weigh(case, trial, index, no, unsure)
    no += objections(case, batches)
    unsure += open_questions(case, batches)
    room = room_for(case, batches, no, unsure)
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
        cliffs=_cliffs(case, shown),
        evidence=tuple(case.sources),
        kind="kubernetes",
        at=int(case.at),
    )


def _cliffs(case: Case, reasons: Sequence[Reason]) -> tuple[Cliff, ...]:
    """Return where the answer changes, unless nothing of this kind is taken at all."""
    if case.is_chart or _HELPLESS.intersection(reason.code for reason in reasons):
        return ()
    return marks(case.task, case.batches()[0].spec, case.cluster)


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


def _accepted(case: Case, batches: Sequence[Batch], room: Room, tried: Sequence[int]) -> Answer:
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
