"""What is known of a task already: no platform is read or asked."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from .answer import Answer, Verdict
from .asking import ask_together, sorted_out, stamp
from .platforms.base import Ask, Platform
from .platforms.registry import Entry
from .snapshots import Snapshots
from .task import Task

__all__ = ["estimate"]

_log = logging.getLogger(__name__)


def estimate(
    entries: Sequence[Entry], snapshots: Snapshots, task: Task, ask: Ask, *, changes: bool
) -> list[Answer]:
    """Judge a task by what was read before, and by what is written down.

    Parameters
    ----------
    entries
        Whose platforms.
    snapshots
        What was read.
    task
        The task.
    ask
        On whose behalf.
    changes
        Whether a refusal gets the changes that published limits suggest.
    """
    found, together, apart = sorted_out(entries, ask.asker)
    for kind, members in together.items():
        found += map(_estimated, ask_together(kind, members, task, ask))
    for platform in apart:
        answer = _one(platform, snapshots, task, ask, changes=changes)
        if answer is not None:
            found.append(_estimated(answer))
    return found


def _one(
    platform: Platform[Any, Any], snapshots: Snapshots, task: Task, ask: Ask, *, changes: bool
) -> Answer | None:
    """Judge one platform; what fails here is left for the ask to tell."""
    snapshot = snapshots.kept(platform, ask.asker)
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
    return stamp(msgspec.structs.replace(answer, age=age), platform.kind, started)


def _estimated(answer: Answer) -> Answer:
    return msgspec.structs.replace(answer, sure="estimate")
