"""Where published limits change an answer along one quantity, all else as asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from ..answer import Cliff
from .bitmaps import positions
from .capacity import Judge, Slot, Tally, Term
from .refusals import up_to

__all__ = ["Cliffs", "cliffs", "subjects"]

_MARKED: Final = ("cores", "memory", "duration", "gpus", "disk", "nodes")
_MOST_KEPT: Final = 64


def cliffs(tally: Tally, beyond: Literal["no", "later"] = "no") -> tuple[Cliff, ...]:
    """Return the greatest amount of each quantity that some slot takes.

    A slot counts for a quantity when it meets all else that the task asks. A quantity
    that one of these slots does not limit has no cliff, nor has one of which there is
    nothing.

    Parameters
    ----------
    tally
        What was found for the task.
    beyond
        What the slots' bounds are: all there is, or what is free now.
    """
    return tuple(Cliffs(tally.judge, beyond).found(tally))


def subjects(terms: Sequence[Term]) -> tuple[str, ...]:
    """Return what terms are about, which with their sets decides about all cliffs."""
    return tuple([term.subject + term.end for term in terms])


class Cliffs:
    """The cliffs of one judge, found once for each set of slots that counts.

    Parameters
    ----------
    judge
        Whose slots.
    beyond
        As for `cliffs`.
    """

    def __init__(self, judge: Judge, beyond: Literal["no", "later"] = "no") -> None:
        self._judge, self._beyond = judge, beyond
        self._kept: dict[tuple[tuple[str, ...], Sequence[int]], tuple[Cliff, ...]] = {}

    def of(self, tally: Tally, about: tuple[str, ...]) -> tuple[Cliff, ...]:
        """Return the cliffs for one task.

        Parameters
        ----------
        tally
            What was found for it.
        about
            The `subjects` of its terms.
        """
        # This runs for each of a thousand platforms; what it says depends on no amount.
        key = about, tuple(tally.refusing)
        known = self._kept.get(key)
        if known is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            known = self._kept[key] = tuple(self.found(tally))
        return known

    def found(self, tally: Tally) -> Iterator[Cliff]:
        """Find the cliffs for one task."""
        alone = {term.subject: slots for term, slots in tally.alone() if term.end == "min"}
        for name in _MARKED:
            members = tally.accepting | alone.get(name, 0)
            cliff = self._cliff(name, members) if members else None
            if cliff is not None:
                yield cliff

    def _cliff(self, name: str, members: int) -> Cliff | None:
        best: tuple[int, Slot] | None = None
        for place in positions(members):
            slot = self._judge.slots[place]
            bound = slot.bounds.get(name)
            if bound is None or bound.max is None:
                return None
            if best is None or bound.max > best[0]:
                best = bound.max, slot
        if best is None or not best[0]:
            return None
        at, slot = best
        message = up_to(name, at)
        where = f": {slot.scope}" if " " in slot.scope else ""
        if self._beyond == "later":
            where += ", free now"
        return Cliff(f"/resources/{name}/min", at, f"{message}{where}", self._beyond)
