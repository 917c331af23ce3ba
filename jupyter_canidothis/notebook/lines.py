"""Which line of a text a position is on, without counting from its start each time."""

from __future__ import annotations

import re
from bisect import bisect_left

__all__ = ["Lines"]


class Lines:
    """The line numbers of one text."""

    def __init__(self, text: str) -> None:
        self._breaks = [match.start() for match in re.finditer("\n", text)]

    def at(self, position: int) -> int:
        """Return the line of a position, from 1."""
        return bisect_left(self._breaks, position) + 1
