"""From a refusal to the nearest task that is accepted.

A platform proposes changes from its published limits; here each one is tried
on the platform itself. What it accepts is *checked*; what it cannot judge stays
*expected*; what it refuses is followed a few steps further or dropped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec

from .answer import Answer, Change, Edit, Verdict
from .errors import RequestError
from .task import Task

__all__ = ["MOST_ASKS", "apply", "check"]

MOST_ASKS: Final = 8
"""Most times a platform is asked again for one refusal."""

Propose = Callable[[Task], Sequence[Change]]
AskAgain = Callable[[Task], Awaitable[Answer]]


def apply(task: Task, change: Change) -> Task:
    """Return the task with the edits of a change made.

    Raises
    ------
    RequestError
        An edit points at no field of a task, or its value does not fit there.
    """
    tree: dict[str, Any] = msgspec.to_builtins(task)
    for edit in change.edits:
        _set(tree, edit)
    try:
        changed = msgspec.convert(tree, Task)
    except msgspec.ValidationError as error:
        raise RequestError("edits", str(error), "values that fit the task") from error
    changed.resources.check()
    return changed


def _set(tree: dict[str, Any], edit: Edit) -> None:
    *parents, last = edit.field.strip("/").split("/")
    node = tree
    for parent in parents:
        node = node.setdefault(parent, {})
        if not isinstance(node, dict):
            raise RequestError("edits.field", edit.field, "a JSON pointer to a single value")
    if edit.after is None:
        node.pop(last, None)
    else:
        node[last] = edit.after


async def check(task: Task, propose: Propose, ask: AskAgain) -> tuple[Change, ...]:
    """Try the proposed changes on the platform itself.

    Parameters
    ----------
    task
        The refused task.
    propose
        The platform's own suggestions for a task, smallest first. One that says it is
        checked already is taken at its word: its verdict was the same arithmetic.
    ask
        Asks the platform again, read-only.

    Returns
    -------
    tuple
        Changes that were accepted (checked) or could not be judged (expected),
        in the order proposed.
    """
    kept: list[Change] = []
    asks = 0
    for proposed in propose(task):
        if proposed.checked:
            kept.append(proposed)
            continue
        change: Change | None = proposed
        while change is not None and asks < MOST_ASKS:
            asks += 1
            changed = apply(task, change)
            answer = await ask(changed)
            if answer.verdict is not Verdict.NO:
                checked = answer.verdict is Verdict.YES
                kept.append(msgspec.structs.replace(change, checked=checked))
                break
            change = _further(change, propose(changed))
    return tuple(_distinct(kept))


def _further(change: Change, next_steps: Sequence[Change]) -> Change | None:
    """Join a refused change with the next step the platform suggests after it."""
    if not next_steps:
        return None
    step = next_steps[0]
    joined = {edit.field: edit for edit in change.edits}
    for edit in step.edits:
        first = joined.get(edit.field)
        if first is not None and first.after == edit.after:
            return None
        joined[edit.field] = Edit(
            edit.field, first.before if first else edit.before, edit.after
        )
    return Change(tuple(joined.values()), f"{change.message}, {step.message}")


def _distinct(changes: Sequence[Change]) -> Sequence[Change]:
    return tuple({change.edits: change for change in reversed(changes)}.values())[::-1]
