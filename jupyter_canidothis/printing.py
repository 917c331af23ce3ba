"""Plans on standard output: drawn live in a terminal, plain everywhere else."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Callable, Iterable
from contextlib import aclosing
from typing import IO, Any, Final

import msgspec

from .answer import Nearest, Plan
from .errors import RequestError
from .planner import Planner
from .render import nearest_text, plan_text, to_ascii
from .render.sources import time_words
from .task import Task

__all__ = ["FORMATS", "LEAST_WAIT", "USUAL_WAIT", "Printer", "draw", "read_wait", "written"]

FORMATS: Final = ("table", "text", "json", "yaml")
"""``table`` is drawn in a terminal and ``text`` elsewhere; the rest is the same everywhere."""
USUAL_WAIT: Final = 30.0
"""Seconds between two plans when nobody says how many."""
LEAST_WAIT: Final = 5.0
"""Fewest seconds between two plans: platforms are to be asked, not hammered."""


def read_wait(given: str | None) -> float | None:
    """Return a person's ``--watch`` in seconds; None asks once.

    Raises
    ------
    RequestError
        Not a number, or below `LEAST_WAIT`.
    """
    if given is None:
        return None
    try:
        seconds = float(given) if given else USUAL_WAIT
    except ValueError:
        seconds = math.nan
    if not LEAST_WAIT <= seconds < math.inf:
        raise RequestError("--watch", given, f"seconds, {LEAST_WAIT:g} or more")
    return seconds


class Printer:
    """Asks, and prints what comes.

    Parameters
    ----------
    planner
        Whom to ask.
    form
        One of `FORMATS`.
    out
        Where to; standard output when None.
    """

    def __init__(self, planner: Planner, form: str, out: IO[str] | None = None) -> None:
        self._planner = planner
        self._out = sys.stdout if out is None else out
        self._form = form
        self._screen = _screen(self._out) if form == "table" else None
        self.plan: Plan | None = None
        """The last plan that was completed."""

    async def once(self, task: Task, names: Iterable[str] = ()) -> Plan:
        """Ask once, with rows as answers arrive in a terminal, and print the plan."""
        plan = await self.asked(task, names)
        self._print(plan, written)
        return plan

    async def asked(
        self,
        task: Task,
        names: Iterable[str] = (),
        shown: Callable[[Plan], None] = lambda _: None,
        **circumstances: Any,
    ) -> Plan:
        """Ask once; what a terminal shows meanwhile is gone when this returns.

        Parameters
        ----------
        task, names
            As for `Planner.plan`.
        shown
            Gets the plan as it fills up where there is no terminal.
        **circumstances
            As for `Planner.arrivals`.
        """
        head = self._planner.plan(task, names)
        if self._screen is None:
            return await self._follow(head, shown, **circumstances)
        with self._screen.showing():
            return await self._follow(head, self._screen.show, **circumstances)

    async def watch(self, task: Task, names: Iterable[str], wait: float) -> None:
        """Ask again and again; ends by being cancelled, and then leaves the last plan.

        Parameters
        ----------
        task, names
            As for `Planner.plan`.
        wait
            Seconds from the end of one plan to the next.
        """
        if self._screen is None or self._screen.is_dumb:
            while True:
                self._print(await self.asked(task, names), _dated_or_line)
                await asyncio.sleep(wait)
        try:
            with self._screen.showing():
                while True:
                    await self._turn(self._screen, self._planner.plan(task, names), wait)
        finally:
            if self.plan is not None:
                self._screen.print(self.plan)

    async def _turn(self, screen: Any, head: Plan, wait: float) -> None:
        before = self.plan
        plan = await self._follow(
            head, lambda stage: screen.show(stage, before, "asking again; Ctrl-C ends")
        )
        screen.show(
            plan, None, f"asked {time_words(plan.at)}, again in {wait:g} s; Ctrl-C ends"
        )
        await asyncio.sleep(wait)

    async def _follow(
        self, head: Plan, shown: Callable[[Plan], None], **circumstances: Any
    ) -> Plan:
        stage = head
        shown(stage)
        async with aclosing(self._planner.progress(head, **circumstances)) as stages:
            async for stage in stages:
                shown(stage)
        self.plan = stage
        return stage

    def _print(self, plan: Plan, write: Callable[[Plan, str], str]) -> None:
        if self._screen is not None:
            self._screen.print(plan)
            return
        text = write(plan, self._form)
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = to_ascii(text)
        self._out.write(f"{text}\n")
        self._out.flush()


def draw(plan: Plan) -> bool:
    """Draw a plan where standard output is a terminal; False where it is not."""
    screen = _screen(sys.stdout)
    if screen is None:
        return False
    screen.print(plan)
    return True


def _screen(out: IO[str]) -> Any:
    """Return the terminal behind a stream; `rich` is imported only where one may be."""
    if not out.isatty():
        return None
    from .render.terminal import Screen, terminal

    console = terminal(out)
    return None if console is None else Screen(console)


def written(found: Plan | Nearest, form: str) -> str:
    """Return a plan, or what a search found, in one of `FORMATS` as a file gets it."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
    if form == "yaml":
        return msgspec.yaml.encode(found).decode()
    return nearest_text(found) if isinstance(found, Nearest) else plan_text(found)


def _dated_or_line(plan: Plan, form: str) -> str:
    """Return one plan of many: a line of JSON, a document of YAML, a table with its date."""
    if form == "json":
        return msgspec.json.encode(plan).decode()
    text = written(plan, form)
    return f"---\n{text}" if form == "yaml" else f"{time_words(plan.at)}\n{text}\n"
