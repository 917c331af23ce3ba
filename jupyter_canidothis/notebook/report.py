"""The description of one file as plain JSON, for the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ..errors import CanIDoThisError
from ..task import Task
from .describe import describe
from .live import describe_live

__all__ = ["read", "report"]


def read(path: Path, *, static: bool = False) -> Task:
    """Describe a notebook file; outside any event loop unless static.

    Raises
    ------
    NotebookError
        It cannot be read.
    """
    return describe(path, static=True) if static else asyncio.run(describe_live(path))


def report(
    path: str, *, static: bool = False, describe: Callable[..., Task] = read
) -> dict[str, Any]:
    """Describe a file; outside any event loop unless static.

    Parameters
    ----------
    path
        Where it lies.
    static
        Read the file only, not its environment.
    describe
        What describes it, taking a path and ``static``.

    Returns
    -------
    dict
        ``path``, ``task`` and ``distributions`` (names by status), or ``path``
        and ``error`` (``code``, ``message``, ``hint``).
    """
    try:
        task = describe(Path(path), static=static)
    except CanIDoThisError as error:
        problem = {"code": error.code, "message": error.message, "hint": error.hint}
        return {"path": path, "error": problem}
    return {"path": path, "task": msgspec.to_builtins(task), "distributions": _names(task)}


def _names(task: Task) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {"needed": [], "optional": [], "inferred": [], "declared": []}
    for software in task.software:
        names[software.status].append(software.name)
    return names
