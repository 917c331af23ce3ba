"""Plans as a terminal shows them."""

from __future__ import annotations

import pytest
from scripted import GIB, notebook_task
from terminals import Terminal, without_escapes

from jupyter_canidothis.answer import (
    Answer,
    Change,
    Cliff,
    Offer,
    Plan,
    PlatformInfo,
    Reason,
    Start,
    Summary,
    Verdict,
)
from jupyter_canidothis.render import plan_text, to_ascii
from jupyter_canidothis.render.terminal import Screen, shows_ascii_only, terminal
from jupyter_canidothis.resources import Range, Resources

YES = Answer(
    "Slurm",
    Verdict.YES,
    offers=(
        Offer(
            "uri://slurm",
            "short",
            resources=Resources(cores=Range(4000, 8000), memory=Range(16 * GIB, 32 * GIB)),
            start=Start(0, 0),
        ),
    ),
    cliffs=(Cliff("/resources/duration/min", 7140, "119 min: maintenance", "later"),),
    sure="checked",
    took=12,
)
NO = Answer(
    "Rubin [bold]Science[/bold] Platform",
    Verdict.NO,
    reasons=(Reason("limit-exceeded", "Memory 16 GiB is above the limit of 12 GiB"),),
    changes=(Change((), "Memory 16 GiB → 12 GiB", checked=True),),
)
HOSTILE = Answer("Evil", Verdict.CANNOT_TELL, reasons=(Reason("refused", "\x1b[2J\x07gone"),))


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LC_ALL", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LANG", "C.UTF-8")


def plan(*answers, waiting=()):
    names = [*(answer.platform for answer in answers), *waiting]
    infos = tuple(PlatformInfo(name, "x", "configured") for name in names)
    summary = None if waiting else Summary()
    return Plan("id", notebook_task(16 * GIB, cores=Range(4000)), infos, answers, summary)


def printed(whole, monkeypatch, width=80, encoding="utf-8"):
    monkeypatch.setenv("COLUMNS", str(width))
    stream = Terminal(encoding)
    Screen(terminal(stream)).print(whole)
    return stream.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(monkeypatch, width):
    text = without_escapes(printed(plan(YES, NO), monkeypatch, width))

    assert max(map(len, text.splitlines())) <= width
    words = " ".join(text.split())
    for word in ("YES", "NO", "maintenance", "limit", "12 GiB", "(checked)", "[/bold]"):
        assert word in words
    assert ("dry run" in words) is (width >= 80)


def test_verdicts_have_a_colour_a_shape_and_a_word(monkeypatch):
    text = printed(plan(YES, NO), monkeypatch)

    assert "\x1b[1;32m✔ YES" in text
    assert "\x1b[1;31m✘ NO" in text


def test_no_color_leaves_words_and_shapes(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed(plan(YES, NO), monkeypatch)

    assert "\x1b[3" not in text
    assert ";32m" not in text
    assert "✔ YES" in text


@pytest.mark.parametrize(
    ("variables", "encoding"),
    [
        ({"TERM": "dumb"}, "utf-8"),
        ({"LANG": "C"}, "utf-8"),
        ({"LC_ALL": "POSIX"}, "utf-8"),
        ({}, "latin-1"),
    ],
)
def test_a_terminal_that_cannot_show_more_gets_ascii(monkeypatch, variables, encoding):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    text = printed(plan(YES, NO), monkeypatch, encoding=encoding)

    assert text.isascii()
    assert "+ YES" in text
    assert "16 GiB -> 12 GiB" in text


def test_other_locales_are_shown_in_full():
    assert not shows_ascii_only("utf-8", {"LANG": "fr_FR.UTF-8"})
    assert not shows_ascii_only("UTF-8", {})


def test_what_a_platform_says_cannot_move_the_cursor(monkeypatch):
    text = printed(plan(HOSTILE), monkeypatch)

    assert "\x1b[2J" not in text
    assert "\x07" not in text
    assert "\x1b" not in plan_text(plan(HOSTILE))


def test_a_platform_that_did_not_answer_yet_keeps_its_row(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    screen = Screen(terminal(stream))
    with screen.showing():
        screen.show(plan(NO, waiting=["Slurm"]), plan(YES, NO))
    text = without_escapes(stream.getvalue())

    assert "1 of 2 answered, asking Slurm" in text
    assert "asking…" in text
    assert "was YES" in text


def test_a_dumb_terminal_is_shown_nothing_that_would_have_to_go_again(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    screen = Screen(terminal(stream))
    with screen.showing():
        screen.show(plan(NO, waiting=["Slurm"]))

    assert stream.getvalue() == ""


def test_what_has_no_ascii_is_replaced():
    assert to_ascii("é → ½…") == "e -> 1?2..."
