from __future__ import annotations

import html.parser

import msgspec
import pytest
from scripted import GIB, notebook_task

from jupyter_canidothis.answer import (
    Answer,
    Change,
    Cliff,
    Edit,
    Offer,
    Plan,
    PlatformInfo,
    Reason,
    Start,
    Verdict,
)
from jupyter_canidothis.evidence import RAW_LIMIT, Evidence, trim
from jupyter_canidothis.render import MIME, plan_html, plan_text, show, start_words, state_words
from jupyter_canidothis.render.sources import found_words
from jupyter_canidothis.render.words import range_words
from jupyter_canidothis.resources import Range, Resources

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)> \u202eevil\u2066 & "quotes"'


def plan(*answers, **more):
    infos = tuple(PlatformInfo(a.platform, "x", "configured") for a in answers)
    return Plan("id", notebook_task(16 * GIB, cores=Range(4000)), infos, answers, **more)


YES = Answer(
    "Slurm",
    Verdict.YES,
    Verdict.YES,
    offers=(
        Offer(
            "uri://slurm",
            "short",
            resources=Resources(cores=Range(4000, 8000), memory=Range(16 * GIB, 32 * GIB)),
            start=Start(0, 0),
        ),
    ),
)
NO = Answer(
    "Rubin",
    Verdict.NO,
    reasons=(Reason("limit-exceeded", "Memory 16 GiB is above the limit of 12 GiB"),),
    changes=(
        Change(
            (Edit("/resources/memory/min", 16 * GIB, 12 * GIB),),
            "Memory 16 GiB → 12 GiB",
            checked=True,
        ),
    ),
)
SILENT = Answer(
    "Azimuth",
    Verdict.CANNOT_TELL,
    reasons=(Reason("timed-out", "no answer within 5 s; ask again later"),),
)

EXPECTED = """\
Can I run this notebook?  4 cores, 16 GiB
YES on 1 of 3 platforms
With Memory 16 GiB → 12 GiB you would gain Rubin.
YES          Slurm    short: 4 to 8 cores, 16 to 32 GiB, starts now
CANNOT TELL  Azimuth  no answer within 5 s; ask again later
NO           Rubin    Memory 16 GiB is above the limit of 12 GiB
                      Memory 16 GiB → 12 GiB: then accepts (checked)"""


def test_a_plan_is_a_table_of_words():
    assert plan_text(plan(NO, YES, SILENT)) == EXPECTED


def test_no_line_of_text_is_wider_than_a_hundred_columns():
    wide = Answer("p" * 90, Verdict.NO, reasons=(Reason("refused", "word " * 300),))

    assert max(map(len, plan_text(plan(wide, YES)).splitlines())) <= 100


def test_a_refusal_without_a_reason_is_shown_as_such():
    assert "gave no reason" in plan_text(plan(Answer("Mute", Verdict.NO)))


def test_reasons_of_several_parts_name_their_part():
    told = [Reason("limit-exceeded", "too long", scope=f"partition {n}") for n in ("a", "b")]
    closed = Reason("closed", "Partition c is DOWN", scope="partition c")
    text = plan_text(plan(Answer("Slurm", Verdict.NO, reasons=(*told, closed))))

    assert "partition a: too long" in text
    assert "partition b: too long" in text
    assert "c: Partition c" not in text


def test_no_platform_at_all_is_said():
    assert "no platform is configured" in plan_text(plan())


class _Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []
        self.attributes = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def test_foreign_text_is_text_and_never_markup():
    evidence = Evidence("live-read", HOSTILE, HOSTILE)
    hostile = Answer(
        HOSTILE,
        Verdict.NO,
        reasons=(Reason("refused", HOSTILE, text=HOSTILE, evidence=(0,)),),
        changes=(Change((), HOSTILE),),
        evidence=(evidence,),
    )
    parser = _Tags()
    parser.feed(plan_html(plan(hostile)))

    assert "script" not in parser.tags
    assert "img" not in parser.tags
    assert "onerror" not in parser.attributes


