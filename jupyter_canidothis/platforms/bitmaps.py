"""Sets of slots as whole numbers: bit *i* says whether slot *i* belongs to the set.

Published limits have few distinct values, so "which slots reach this amount" is one
number made beforehand, found by bisection; joining sets is one ``&``. With few
repeated values the numbers would outgrow memory: `BinnedLadder` keeps one per bin
of slots and corrects the bin at the boundary slot by slot, exactly.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

__all__ = [
    "BUDGET",
    "BinnedLadder",
    "ExactLadder",
    "Ladder",
    "bitmap",
    "build_ladder",
    "positions",
]

BUDGET: Final = 2 * 2**20
"""Most bytes that the sets of one ladder take; beyond, its slots are binned."""


def bitmap(slots: Iterable[int], size: int) -> int:
    """Return the set that holds these slots, of ``size`` in all."""
    raw = bytearray((size >> 3) + 1)
    for slot in slots:
        raw[slot >> 3] |= 1 << (slot & 7)
    return int.from_bytes(raw, "little")


def positions(members: int) -> list[int]:
    """Return the slots of a set in ascending order."""
    if not members:
        return []
    return [slot for slot, bit in enumerate(bin(members)[:1:-1]) if bit == "1"]


class Ladder(Protocol):
    """One end of one dimension over all slots; greater heights reach further."""

    def reach(self, height: int) -> int:
        """Return the set of slots that reach at least this height."""

    def closest(self, height: int, among: int) -> tuple[int, int]:
        """Return the greatest height of a set of slots below ``height``, and how many have it.

        The set is not empty and none of it reaches ``height``.
        """


class ExactLadder:
    """One set for every distinct height."""

    def __init__(self, heights: Sequence[int], rungs: Sequence[int]) -> None:
        self._heights = heights
        self._rungs = rungs

    def reach(self, height: int) -> int:
        """See `Ladder.reach`."""
        return self._rungs[bisect_left(self._heights, height)]

    def closest(self, height: int, among: int) -> tuple[int, int]:
        """See `Ladder.closest`."""
        rung, found = _nearest(self._rungs, bisect_left(self._heights, height), among)
        return self._heights[rung], found.bit_count()


class BinnedLadder:
    """One set for every ``step`` slots in order of height."""

    def __init__(
        self, order: Sequence[tuple[int, int]], anyone: int, size: int, step: int
    ) -> None:
        self._step = step
        self._size = size
        self._heights = [height for height, _ in order]
        self._slots = [slot for _, slot in order]
        starts = range(0, len(order), step)
        groups = [self._slots[start : start + step] for start in starts]
        self._rungs = _cumulate(groups, anyone, size)

    def reach(self, height: int) -> int:
        """See `Ladder.reach`."""
        place = bisect_left(self._heights, height)
        # The nearer bin border leaves at most half a bin to correct.
        rung = (place + self._step // 2) // self._step
        rung = min(rung, len(self._rungs) - 1)
        border = min(rung * self._step, len(self._slots))
        wrong = self._slots[min(place, border) : max(place, border)]
        return self._rungs[rung] ^ bitmap(wrong, self._size) if wrong else self._rungs[rung]

    def closest(self, height: int, among: int) -> tuple[int, int]:
        """See `Ladder.closest`."""
        above = bisect_left(self._heights, height)
        rung, _ = _nearest(self._rungs, -(-above // self._step), among)
        raw = among.to_bytes((self._size >> 3) + 1, "little")
        place = min((rung + 1) * self._step, above)
        best, count = 0, 0
        # Equal heights may go on into lower bins, so only a lower height ends the walk.
        while place and (not count or self._heights[place - 1] == best):
            place -= 1
            slot = self._slots[place]
            if raw[slot >> 3] >> (slot & 7) & 1:
                best, count = self._heights[place], count + 1
        return best, count


def _nearest(rungs: Sequence[int], above: int, among: int) -> tuple[int, int]:
    """Return the last rung before ``above`` that shares slots with ``among``, and the slots."""
    # The nearest rung mostly is the next one, so strides grow from there before halving.
    stride, high, low = 1, above, above
    found = 0
    while not found:
        high, low = low, max(0, low - stride)
        found = rungs[low] & among
        stride *= 2
    while high - low > 1:
        middle = (low + high) // 2
        if shared := rungs[middle] & among:
            low, found = middle, shared
        else:
            high = middle
    return low, found


def build_ladder(heights: Sequence[int | None], budget: int = BUDGET) -> Ladder:
    """Build the ladder that suits the data.

    Parameters
    ----------
    heights
        One per slot; None reaches every height.
    budget
        Most bytes for its sets.
    """
    size = len(heights)
    anyone = bitmap((slot for slot, height in enumerate(heights) if height is None), size)
    order = sorted((height, slot) for slot, height in enumerate(heights) if height is not None)
    groups: dict[int, list[int]] = {}
    for height, slot in order:
        groups.setdefault(height, []).append(slot)
    bins = max(1, budget // ((size >> 3) + 1))
    if len(groups) > bins:
        return BinnedLadder(order, anyone, size, step=-(-len(order) // bins))
    return ExactLadder(list(groups), _cumulate(list(groups.values()), anyone, size))


def _cumulate(groups: Sequence[Sequence[int]], anyone: int, size: int) -> list[int]:
    """Return, for each group and for none, the set of it and all higher groups."""
    rungs = [anyone]
    for group in reversed(groups):
        rungs.append(rungs[-1] | bitmap(group, size))
    return rungs[::-1]
