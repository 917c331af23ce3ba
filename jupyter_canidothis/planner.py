"""Ask all platforms at once and yield their answers as they come.

Every platform is asked in a task of its own under one shared deadline. What
one of them does (raise, hang, answer garbage) ends as its own CANNOT_TELL and
touches no other.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, Final

import msgspec

from . import estimates, frontier, unasked
from .answer import Answer, Look, Nearest, Plan
from .asking import ask_together, asked, sorted_out, stamp, with_changes
from .bisection import Budget
from .errors import PlatformError, RequestError
from .flights import Flights
from .looking import look_at
from .platforms.base import Ask, Asker, Platform
from .platforms.registry import Entry
from .ranking import summarise
from .snapshots import Snapshots
from .task import Task

__all__ = ["DEADLINE", "PLATFORM_DEADLINE", "Planner"]

DEADLINE: Final = 8.0
"""Seconds after which a plan is complete, whoever is still silent."""
PLATFORM_DEADLINE: Final = 5.0
"""Seconds one platform may take, unless its entry says otherwise."""
MOST_SEARCHES: Final = 4
"""Most searches for the nearest YES at once; each is many asks, and others wait their turn."""

_log = logging.getLogger(__name__)


class Planner:
    """The one planner behind every door.

    Parameters
    ----------
    entries
        Configured and discovered platforms, from `platforms.registry.build`.
    deadline
        Seconds for a whole plan.
    platform_deadline
        Seconds for one platform.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        *,
        deadline: float = DEADLINE,
        platform_deadline: float = PLATFORM_DEADLINE,
    ) -> None:
        self.entries = tuple(entries)
        self.deadline = deadline
        self.platform_deadline = platform_deadline
        self._snapshots = Snapshots()
        self._flights: Flights[Answer] = Flights()
        self._searches: Flights[Nearest] = Flights()
        self._gate = asyncio.Semaphore(MOST_SEARCHES)
        self._plans: set[str] = set()

    def plan(self, task: Task, names: Iterable[str] = ()) -> Plan:
        """Return the head of a new plan: the task and who will be asked.

        Parameters
        ----------
        task
            The task as understood.
        names
            Only these platforms; all that do not reserve when empty.

        Raises
        ------
        RequestError
            A name is not one of the configured platforms.
        """
        task.resources.check()
        wanted = tuple(names)
        infos = [entry.info for entry in self.entries]
        if unknown := set(wanted).difference([info.name for info in infos]):
            accepted = ", ".join([info.name for info in infos])
            name = next(name for name in wanted if name in unknown)
            raise RequestError(
                "platforms", name, accepted or "nothing: no platform is configured"
            )
        chosen = [
            info for info in infos if (info.name in wanted if wanted else not info.reserves)
        ]
        return Plan(secrets.token_hex(8), task, tuple(chosen), at=int(time.time()))

    async def answers(self, plan: Plan, **circumstances: Any) -> AsyncGenerator[Answer, None]:
        """Ask every platform of a plan and yield answers in order of arrival.

        Leaving the iteration cancels what is still outstanding.

        Parameters
        ----------
        plan
            From `Planner.plan`.
        **circumstances
            As for `Planner.arrivals`.
        """
        async with aclosing(self.arrivals(plan, **circumstances)) as arrivals:
            async for arrived in arrivals:
                for answer in arrived:
                    yield answer

    async def arrivals(
        self,
        plan: Plan,
        *,
        asker: Asker | None = None,
        via: tuple[str, ...] = (),
        deadline: float | None = None,
    ) -> AsyncGenerator[Sequence[Answer], None]:
        """Ask every platform of a plan and yield together the answers that arrive together.

        What needs no waiting comes first. Leaving the iteration cancels what is still
        outstanding.

        Parameters
        ----------
        plan
            From `Planner.plan`.
        asker
            On whose behalf.
        via
            Ids of plans that led here; one of ours among them is a loop.
        deadline
            Seconds for the whole plan; the planner's own when None.
        """
        whole = min(deadline or self.deadline, self.deadline)
        chosen = {info.name for info in plan.platforms}
        entries = [entry for entry in self.entries if entry.info.name in chosen]
        if self._plans.intersection(via):
            yield [unasked.looped(entry) for entry in entries]
            return
        ask = Ask(asker or Asker(), whole, plan.id, via)
        at_once, together, apart = sorted_out(entries, ask.asker)
        self._plans.add(plan.id)
        outstanding = [
            asyncio.ensure_future(self._ask_bounded(platform, plan.task, ask))
            for platform in apart
        ]
        try:
            for kind, members in together.items():
                at_once += ask_together(kind, members, plan.task, ask)
                _log.info("%d %s platforms asked together", len(members), kind.kind)
            if at_once:
                yield at_once
            for done in asyncio.as_completed(outstanding):
                yield [await done]
        finally:
            self._plans.discard(plan.id)
            for work in outstanding:
                work.cancel()
            await asyncio.gather(*outstanding, return_exceptions=True)

    async def ask(self, task: Task, names: Iterable[str] = (), **circumstances: Any) -> Plan:
        """Ask and wait for all answers.

        Parameters
        ----------
        task
            The task.
        names
            Only these platforms.
        **circumstances
            As for `Planner.answers`.
        """
        plan = self.plan(task, names)
        async with aclosing(self.progress(plan, **circumstances)) as stages:
            async for stage in stages:
                plan = stage
        return plan

    async def progress(self, plan: Plan, **circumstances: Any) -> AsyncGenerator[Plan, None]:
        """Ask, and yield the plan as it fills up; the last one has its summary.

        Parameters
        ----------
        plan
            From `Planner.plan`.
        **circumstances
            As for `Planner.arrivals`.
        """
        started = time.monotonic()
        answers: list[Answer] = []
        async with aclosing(self.arrivals(plan, **circumstances)) as arrivals:
            async for arrived in arrivals:
                answers += arrived
                yield msgspec.structs.replace(plan, answers=tuple(answers))
        took = round((time.monotonic() - started) * 1000)
        yield msgspec.structs.replace(
            plan, answers=tuple(answers), summary=summarise(answers, took)
        )

    async def nearest(
        self,
        task: Task,
        platform_name: str,
        *,
        asker: Asker | None = None,
        via: tuple[str, ...] = (),
        budget: Budget | None = None,
    ) -> Nearest:
        """Search one platform's real answers for the nearest YES and the frontier.

        Parameters
        ----------
        task
            The task as understood.
        platform_name
            Which platform.
        asker, via
            As for `Planner.arrivals`.
        budget
            How much the search may take; 40 asks and 1 s when None.

        Raises
        ------
        RequestError
            There is no such platform, or asking it may hold something.
        """
        head = self.plan(task, (platform_name,))
        (entry,) = (e for e in self.entries if e.info.name == platform_name)
        if entry.info.reserves:
            accepted = "a platform of which nothing is held while it is asked"
            raise RequestError("platform", platform_name, accepted)
        ask = Ask(asker or Asker(), self.deadline, head.id, via)
        platform = entry.platform
        if platform is None or self._plans.intersection(via) or not platform.admits(ask.asker):
            (answer,) = [said async for said in self.answers(head, asker=asker, via=via)]
            return Nearest(answer.platform, answer.verdict, answer.reasons)
        key = (platform_name, ask.asker, via, budget, msgspec.json.encode(task))
        self._plans.add(head.id)
        try:
            return await self._searches.join(
                key, partial(self._search, platform, task, ask, budget)
            )
        finally:
            self._plans.discard(head.id)

    async def _search(
        self, platform: Platform[Any, Any], task: Task, ask: Ask, budget: Budget | None
    ) -> Nearest:
        """Ask once as always, then again and again around the task."""
        first = await self._ask_bounded(platform, task, ask)
        alone = Nearest(first.platform, first.verdict, first.reasons, asks=1, took=first.took)
        try:
            snapshot, problem = await asyncio.wait_for(
                self._snapshots.get(platform, ask), self._limit(platform, ask.deadline)
            )
            if problem is not None:
                return alone
            async with self._gate:
                found = await frontier.search(
                    task,
                    first,
                    lambda changed: platform.probe(changed, snapshot, ask),
                    hints=[edit for change in first.changes for edit in change.edits],
                    budget=budget,
                )
        except (PlatformError, asyncio.TimeoutError):
            return alone
        except Exception:  # noqa: BLE001 - a mistake in one adapter is told, not raised
            mistaken = unasked.mistaken(platform)
            return Nearest(mistaken.platform, mistaken.verdict, mistaken.reasons, asks=1)
        return msgspec.structs.replace(found, asks=found.asks + 1, took=found.took + first.took)

    async def look(self, name: str, asker: Asker | None = None) -> Look:
        """Read a platform's snapshot afresh and say how that went.

        Parameters
        ----------
        name
            One of the configured platforms.
        asker
            On whose behalf.

        Raises
        ------
        RequestError
            There is none of this name.
        """
        entry = next((entry for entry in self.entries if entry.info.name == name), None)
        if entry is None:
            accepted = ", ".join(entry.info.name for entry in self.entries)
            raise RequestError("platform", name, accepted or "nothing: none is configured")
        limit = self._limit(entry.platform, self.deadline) if entry.platform else 0.0
        return await look_at(entry, self._snapshots, Ask(asker or Asker(), limit))

    def _limit(self, platform: Platform[Any, Any], whole: float) -> float:
        """Return the seconds that one platform may take."""
        return min(platform.config.timeout or self.platform_deadline, whole)

    def estimate(
        self,
        task: Task,
        names: Iterable[str] = (),
        asker: Asker | None = None,
        *,
        changes: bool = True,
    ) -> list[Answer]:
        """Judge from what is known already, at once; no platform is read or asked.

        Parameters
        ----------
        task
            The task.
        names
            As for `Planner.plan`.
        asker
            On whose behalf; only what was read for them counts.
        changes
            Whether a refusal gets the changes that published limits suggest.

        Returns
        -------
        list
            No answer of a platform that was not read before, or that has to be asked.

        Raises
        ------
        RequestError
            As `Planner.plan`.
        """
        plan = self.plan(task, names)
        chosen = {info.name for info in plan.platforms}
        entries = [entry for entry in self.entries if entry.info.name in chosen]
        ask = Ask(asker or Asker(), self.deadline, plan.id)
        return estimates.estimate(entries, self._snapshots, task, ask, changes=changes)

    async def _ask_bounded(self, platform: Platform[Any, Any], task: Task, ask: Ask) -> Answer:
        """Ask one platform within its deadline; nothing it does gets past here."""
        started = time.monotonic()
        limit = self._limit(platform, ask.deadline)
        ask = Ask(ask.asker, limit, ask.plan_id, ask.via)
        key = (platform.name, ask.asker, ask.via, msgspec.json.encode(task))
        try:
            answer = await asyncio.wait_for(
                self._flights.join(key, lambda: self._ask_one(platform, task, ask)), limit
            )
        except asyncio.TimeoutError:
            answer = unasked.failed(platform, unasked.silent(limit))
        except PlatformError as error:
            _log.warning("%s: %s", platform.name, error.code)
            answer = unasked.failed(platform, error)
        except Exception:  # noqa: BLE001 - see below
            # A mistake in one adapter must not cost the answers of the others.
            answer = unasked.mistaken(platform)
        answer = stamp(asked(answer), platform.kind, started)
        said = answer.verdict.value
        _log.info("%s: %s in %d ms", answer.platform, said, answer.took)
        return answer

    async def _ask_one(self, platform: Platform[Any, Any], task: Task, ask: Ask) -> Answer:
        snapshot, problem = await self._snapshots.get(platform, ask)
        answer = await platform.ask(task, snapshot, ask)
        age = max(0, int(platform.edges.clock() - snapshot.taken_at))
        answer = msgspec.structs.replace(answer, age=age)
        if problem is not None:
            return unasked.aged(answer, problem, age)
        return await with_changes(platform, task, snapshot, ask, answer)
