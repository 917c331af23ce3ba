"""The one judge over published limits.

A platform publishes `Slot` objects: the ways in which it could run a task, each
with its limits. A task asks `Term` objects: single conditions that a slot meets or
not, independent of each other. A slot accepts a task when it meets every term.

Two judges give the same answers (a property test holds them against each other):
`Loop` looks at slot after slot, `Index` keeps the slots as bitmaps and pays off from
some hundreds of slots or when the same slots are judged again and again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Final, NamedTuple

import msgspec

from ..resources import Range
from ..task import Task
from .bitmaps import BUDGET, Ladder, bitmap, build_ladder, positions

__all__ = [
    "GPU_MEMORY",
    "Flip",
    "Index",
    "Judge",
    "Judgement",
    "Loop",
    "Slot",
    "Tally",
    "Term",
    "asked",
    "judge_for",
    "meets",
]

GPU_MEMORY: Final = "gpu.memory"
"""Name in `Slot.bounds` for the memory of one GPU, beside the names of ``DIMENSIONS``."""

_MANY: Final = 300
"""From this many slots on an index pays off."""


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a platform could run a task, with its published limits.

    A slot without GPUs says so by the bound ``gpus`` 0..0 alone, so that asking for
    no GPU is all it takes to fit.

    Raises
    ------
    ValueError
        A bound whose minimum is above its maximum.
    """

    name: str = ""
    """The part of the platform: a partition, an interface; empty for all of it."""
    scope: str = ""
    """What sets the limits: ``machine``, ``partition``, ``interface``, ..."""
    bounds: Mapping[str, Range] = {}
    """What it takes, by dimension (or `GPU_MEMORY`); absent is not published."""
    accepts: Mapping[str, frozenset[str]] = {}
    """Words it takes, by category: ``task type``, ``language`` (lower case), ``kernel``,
    ``image`` (shell patterns), ``gpu vendor``, ``gpu model``, ...; absent takes anything."""

    def __post_init__(self) -> None:
        for name, bound in self.bounds.items():
            if bound.min is not None and bound.max is not None and bound.min > bound.max:
                raise ValueError(f"slot {self.name!r}: {name} {bound.min} > {bound.max}")


class Term(NamedTuple):
    """One condition that a task puts to every slot."""

    subject: str
    """A dimension, `GPU_MEMORY`, or a category of words."""
    end: str
    """``min`` or ``max`` of a dimension; empty for a word."""
    asked: int | str
    """The amount in the dimension's unit, or the word."""


class Flip(NamedTuple):
    """The nearest value of one term that turns some NO into a YES."""

    term: Term
    """What to change."""
    value: int
    """The value that is accepted."""
    slots: int
    """How many slots that one change turns."""


def asked(task: Task) -> tuple[Term, ...]:
    """Return what a task asks of a slot, the task type first.

    What the GPUs have to be counts only when the task needs one; a task that
    describes its GPU without a number needs at least one.

    Raises
    ------
    RequestError
        A minimum is above its maximum.
    """
    task.resources.check()
    executable = task.executable
    terms = [Term("task type", "", executable.type)]
    languages = dict.fromkeys(language.lower() for language in executable.languages)
    terms += [Term("language", "", language) for language in languages]
    terms += [
        Term(category, "", word)
        for category, word in (("kernel", executable.kernel), ("image", executable.image))
        if word
    ]
    for name, wanted in task.resources:
        terms += [
            Term(name, end, amount)
            for end, amount in (("min", wanted.min), ("max", wanted.max))
            if amount is not None
        ]
    return (*terms, *_asked_of_gpus(task))


def _asked_of_gpus(task: Task) -> Iterator[Term]:
    gpu, count = task.resources.gpu, task.resources.gpus
    if gpu is None or 0 in (count.min, count.max):
        return
    if count.min is None:
        yield Term("gpus", "min", 1)
    if gpu.memory is not None:
        yield Term(GPU_MEMORY, "min", gpu.memory)
    if gpu.vendor:
        yield Term("gpu vendor", "", gpu.vendor)
    if gpu.model:
        yield Term("gpu model", "", gpu.model)


def _contains(word: str, accepted: str) -> bool:
    """Whether a product name holds the word: ``a100`` in ``NVIDIA A100-SXM4-80GB``."""
    return word.lower() in accepted.lower()


