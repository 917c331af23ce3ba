"""The Jupyter Docker Stacks: which images there are, and what is in each.

Source: https://jupyter-docker-stacks.readthedocs.io, "Selecting an Image"; the table
``data/stacks.json`` carries the date it was written.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from importlib import resources

import msgspec

__all__ = ["Stack", "Stacks", "stacks"]


class Stack(msgspec.Struct, frozen=True):
    """One published image."""

    name: str
    """Without registry: ``scipy-notebook``."""
    base: str
    """The image that it is built on; empty for the first."""
    languages: tuple[str, ...]
    """What it is chosen for."""
    packages: tuple[str, ...]
    """What it adds to its base."""


class Stacks(msgspec.Struct, frozen=True):
    """All of them, smaller ones first."""

    date: str
    """When the table was written."""
    registry: str
    """What stands before a name: ``quay.io/jupyter/``."""
    images: tuple[Stack, ...]

    def chain(self, name: str) -> Iterator[Stack]:
        """Yield an image and those that it is built on."""
        for image in self.images:
            if image.name == name:
                yield image
                yield from self.chain(image.base)

    def packages(self, name: str) -> Iterator[str]:
        """Yield the packages of an image and of those that it is built on."""
        for image in self.chain(name):
            yield from image.packages


@functools.cache
def stacks() -> Stacks:
    """Return the table."""
    file = resources.files(__package__) / "data" / "stacks.json"
    return msgspec.json.decode(file.read_bytes(), type=Stacks)
