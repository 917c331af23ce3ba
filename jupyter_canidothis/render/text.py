"""A plan as plain text: at most 100 columns, words first, no colour needed."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from typing import Final

from ..answer import Answer, Nearest, Plan, Verdict
from ..evidence import trim
from ..ranking import best_first
from . import words

__all__ = ["WIDTH", "nearest_text", "plan_text", "to_ascii"]

WIDTH: Final = 100
_VERDICT: Final = 13
_MOST_NAME: Final = 28
_PLAIN: Final = str.maketrans(
    {
        "→": "->",
        "…": "...",
        "✔": "+",
        "✘": "x",
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "·": "-",
    }
)


def plan_text(plan: Plan) -> str:
    """Print a plan as a table.

    Returns
    -------
    str
        A head line, then for each platform its verdict, name and offer or
        reason, with what would change a NO beneath it.
    """
    head = f"Can I run {words.task_name(plan.task)}?  {words.task_words(plan.task)}"
    lines = [*textwrap.wrap(head, WIDTH), words.headline(plan)]
    gain = words.best_change(plan)
    if gain:
        lines += textwrap.wrap(gain, WIDTH)
    longest = max((len(answer.platform) for answer in plan.answers), default=0)
    column = min(longest, _MOST_NAME) + 2
    for answer in best_first(plan.answers):
        lines += _answer_lines(answer, column)
    return "\n".join(lines)


def nearest_text(found: Nearest) -> str:
    """Print what a search for the nearest YES found, as one platform of a plan is printed."""
    said = [reason.message for reason in found.reasons[:1]]
    said += [words.change_words(change) for change in found.changes]
    said += [words.cliff_words(cliff) for cliff in found.cliffs]
    said.append(words.effort_words(found))
    column = min(len(found.platform), _MOST_NAME) + 2
    return "\n".join(_lines(found.platform, found.verdict, said, column))


def _answer_lines(answer: Answer, column: int) -> list[str]:
    return _lines(answer.platform, answer.verdict, words.answer_lines(answer), column)


def _lines(platform: str, verdict: Verdict, said: Sequence[str], column: int) -> list[str]:
    indent = " " * (_VERDICT + column)
    name = trim(platform)
    if len(name) > column - 2:
        name = name[: column - 3] + "…"
    first = f"{words.verdict_word(verdict):<{_VERDICT}}{name:<{column}}"
    lines: list[str] = []
    for number, sentence in enumerate(said):
        lines += textwrap.wrap(
            " ".join(trim(sentence).split()),
            WIDTH,
            initial_indent=indent if number else first,
            subsequent_indent=indent + "  ",
            drop_whitespace=True,
        )
    return lines


def to_ascii(text: str) -> str:
    """Return text for a terminal that shows nothing but ASCII."""
    plain = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    letters = "".join(mark for mark in plain if not unicodedata.combining(mark))
    return letters.encode("ascii", "replace").decode()
