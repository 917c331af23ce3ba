"""From the name that is imported to the distribution that is installed, by table.

Used for what the kernel's own environment does not hold. The table is
``data/names.json``: ``different`` maps an import to its distribution (a list
starts with the usual one; null marks a namespace that is nobody's own; ``*``
stands for one part of a dotted name), ``same`` lists distributions known to be
imported under their own name, ``stdlib`` holds modules that other versions of
Python have in their standard library, ``generic`` names that people give to
modules of their own.
"""

from __future__ import annotations

import functools
import sys
from importlib import resources
from typing import NamedTuple

import msgspec

from ..inventory import canonical

__all__ = ["Owner", "is_generic", "is_shared", "owner_of", "stdlib"]


class Owner(NamedTuple):
    """Who provides an import."""

    names: tuple[str, ...]
    """Distributions that do, the usual one first; empty when nobody known does."""
    known: bool
    """False when the distribution is only assumed to be named like the import."""


class _Table(msgspec.Struct, frozen=True):
    different: dict[str, str | list[str] | None]
    same: list[str]
    stdlib: list[str]
    generic: frozenset[str]


@functools.cache
def stdlib() -> frozenset[str]:
    """Return the standard library of any Python, where the kernel does not tell its own."""
    return sys.stdlib_module_names | frozenset(_table().stdlib)


def is_generic(top: str) -> bool:
    """Whether a name is hardly ever a distribution, where no local module has it."""
    return top in _table().generic


def is_shared(top: str) -> bool:
    """Whether several distributions have parts of their own under one top-level name."""
    return top in _shared()


@functools.lru_cache(maxsize=4096)
def owner_of(path: str) -> Owner:
    """Find the distribution for a dotted import path, by its longest known part."""
    different = _table().different
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        for key in _keys(parts[:count]):
            if key in different:
                return Owner(_filled(different[key], parts[:count], key), known=True)
    usual = _same().get(canonical(parts[0]))
    return Owner((usual or parts[0],), known=usual is not None)


def _keys(parts: list[str]) -> tuple[str, ...]:
    exact = ".".join(parts)
    return (exact, ".".join([*parts[:-1], "*"])) if len(parts) > 1 else (exact,)


def _filled(found: str | list[str] | None, parts: list[str], key: str) -> tuple[str, ...]:
    names = [found] if isinstance(found, str) else found or []
    if key.endswith("*"):
        return tuple(name.replace("*", parts[-1].replace("_", "-")) for name in names)
    return tuple(names)


@functools.cache
def _table() -> _Table:
    file = resources.files(__package__) / "data" / "names.json"
    return msgspec.json.decode(file.read_bytes(), type=_Table)


@functools.cache
def _shared() -> frozenset[str]:
    return frozenset(key.partition(".")[0] for key in _table().different if "." in key)


@functools.cache
def _same() -> dict[str, str]:
    return {canonical(name): name for name in _table().same}
