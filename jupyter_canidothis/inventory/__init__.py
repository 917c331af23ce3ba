"""What an interpreter can import, asked of that interpreter itself."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any, Final

import msgspec

from ..command import LocalCommand
from ..errors import PlatformError
from .listing import listing

__all__ = ["ask_interpreter", "canonical", "changed", "listing"]

_CAP: Final = 64 * 2**20
"""Most bytes an interpreter may print."""


def canonical(name: str) -> str:
    """Return a distribution name in the form in which two are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


async def ask_interpreter(
    argv: Sequence[str],
    command: LocalCommand,
    *,
    deadline: float,
    env: Mapping[str, str] | None = None,
    files: bool = False,
) -> Any:
    """Let an interpreter run `listing`, and return what that returns there.

    Parameters
    ----------
    argv
        The interpreter and the options it is started with.
    command
        Runs it.
    deadline
        Seconds it may take.
    env
        Variables set on top of this process's own.
    files
        As for `listing`.

    Returns
    -------
    Any
        None when it could not be asked.
    """
    try:
        # Not with -I: a kernel finds what PYTHONPATH and the user's own folder hold.
        done = await command.run(
            (*argv, "-c", _script(), *(["files"] if files else [])),
            deadline=deadline,
            env=dict(env or {}),
            cap=_CAP,
        )
        # What its start-up files print comes before.
        return msgspec.json.decode(done.stdout.rpartition("\n")[2])
    except (PlatformError, msgspec.DecodeError, ValueError):
        return None


@functools.cache
def _script() -> str:
    return (resources.files(__package__) / "listing.py").read_text(encoding="utf-8")


def changed(folders: Iterable[str]) -> dict[str, int]:
    """Return when each folder of a search path last changed."""
    return {folder: _changed_at(folder) for folder in folders}


def _changed_at(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116 - a path object costs more than this
    except (OSError, ValueError):
        return 0
