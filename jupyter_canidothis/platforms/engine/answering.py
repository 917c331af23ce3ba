"""From what an engine has, and what was seen of images, to one answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from ...answer import Answer, Cliff, Offer, Reason, Start, Verdict
from ...evidence import Evidence
from ...task import Task
from ...units import format_duration, format_memory
from ..base import Snapshot
from ..capacity import Loop, asked
from ..cliffs import cliffs
from ..refusals import granted, reasons
from .state import DISK, GPUS, INFO, RUNNING, TYPES, State, free, room

__all__ = ["Found", "Way", "answer", "refusals", "unpublished"]

_SOURCES: Final = {"gpus": GPUS, "gpu": GPUS, "disk": DISK}


class Way(NamedTuple):
    """How an offer is taken up."""

    service_type: str
    """Service type URI."""
    service_info: dict[str, Any]
    """What a client needs to go there."""


class Found(NamedTuple):
    """What was learned beside the snapshot; evidence counts from its own first."""

    against: tuple[Reason, ...] = ()
    """Why it does not run there."""
    unsure: tuple[Reason, ...] = ()
    """Why nobody can tell."""
    evidence: tuple[Evidence, ...] = ()
    """What this rests on."""
    pull: int | None = 0
    """Bytes to be pulled first; None when nobody says."""

    def beside(self, other: Found) -> Found:
        """Return both as one."""
        shift = len(self.evidence)
        both = None if self.pull is None or other.pull is None else self.pull + other.pull
        return Found(
            (*self.against, *shifted(other.against, shift)),
            (*self.unsure, *shifted(other.unsure, shift)),
            (*self.evidence, *other.evidence),
            both,
        )


def shifted(told: Iterable[Reason], by: int) -> tuple[Reason, ...]:
    """Return reasons whose evidence stands further back."""
    return tuple(
        msgspec.structs.replace(one, evidence=tuple(place + by for place in one.evidence))
        for one in told
    )


def refusals(task: Task, state: State) -> tuple[Reason, ...]:
    """Say why the engine's host is too small or of the wrong kind."""
    slot = room(state)
    (failures,) = Loop([slot]).judge(asked(task)).failures()
    return _sourced(reasons(slot, failures))


def unpublished(task: Task, state: State) -> tuple[Reason, ...]:
    """Say what is asked that the engine does not publish."""
    wanted = task.resources
    told = []
    if _wants_gpu(task) and state.gpus.number != 0:
        if state.gpus.number is None:
            told.append(_unknown("how many GPUs it can give to a container", "gpus/min", GPUS))
        elif wanted.gpu and (wanted.gpu.model or wanted.gpu.memory):
            told.append(_unknown("which GPUs it has", "gpu/model", GPUS))
        elif wanted.gpu and wanted.gpu.vendor and state.gpus.vendors is None:
            told.append(_unknown("whose GPUs it has", "gpu/vendor", GPUS))
    if wanted.disk.min and state.disk is None:
        told.append(_unknown("how much disk is free", "disk/min", INFO))
    return tuple(told)


def _wants_gpu(task: Task) -> bool:
    wanted = task.resources
    return bool(wanted.gpus.min) or (wanted.gpu is not None and wanted.gpus.max != 0)


def _unknown(what: str, field: str, place: int) -> Reason:
    message = f"The engine does not publish {what}"
    return Reason(
        "not-published", message, f"/resources/{field}", scope="host", evidence=(place,)
    )


