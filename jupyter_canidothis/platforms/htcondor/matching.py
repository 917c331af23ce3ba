"""A job held against slots both ways, as the negotiator does it.

The job's Requirements are evaluated against the slot, and the slot's against the job; a
match needs TRUE from both. What is UNDEFINED is no match either, but it proves no NO
where the schedd, a job transform or the user may still define what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ...answer import Verdict
from .job import Job
from .pool import Room, Shape
from .reading import parse

__all__ = ["Match", "fits", "match", "opens", "room_for"]

IDENTITY: Final = frozenset(
    name.lower()
    for name in (
        *("Owner", "User", "OsUser", "NTDomain", "AcctGroup", "AcctGroupUser"),
        *("AccountingGroup", "SubmitterGroup", "x509UserProxySubject", "x509UserProxyVOName"),
        *("x509UserProxyFirstFQAN", "AuthTokenSubject", "AuthTokenScopes", "GlobalJobId"),
        *("ScheddName", "RemoteOwner", "SubmitterNegotiatingGroup", "SubmitterUserPrio"),
    )
)
"""Attributes that schedd and negotiator add to a job; unknown unless we set them."""
_STEP: Final = 15
_WEEK: Final = 7 * 24 * 60
_DEEPEST: Final = 6
_MOST_TRIES: Final = 200
"""Most slots whose own state is evaluated for room now."""
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_BARE: Final = re.compile(r"\(*\s*(?:MY\.)?([A-Za-z_]\w*)\s*\)*", re.IGNORECASE)


@dataclass(frozen=True)
class Match:
    """How a job and an empty slot of one shape get on."""

    verdict: Verdict
    """YES where both sides take the other, CANNOT_TELL where what decides is not known."""
    objections: tuple[str, ...] = ()
    """Conditions of the slot that are not met."""
    demands: tuple[str, ...] = ()
    """Conditions of the job that the slot does not meet."""
    unknown: tuple[str, ...] = ()
    """Attributes of the job that decide and are not known here."""


def match(put: Job, shape: Shape) -> Match:
    """Hold a job against an empty slot of one shape."""
    job, slot = put.ad(), shape.ad
    if _value(job, "Requirements", slot) is True and _value(slot, "Requirements", job) is True:
        return Match(Verdict.YES)
    demands = tuple(text for text, _ in _failing(job, "Requirements", slot))
    failing = list(_failing(slot, "Requirements", job))
    unknown = sorted({name for _, names in failing for name in names})
    sure = bool(demands) or any(not names for _, names in failing)
    verdict = Verdict.NO if sure else Verdict.CANNOT_TELL
    return Match(verdict, tuple(text for text, _ in failing), demands, tuple(unknown))


def fits(put: Job, shape: Shape) -> bool:
    """Whether both sides take the other."""
    job = put.ad()
    return (
        _value(job, "Requirements", shape.ad) is True
        and _value(shape.ad, "Requirements", job) is True
    )


def room_for(put: Job, shape: Shape) -> Room | bool | None:
    """Return a slot with room for the job now; None without one, False if nobody can tell.

    A job that is refused by a slot with enough left is refused by what changes there,
    such as its load.
    """
    job = put.ad()
    large = [
        room
        for room in shape.rooms
        if not room.claimed
        and all(have >= want for have, want in zip(room.free, put.amounts, strict=True))
    ]
    for room in large[:_MOST_TRIES]:
        slot = parse(room.facts)
        if (
            _value(job, "Requirements", slot) is True
            and _value(slot, "Requirements", job) is True
        ):
            return room
    return None if len(large) <= _MOST_TRIES else False


def opens(put: Job, shape: Shape) -> int | None:
    """Return in how many seconds a slot takes the job that is refused at this hour.

    START may name the hour of the week as ``ClockDay`` and ``ClockMin``, the slot's own
    minutes since midnight (HTCondor manual, machine ClassAd attributes).
    """
    if not shape.refers_to("ClockMin", "ClockDay"):
        return None
    job, slot = put.ad(), parse(shape.facts)
    now = int(slot.get("ClockDay", 0)) * 24 * 60 + int(slot.get("ClockMin", 0))
    # Clock changes come on quarters of an hour.
    for ahead in range(_STEP - now % _STEP, _WEEK + _STEP, _STEP):
        day, minute = divmod((now + ahead) % _WEEK, 24 * 60)
        slot["ClockDay"], slot["ClockMin"] = day, minute
        if _value(job, "Requirements", slot) is True and (
            _value(slot, "Requirements", job) is True
        ):
            return ahead * 60
    return None


def _value(mine: Any, name: str, other: Any) -> Any:
    """Evaluate an attribute of one ad against another; UNDEFINED and ERROR as themselves."""
    expression = _expression(mine, name)
    return None if expression is None else _evaluate(expression, mine, other)


def _expression(ad: Any, name: str) -> Any:
    """Return what an attribute holds, unevaluated; None where there is none."""
    return ad.lookup(name) if name in ad else None


def _evaluate(expression: Any, mine: Any, other: Any) -> Any:
    import classad2

    try:
        value = expression.eval(mine, other)
    except classad2.ClassAdException:
        return classad2.Value.Error
    if isinstance(value, classad2.Value):  # an IntEnum, and yet no number
        return value
    # Any number but zero is true (ClassAd language, HTCondor's old form).
    return value != 0 if isinstance(value, (int, float)) else value


def _failing(mine: Any, name: str, other: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the conditions that are not met, with what is not known of the other side."""
    import classad2

    for text in _conjuncts(mine, name, 0):
        expression = classad2.ExprTree(text)
        value = _evaluate(expression, mine, other)
        if value is not True:
            names = _references(mine, expression)
            missing = {wanted for wanted in names if wanted not in other}
            undefined = value is classad2.Value.Undefined
            unknown = missing if undefined else missing & IDENTITY
            yield text, tuple(sorted(unknown))


