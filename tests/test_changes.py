from __future__ import annotations

import msgspec
import pytest
from scripted import GIB, notebook_task

from jupyter_canidothis.answer import Answer, Change, Edit, Verdict
from jupyter_canidothis.changes import apply, check
from jupyter_canidothis.errors import RequestError


def less_memory(before, after):
    return Change((Edit("/resources/memory/min", before, after),), f"to {after}")


def test_applying_a_change_edits_only_its_field():
    task = notebook_task(16 * GIB)
    changed = apply(task, less_memory(16 * GIB, 12 * GIB))

    assert changed.resources.memory.min == 12 * GIB
    assert changed.executable == task.executable


@pytest.mark.parametrize(
    "edit",
    [
        Edit("/resources/memory/min", 1, "lots"),
        Edit("/resources/memory/min", 1, -5),
        Edit("/executable/type/deeper", None, 1),
    ],
)
def test_an_edit_that_does_not_fit_the_task_is_refused(edit):
    with pytest.raises(RequestError):
        apply(notebook_task(GIB), Change((edit,), "nonsense"))


async def test_a_change_that_the_platform_refuses_is_followed_to_one_it_accepts():
    limit = 10 * GIB

    def propose(task):
        asked = task.resources.memory.min
        return (less_memory(asked, asked - GIB),)

    async def ask(task):
        accepted = task.resources.memory.min <= limit
        return Answer("p", Verdict.YES if accepted else Verdict.NO)

    (change,) = await check(notebook_task(13 * GIB), propose, ask)

    assert change.checked
    assert change.edits == (Edit("/resources/memory/min", 13 * GIB, 10 * GIB),)


async def test_a_change_nobody_can_judge_stays_expected():
    async def ask(task):
        return Answer("p", Verdict.CANNOT_TELL)

    (change,) = await check(
        notebook_task(2 * GIB), lambda task: (less_memory(2 * GIB, GIB),), ask
    )

    assert not change.checked


async def test_a_platform_that_refuses_for_ever_is_asked_a_bounded_number_of_times():
    asked = 0

    async def ask(task):
        nonlocal asked
        asked += 1
        return Answer("p", Verdict.NO)

    changes = await check(
        notebook_task(100 * GIB),
        lambda task: (less_memory(task.resources.memory.min, task.resources.memory.min - 1),),
        ask,
    )

    assert changes == ()
    assert asked <= 8


async def test_a_change_that_is_checked_already_is_not_asked_for_again():
    known = msgspec.structs.replace(less_memory(2 * GIB, GIB), checked=True)

    async def ask(task):
        raise AssertionError("asked again")

    assert await check(notebook_task(2 * GIB), lambda task: (known,), ask) == (known,)
