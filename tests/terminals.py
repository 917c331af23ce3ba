"""A terminal of the tests: keeps what is printed on it."""

from __future__ import annotations

import io
import re

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal(io.TextIOWrapper):
    """Text that is shown on a screen."""

    def __init__(self, encoding="utf-8"):
        super().__init__(io.BytesIO(), encoding=encoding, newline="")

    def isatty(self):
        return True

    def getvalue(self):
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)


def without_escapes(text):
    """Return the words of what was printed."""
    return ESCAPES.sub("", text)
