"""Many platforms judged in one pass over one index of all their slots.

The slots of each platform fill whole bytes of every set, so that a set over all
slots comes apart into the sets of the platforms in one step.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import Final

from .capacity import Index, Judge, Slot, Tally, Term

__all__ = ["Crowd"]

_WIDTHS: Final = {1: "B", 2: "H", 4: "I", 8: "Q"}
"""Bytes that `struct` reads as one number."""
_NOBODY: Final = Slot()
"""Fills up the bytes of a platform; refuses nothing, so it is in no set that counts."""


class Crowd:
    """The judges of many platforms, asked as one.

    Parameters
    ----------
    judges
        One per platform, in the order of the judgements.
    """

    def __init__(self, judges: Sequence[Judge]) -> None:
        self._judges = tuple(judges)
        widths = [_width(len(judge.slots)) for judge in judges]
        slots: list[Slot] = []
        for judge, width in zip(judges, widths, strict=True):
            slots += [*judge.slots, *[_NOBODY] * (8 * width - len(judge.slots))]
        self._index = Index(slots)
        self._layout = Struct(
            "<" + "".join(_WIDTHS.get(width, f"{width}s") for width in widths)
        )
        self._wide = any(width not in _WIDTHS for width in widths)
        everyone = b"".join(
            judge.everyone.to_bytes(width, "little")
            for judge, width in zip(judges, widths, strict=True)
        )
        self._everyone = int.from_bytes(everyone, "little")

    def judge(self, terms: Sequence[Term]) -> list[Tally]:
        """Judge what a task asks, at least one term, for each platform."""
        judgement = self._index.judge(terms)
        accepting, *failing = judgement.counted()
        columns = [self._apart(members) for members in judgement.refusing]
        # Those who only fill up accept everything.
        counts = [self._apart(accepting & self._everyone), *map(self._apart, failing)]
        return [
            Tally(judge, terms, refusing, counted)
            for judge, refusing, counted in zip(
                self._judges, zip(*columns, strict=True), zip(*counts, strict=True), strict=True
            )
        ]

    def _apart(self, members: int) -> Sequence[int]:
        """Take a set over all slots apart into the sets of the platforms."""
        pieces = self._layout.unpack(members.to_bytes(self._layout.size, "little"))
        if not self._wide:
            return pieces
        return [
            int.from_bytes(piece, "little") if isinstance(piece, bytes) else piece
            for piece in pieces
        ]


def _width(slots: int) -> int:
    """Return how many bytes hold this many slots, as one number where one is wide enough."""
    needed = -(-slots // 8)
    return next((width for width in _WIDTHS if width >= needed), needed)