def _conjuncts(ad: Any, name: str, depth: int) -> Iterator[str]:
    """Yield the conditions of which all have to hold, named ones taken apart."""
    for part in _split(str(_expression(ad, name))):
        bare = _BARE.fullmatch(part)
        if bare and depth < _DEEPEST and _expression(ad, bare[1]) is not None:
            yield from _conjuncts(ad, bare[1], depth + 1)
        elif part.startswith("(") and len(_split(_inner(part))) > 1:
            yield from _split(_inner(part))
        else:
            yield part


def _inner(text: str) -> str:
    """Return what a pair of parentheses around the whole text holds."""
    text = text.strip()
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for place, letter in enumerate(_masked(text)):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and place < len(text) - 1:
            return text
    return text[1:-1]


def _split(text: str) -> list[str]:
    """Split an expression at each ``&&`` outside of parentheses."""
    masked, depth, start, parts = _masked(text), 0, 0, []
    for place, letter in enumerate(masked):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and letter in "|?":
            # Weaker than &&: the whole is one condition.
            return [text.strip()]
        if depth == 0 and masked.startswith("&&", place):
            parts.append(text[start:place].strip())
            start = place + 2
    return [*parts, text[start:].strip()]


def _masked(text: str) -> str:
    """Return the text with what is inside of strings blanked."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: "_" * len(found[0]), text)


def _references(ad: Any, expression: Any) -> set[str]:
    """Return the attributes of the other side that an expression rests on, lower case."""
    found: set[str] = set()
    seen: set[str] = set()
    todo = [expression]
    while todo and len(seen) < 100:  # noqa: PLR2004 - an ad that names itself in circles
        current = todo.pop()
        for name in ad.externalRefs(current):
            scope, _, last = name.rpartition(".")
            if scope.lower() != "my" and _NAME.fullmatch(last):
                found.add(last.lower())
        for name in ad.internalRefs(current):
            if name.lower() not in seen:
                seen.add(name.lower())
                inner = _expression(ad, name)
                todo += [] if inner is None else [inner]
    return found
