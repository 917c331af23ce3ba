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
from typing import Any, Final

import msgspec

from . import changes, unasked
from .answer import Answer, Look, Plan, Verdict
from .errors import PlatformError, RequestError
from .flights import Flights
from .platforms.base import Ask, Asker, Platform, Snapshot
from .platforms.registry import Entry
from .ranking import summarise
from .snapshots import Snapshots
from .task import Task

__all__ = ["DEADLINE", "PLATFORM_DEADLINE", "Planner"]

DEADLINE: Final = 8.0
"""Seconds after which a plan is complete, whoever is still silent."""
PLATFORM_DEADLINE: Final = 5.0
"""Seconds one platform may take, unless its entry says otherwise."""

_log = logging.getLogger(__name__)

_Together = dict[type[Platform[Any, Any]], list[Platform[Any, Any]]]


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
        at_once, together, apart = _sorted_out(entries, ask.asker)
        self._plans.add(plan.id)
        outstanding = [
            asyncio.ensure_future(self._ask_bounded(platform, plan.task, ask))
            for platform in apart
        ]
        try:
            for kind, members in together.items():
                at_once += _ask_together(kind, members, plan.task, ask)
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
        started = time.monotonic()
        answers = [answer async for answer in self.answers(plan, **circumstances)]
        took = round((time.monotonic() - started) * 1000)
        return msgspec.structs.replace(
            plan, answers=tuple(answers), summary=summarise(answers, took)
        )

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
        if entry.platform is None:
            return Look(name, unasked.misconfigured(entry).reasons[0])
        ask = Ask(asker or Asker(), self._limit(entry.platform, self.deadline))
        if not entry.platform.admits(ask.asker):
            return Look(name, unasked.not_admitted(entry.platform).reasons[0])
        started = time.monotonic()
        try:
            snapshot, problem = await asyncio.wait_for(
                self._snapshots.get(entry.platform, ask, afresh=True), ask.deadline
            )
        except asyncio.TimeoutError:
            snapshot, problem = None, unasked.silent(ask.deadline)
        except PlatformError as error:
            snapshot, problem = None, error
        return unasked.looked(entry.platform, snapshot, problem, started)

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
        found, together, apart = _sorted_out(entries, ask.asker)
        for kind, members in together.items():
            found += map(_estimated, _ask_together(kind, members, task, ask))
        for platform in apart:
            answer = self._estimate_one(platform, task, ask, changes=changes)
            if answer is not None:
                found.append(_estimated(answer))
        return found

    def _estimate_one(
        self, platform: Platform[Any, Any], task: Task, ask: Ask, *, changes: bool
    ) -> Answer | None:
        """Judge one platform; what fails here is left for the ask to tell."""
        snapshot = self._snapshots.kept(platform, ask.asker)
        if snapshot is None:
            return None
        started = time.monotonic()
        try:
            answer = platform.estimate(task, snapshot, ask)
            if answer is None:
                return None
            if changes and answer.verdict is Verdict.NO and not answer.changes:
                nearest = platform.nearest(task, snapshot, ask)
                answer = msgspec.structs.replace(answer, changes=nearest)
        except Exception:  # noqa: BLE001 - a mistake in one adapter must not cost the others
            _log.exception("%s: the adapter failed to estimate", platform.name)
            return None
        age = max(0, int(platform.edges.clock() - snapshot.taken_at))
        return _stamp(msgspec.structs.replace(answer, age=age), platform.kind, started)

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
        answer = _stamp(_asked(answer), platform.kind, started)
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
        return await _with_changes(platform, task, snapshot, ask, answer)


def _sorted_out(
    entries: Iterable[Entry], asker: Asker
) -> tuple[list[Answer], _Together, list[Platform[Any, Any]]]:
    """Return what is known without asking, and whom to ask together or apart."""
    known: list[Answer] = []
    together: _Together = {}
    apart: list[Platform[Any, Any]] = []
    for entry in entries:
        platform = entry.platform
        if platform is None:
            known.append(unasked.misconfigured(entry))
        elif not platform.admits(asker):
            known.append(unasked.not_admitted(platform))
        elif platform.together:
            together.setdefault(type(platform), []).append(platform)
        else:
            apart.append(platform)
    return known, together, apart


def _ask_together(
    kind: type[Platform[Any, Any]],
    members: Sequence[Platform[Any, Any]],
    task: Task,
    ask: Ask,
) -> list[Answer]:
    """Ask all platforms of a kind in one pass, which takes each of them as long as all."""
    started = time.monotonic()
    try:
        answers = kind.ask_together(members, task, ask)
    except Exception:  # noqa: BLE001 - a mistake in one adapter must not cost the others
        return [unasked.mistaken(platform) for platform in members]
    took = round((time.monotonic() - started) * 1000)
    return [msgspec.structs.replace(answer, took=took) for answer in answers]


async def _with_changes(
    platform: Platform[Any, Any],
    task: Task,
    snapshot: Snapshot[Any],
    ask: Ask,
    answer: Answer,
) -> Answer:
    if answer.verdict is not Verdict.NO or answer.changes:
        return answer
    found = await changes.check(
        task,
        lambda changed: platform.nearest(changed, snapshot, ask),
        lambda changed: platform.ask(changed, snapshot, ask),
    )
    return msgspec.structs.replace(answer, changes=found)


def _asked(answer: Answer) -> Answer:
    """Say how sure it is: the platform's own dry run says more than what it publishes."""
    tried = any(evidence.how == "dry-run" for evidence in answer.evidence)
    return msgspec.structs.replace(answer, sure="checked" if tried else "asked")


def _estimated(answer: Answer) -> Answer:
    return msgspec.structs.replace(answer, sure="estimate")


def _stamp(answer: Answer, kind: str, started: float) -> Answer:
    took = round((time.monotonic() - started) * 1000)
    return msgspec.structs.replace(answer, kind=kind, at=int(time.time()), took=took)
