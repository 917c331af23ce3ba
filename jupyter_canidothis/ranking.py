"""Which answer comes first, and what a plan comes to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from .answer import Answer, Summary, Verdict
from .gains import gains

__all__ = ["best_first", "summarise"]

_ORDER: Final = {Verdict.YES: 0, Verdict.CANNOT_TELL: 1, Verdict.NO: 2}
_NEVER: Final = 2**62


def best_first(answers: Iterable[Answer]) -> list[Answer]:
    """Order answers: YES before CANNOT_TELL before NO, then the soonest start."""
    return sorted(answers, key=_rank)


def _rank(answer: Answer) -> tuple[int, int, int]:
    starts = [
        offer.start.latest if offer.start.latest is not None else offer.start.earliest
        for offer in answer.offers
        if offer.start is not None
    ]
    soonest = min((start for start in starts if start is not None), default=_NEVER)
    return _ORDER[answer.verdict], _ORDER[answer.now], soonest


def summarise(answers: Sequence[Answer], took: int) -> Summary:
    """Count the verdicts, name the best platform, and what would win more of them."""
    accepting = [answer for answer in answers if answer.verdict is Verdict.YES]
    refusing = sum([answer.verdict is Verdict.NO for answer in answers])
    best = min(accepting, key=_rank).platform if accepting else ""
    silent = len(answers) - len(accepting) - refusing
    return Summary(len(accepting), refusing, silent, best, gains(answers), took)
