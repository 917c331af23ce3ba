"""Which change of the task would win most platforms."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest
from typing import Final

import msgspec

from .answer import Answer, Change, Edit, Gain, Verdict

__all__ = ["MOST_GAINS", "gains"]

MOST_GAINS: Final = 3
"""Most changes that are named."""

_LOOKED_AT: Final = 16
"""Most changes that are held against all others; those that most platforms name."""

_Key = tuple[tuple[str, int | str | None], ...]


def gains(answers: Iterable[Answer]) -> tuple[Gain, ...]:
    """Group the changes of all refusals by what they set, those that win most first.

    A platform that asks for less far-reaching an edit of the same single amount is
    expected to accept the further one too; it was not asked.
    """
    refusing = [one for one in answers if one.verdict is Verdict.NO and one.changes]
    groups: dict[_Key, dict[str, Change]] = {}
    for answer in refusing:
        for change in answer.changes:
            groups.setdefault(_key(change), {}).setdefault(answer.platform, change)
    likely = nlargest(_LOOKED_AT, groups, key=lambda key: len(groups[key]))
    found = [_gain(key, groups) for key in likely]
    return tuple(sorted(found, key=_rank)[:MOST_GAINS])


def _key(change: Change) -> _Key:
    return tuple((edit.field, edit.after) for edit in change.edits)


def _gain(key: _Key, groups: dict[_Key, dict[str, Change]]) -> Gain:
    own = groups[key]
    checked = tuple(name for name, change in own.items() if change.checked)
    expected = {name: None for name, change in own.items() if not change.checked}
    for other, members in groups.items():
        if _reaches(key, other):
            expected.update(dict.fromkeys(members.keys() - own.keys()))
    change = next(iter(own.values()))
    change = msgspec.structs.replace(change, checked=not expected)
    return Gain(change, checked, tuple(sorted(expected)))


def _reaches(key: _Key, other: _Key) -> bool:
    """Whether one edit of an amount goes at least as far, the same way, as another."""
    if key == other or len(key) != 1 or len(other) != 1:
        return False
    (field, amount), (its_field, its_amount) = key[0], other[0]
    if field != its_field or not isinstance(amount, int) or not isinstance(its_amount, int):
        return False
    return amount < its_amount if field.endswith("/min") else amount > its_amount


def _rank(gain: Gain) -> tuple[int, bool, int, float]:
    edits = gain.change.edits
    won = len(gain.platforms) + len(gain.expected)
    return -won, not gain.change.checked, len(edits), sum(map(_step, edits))


def _step(edit: Edit) -> float:
    """Return how far an edit goes, as a part of what was there."""
    if not isinstance(edit.before, int) or not isinstance(edit.after, int):
        return 1.0
    return abs(edit.after - edit.before) / max(edit.before, edit.after, 1)
