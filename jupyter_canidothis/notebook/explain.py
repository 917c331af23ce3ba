"""A task's needs in plain text, each with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..evidence import HOW_WORDS, Evidence
from ..resources import DIMENSIONS, Range
from ..task import Task

__all__ = ["explain"]

_HOW: Final = {**HOW_WORDS, "live-read": "read in the environment"}


def explain(task: Task) -> str:
    """Say what a task needs and why, one need per paragraph."""
    return "\n".join(
        [*_resources(task), *_software(task), *_data(task), *(f"Note: {x}" for x in task.notes)]
    )


def _resources(task: Task) -> Iterator[str]:
    for name, asked in task.resources:
        if asked:
            yield f"{DIMENSIONS[name].label}: {_range(name, asked)}"
            yield from _why(task.evidence.get(f"resources.{name}", ()))


def _range(name: str, asked: Range) -> str:
    spell = DIMENSIONS[name].format
    low = "" if asked.min is None else spell(asked.min)
    high = "" if asked.max is None else spell(asked.max)
    if low and high:
        return f"{low} to {high}"
    return f"at least {low}" if low else f"up to {high}"


def _software(task: Task) -> Iterator[str]:
    for one in task.software:
        yield f"{one.name}{one.version} ({one.status}, {one.manager})"
        yield from _why(one.evidence)


def _data(task: Task) -> Iterator[str]:
    for one in task.data:
        size = "" if one.size is None else f" ({DIMENSIONS['disk'].format(one.size)})"
        yield f"{one.location}{size}{', over the network' if one.network else ''}"
        yield from _why(one.evidence)


def _why(evidence: tuple[Evidence, ...]) -> Iterator[str]:
    for one in evidence:
        text = f": {one.text}" if one.text else ""
        yield f"    {_HOW[one.how]}, {one.source}{text}"
