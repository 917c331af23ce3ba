"""Opening hours: ``Mon-Fri 08:00-18:00; Sat 10:00-14:00`` in one time zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Final

from ..errors import RequestError

__all__ = ["Hours", "parse_hours", "parse_timezone"]

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SPAN: Final = re.compile(r"(?:([A-Za-z,\- ]+?)\s+)?(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)")
_LONGEST: Final = 1000
"""Most characters of opening hours."""
_ACCEPTED: Final = 'spans such as "Mon-Fri 08:00-18:00; Sat 10:00-14:00"'


@dataclass(frozen=True)
class Hours:
    """When a place is open, week after week."""

    spans: tuple[tuple[int, int, int], ...]
    """Weekday (Monday is 0) and minutes from its midnight to opening and to closing."""
    zone: tzinfo
    """The time zone of the minutes."""

    def opens(self, now: float) -> datetime | None:
        """Return when it opens next, or None while it is open.

        Parameters
        ----------
        now
            Seconds since the Unix epoch.
        """
        today = datetime.fromtimestamp(now, self.zone).date()
        coming = sorted(self._openings(today), key=lambda opening: opening[0].timestamp())
        for start, end in coming:
            if now < end.timestamp():
                return None if start.timestamp() <= now else start
        return None

    def _openings(self, today: date) -> Iterator[tuple[datetime, datetime]]:
        # From yesterday, because a night shift may still be on.
        for day in (today + timedelta(days=offset) for offset in range(-1, 9)):
            for weekday, start, end in self.spans:
                if day.weekday() == weekday:
                    yield self._at(day, start), self._at(day, end)

    def _at(self, day: date, minutes: int) -> datetime:
        # Wall-clock time, so that a change to summer time moves no opening.
        days, rest = divmod(minutes, 24 * 60)
        clock = time(*divmod(rest, 60))
        return datetime.combine(day + timedelta(days=days), clock, self.zone)


def parse_hours(text: str, zone: tzinfo, field: str = "hours") -> Hours:
    """Read opening hours.

    Spans are separated by ``;``. Days are ``Mon`` to ``Sun``, listed with ``,`` or
    ranged with ``-``; without days a span holds every day. A span whose end is not
    after its start goes on past midnight.

    Raises
    ------
    RequestError
        The text is no opening hours.
    """
    spans = []
    for part in text.split(";"):
        match = _SPAN.fullmatch(part.strip())
        if match is None or len(text) > _LONGEST:
            raise RequestError(field, text, _ACCEPTED)
        days, *clock = match.groups()
        start_hour, start_minute, end_hour, end_minute = map(int, clock)
        start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
        if max(start_minute, end_minute) > 59 or start >= 24 * 60 or end > 24 * 60:  # noqa: PLR2004 - clock
            raise RequestError(field, text, _ACCEPTED)
        if end <= start:
            end += 24 * 60
        spans += [(day, start, end) for day in _weekdays(days, text, field)]
    return Hours(tuple(spans), zone)


def _weekdays(days: str | None, text: str, field: str) -> list[int]:
    if days is None:
        return list(range(7))
    chosen = []
    for part in days.split(","):
        first, _, last = (word.strip().title() for word in part.partition("-"))
        if first not in _DAYS or (last or first) not in _DAYS:
            raise RequestError(field, text, _ACCEPTED)
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        chosen += [day % 7 for day in range(start, (end if end >= start else end + 7) + 1)]
    return chosen


def parse_timezone(name: str, field: str = "timezone") -> tzinfo:
    """Read the name of a time zone, e.g. ``Europe/Rome``.

    Raises
    ------
    RequestError
        The time zone database knows no such name.
    """
    if name == "UTC":
        # Known even where the time zone database is not installed.
        return timezone.utc
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RequestError(field, name, 'a time zone name such as "Europe/Rome"') from error
