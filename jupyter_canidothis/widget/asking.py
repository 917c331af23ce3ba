"""Asking in a thread of its own, so that a kernel stays free and answers show as they come."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import aclosing
from functools import cache

from ..answer import Plan
from ..planner import Planner
from ..task import Task

__all__ = ["Asking"]

_log = logging.getLogger(__name__)


class Asking:
    """One question at a time; a new one drops the one that is still open.

    Parameters
    ----------
    planner
        Whom to ask.
    shown
        Gets the plan as it fills up, from another thread, the last time with its summary;
        never one that a newer question has replaced.
    """

    def __init__(self, planner: Planner, shown: Callable[[Plan], None]) -> None:
        self._planner = planner
        self._shown = shown
        self._turn = threading.RLock()
        self._id = ""
        self._work: concurrent.futures.Future[None] | None = None

    def start(self, task: Task, names: Iterable[str] = ()) -> None:
        """Ask; an older question that is still open is dropped.

        Raises
        ------
        RequestError
            As `Planner.plan` does.
        """
        plan = self._planner.plan(task, names)
        self.stop()
        with self._turn:
            self._id = plan.id
            self._shown(plan)
        self._work = asyncio.run_coroutine_threadsafe(self._follow(plan), _loop())
        self._work.add_done_callback(_report)

    def stop(self) -> None:
        """Drop the question that is open, if any."""
        with self._turn:
            self._id = ""
        if self._work is not None:
            self._work.cancel()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end of the open question; whether there is none any more."""
        if self._work is None:
            return True
        done, _ = concurrent.futures.wait([self._work], seconds)
        return bool(done)

    async def _follow(self, head: Plan) -> None:
        async with aclosing(self._planner.progress(head)) as stages:
            async for plan in stages:
                with self._turn:
                    if plan.id == self._id:
                        self._shown(plan)


def _report(work: concurrent.futures.Future[None]) -> None:
    """Log a mistake of ours, which nobody else would see in a thread."""
    if not work.cancelled() and (error := work.exception()) is not None:
        _log.error("the widget could not show its answers", exc_info=error)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="canidothis", daemon=True).start()
    return loop
