"""One package that code in another language names."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Package"]


class Package(NamedTuple):
    """A package, which in R and Julia is installed under the name it is loaded by."""

    name: str
    status: str
    """``needed``, ``optional``, ``inferred`` or ``declared``."""
    line: int
    """Line in its piece of code, from 1."""
