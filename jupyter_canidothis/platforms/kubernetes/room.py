"""Whether the nodes have room for a case: on an empty day, and now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from ...answer import Reason, Verdict
from ...evidence import Evidence, trim
from .case import Case
from .cluster import Machine
from .nodes import against
from .placing import Batch, Placement, place
from .totals import beyond

__all__ = ["Room", "room_for"]


@dataclass(frozen=True)
class Room:
    """What the nodes say."""

    ever: Placement | None = None
    now: Verdict = Verdict.CANNOT_TELL
    notes: tuple[Reason, ...] = ()
    evidence: tuple[int, ...] = (0,)


def room_for(
    case: Case, batches: Sequence[Batch], no: list[Reason], unsure: list[Reason]
) -> Room:
    """Hold all pods against the nodes, on an empty day and now."""
    cluster, machines = case.cluster, case.cluster.machines
    if machines is None:
        return Room()
    for reason in beyond(case.task, batches, cluster) if case.is_chart else ():
        (unsure if cluster.grows else no).append(reason)
    ever = place(batches, machines, lambda machine: machine.ever)
    shown = case.add(_arithmetic("nodes on an empty day", ever, case.at))
    if ever.fits is False:
        for reason in against(case.task, batches, cluster, ever):
            if cluster.grows:
                told = f"{reason.message}; but the cluster can add nodes"
                open_end = Reason("not-published", told, reason.field, scope="node")
                unsure.append(msgspec.structs.replace(open_end, evidence=(shown,)))
                continue
            hidden = reason.code == "not-published"
            rests = msgspec.structs.replace(reason, evidence=(shown,))
            (unsure if hidden else no).append(rests)
        return Room(ever, Verdict.NO)
    if ever.fits is None:
        told = "Whether all pods fit depends on the order in which the scheduler places them"
        unsure.append(Reason("not-published", told, scope="node", evidence=(shown,)))
        return Room(ever)
    if not cluster.pods_shown:
        told = "What other pods take is not shown to you, so room now is unknown"
        return Room(
            ever, notes=(Reason("not-published", told, scope="node", evidence=(shown,)),)
        )
    return _now(case, batches, machines, ever)


def _now(
    case: Case, batches: Sequence[Batch], machines: Sequence[Machine], ever: Placement
) -> Room:
    now = place(batches, machines, lambda machine: machine.now)
    shown = case.add(_arithmetic("nodes less what pods take now", now, case.at))
    if now.fits:
        return Room(ever, Verdict.YES, (), (shown,))
    told = f"No room now: {now.counts}"
    reason = Reason("full-now", told, scope="node", evidence=(shown,))
    verdict = Verdict.CANNOT_TELL if now.fits is None else Verdict.NO
    if verdict is Verdict.NO and _by_eviction(batches, machines):
        verdict = Verdict.CANNOT_TELL
        reason = msgspec.structs.replace(
            reason, message=f"{told}; pods of lower priority may make room"
        )
    return Room(ever, verdict, (reason,), (shown,))


def _by_eviction(batches: Sequence[Batch], machines: Sequence[Machine]) -> bool:
    """Whether there would be room after evicting pods of lower priority (Pod Priority)."""
    if any(batch.spec.preemption == "Never" for batch in batches):
        return False
    least = min((batch.spec.priority for batch in batches), default=0)
    return place(batches, machines, lambda machine: machine.after_evicting(least)).fits is True


def _arithmetic(what: str, found: Placement, at: float) -> Evidence:
    text = f"{found.counts}\n{found.listing()}"
    return Evidence("arithmetic", f"GET /api/v1/nodes; {what}", trim(text), int(at))
