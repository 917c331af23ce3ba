"""Needs that no import shows: engines, file systems, back ends, extensions.

The rules are ``data/hidden.json``. ``calls``, ``keywords`` and ``paths`` hold
only where one of the modules under ``with`` is imported; ``a|b`` is met by
either; ``apt:`` marks a system package. Sources: pandas "Installing optional
dependencies", xarray "Getting Started: optional dependencies", astropy
"Optional dependencies", IPython's ``%matplotlib``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from importlib import resources
from typing import NamedTuple

import msgspec

from .calls import Call, Calls
from .names import owner_of
from .syntax import Magic

__all__ = ["Hidden", "hidden_in_calls", "hidden_in_magic"]


class Hidden(NamedTuple):
    """One hidden need."""

    names: tuple[str, ...]
    """Distributions, any of which will do, the usual one first."""
    why: str
    """The pattern that shows it."""
    where: tuple[int, int]
    """Cell index and line."""


class _Rule(msgspec.Struct, frozen=True):
    needs: list[str]
    present: list[str] = msgspec.field(default_factory=list, name="with")
    absent: list[str] = msgspec.field(default_factory=list, name="without")
    calls: list[str] = []


class _Values(msgspec.Struct, frozen=True):
    values: dict[str, list[str]]
    present: list[str] = msgspec.field(default_factory=list, name="with")


class _Rules(msgspec.Struct, frozen=True):
    calls: dict[str, _Rule]
    extensions: dict[str, list[str]]
    keywords: dict[str, _Values]
    magics: dict[str, list[str]]
    matplotlib: dict[str, list[str]]
    modules: dict[str, list[str]]
    paths: dict[str, _Rule]


@functools.cache
def _rules() -> _Rules:
    file = resources.files(__package__) / "data" / "hidden.json"
    return msgspec.json.decode(file.read_bytes(), type=_Rules)


def hidden_in_magic(magic: Magic, cell: int) -> Iterator[Hidden]:
    """Find what a magic needs: its extension, its back end, its own distribution."""
    rules, where = _rules(), (cell, magic.line)
    shown = f"%{magic.name} {magic.rest}".strip()
    first = magic.rest.split()[0] if magic.rest.split() else ""
    if magic.name in ("load_ext", "reload_ext") and first:
        usual = ["|".join(owner_of(first).names)] if first not in rules.extensions else []
        yield from _each(rules.extensions.get(first, usual), shown, where)
    elif magic.name == "matplotlib" and not first.startswith("-"):
        yield from _each(["matplotlib", *rules.matplotlib.get(first, ())], shown, where)
    else:
        yield from _each(rules.magics.get(magic.name, ()), shown, where)


def hidden_in_calls(calls: Calls) -> Iterator[Hidden]:
    """Find what calls, their keywords and the paths they name need."""
    rules = _rules()
    present = functools.cache(calls.imports)
    for module, needs in rules.modules.items():
        if module in calls.modules:
            yield from _each(needs, f"import {module}", calls.modules[module])
    for call in calls.calls:
        rule = rules.calls.get(call.name)
        if rule is None and call.method:
            rule = rules.calls.get(f".{call.method}")
        if rule and _holds(rule, present):
            yield from _each(rule.needs, f"{call.name}()", call.where)
        yield from _keywords(call, calls, rules, present)
        if call.arguments and (path := calls.string(call.arguments[0])):
            yield from _paths(path, call.name, call.where, rules, present)
    for text in calls.texts:
        yield from _paths(text.value, "", text.where, rules, present)


def _each(needs: Iterable[str], why: str, where: tuple[int, int]) -> Iterator[Hidden]:
    for need in needs:
        if need:
            yield Hidden(tuple(need.split("|")), why, where)


def _holds(rule: _Rule, present: functools._lru_cache_wrapper[bool]) -> bool:
    return (not rule.present or any(present(module) for module in rule.present)) and not any(
        present(module) for module in rule.absent
    )


def _keywords(
    call: Call, calls: Calls, rules: _Rules, present: functools._lru_cache_wrapper[bool]
) -> Iterator[Hidden]:
    for name, node in call.keywords.items():
        rule = rules.keywords.get(name)
        if rule is None or not any(present(module) for module in rule.present):
            continue
        value = calls.string(node)
        needs = rule.values.get("") or rule.values.get(value or "") or ()
        shown = f'{name}="{value}"' if value else f"{name}="
        yield from _each(needs, f"{call.name}({shown})", call.where)


def _paths(
    path: str,
    name: str,
    where: tuple[int, int],
    rules: _Rules,
    present: functools._lru_cache_wrapper[bool],
) -> Iterator[Hidden]:
    for pattern, rule in rules.paths.items():
        called = (
            not rule.calls or name in rule.calls or f".{name.rpartition('.')[2]}" in rule.calls
        )
        if called and re.search(pattern, path[:2000]) and _holds(rule, present):
            yield from _each(rule.needs, f'"{path[:80]}"', where)
