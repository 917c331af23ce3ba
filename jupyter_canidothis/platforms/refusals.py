"""What a judgement means in the words of an answer: grants, reasons, changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from operator import add, itemgetter
from typing import Final, NamedTuple

import msgspec

from ..answer import Change, Code, Edit, Reason
from ..evidence import trim
from ..resources import DIMENSIONS, Range, Resources
from ..task import TASK_TYPES, Task
from ..units import format_memory
from .bitmaps import positions
from .capacity import GPU_MEMORY, Slot, Tally, Term, asked, judge_for

__all__ = [
    "best_refusal",
    "changes",
    "closest_refusal",
    "granted",
    "nearest",
    "reasons",
    "step_words",
    "up_to",
]

_SHOWN: Final = 10
"""Most words listed in one sentence."""

_FIELDS: Final[Mapping[str, str]] = {
    GPU_MEMORY: "/resources/gpu/memory",
    "task type": "/executable/type",
    "language": "/executable/languages",
    "kernel": "/executable/kernel",
    "image": "/executable/image",
    "gpu vendor": "/resources/gpu/vendor",
    "gpu model": "/resources/gpu/model",
}
_CODES: Final[Mapping[str, Code]] = {
    "task type": "kind-unsupported",
    "image": "image-missing",
    "gpu vendor": "no-such-resource",
    "gpu model": "no-such-resource",
}
_UNITS: Final[Mapping[str, str]] = {
    "cores": "m",
    "duration": " s",
    "startup": " s",
    "gpus": "",
    "nodes": "",
}
"""Units of the exact amounts; the others are bytes."""
_REMOVABLE: Final = frozenset({"gpu vendor", "gpu model"})
"""Words that a person can do without; the others say what the task is."""

_NOTHING: Final = Range()


def granted(slot: Slot, wanted: Resources) -> tuple[Resources, dict[str, str]]:
    """Return what was asked, narrowed to what an accepting slot takes, and who set each end.

    Dimensions that nobody asked for stay empty. The second part has the form of
    `Offer.filled`.
    """
    overlaps: dict[str, Range] = {}
    filled: dict[str, str] = {}
    for name, bound in slot.bounds.items():
        # `Range.overlap`, unrolled: this runs for every offer of a thousand platforms.
        ask = getattr(wanted, name, _NOTHING)
        low, high = ask.min, ask.max
        if low is None and high is None:
            continue
        if bound.min is not None and (low is None or low < bound.min):
            low = bound.min
            filled[f"{name}.min"] = "offered"
        if bound.max is not None and (high is None or high > bound.max):
            high = bound.max
            filled[f"{name}.max"] = "offered"
        overlaps[name] = Range(low, high)
    return (msgspec.structs.replace(wanted, **overlaps) if overlaps else wanted), filled


def best_refusal(failures: Sequence[Collection[Term]]) -> int:
    """Return which of several refusing slots comes closest to accepting.

    A slot that runs the task's type at all beats one that does not; then the
    fewest failing terms, then the first.
    """

    def misfit(place: int) -> tuple[bool, int]:
        terms = failures[place]
        return any(term.subject == "task type" for term in terms), len(terms)

    return min(range(len(failures)), key=misfit)


def reasons(
    slot: Slot,
    failures: Sequence[Term],
    evidence: tuple[int, ...] = (),
    *,
    free: bool = False,
) -> tuple[Reason, ...]:
    """Say why a slot refuses.

    A task of the wrong type is refused for that alone: nothing else of it is
    looked at (Execution Planner note, section "Parse order").

    Parameters
    ----------
    slot
        The slot that refuses.
    failures
        The terms that it does not meet.
    evidence
        Indices into `Answer.evidence` of what the slot's limits rest on.
    free
        Whether the slot's bounds are what is free now, so that these are reasons for
        "not now".
    """
    for term in failures:
        if term.subject == "task type":
            return (_word_reason(term, slot.accepts["task type"], slot.scope, evidence),)
    return tuple([_reason(slot, term, evidence, free) for term in failures])


def _reason(slot: Slot, term: Term, evidence: tuple[int, ...], free: bool) -> Reason:
    if not term.end:
        return _word_reason(term, slot.accepts[term.subject], slot.scope, evidence)
    bound = slot.bounds[term.subject]
    limit = bound.max if term.end == "min" else bound.min
    return _amount_reason(term, limit or 0, slot.scope, evidence, free)


@lru_cache(maxsize=1024)
def _amount_reason(
    term: Term, limit: int, scope: str, evidence: tuple[int, ...], free: bool
) -> Reason:
    label = _label(term.subject)
    amount, allowed = _amounts(term.subject, term.asked, limit)
    code: Code
    if term.end == "max":
        code, message = "below-minimum", f"{label} {amount} is below the minimum of {allowed}"
    elif free:
        code, message = "full-now", f"{label} {amount} is above what is free now: {allowed}"
    elif limit:
        code, message = "limit-exceeded", f"{label} {amount} is above the limit of {allowed}"
    else:
        code, message = "no-such-resource", f"{label} {amount} asked, but there is none"
    return Reason(
        code=code,
        message=message,
        field=_field(term),
        asked=term.asked,
        limit=limit,
        scope=scope,
        evidence=evidence,
    )


@lru_cache(maxsize=1024)
def _word_reason(
    term: Term, accepted: frozenset[str], scope: str, evidence: tuple[int, ...]
) -> Reason:
    words = sorted(_word(term.subject, word) for word in accepted)
    offered = ", ".join(words[:_SHOWN]) + (", ..." if len(words) > _SHOWN else "")
    asked_word = _word(term.subject, str(term.asked))
    return Reason(
        code=_CODES.get(term.subject, "software-missing"),
        message=f"{_label(term.subject)} {asked_word} is not offered; "
        + (f"offered: {offered}" if offered else "none is"),
        field=_FIELDS.get(term.subject, ""),
        asked=trim(str(term.asked), 200),
        limit=offered,
        scope=scope,
        evidence=evidence,
    )


def closest_refusal(tally: Tally) -> int:
    """Return which slot comes closest to accepting, as `best_refusal` would.

    The task type is what `asked` asks first.
    """
    everyone = tally.judge.everyone
    closest = tally.fewest(everyone & ~tally.refusing[0] or everyone)
    return (closest & -closest).bit_length() - 1


def changes(task: Task, slots: Sequence[Slot]) -> tuple[Change, ...]:
    """Return the nearest edits that make one of the slots accept, smallest first.

    Empty when a slot accepts already, and where `nearest` finds none.

    Raises
    ------
    RequestError
        A minimum of the task is above its maximum.
    """
    return nearest(task, judge_for(slots).judge(asked(task)).tally())


def nearest(task: Task, tally: Tally, *, checked: bool = False) -> tuple[Change, ...]:
    """Return the nearest edits that make one of the slots accept, smallest first.

    One change per value that suffices alone; where none does, all failing values
    of the slot that takes the fewest edits (then the smallest) are edited together.
    Empty when a slot accepts already, or when only the task's type, language,
    kernel or image could help.

    Parameters
    ----------
    task
        The task that was judged.
    tally
        What was found for it.
    checked
        Whether these slots are all that the platform judges by, so that it accepts
        what they accept.
    """
    if tally.accepting or tally.refusing[0] == tally.judge.everyone:
        # The task type, which `asked` asks first, cannot be changed.
        return ()
    closest, gpus = tally.judge.closest, task.resources.gpus
    found = [
        _step(gpus, term, closest(term, only)[0] if term.end else None, checked)
        for term, only in tally.alone()
        if term.end or term.subject in _REMOVABLE
    ]
    if len(found) > 1:
        found.sort(key=_size)
    return tuple([step.change for step in found]) or _joined(task, tally, checked=checked)


def _joined(task: Task, tally: Tally, *, checked: bool) -> tuple[Change, ...]:
    """Return the fewest and then smallest edits that one slot takes together, if any."""
    helpable = tally.judge.everyone
    for term, members in zip(tally.terms, tally.refusing, strict=True):
        if members and not term.end and term.subject not in _REMOVABLE:
            helpable &= ~members
    if not helpable:
        return ()
    best = _keeping_most(tally, tally.fewest(helpable))
    limits, gpus = tally.judge.limits, task.resources.gpus
    parts = [
        _step(gpus, term, limits(term)[best] if term.end else None, checked).change
        for term in tally.failing(best)
    ]
    edits = tuple([part.edits[0] for part in parts])
    return (Change(edits, ", ".join([part.message for part in parts]), checked),)


def _keeping_most(tally: Tally, candidates: int) -> int:
    """Return which slot, of some that fail equally many terms, takes the smallest edits.

    A step from what is asked to a limit is the smaller, the more of it is kept; a word
    that is removed keeps nothing.
    """
    places = positions(candidates)
    if len(places) == 1:
        return places[0]
    kept = [0.0] * len(places)
    for term, members in zip(tally.terms, tally.refusing, strict=True):
        if not term.end or not members & candidates:
            continue
        wanted, limits = int(term.asked), tally.judge.limits(term)
        shares = (
            [limits[place] / wanted if members >> place & 1 else 0.0 for place in places]
            if term.end == "min"
            else [wanted / limits[place] if members >> place & 1 else 0.0 for place in places]
        )
        kept = list(map(add, kept, shares))
    return places[kept.index(max(kept))]


class _Step(NamedTuple):
    """One value edited, with how large a step that is in relation to the value."""

    size: float
    change: Change


_size: Final = itemgetter(0)


@lru_cache(maxsize=1024)
def _step(gpus: Range, term: Term, value: int | None, checked: bool) -> _Step:
    edit = Edit(_field(term), _before(gpus, term), value)
    label = _label(term.subject)
    if value is None:
        word = _word(term.subject, str(term.asked))
        return _Step(1.0, Change((edit,), f"{label} {word} → any", checked))
    wanted = int(term.asked)
    size = abs(wanted - value) / max(wanted, value)
    return _Step(size, Change((edit,), step_words(term.subject, wanted, value), checked))


def step_words(subject: str, before: int, after: int) -> str:
    """Say from which to which amount a quantity changes: "Memory 16 GiB → 12 GiB"."""
    one, other = _amounts(subject, before, after)
    return f"{_label(subject)} {one} → {other}"


def up_to(name: str, most: int) -> str:
    """Say how far a dimension goes: "Memory up to 12 GiB", "Cores up to 8"."""
    words = DIMENSIONS[name].format(most)
    return f"{DIMENSIONS[name].label} up to {words.split()[0] if name == 'cores' else words}"


def _before(gpus: Range, term: Term) -> int | str | None:
    """Return the value in the task itself, which an implied need does not have."""
    if term.subject == "gpus":
        return gpus.min if term.end == "min" else gpus.max
    return term.asked


@lru_cache(maxsize=1024)
def _amounts(subject: str, one: int | str, other: int) -> tuple[str, str]:
    """Print two amounts for a person, exactly where rounding would make them look alike."""
    dimension = DIMENSIONS.get(subject)
    spell = dimension.format if dimension else format_memory
    texts = spell(int(one)), spell(other)
    if texts[0] == texts[1]:
        unit = _UNITS.get(subject, " B")
        return f"{one}{unit}", f"{other}{unit}"
    if subject == "cores":
        return texts[0].split()[0], texts[1].split()[0]
    return texts


def _word(category: str, word: str) -> str:
    return TASK_TYPES.get(word, trim(word, 100)) if category == "task type" else trim(word, 100)


def _label(subject: str) -> str:
    if dimension := DIMENSIONS.get(subject):
        return dimension.label
    words = {GPU_MEMORY: "GPU memory", "gpu vendor": "GPU vendor", "gpu model": "GPU model"}
    return words.get(subject, subject.capitalize())


def _field(term: Term) -> str:
    if term.subject in _FIELDS:
        return _FIELDS[term.subject]
    return f"/resources/{term.subject}/{term.end}"
