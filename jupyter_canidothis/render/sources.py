"""How sure an answer is, when it was made, and what it rests on, in words."""

from __future__ import annotations

import time
from typing import Final

from ..answer import Answer, Plan, Sure
from ..evidence import HOW_WORDS, Evidence
from ..units import format_duration

__all__ = [
    "asked_words",
    "found_words",
    "source_words",
    "time_words",
]

_SURE: Final[dict[Sure, str]] = {
    "estimate": "estimate: from limits read before, not asked",
    "asked": "asked",
    "checked": "checked by the platform's own dry run",
}


def found_words(answer: Answer) -> str:
    """Say how an answer was found, how long that took and how old the facts are."""
    words = [_SURE[answer.sure], f"answered in {answer.took} ms"]
    if answer.age:
        words.append(f"facts {format_duration(answer.age)} old")
    return ", ".join(words)


def time_words(at: int) -> str:
    """Say a moment in universal time; empty for none."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at)) if at else ""


def source_words(evidence: Evidence) -> str:
    """Say how and when a fact was learned: ``dry run, 2026-11-22 22:14:03 UTC``."""
    return ", ".join(filter(None, [HOW_WORDS[evidence.how], time_words(evidence.at)]))


def asked_words(plan: Plan) -> str:
    """Say when a plan was made, for whoever reads it later; empty when that is unknown."""
    asked = time_words(plan.at)
    return f"Asked {asked}; answers age." if asked else ""
