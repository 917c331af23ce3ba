import sys
from datetime import datetime, timezone

import pytest

from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.platforms.hours import parse_hours, parse_timezone

ROME = parse_timezone("Europe/Rome")


def at(text, zone=timezone.utc):
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def opens(spans, moment, zone=timezone.utc):
    """When it opens next, as text; empty while open. 2026-11-22 is a Sunday."""
    opening = parse_hours(spans, zone).opens(at(moment, zone))
    return opening.strftime("%a %d %H:%M") if opening else ""


OFFICE = "Mon-Fri 08:00-18:00"


@pytest.mark.parametrize(
    ("spans", "moment", "expected"),
    [
        (OFFICE, "2026-11-23T08:00", ""),
        (OFFICE, "2026-11-23T17:59", ""),
        (OFFICE, "2026-11-23T18:00", "Tue 24 08:00"),
        (OFFICE, "2026-11-23T07:59", "Mon 23 08:00"),
        (OFFICE, "2026-11-27T19:00", "Mon 30 08:00"),
        (OFFICE, "2026-11-22T12:00", "Mon 23 08:00"),
        ("08:00-18:00", "2026-11-22T12:00", ""),
        ("Mon,Wed 09:00-10:00; Sat 10:00-14:00", "2026-11-25T12:00", "Sat 28 10:00"),
        ("Sat 10:00-14:00; Mon 09:00-10:00", "2026-11-22T12:00", "Mon 23 09:00"),
        ("Fri 20:00-06:00", "2026-11-28T05:59", ""),
        ("Fri 20:00-06:00", "2026-11-28T06:00", "Fri 04 20:00"),
        ("Sat-Mon 10:00-11:00", "2026-11-22T10:30", ""),
        ("mon 00:00-24:00", "2026-11-23T23:59", ""),
        ("Sun 09:00-10:00", "2026-11-22T11:00", "Sun 29 09:00"),
    ],
)
def test_it_is_open_within_its_spans_and_else_says_when_it_opens(spans, moment, expected):
    assert opens(spans, moment) == expected


def test_the_wall_clock_counts_across_the_end_of_summer_time():
    # On 2026-10-25 Rome puts its clocks back; Monday 08:00 is 08:00 on both sides.
    opening = parse_hours(OFFICE, ROME).opens(at("2026-10-24T12:00", ROME))
    assert opening.isoformat() == "2026-10-26T08:00:00+01:00"


@pytest.mark.parametrize(
    "text",
    ["", "always", "Mon-Foo 08:00-18:00", "Mon 25:00-26:00", "Mon 08:60-09:00", "Mon", "08-18"],
)
def test_what_is_no_opening_hours_is_refused_with_what_would_be(text):
    with pytest.raises(RequestError, match=r"hours: .* expected spans such as"):
        parse_hours(text, timezone.utc)


def test_utc_needs_no_time_zone_database(monkeypatch):
    monkeypatch.setitem(sys.modules, "zoneinfo", None)
    assert parse_timezone("UTC") is timezone.utc


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", ""])
def test_an_unknown_time_zone_is_refused_by_name(name):
    with pytest.raises(RequestError, match="timezone"):
        parse_timezone(name)
