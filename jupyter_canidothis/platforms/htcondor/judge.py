"""One shape of slots judged: would it ever, is there room now, and what is in the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ...answer import Reason, Verdict
from ...evidence import trim
from .job import Job
from .matching import Match, match, opens, room_for
from .pool import Pool, Room, Shape
from .reading import parse

__all__ = ["Outcome", "judge", "obstacles", "saturated", "tally"]

_WORDS: Final[Mapping[str, str]] = {
    "requiregpus": "no such GPU",
    "requestgpus": "too few GPUs",
    "requestcpus": "too few cores",
    "requestmemory": "too little memory",
    "requestdisk": "too little disk",
    "arch": "another processor",
    "opsys": "another system",
    "hasfiletransfer": "no file transfer",
}
"""What a refused condition of the job comes to, by the attribute that it names."""


@dataclass(frozen=True)
class Outcome:
    """What came out for one shape of slots."""

    shape: Shape
    verdict: Verdict
    now: Verdict
    match: Match
    room: Room | None = None
    """A slot with room now."""
    opens: int | None = None
    """Seconds until START takes such jobs again; None when it does now or never does."""

    @property
    def why(self) -> str:
        """What is in the way, in two or three words."""
        if self.shape.closed:
            return self.shape.closed
        if self.match.unknown:
            return f"START depends on {', '.join(self.match.unknown[:3])}"
        for demand in self.match.demands:
            words = [word for name, word in _WORDS.items() if name in demand.lower()]
            if words:
                return words[0]
        if self.match.demands:
            return f"no {trim(self.match.demands[0], 60)}"
        return f"START refuses: {trim(' and '.join(self.match.objections), 80)}"


def judge(put: Job, shape: Shape) -> Outcome:
    """Judge one shape; a closed one takes nothing, whatever is asked."""
    if shape.closed:
        verdict = Verdict.NO if shape.closed == "drained" else Verdict.CANNOT_TELL
        return Outcome(shape, verdict, Verdict.NO, Match(verdict))
    found = match(put, shape)
    if found.verdict is Verdict.YES:
        room = room_for(put, shape)
        if isinstance(room, bool):
            return Outcome(shape, Verdict.YES, Verdict.CANNOT_TELL, found)
        now = Verdict.NO if room is None else Verdict.YES
        return Outcome(shape, Verdict.YES, now, found, room)
    wait = opens(put, shape) if found.verdict is Verdict.NO else None
    if wait is not None:
        return Outcome(shape, Verdict.YES, Verdict.NO, found, opens=wait)
    verdict = found.verdict
    if put.gpu_wish and shape.total[-1] >= put.gpus and not shape.gpu_models:
        # It has GPUs and does not say which.
        verdict = _without_gpu_wish(put, shape)
    return Outcome(shape, verdict, verdict, found)


def _without_gpu_wish(put: Job, shape: Shape) -> Verdict:
    plain = match(replace(put, gpu=None), shape).verdict
    return Verdict.CANNOT_TELL if plain is Verdict.YES else plain


def tally(outcomes: Sequence[Outcome]) -> str:
    """Count slots by what is in the way: ``0 of 4 slots take it: 3 too little memory``."""
    counts: Counter[str] = Counter()
    total = 0
    for outcome in outcomes:
        total += len(outcome.shape.rooms)
        counts[outcome.why] += len(outcome.shape.rooms)
    parts = [f"{count} {why}" for why, count in counts.most_common(6)]
    return f"0 of {total} slots take it: {', '.join(parts)}"


def obstacles(put: Job, pool: Pool) -> Iterator[Reason]:
    """Yield what keeps the job from running wherever it is matched.

    The schedd refuses a job at submission unless each of its submit requirements is true
    (``SUBMIT_REQUIREMENT_NAMES``, HTCondor manual, schedd configuration); it starts no
    job beyond ``MaxJobsRunning``.
    """
    job = put.facts()
    for name in pool.params.get("SUBMIT_REQUIREMENT_NAMES", "").replace(",", " ").split():
        rule = pool.params.get(f"SUBMIT_REQUIREMENT_{name}", "")
        if rule and parse({**job, "CanIDoThisRule": rule}).eval("CanIDoThisRule") is not True:
            said = pool.params.get(f"SUBMIT_REQUIREMENT_{name}_REASON", "")
            yield Reason(
                "refused",
                f"The schedd refuses such a job at submission: {trim(name, 60)}",
                limit=trim(rule, 200),
                scope="schedd",
                text=trim(said, 200),
                evidence=(0,),
            )
    if pool.schedds and all(schedd.most_running == 0 for schedd in pool.schedds):
        message = "The schedd is set to run no job at all (MaxJobsRunning 0)"
        yield Reason("closed", message, limit=0, scope="schedd", evidence=(0,))


def saturated(pool: Pool) -> bool:
    """Whether every schedd runs as many jobs as it may."""
    return bool(pool.schedds) and all(
        schedd.most_running is not None and schedd.running >= schedd.most_running
        for schedd in pool.schedds
    )