def answer(
    task: Task, snapshot: Snapshot[State], found: Found, way: Way, draft: Answer
) -> Answer:
    """Put everything together.

    Parameters
    ----------
    task
        What was asked.
    snapshot
        What the engine publishes.
    found
        What was learned of images and of services.
    way
        How an offer is taken up.
    draft
        A NO of this platform, without reasons.
    """
    state, shift = snapshot.content, len(snapshot.evidence)
    draft = msgspec.structs.replace(
        draft,
        reasons=(*refusals(task, state), *shifted(found.against, shift)),
        evidence=(*snapshot.evidence, *found.evidence),
        cliffs=_cliffs(task, state),
    )
    if draft.reasons:
        return draft
    busy = _busy(task, state)
    unsure = (*unpublished(task, state), *shifted(found.unsure, shift))
    if late := _late(task, busy, found):
        unsure = (*unsure, late)
    if unsure:
        return msgspec.structs.replace(
            draft,
            verdict=Verdict.CANNOT_TELL,
            now=Verdict.CANNOT_TELL,
            reasons=(*unsure, *busy),
        )
    return msgspec.structs.replace(
        draft,
        verdict=Verdict.YES,
        now=Verdict.NO if busy else Verdict.YES,
        reasons=(*busy, *_unenforced(task, state)),
        offers=(_offer(task, state, found, way, room_now=not busy),),
    )


def _cliffs(task: Task, state: State) -> tuple[Cliff, ...]:
    """Return where the host ends, and where it is full now."""
    whole, left = (Loop([one]).judge(asked(task)).tally() for one in (room(state), free(state)))
    ends = cliffs(whole)
    reached = {(one.field, one.at) for one in ends}
    later = (one for one in cliffs(left, "later") if (one.field, one.at) not in reached)
    return (*ends, *later)


def _busy(task: Task, state: State) -> tuple[Reason, ...]:
    """Say what the limits of running containers leave too little of."""
    slot = free(state)
    (failures,) = Loop([slot]).judge(asked(task)).failures()
    told = []
    for reason in reasons(slot, failures, (RUNNING,), free=True):
        whole = state.info.NCPU * 1000 if "cores" in reason.field else state.info.MemTotal
        used = whole - int(reason.limit or 0)
        told.append(msgspec.structs.replace(reason, limit=whole, used=used))
    return tuple(told)


def _late(task: Task, busy: Sequence[Reason], found: Found) -> Reason | None:
    """Say that nobody knows how soon it starts, where the task sets a bound."""
    most = task.resources.startup.max
    if most is None or (not busy and found.pull == 0):
        return None
    why = "there will be room" if busy else "the image is pulled"
    message = f"Nobody knows when {why} here: the task accepts {format_duration(most)}"
    return Reason(
        "not-published",
        message,
        "/resources/startup/max",
        most,
        scope="host",
        evidence=(RUNNING if busy else INFO,),
    )


def _unenforced(task: Task, state: State) -> tuple[Reason, ...]:
    """Say which limits this engine can set but not keep (``/info``, kernel abilities)."""
    return tuple(
        Reason(
            "not-published",
            f"This engine cannot enforce a limit of {name}",
            f"/resources/{name}",
            scope="host",
            evidence=(INFO,),
        )
        for name in _loose(state)
        if getattr(task.resources, name)
    )


def _loose(state: State) -> list[str]:
    """Return what the engine cannot limit."""
    able = {"memory": state.info.MemoryLimit, "cores": state.info.CpuCfsQuota}
    return [name for name, limited in able.items() if not limited]


def _offer(task: Task, state: State, found: Found, way: Way, *, room_now: bool) -> Offer:
    resources, filled = granted(room(state), task.resources)
    start = Start(0, 0, "there is room now, and nothing queues here", (RUNNING,))
    if found.pull != 0:
        amount = "an image" if found.pull is None else format_memory(found.pull)
        start = Start(
            0, None, f"there is room now; {amount} has to be pulled first", (RUNNING,)
        )
    loose = {"unlimited": _loose(state)} if _loose(state) else {}
    return Offer(
        service_type=way.service_type,
        service_info={**way.service_info, **loose},
        resources=resources,
        filled=filled,
        start=start if room_now else None,
        evidence=(INFO, RUNNING),
    )


def _sourced(told: Sequence[Reason]) -> tuple[Reason, ...]:
    sourced = []
    for reason in told:
        place = _SOURCES.get(reason.field.removeprefix("/resources/").partition("/")[0], INFO)
        if reason.code == "kind-unsupported":
            place = TYPES
        sourced.append(msgspec.structs.replace(reason, evidence=(place,)))
    return tuple(sourced)
