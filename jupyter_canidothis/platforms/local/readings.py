"""One limit or free amount, read from one file, variable or command."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

__all__ = ["Place", "Reading", "count_list"]

_CAP: Final = 65536
"""Most characters read from one file of the kernel."""


class Reading(msgspec.Struct, frozen=True):
    """An amount that bounds a task on this machine."""

    dimension: str
    """Which dimension of `Resources` it bounds."""
    amount: int
    """How much, in the dimension's unit."""
    scope: str
    """What sets it: ``machine``, ``cgroup /path``, ``affinity``, ``Slurm job 7``, ..."""
    source: str
    """The exact file, variable or command."""
    text: str
    """What it said."""
    free: bool = False
    """Whether it is what is free at this moment, not what there is at all."""


class Place:
    """The file system of the kernel, below a root that tests replace."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root

    def at(self, path: str) -> Path:
        """Return where an absolute path really lies."""
        return self.root / path.lstrip("/")

    def read(self, path: str) -> str | None:
        """Return the text of a file, or None when it is absent or closed to us."""
        try:
            with self.at(path).open(encoding="utf-8", errors="replace") as file:
                return file.read(_CAP).strip()
        except OSError:
            return None

    def number(self, path: str) -> int | None:
        """Return the whole number that a file holds, or None when it holds none."""
        text = self.read(path)
        try:
            return None if text is None else int(text)
        except ValueError:
            return None

    def table(self, path: str) -> dict[str, str]:
        """Return the ``key: value`` or ``key value`` lines of a file."""
        pairs = (line.split(None, 1) for line in (self.read(path) or "").splitlines())
        return {pair[0].rstrip(":"): pair[1] for pair in pairs if len(pair) == 2}  # noqa: PLR2004 - pairs


def count_list(text: str) -> int | None:
    """Count the members of a list of processors such as ``0-3,8`` (``cpuset(7)``).

    Returns None when the text is no such list.
    """
    total = 0
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not (first.isdigit() and (not last or last.isdigit())):
            return None
        total += int(last or first) - int(first) + 1
    return total
