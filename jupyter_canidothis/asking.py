"""Whom to ask together and whom apart, and what is put on every answer."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from . import changes, frontier, unasked
from .answer import Answer, Verdict
from .bisection import Budget
from .platforms.base import Ask, Asker, Platform, Snapshot
from .platforms.registry import Entry
from .task import Task

__all__ = ["Together", "ask_together", "asked", "sorted_out", "stamp", "with_changes"]

Together = dict[type[Platform[Any, Any]], list[Platform[Any, Any]]]
"""Platforms of which one pass asks all, by their kind."""
_SEARCH: Final = Budget(asks=16, seconds=0.3)
"""What a search may take that nobody asked for, where a NO shows no way out."""
_HELPABLE: Final = frozenset(
    {"refused", "limit-exceeded", "below-minimum", "quota-exhausted", "no-such-resource"}
    | {"would-pend-forever"}
)
"""Codes of reasons that smaller amounts may cure."""


def sorted_out(
    entries: Iterable[Entry], asker: Asker
) -> tuple[list[Answer], Together, list[Platform[Any, Any]]]:
    """Return what is known without asking, and whom to ask together or apart."""
    known: list[Answer] = []
    together: Together = {}
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


def ask_together(
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


def asked(answer: Answer) -> Answer:
    """Say how sure it is: the platform's own dry run says more than what it publishes."""
    tried = any(evidence.how == "dry-run" for evidence in answer.evidence)
    return msgspec.structs.replace(answer, sure="checked" if tried else "asked")


def stamp(answer: Answer, kind: str, started: float) -> Answer:
    """Say whose kind it is, when it was made, and how long that took."""
    took = round((time.monotonic() - started) * 1000)
    return msgspec.structs.replace(answer, kind=kind, at=int(time.time()), took=took)


async def with_changes(
    platform: Platform[Any, Any],
    task: Task,
    snapshot: Snapshot[Any],
    ask: Ask,
    answer: Answer,
) -> Answer:
    """Add to a NO the changes that the platform accepts, if any."""
    if answer.verdict is not Verdict.NO or answer.changes:
        return answer
    began = time.monotonic()
    found = await changes.check(
        task,
        lambda changed: platform.nearest(changed, snapshot, ask),
        lambda changed: platform.probe(changed, snapshot, ask),
    )
    spare = min(_SEARCH.seconds, ask.deadline / 4 - (time.monotonic() - began))
    codes = {reason.code for reason in answer.reasons}
    if not found and platform.cheap and spare > 0 and codes & _HELPABLE:
        # What it publishes shows no way out; its own answers may.
        nearest = await frontier.search(
            task,
            answer,
            lambda changed: platform.probe(changed, snapshot, ask),
            budget=Budget(_SEARCH.asks, spare),
        )
        found = nearest.changes
    return msgspec.structs.replace(answer, changes=found)
