"""How many platforms would accept a task as two of its amounts vary."""

from __future__ import annotations

import time
from typing import Final

import msgspec

from .answer import Verdict
from .planner import Planner
from .platforms.base import Asker
from .resources import Range
from .task import Task
from .wire.live import Map, MapAxis, MapRequest

__all__ = ["DEADLINE", "draw"]

DEADLINE: Final = 4.0
"""Seconds after which a map is sent as far as it is drawn."""


def draw(planner: Planner, wanted: MapRequest, asker: Asker, deadline: float = DEADLINE) -> Map:
    """Estimate a task at every pair of values; no platform is read or asked.

    Parameters
    ----------
    planner
        Who knows the platforms.
    wanted
        The task and the values.
    asker
        On whose behalf.
    deadline
        Seconds it may take.

    Raises
    ------
    RequestError
        A platform is not one of those configured.
    """
    end = time.monotonic() + deadline
    judged: dict[str, None] = {}
    rows = []
    for high in wanted.up.values:
        row: list[int | None] = []
        for far in wanted.across.values:
            if time.monotonic() > end:
                row.append(None)
                continue
            task = _at(_at(wanted.task, wanted.across, far), wanted.up, high)
            answers = planner.estimate(task, wanted.platforms, asker, changes=False)
            judged.update(dict.fromkeys([answer.platform for answer in answers]))
            row.append(sum([answer.verdict is Verdict.YES for answer in answers]))
        rows.append(tuple(row))
    chosen = [info.name for info in planner.plan(wanted.task, wanted.platforms).platforms]
    return Map(
        tuple(rows),
        judged=tuple(name for name in chosen if name in judged),
        unknown=tuple(name for name in chosen if name not in judged),
        complete=all(None not in row for row in rows),
    )


def _at(task: Task, axis: MapAxis, value: int) -> Task:
    """Set one end of a range; the other follows where the range would turn over."""
    _, _, name, end = axis.field.split("/")
    asked: Range = getattr(task.resources, name)
    ends = {"min": asked.min, "max": asked.max, end: value}
    low, high = ends["min"], ends["max"]
    if low is not None and high is not None and low > high:
        ends = {"min": value, "max": value}
    return msgspec.structs.replace(task, resources=task.resources.replace(name, **ends))