_MATCHERS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "image": fnmatchcase,
    "gpu model": _contains,
    "gpu vendor": _contains,
}
"""How a word is compared where it has not to be equal."""


def _limit(slot: Slot, subject: str, end: str) -> int | None:
    """Return the end of the slot's bound that can refuse the term's end."""
    bound = slot.bounds.get(subject)
    if bound is None:
        return None
    return bound.max if end == "min" else bound.min


def meets(slot: Slot, term: Term) -> bool:
    """Whether a slot meets one term."""
    subject, end, wanted = term
    if isinstance(wanted, str):
        accepted = slot.accepts.get(subject)
        if accepted is None or wanted in accepted:
            return True
        matches = _MATCHERS.get(subject)
        return matches is not None and any(matches(wanted, word) for word in accepted)
    limit = _limit(slot, subject, end)
    return limit is None or (wanted <= limit if end == "min" else wanted >= limit)


class Judge(ABC):
    """Judges tasks against a fixed sequence of slots."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self.slots = tuple(slots)
        self.everyone = (1 << len(self.slots)) - 1
        self._limits: dict[tuple[str, str], list[int]] = {}

    def limits(self, term: Term) -> Sequence[int]:
        """Return for each slot the limit that can refuse an amount, 0 where there is none."""
        key = term.subject, term.end
        if key not in self._limits:
            self._limits[key] = [_limit(slot, *key) or 0 for slot in self.slots]
        return self._limits[key]

    @abstractmethod
    def meeting(self, term: Term) -> int:
        """Return the set of slots that meet a term."""

    @abstractmethod
    def closest(self, term: Term, among: int) -> tuple[int, int]:
        """Return the limit nearest to the term's amount, and how many slots have it.

        Parameters
        ----------
        term
            An amount, not a word.
        among
            The slots to look at: at least one, and none that meets the term.
        """

    def accepting(self, terms: Sequence[Term]) -> int:
        """Return the set of slots that accept what a task asks."""
        accepting = self.everyone
        for term in terms:
            accepting &= self.meeting(term)
        return accepting

    def judge(self, terms: Sequence[Term]) -> Judgement:
        """Judge what a task asks, with every reason."""
        everyone = self.everyone
        return Judgement(self, terms, [everyone ^ self.meeting(term) for term in terms])


class Judgement(NamedTuple):
    """What a judge found for one task; sets of slots are bitmaps, see `bitmaps`."""

    judge: Judge
    """Who judged, and what slots."""
    terms: Sequence[Term]
    """What was asked."""
    refusing: Sequence[int]
    """For each term, the set of slots that do not meet it."""

    @property
    def accepting(self) -> int:
        """The set of slots that accept the task."""
        refusing = 0
        for members in self.refusing:
            refusing |= members
        return self.judge.everyone ^ refusing

    def failures(self) -> list[list[Term]]:
        """Return for each slot the terms that it does not meet."""
        failures: list[list[Term]] = [[] for _ in self.judge.slots]
        for term, refusing in zip(self.terms, self.refusing, strict=True):
            for slot in positions(refusing):
                failures[slot].append(term)
        return failures

    def flips(self) -> list[Flip]:
        """Return for each amount the nearest value that alone turns a NO into a YES."""
        once = several = 0
        for members in self.refusing:
            several |= once & members
            once |= members
        once ^= several
        return [
            Flip(term, *self.judge.closest(term, only))
            for term, members in zip(self.terms, self.refusing, strict=True)
            if term.end and (only := members & once)
        ]

    def counted(self) -> list[int]:
        """Return the sets of slots that fail no term, one term, two terms, and so on."""
        reached = [self.judge.everyone] + [0] * (len(self.terms) + 1)
        for place, members in enumerate(self.refusing):
            for count in range(place, -1, -1):
                reached[count + 1] |= reached[count] & members
        return [more ^ most for more, most in pairwise(reached)]

    def tally(self) -> Tally:
        """Count for each slot what it fails."""
        return Tally(self.judge, self.terms, self.refusing, self.counted())


class Tally(NamedTuple):
    """A `Judgement` over the slots of one platform, with how much each slot fails."""

    judge: Judge
    terms: Sequence[Term]
    refusing: Sequence[int]
    counted: Sequence[int]
    """The sets of slots that fail no term, one term, two terms, and so on."""

    @property
    def accepting(self) -> int:
        """The set of slots that accept the task."""
        return self.counted[0]

    def failing(self, place: int) -> list[Term]:
        """Return the terms that one slot does not meet."""
        bit = 1 << place
        return [term for term, slots in zip(self.terms, self.refusing) if slots & bit]  # noqa: B905 - hot

    def fewest(self, among: int) -> int:
        """Return those slots of a set that fail the fewest terms."""
        for members in self.counted:
            if some := members & among:
                return some
        return 0

    def alone(self) -> list[tuple[Term, int]]:
        """Return the terms that are all that some slots do not meet, with those slots."""
        once = self.counted[1]
        if not once:
            return []
        pairs = zip(self.terms, self.refusing)  # noqa: B905 - hot
        return [(term, only) for term, members in pairs if (only := members & once)]


class Loop(Judge):
    """Looks at slot after slot."""

    def meeting(self, term: Term) -> int:
        """See `Judge.meeting`."""
        members = 0
        for place, slot in enumerate(self.slots):
            if meets(slot, term):
                members |= 1 << place
        return members

    def closest(self, term: Term, among: int) -> tuple[int, int]:
        """See `Judge.closest`."""
        limits = [
            limit
            for place in positions(among)
            if (limit := _limit(self.slots[place], term.subject, term.end)) is not None
        ]
        best = max(limits) if term.end == "min" else min(limits)
        return best, limits.count(best)


class Index(Judge):
    """Keeps every limit as a ladder of bitmaps and every word as one bitmap.

    Parameters
    ----------
    slots
        What to judge against.
    budget
        Most bytes for the bitmaps of one end of one dimension.
    """

    def __init__(self, slots: Sequence[Slot], budget: int = BUDGET) -> None:
        super().__init__(slots)
        self._ladders: dict[tuple[str, str], Ladder] = {}
        self._words: dict[str, dict[str, int]] = {}
        self._anything: dict[str, int] = {}
        for subject in sorted({name for slot in slots for name in slot.bounds}):
            for end, sign in (("min", 1), ("max", -1)):
                limits = [_limit(slot, subject, end) for slot in slots]
                if any(limit is not None for limit in limits):
                    # A least amount bounds from below: upside down, it is a height too.
                    heights = [None if limit is None else sign * limit for limit in limits]
                    self._ladders[subject, end] = build_ladder(heights, budget)
        for category in sorted({name for slot in slots for name in slot.accepts}):
            self._index_words(category)

    def _index_words(self, category: str) -> None:
        size, anything = len(self.slots), []
        members: dict[str, list[int]] = {}
        for place, slot in enumerate(self.slots):
            accepted = slot.accepts.get(category)
            if accepted is None:
                anything.append(place)
                continue
            for word in accepted:
                members.setdefault(word, []).append(place)
        self._anything[category] = bitmap(anything, size)
        self._words[category] = {word: bitmap(who, size) for word, who in members.items()}

    def meeting(self, term: Term) -> int:
        """See `Judge.meeting`."""
        subject, end, wanted = term
        if isinstance(wanted, str):
            return self._taking(subject, wanted)
        ladder = self._ladders.get((subject, end))
        if ladder is None:
            return self.everyone
        return ladder.reach(wanted if end == "min" else -wanted)

    def _taking(self, category: str, wanted: str) -> int:
        words = self._words.get(category)
        if words is None:
            return self.everyone
        members = self._anything[category] | words.get(wanted, 0)
        if matches := _MATCHERS.get(category):
            for word, taking in words.items():
                if matches(wanted, word):
                    members |= taking
        return members

    def closest(self, term: Term, among: int) -> tuple[int, int]:
        """See `Judge.closest`."""
        sign = 1 if term.end == "min" else -1
        ladder = self._ladders[term.subject, term.end]
        height, count = ladder.closest(sign * int(term.asked), among)
        return sign * height, count


def judge_for(slots: Sequence[Slot]) -> Judge:
    """Return the judge that suits the number of slots."""
    return Index(slots) if len(slots) >= _MANY else Loop(slots)
