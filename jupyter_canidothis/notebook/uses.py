"""Which parts of a machine the code uses: several cores, a GPU.

The rules are ``data/uses.json``. Importing a library that can use a GPU says
nothing; calling a device does.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from importlib import resources
from typing import NamedTuple

import msgspec

from .calls import Call, Calls

__all__ = ["Use", "cores_used", "gpus_used"]


class Use(NamedTuple):
    """One place where the code uses something."""

    number: int | None
    """How many; None for as many as there are."""
    what: str
    """The pattern that shows it."""
    where: tuple[int, int]
    """Cell index and line."""
    certain: bool = True
    """False when the code also runs without."""


class _Gpu(msgspec.Struct, frozen=True):
    present: list[str] = msgspec.field(default_factory=list, name="with")
    needs: str = ""


class _Rules(msgspec.Struct, frozen=True):
    gpu: dict[str, _Gpu]
    gpu_optional: frozenset[str]
    gpu_words: list[str]
    gpu_capable: list[str]
    cores: dict[str, list[str]]
    cores_keywords: frozenset[str]
    all_cores: frozenset[str]


@functools.cache
def _rules() -> _Rules:
    file = resources.files(__package__) / "data" / "uses.json"
    return msgspec.json.decode(file.read_bytes(), type=_Rules)


def cores_used(calls: Calls) -> Iterator[Use]:
    """Find pools, workers and jobs, with how many."""
    rules = _rules()
    for call in calls.calls:
        names = rules.cores.get(call.name)
        keywords = [name for name in call.keywords if name in rules.cores_keywords]
        if names is not None:
            yield from _pool(call, names, calls, rules)
        elif keywords and call.name not in ("dict", "print"):
            count = calls.number(call.keywords[keywords[0]])
            if count is not None and count not in (0, 1):
                shown = f"{call.name}({keywords[0]}={count})"
                yield Use(count if count > 0 else None, shown, call.where)


def _pool(call: Call, names: list[str], calls: Calls, rules: _Rules) -> Iterator[Use]:
    given = [calls.number(call.keywords[name]) for name in names if name in call.keywords]
    if not given and call.arguments:
        given = [calls.number(call.arguments[0])]
    counts = [count for count in given if count is not None]
    if counts and all(count > 0 for count in counts):
        total = functools.reduce(lambda a, b: a * b, counts)
        yield Use(total, f"{call.name}({', '.join(map(str, counts))})", call.where)
    elif counts or (not given and call.name in rules.all_cores):
        yield Use(None, f"{call.name}()", call.where)


def gpus_used(calls: Calls) -> Iterator[Use]:
    """Find calls that need a GPU, and those that would use one."""
    rules = _rules()
    present = functools.cache(calls.imports)
    for call in calls.calls:
        if call.name in rules.gpu_optional:
            yield Use(1, f"{call.name}()", call.where, certain=False)
        elif (rule := _gpu_rule(call, rules)) is not None:
            if rule.present and not any(present(module) for module in rule.present):
                continue
            if not rule.needs or rule.needs in " ".join(_texts(call, calls)).lower():
                yield Use(1, f"{call.name}()", call.where)
        elif any(present(module) for module in rules.gpu_capable):
            yield from _named(call, calls, rules)


def _gpu_rule(call: Call, rules: _Rules) -> _Gpu | None:
    for name in (call.name, f".{call.method}"):
        if name in rules.gpu:
            return rules.gpu[name]
    parts = call.name.split(".")
    prefixes = (".".join(parts[:count]) + "." for count in range(1, len(parts)))
    return next((rules.gpu[prefix] for prefix in prefixes if prefix in rules.gpu), None)


def _named(call: Call, calls: Calls, rules: _Rules) -> Iterator[Use]:
    """Find a device named in an argument: ``torch.device("cuda:0")``, ``device="gpu"``."""
    first = call.arguments[:1] if call.method in ("device", "to", "Device") else ()
    keywords = [
        call.keywords[k] for k in ("device", "tree_method", "accelerator") if k in call.keywords
    ]
    for node in (*first, *keywords):
        choices = isinstance(node, ast.IfExp)
        texts = [
            calls.string(one)
            for one in ((node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,))
        ]
        if any(_is_gpu(text or "", rules) for text in texts):
            yield Use(1, f"{call.name}(…)", call.where, certain=not choices)


def _is_gpu(text: str, rules: _Rules) -> bool:
    word = text.lower().strip("/").partition(":")[0]
    return word in rules.gpu_words


def _texts(call: Call, calls: Calls) -> list[str]:
    nodes = (*call.arguments, *call.keywords.values())
    return [text for node in nodes if (text := calls.string(node))]
