"""How far one quantity of a task may go, found by asking and bisection within a budget."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from .answer import Answer, Verdict
from .errors import PlatformError
from .task import Task

__all__ = [
    "AXES",
    "AskAgain",
    "Axis",
    "Bracket",
    "Budget",
    "Search",
    "Spent",
    "asked",
    "starts_now",
    "takes",
    "wanted",
]

AskAgain = Callable[[Task], Awaitable[Answer]]
Values = Mapping[str, int]
"""Steps by dimension."""


@dataclass(frozen=True)
class Axis:
    """One quantity that may be changed, counted in steps."""

    name: str
    """Dimension of the task."""
    step: int
    """The smallest change, in the dimension's unit: what batch systems round to."""
    least: int
    """Fewest steps that make sense."""
    most: int
    """Steps beyond which nobody looks."""


AXES: Final[Mapping[str, Axis]] = {
    axis.name: axis
    for axis in (
        Axis("cores", 1000, 1, 2**16),
        Axis("memory", 2**20, 1, 2**26),
        Axis("duration", 60, 1, 366 * 24 * 60),
        Axis("gpus", 1, 0, 2**10),
        Axis("nodes", 1, 1, 2**14),
    )
}


@dataclass(frozen=True)
class Budget:
    """How much one search may take; whatever is used up first ends it."""

    asks: int = 40
    """Most asks."""
    seconds: float = 1.0
    """Longest time."""


class Spent(Exception):
    """The budget is used up."""


def takes(answer: Answer) -> bool:
    """Whether a platform says YES."""
    return answer.verdict is Verdict.YES


def starts_now(answer: Answer) -> bool:
    """Whether it says YES, and that there is room now."""
    return takes(answer) and answer.now is Verdict.YES


@dataclass
class Bracket:
    """The greatest number of steps that will do, and the fewest beyond that will not."""

    low: int
    high: int | None = None
    beyond: Answer | None = None
    """What was said at `high`."""

    @property
    def closed(self) -> bool:
        """Whether both sides are known and next to each other."""
        return self.high is not None and self.high - self.low <= 1


@dataclass
class Search:
    """Asks, remembers what was said, and counts."""

    task: Task
    ask: AskAgain
    budget: Budget
    hints: Mapping[str, Sequence[int]]
    began: float = field(default_factory=time.monotonic)
    asks: int = 0
    cut: bool = False
    said: dict[frozenset[tuple[str, int]], Answer] = field(default_factory=dict)

    async def tell(self, values: Values) -> Answer:
        """Ask about the task with some quantities set, at most once."""
        key = frozenset(values.items())
        if key not in self.said:
            left = self.budget.seconds - (time.monotonic() - self.began)
            if self.cut or self.asks >= self.budget.asks or left <= 0:
                self.cut = True
                raise Spent
            self.asks += 1
            try:
                work = self.ask(_put(self.task, values))
                self.said[key] = await asyncio.wait_for(work, left)
            except (asyncio.TimeoutError, PlatformError) as error:
                self.cut = True
                raise Spent from error
        return self.said[key]

    async def will_take(self, values: Values) -> bool:
        """Whether the platform says YES."""
        return takes(await self.tell(values))

    async def narrow(
        self,
        name: str,
        bracket: Bracket,
        rest: Values | None = None,
        *,
        will_do: Callable[[Answer], bool] = takes,
    ) -> None:
        """Close a bracket by asking, values with a hint first.

        It stays open above where even the most will do, and wherever the budget ends.
        """
        axis, gallop = AXES[name], bracket.high is None
        hints = [step + more for step in self.hints.get(name, ()) for more in (0, 1)]
        while not bracket.closed and bracket.low < axis.most:
            beyond = axis.most + 1 if bracket.high is None else bracket.high
            inside = [place for place in hints if bracket.low < place < beyond]
            place = (bracket.low + beyond) // 2
            if inside:
                place = inside[0]
            elif bracket.high is None:
                place = axis.most
            elif gallop:
                place = min(place, max(bracket.low * 2, 1))
            answer = await self.tell({**(rest or {}), name: place})
            if will_do(answer):
                bracket.low = place
            else:
                bracket.high, bracket.beyond = place, answer


def wanted(task: Task, name: str) -> int | None:
    """Return the amount that a task asks for; None where it leaves it open."""
    asks = getattr(task.resources, name)
    least: int | None = asks.min
    if name == "gpus" and least is None and task.resources.gpu and asks.max != 0:
        return 1
    return least


def asked(task: Task, name: str) -> int | None:
    """Return the whole steps that cover what a task asks for."""
    amount = wanted(task, name)
    return None if amount is None else -(-amount // AXES[name].step)


def _put(task: Task, values: Values) -> Task:
    """Return the task with at least so much of some quantities."""
    resources = task.resources
    for name, steps in values.items():
        amount, most = steps * AXES[name].step, getattr(resources, name).max
        ends = {"max": None} if most is not None and most < amount else {}
        resources = resources.replace(name, min=amount, **ends)
    return msgspec.structs.replace(task, resources=resources)
