"""Sentences about tasks, offers and plans, units included."""

from __future__ import annotations

from collections import Counter
from typing import Final

from ..answer import (
    Answer,
    Change,
    Cliff,
    Nearest,
    Offer,
    Plan,
    Reason,
    Start,
    Verdict,
)
from ..resources import DIMENSIONS, Range, Resources
from ..task import Task
from ..units import format_duration

__all__ = [
    "amounts",
    "answer_lines",
    "best_change",
    "change_words",
    "cliff_words",
    "cliffs_words",
    "effort_words",
    "headline",
    "now_words",
    "offer_words",
    "range_words",
    "reason_words",
    "start_words",
    "state_words",
    "task_name",
    "task_words",
    "verdict_mark",
    "verdict_word",
]

_MARKS: Final = {Verdict.YES: "✔", Verdict.NO: "✘", Verdict.CANNOT_TELL: "?"}


def verdict_word(verdict: Verdict) -> str:
    """Say a verdict in words: ``CANNOT TELL``."""
    return verdict.value.replace("_", " ")


def verdict_mark(verdict: Verdict) -> str:
    """Return the shape that goes with a verdict; never shown without its word."""
    return _MARKS[verdict]


def range_words(dimension: str, asked: Range) -> str:
    """Say a range: ``4 cores``, ``4 to 8 cores``, ``up to 8 cores``; empty when open."""
    show = DIMENSIONS[dimension].format
    noun = {"gpus": " GPU", "nodes": " node"}.get(dimension, "")

    def word(amount: int) -> str:
        return f"{show(amount)}{noun}{'s' if noun and amount != 1 else ''}"

    if asked.min is None and asked.max is None:
        return ""
    if asked.max is None or asked.min == asked.max:
        return word(asked.min or 0)
    if not asked.min:
        return f"up to {word(asked.max)}"
    return f"{_leading(show(asked.min), word(asked.max))} to {word(asked.max)}"


def _leading(low: str, high: str) -> str:
    """Drop a unit that the upper end repeats: ``4`` for ``4 cores`` to ``8 cores``."""
    amount, _, unit = low.partition(" ")
    _, _, other = high.partition(" ")
    return amount if unit and other in (unit, unit + "s") else low


def amounts(resources: Resources) -> list[str]:
    """Say every amount that is not open."""
    words = [range_words(name, asked) for name, asked in resources if asked]
    return [word for word in words if word]


def task_name(task: Task) -> str:
    """Say what a task is called."""
    kind = "this notebook" if task.executable.type.endswith("-notebook") else "this task"
    return task.name or task.executable.location or kind


def task_words(task: Task) -> str:
    """Say what a task asks for: ``4 cores, 16 GiB, 2 h``."""
    return ", ".join(amounts(task.resources)) or "nothing in particular"


def start_words(start: Start | None) -> str:
    """Say when a task could start, as a range; empty when nobody knows."""
    if start is None or (start.earliest is None and start.latest is None):
        return ""
    if start.latest is None:
        return f"starts in {format_duration(start.earliest or 0)} or later"
    if start.latest <= 0:
        return "starts now"
    if not start.earliest:
        return f"starts within {format_duration(start.latest)}"
    if start.earliest == start.latest:
        return f"starts in about {format_duration(start.latest)}"
    return f"starts in {format_duration(start.earliest)} to {format_duration(start.latest)}"


def offer_words(offer: Offer) -> str:
    """Say one offer: ``short: 8 cores, 31.25 GiB, 2 h, starts now``."""
    parts = amounts(offer.resources)
    start = start_words(offer.start)
    said = ", ".join([*parts, start] if start else parts)
    return f"{offer.name}: {said}" if offer.name and said else said or offer.name


def now_words(answer: Answer) -> str:
    """Say whether there is room at this moment; empty when nobody knows or it is a NO."""
    if answer.verdict is not Verdict.YES:
        return ""
    return {Verdict.YES: "room now", Verdict.NO: "no room now"}.get(answer.now, "")


def reason_words(answer: Answer) -> list[str]:
    """Say each reason, with the part it is about where several parts have theirs."""
    parts = {reason.scope for reason in answer.reasons if " " in reason.scope}

    def sentence(reason: Reason) -> str:
        known = reason.scope.lower() in reason.message.lower()
        named = len(parts) > 1 and reason.scope in parts and not known
        return f"{reason.scope}: {reason.message}" if named else reason.message

    return [sentence(reason) for reason in answer.reasons]


def change_words(change: Change) -> str:
    """Say a change and how sure it is."""
    sure = "then accepts (checked)" if change.checked else "may accept (expected)"
    return f"{change.message}: {sure}"


def answer_lines(answer: Answer) -> list[str]:
    """Say all of an answer: offers or reasons, the nearest change, where it starts later."""
    said = [offer_words(offer) for offer in answer.offers[:3]]
    if answer.verdict is Verdict.YES and not any(said):
        said = ["accepts"]
    room = now_words(answer)
    if room and said and "starts" not in said[0]:
        said[0] = f"{said[0]}, {room}"
    said += reason_words(answer)
    if not said:
        said = ["gave no reason"]
    said += [change_words(change) for change in answer.changes[:1]]
    # Where a NO begins is in the offers and changes already.
    said += [cliff_words(cliff) for cliff in answer.cliffs if cliff.beyond == "later"]
    return said


def state_words(plan: Plan) -> str:
    """Say what a plan came to, or how far it has come: ``3 of 5 answered, asking Slurm``."""
    answered = {answer.platform for answer in plan.answers}
    silent = [info.name for info in plan.platforms if info.name not in answered]
    if not silent or plan.summary is not None:
        return headline(plan)
    counted = f"{len(answered)} of {len(plan.platforms)} answered"
    return f"{counted}, asking {', '.join(silent)}"


def cliff_words(cliff: Cliff) -> str:
    """Say where an answer changes, and to what."""
    return (
        f"{cliff.message} (beyond it starts later)"
        if cliff.beyond == "later"
        else cliff.message
    )


def cliffs_words(answer: Answer) -> str:
    """Say every place where an answer changes, in one line; empty without any."""
    said = "; ".join(cliff_words(cliff) for cliff in answer.cliffs)
    return f"Where it changes: {said}" if said else ""


def effort_words(found: Nearest) -> str:
    """Say what a search cost, and whether it came to its end."""
    times = "once" if found.asks == 1 else f"{found.asks} times"
    end = "; the search ended before everything was exact" if found.cut else ""
    return f"asked {times} in {found.took} ms{end}"


def headline(plan: Plan) -> str:
    """Say how many platforms accept."""
    asked = len(plan.platforms) or len(plan.answers)
    yes = sum(answer.verdict is Verdict.YES for answer in plan.answers)
    if not asked:
        return "no platform is configured"
    plural = "platform" if asked == 1 else "platforms"
    return f"YES on {yes} of {asked} {plural}"


def best_change(plan: Plan) -> str:
    """Say the change that gains most platforms; empty when nothing has to change."""
    gains: Counter[str] = Counter()
    names: dict[str, list[str]] = {}
    for answer in plan.answers:
        for change in answer.changes[:1]:
            gains[change.message] += 1
            names.setdefault(change.message, []).append(answer.platform)
    if not gains:
        return ""
    message, _ = gains.most_common(1)[0]
    return f"With {message} you would gain {', '.join(names[message])}."
