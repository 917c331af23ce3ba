"""When a queue's calendar lets jobs start again (calendar_conf(5))."""

from __future__ import annotations

import re
import time
from typing import Final

__all__ = ["opens"]

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = r"(?:mon|tue|wed|thu|fri|sat|sun)"
_ENTRY: Final = re.compile(
    rf"(?:(?P<days>{_DAY}(?:[-,]{_DAY})*)=?)?(?P<times>[0-9][0-9:,-]*)?=?(?P<state>on|off|suspended)?"
)
_MINUTE: Final = 60
_WEEK: Final = 7 * 24 * 60


def opens(year: str, week: str, now: float) -> int | None:
    """Return in how many seconds a calendar that is closed now opens; None for never.

    Parameters
    ----------
    year
        The year line; only NONE can be looked through, anything else gives 0, which
        stands for a time that is not known.
    week
        The week line.
    now
        Seconds since the Unix epoch; the calendar is held against local time.
    """
    if year.upper() != "NONE":
        return 0
    closed = _closed(week)
    if closed is None:
        return 0
    local = time.localtime(now)
    minute = (local.tm_wday * 24 + local.tm_hour) * 60 + local.tm_min
    for ahead in range(_WEEK):
        if (minute + ahead) % _WEEK not in closed:
            return max(ahead * _MINUTE - local.tm_sec, 0)
    return None


def _closed(week: str) -> frozenset[int] | None:
    """Return the minutes of a week, from Monday on, that are closed; None if unreadable.

    Where entries overlap, *on* beats *suspended* and both beat *off*.
    """
    if week.upper() == "NONE":
        return frozenset()
    closed: set[int] = set()
    opened: set[int] = set()
    for entry in week.lower().split():
        found = _ENTRY.fullmatch(entry)
        minutes = None if found is None else _minutes(found["days"], found["times"])
        if found is None or minutes is None:
            return None
        (opened if found["state"] == "on" else closed).update(minutes)
    return frozenset(closed - opened)


def _minutes(days: str | None, times: str | None) -> set[int] | None:
    spans = _spans(times)
    if spans is None:
        return None
    return {
        (day * 1440 + minute) % _WEEK
        for day in _days(days)
        for first, last in spans
        for minute in range(first, last)
    }


def _days(text: str | None) -> list[int]:
    if text is None:
        return list(range(7))
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        start = _DAYS.index(first)
        length = (_DAYS.index(last or first) - start) % 7
        found += [(start + step) % 7 for step in range(length + 1)]
    return found


def _spans(text: str | None) -> list[tuple[int, int]] | None:
    """Return spans of a day in minutes; one that ends before it starts wraps around."""
    if text is None:
        return [(0, 1440)]
    found: list[tuple[int, int]] = []
    for part in text.split(","):
        first, separator, last = part.partition("-")
        start, end = _clock(first), _clock(last)
        if not separator or start is None or end is None:
            return None
        found += [(start, end)] if end >= start else [(start, 1440), (0, end)]
    return found


def _clock(text: str) -> int | None:
    hour, _, minute = text.partition(":")
    minute = minute.partition(":")[0] or "0"
    if not (hour.isdigit() and minute.isdigit()):
        return None
    return int(hour) * 60 + int(minute)
