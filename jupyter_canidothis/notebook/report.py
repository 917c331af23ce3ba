"""The description of one notebook file as plain JSON, for the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from ..errors import CanIDoThisError
from ..task import Task
from .describe import describe
from .live import describe_live

__all__ = ["report"]


def report(path: str, *, static: bool = False) -> dict[str, Any]:
    """Describe a notebook file; outside any event loop unless static.

    Returns
    -------
    dict
        ``path``, ``task`` and ``distributions`` (names by status), or ``path``
        and ``error`` (``code``, ``message``, ``hint``).
    """
    try:
        if static:
            task = describe(Path(path), static=True)
        else:
            task = asyncio.run(describe_live(Path(path)))
    except CanIDoThisError as error:
        problem = {"code": error.code, "message": error.message, "hint": error.hint}
        return {"path": path, "error": problem}
    return {"path": path, "task": msgspec.to_builtins(task), "distributions": _names(task)}


def _names(task: Task) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {"needed": [], "optional": [], "inferred": [], "declared": []}
    for software in task.software:
        names[software.status].append(software.name)
    return names
