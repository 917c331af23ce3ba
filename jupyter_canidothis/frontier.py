"""The nearest YES and the exact frontier, found by asking a platform again and again.

Quantities go down to the least that makes sense and come back up by bisection, each
alone, then two together, then all. Nothing is recommended that was not asked and
answered YES. A budget of asks and seconds ends the search wherever it is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, permutations
from typing import Final

from .answer import Answer, Change, Cliff, Edit, Nearest, Verdict
from .bisection import (
    AXES,
    AskAgain,
    Bracket,
    Budget,
    Search,
    Spent,
    asked,
    starts_now,
    takes,
    wanted,
)
from .platforms.refusals import step_words, up_to
from .resources import DIMENSIONS
from .task import Task

__all__ = ["search"]

_DEFAULTED: Final = ("memory", "duration")
"""What a platform sets itself where a task does not, perhaps to more than it takes."""


async def search(
    task: Task,
    first: Answer,
    ask: AskAgain,
    *,
    hints: Iterable[Edit] = (),
    budget: Budget | None = None,
) -> Nearest:
    """Search around a task.

    Parameters
    ----------
    task
        The task as it stands.
    first
        What the platform said of it.
    ask
        Asks about a variant, read-only.
    hints
        Edits whose values are worth asking first, e.g. published limits.
    budget
        How much this may take.

    Returns
    -------
    Nearest
        Of a NO the nearest changes; of either how far each quantity goes.
    """
    places: dict[str, list[int]] = {}
    for name, value in _hinted(first, hints):
        places.setdefault(name, []).append(value // AXES[name].step)
    looking = Search(task, ask, budget or Budget(), places)
    changes: list[Change] = []
    cliffs: list[Cliff] = []
    if first.verdict is Verdict.NO:
        await _out_of_a_no(looking, first, changes, cliffs)
        changes += [change for change in first.changes if change.checked]
    elif first.verdict is Verdict.YES:
        await _around_a_yes(looking, first, cliffs)
    return Nearest(
        first.platform,
        first.verdict,
        () if first.verdict is Verdict.YES else first.reasons,
        tuple(_nearest_first(changes)),
        tuple(cliffs),
        looking.asks,
        round((time.monotonic() - looking.began) * 1000),
        looking.cut,
    )


def _hinted(first: Answer, hints: Iterable[Edit]) -> Iterator[tuple[str, int]]:
    """Yield values at which the answer may change, by dimension."""
    told: list[tuple[str, int | str | None]] = [(edit.field, edit.after) for edit in hints]
    told += [(cliff.field, cliff.at) for cliff in first.cliffs]
    told += [(reason.field, reason.limit) for reason in first.reasons]
    for offer in first.offers:
        told += [(f"/resources/{name}/min", got.max) for name, got in offer.resources]
    for pointer, value in told:
        name = pointer.removeprefix("/resources/").removesuffix("/min")
        if name in AXES and isinstance(value, int):
            yield name, value


async def _out_of_a_no(
    looking: Search, first: Answer, changes: list[Change], cliffs: list[Cliff]
) -> None:
    """Look for changes of one quantity, then of two, then of all that can go down."""
    names = [name for name in AXES if _can_go_down(looking.task, name)]
    await asyncio.gather(*(_alone(looking, name, first, changes, cliffs) for name in names))
    try:
        if not changes:
            for pair in combinations(names, 2):
                await _together(looking, permutations(pair), changes)
        if not changes and len(names) > 2:  # noqa: PLR2004 - two were tried
            await _together(looking, (names, names[::-1]), changes)
    except Spent:
        pass


def _can_go_down(task: Task, name: str) -> bool:
    steps = asked(task, name)
    return name in _DEFAULTED if steps is None else steps > AXES[name].least


async def _alone(
    looking: Search, name: str, first: Answer, changes: list[Change], cliffs: list[Cliff]
) -> None:
    """Change one quantity as little as suffices, where that helps."""
    bracket: Bracket | None = None
    try:
        low = await _lowest(looking, name)
        if low is not None:
            bracket = Bracket(low, asked(looking.task, name), first)
            await looking.narrow(name, bracket)
    except Spent:
        pass
    if bracket is not None:
        changes.append(_change(looking.task, {name: bracket.low}))
        cliffs += _cliff(name, bracket.low * AXES[name].step, bracket)


async def _lowest(looking: Search, name: str) -> int | None:
    """Return a number of steps, below what is asked, that the platform takes.

    The greatest that was hinted at goes first: where it is right, one step more is all
    that is left to ask, and a search that is cut short ends near.
    """
    limit = asked(looking.task, name)
    hints = sorted(looking.hints.get(name, ()), reverse=True)
    hints = [steps for steps in hints if limit is None or steps < limit]
    for steps in dict.fromkeys((*hints[:1], AXES[name].least, *hints[1:])):
        if (limit is None or steps < limit) and await looking.will_take({name: steps}):
            return steps
    return None


async def _together(
    looking: Search, orders: Iterable[Sequence[str]], changes: list[Change]
) -> None:
    """Change several quantities; each order of raising them again may end elsewhere."""
    for order in orders:
        values = {name: AXES[name].least for name in order}
        if not await looking.will_take(values):
            return
        try:
            for name in order:
                await _raise(looking, name, values)
        finally:
            # What the budget cut short was still answered YES.
            changes.append(_change(looking.task, values))


async def _raise(looking: Search, name: str, values: dict[str, int]) -> None:
    """Raise one of several lowered quantities, to what is asked if that will do."""
    rest = {other: steps for other, steps in values.items() if other != name}
    bracket = Bracket(values[name], asked(looking.task, name))
    try:
        if bracket.high is None and await looking.will_take(rest):
            # What the task leaves open may stay so.
            del values[name]
            return
        if bracket.high is not None and await looking.will_take({**rest, name: bracket.high}):
            bracket.low = bracket.high
        await looking.narrow(name, bracket, rest)
    finally:
        if name in values:
            values[name] = bracket.low


async def _around_a_yes(looking: Search, first: Answer, cliffs: list[Cliff]) -> None:
    """Find how far each quantity goes, those that the task names first."""
    names = sorted(AXES, key=lambda name: asked(looking.task, name) is None)
    try:
        for name in names:
            bracket = Bracket(_start(looking.task, name, first))
            least = max(bracket.low * AXES[name].step, wanted(looking.task, name) or 0)
            if starts_now(first):
                await looking.narrow(name, bracket, will_do=starts_now)
                at = max(bracket.low * AXES[name].step, least)
                cliffs += _cliff(name, at, bracket)
            if not bracket.closed or bracket.beyond is None or takes(bracket.beyond):
                bracket = Bracket(bracket.high or bracket.low)
                await looking.narrow(name, bracket)
                at = max(bracket.low * AXES[name].step, least)
                cliffs += _cliff(name, at, bracket)
    except Spent:
        pass


def _start(task: Task, name: str, first: Answer) -> int:
    """Return the steps that were taken: of what is asked, or of what the platform set."""
    taken = wanted(task, name)
    if taken is None:
        taken = getattr(first.offers[0].resources, name).min if first.offers else None
    axis = AXES[name]
    return axis.least if taken is None else taken // axis.step


def _change(task: Task, values: Mapping[str, int]) -> Change:
    """Return the change to values that the platform took."""
    edits, words = [], []
    for name in (each for each in AXES if each in values):
        steps = values[name]
        after, before = steps * AXES[name].step, wanted(task, name)
        if steps == asked(task, name):
            continue
        edits.append(Edit(f"/resources/{name}/min", getattr(task.resources, name).min, after))
        label, spell = DIMENSIONS[name].label, DIMENSIONS[name].format
        words.append(
            f"{label} {spell(after)}" if before is None else step_words(name, before, after)
        )
    return Change(tuple(edits), ", ".join(words), checked=True)


def _nearest_first(changes: Iterable[Change]) -> Iterator[Change]:
    """Order changes; of those of one and the same amount only the smallest counts."""
    seen: set[str] = set()
    for change in sorted(dict.fromkeys(changes), key=_size):
        fields = [edit.field for edit in change.edits]
        if len(fields) > 1 or not seen.issuperset(fields):
            yield change
        if len(fields) == 1:
            seen.update(fields)


def _size(change: Change) -> tuple[int, float]:
    """Order changes: fewer edits first, then how much of the amounts goes."""
    shares = [
        abs(edit.before - edit.after) / max(edit.before, edit.after, 1)
        if isinstance(edit.before, int) and isinstance(edit.after, int)
        else 1.0
        for edit in change.edits
    ]
    return len(shares), sum(shares)


def _cliff(name: str, at: int, bracket: Bracket) -> list[Cliff]:
    """Return the cliff at a closed bracket, where the platform said what lies beyond."""
    beyond = bracket.beyond
    if not bracket.closed or beyond is None or beyond.verdict is Verdict.CANNOT_TELL:
        return []
    later = takes(beyond)
    because = [reason.message for reason in beyond.reasons[:1]]
    words = ": ".join((up_to(name, at), *because))
    beyond_word: Final = "later" if later else "no"
    return [Cliff(f"/resources/{name}/min", at, words, beyond_word, checked=True)]
