from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_canidothis import units
from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.resources import DIMENSIONS, Range, Resources

GIB = 2**30


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [
        ("8G", 8 * GIB),
        ("8GiB", 8 * GIB),
        ("8 GiB", 8 * GIB),
        ("8Gi", 8 * GIB),
        ("8g", 8 * GIB),
        ("8GB", 8 * 10**9),
        ("512M", 512 * 2**20),
        ("1.5G", 3 * 2**29),
        ("0.5K", 512),
        ("100", 100),
        ("100B", 100),
        (4096, 4096),
        ("2T", 2 * 2**40),
    ],
)
def test_memory_is_read_in_the_spellings_people_use(text, bytes_):
    assert units.parse_memory(text) == bytes_


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10m", 600),
        ("10min", 600),
        ("9h30m", 34200),
        ("9h 30m", 34200),
        ("PT9H30M", 34200),
        ("P1DT1H", 90000),
        ("2-00:00:00", 172800),
        ("1-12:30", 131400),
        ("01:30:00", 5400),
        ("90:00", 5400),
        ("60s", 60),
        ("1.5h", 5400),
        ("45", 45),
        (45, 45),
        (0.5, 1),
    ],
)
def test_durations_are_read_in_the_spellings_people_use(text, seconds):
    assert units.parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "milli"), [("4", 4000), (4, 4000), ("0.5", 500), ("500m", 500), (0.1, 100)]
)
def test_cores_are_read_as_milli_cores(text, milli):
    assert units.parse_cores(text) == milli


@pytest.mark.parametrize(
    ("text", "parse", "ends"),
    [
        ("4:8", units.parse_cores, (4000, 8000)),
        ("4", units.parse_cores, (4000, None)),
        (":8", units.parse_cores, (None, 8000)),
        ("4:", units.parse_cores, (4000, None)),
        ("8G:16G", units.parse_memory, (8 * GIB, 16 * GIB)),
        ("1h..2h", units.parse_duration, (3600, 7200)),
        ("01:00:00", units.parse_duration, (3600, None)),
        ("01:00:00..02:00:00", units.parse_duration, (3600, 7200)),
        ("1h:2h", units.parse_duration, (3600, 7200)),
        (3, units.parse_count, (3, None)),
    ],
)
def test_ranges_are_read(text, parse, ends):
    assert units.parse_pair(text, parse, "field") == ends


NONSENSE = [
    "", "lots", "-5", "-5G", "G", "8X", "8GGiB", "nan", "inf", "1e400", "1e", "٣G", "8;rm",
    "9" * 60, "0x10", None, True, [], {}, math.nan, math.inf, -1, 2**60, "9E" * 2, "10000000P",
]  # fmt: skip


@pytest.mark.parametrize("value", NONSENSE)
@pytest.mark.parametrize("name", list(DIMENSIONS))
def test_nonsense_is_an_error_that_names_the_field_and_what_is_accepted(name, value):
    with pytest.raises(RequestError, match=r"^resources\.field: .* is not accepted; expected"):
        DIMENSIONS[name].parse(value, "resources.field")


@pytest.mark.parametrize("text", ["8:4", ":", "..", "", "a:b"])
def test_a_wrong_range_names_the_field(text):
    with pytest.raises(RequestError, match="^cores: "):
        units.parse_pair(text, units.parse_cores, "cores")


@given(st.integers(0, units.LARGEST))
def test_spelling_memory_and_durations_loses_nothing(amount):
    assert units.parse_memory(units.spell_memory(amount)) == amount
    assert units.parse_duration(units.spell_duration(amount)) == amount


@given(st.text(max_size=50))
def test_any_text_is_a_quantity_or_a_clear_error(text):
    for dimension in DIMENSIONS.values():
        try:
            amount = dimension.parse(text, "x")
        except RequestError as error:
            assert error.field == "x"
        else:
            assert 0 <= amount <= units.LARGEST


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (units.format_memory(16 * GIB), "16 GiB"),
        (units.format_memory(3 * 2**29), "1.5 GiB"),
        (units.format_memory(100), "100 B"),
        (units.format_duration(34200), "9 h 30 min"),
        (units.format_duration(0), "0 s"),
        (units.format_duration(172800 + 3600), "2 d 1 h"),
        (units.format_cores(4000), "4 cores"),
        (units.format_cores(1000), "1 core"),
        (units.format_cores(500), "0.5 cores"),
        (units.spell_duration(34200), "9h30m"),
        (units.spell_memory(400 * GIB), "400G"),
        (units.spell_memory(0), "0"),
    ],
)
def test_amounts_are_printed_for_people_and_for_the_wire(printed, expected):
    assert printed == expected


def test_ranges_overlap_where_both_allow():
    assert Range(4, None).overlap(Range(None, 12)) == Range(4, 12)
    assert Range(4, 8).overlap(Range(9, 12)) is None
    assert Range().overlap(Range()) == Range()


def test_a_range_upside_down_names_its_dimension():
    with pytest.raises(RequestError, match=r"resources\.memory"):
        Resources(memory=Range(2, 1)).check()