def test_evidence_is_shown_with_its_way_its_time_and_its_raw_text():
    evidence = Evidence("dry-run", "sbatch --test-only job.sh", "sbatch: Job 1", 1_795_000_000)
    cliff = Cliff(
        "/resources/duration/min", 7140, "Duration up to 119 min: maintenance", "later"
    )
    shown = plan_html(plan(Answer("S", Verdict.NO, evidence=(evidence,), cliffs=(cliff,))))

    assert "dry run, 2026-11-18 11:06:40 UTC: <code>sbatch --test-only job.sh</code>" in shown
    assert "<pre>sbatch: Job 1</pre>" in shown
    assert "Duration up to 119 min: maintenance (beyond it starts later)" in shown


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer("S", Verdict.YES, took=3), "asked, answered in 3 ms"),
        (Answer("S", Verdict.YES, sure="checked"), "checked by the platform's own dry run"),
        (Answer("S", Verdict.YES, sure="estimate", age=90), "facts 1 min 30 s old"),
    ],
)
def test_how_sure_an_answer_is_is_said(answer, said):
    assert said in found_words(answer)


def test_a_plan_that_is_not_complete_says_whom_it_waits_for():
    whole = plan(YES, NO)
    part = msgspec.structs.replace(whole, answers=(YES,))

    assert state_words(part) == "1 of 2 answered, asking Rubin"
    assert state_words(whole) == "YES on 1 of 2 platforms"


def test_trimming_keeps_text_short_and_undisguised():
    trimmed = trim(HOSTILE + "x" * 20_000)

    assert len(trimmed) == RAW_LIMIT
    assert trimmed.endswith("…")
    assert not set(trimmed) & set("\u202e\u2066\x00\x1b")
    assert (
        trim("a\x1b[31mb\ud800") == "a\N{REPLACEMENT CHARACTER}[31mb\N{REPLACEMENT CHARACTER}"
    )


def test_a_plan_is_printed_as_its_table():
    shown = show(plan(NO, YES))

    assert str(shown) == plan_text(shown)


def test_a_shown_plan_offers_text_html_and_its_json():
    bundle = show(plan(YES))._repr_mimebundle_()

    assert set(bundle) == {"text/plain", "text/html", MIME}
    assert bundle[MIME]["answers"][0]["verdict"] == "YES"
    assert [a.platform for a in show(plan(YES, NO)).accepted] == ["Slurm"]
    assert len(list(show(plan(YES, NO)))) == 2


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (None, ""),
        (Start(), ""),
        (Start(0, 0), "starts now"),
        (Start(0, 2400), "starts within 40 min"),
        (Start(60, None), "starts in 1 min or later"),
        (Start(600, 600), "starts in about 10 min"),
        (Start(600, 1200), "starts in 10 min to 20 min"),
    ],
)
def test_a_start_is_said_as_a_range(start, said):
    assert start_words(start) == said


@pytest.mark.parametrize(
    ("dimension", "asked", "said"),
    [
        ("cores", Range(4000, 8000), "4 to 8 cores"),
        ("cores", Range(1000), "1 core"),
        ("memory", Range(None, 8 * GIB), "up to 8 GiB"),
        ("memory", Range(512 * 2**20, 8 * GIB), "512 MiB to 8 GiB"),
        ("duration", Range(3600, 7200), "1 to 2 h"),
        ("duration", Range(5400, 7200), "1 h 30 min to 2 h"),
        ("duration", Range(1800, 34200), "30 min to 9 h 30 min"),
        ("gpus", Range(0, 0), "0 GPUs"),
        ("gpus", Range(1, None), "1 GPU"),
        ("nodes", Range(2, 4), "2 to 4 nodes"),
        ("cores", Range(), ""),
    ],
)
def test_ranges_are_said_with_their_units(dimension, asked, said):
    assert range_words(dimension, asked) == said
