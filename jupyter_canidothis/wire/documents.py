"""Our own JSON: tasks as text, and platforms that a user adds or looks at."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from ..answer import PlatformInfo
from ..task import Task
from .execution import FILE, read_execution, write_execution
from .typed import decode_into

__all__ = [
    "AddRequest",
    "Form",
    "LookRequest",
    "PlatformList",
    "TaskDocument",
    "TaskText",
    "WriteTaskRequest",
    "read_task",
    "write_task",
]

WIRE: Final = 2
"""Counts up with every change of our own JSON that an older front end cannot read."""

Form = Literal["yaml", "json"]
"""``yaml`` is an ``ivoa-execution.yaml``; ``json`` is the task of the published schema."""


class TaskText(msgspec.Struct, frozen=True):
    """A task as text, for people to edit."""

    text: str
    """The document."""
    form: Form = "yaml"
    """Which document."""
    name: str = FILE
    """File name to save it under."""


class WriteTaskRequest(msgspec.Struct, frozen=True):
    """A task to be written as text."""

    task: Task
    """Any task."""
    form: Form = "yaml"
    """As which document."""


class TaskDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A task as read from text."""

    task: Task
    """What the text says."""
    notes: tuple[str, ...] = ()
    """What it leaves open, in plain words."""


class LookRequest(msgspec.Struct, frozen=True):
    """A platform to look at afresh."""

    platform: str
    """Its name."""


class AddRequest(msgspec.Struct, frozen=True):
    """A platform that a user adds."""

    entry: dict[str, Any]
    """As in ``c.CanIDoThis.platforms``: ``kind``, ``name`` and the keys of the kind."""


class PlatformList(msgspec.Struct, frozen=True):
    """What is configured, added or discovered."""

    platforms: tuple[PlatformInfo, ...]
    """What is known of each before it is asked."""
    version: str
    """Version of the server part."""
    wire: int = WIRE
    """Version of our own JSON; a front end that knows another one says so."""
    kinds: tuple[str, ...] = ()
    """Kinds that are installed."""
    may_add: bool = False
    """Whether this user may add platforms."""


def read_task(document: TaskText) -> TaskDocument:
    """Read a task as a person wrote it.

    Raises
    ------
    RequestError
        Names the field of the document.
    """
    if document.form == "yaml":
        return TaskDocument(*read_execution(document.text, document.name))
    task = decode_into(Task, document.text.encode())
    task.resources.check()
    return TaskDocument(task)


def write_task(request: WriteTaskRequest) -> TaskText:
    """Write a task for a person to edit."""
    if request.form == "yaml":
        return TaskText(write_execution(request.task))
    text = msgspec.json.format(msgspec.json.encode(request.task), indent=2).decode()
    return TaskText(text, "json", "task.json")
