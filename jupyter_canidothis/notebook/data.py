"""What the notebook reads: files, URLs, archives and services."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from .calls import Call, Calls
from .commands import Ran
from .places import is_file_name, is_remote, matches, without_user

__all__ = ["Place", "Sample", "find_places", "find_samples"]

_WRITING: Final = re.compile(
    r"(?:^|[._])(?:to|save|savefig|savetxt|savez|write|writeto|dump|export|imsave|mkdir|makedirs)(?:_|$)"
    r"|^(?:save|write|dump)"
)
_FETCHING: Final = re.compile(
    r"https?://[^\s'\"|;&<>)]+|ftp://[^\s'\"|;&<>)]+|s3://[^\s'\"|;&<>)]+"
)
_SERVICES: Final = {
    "SCSService": "cone search",
    "SIA2Service": "SIA2 service",
    "SIAService": "SIA service",
    "SLAService": "SLA service",
    "SSAService": "SSA service",
    "TAPService": "TAP service",
    "TapPlus": "TAP service",
}
_HANDLING: Final = frozenset(
    [
        *("add", "append", "compile", "count", "debug", "endswith", "error", "find", "format"),
        *(
            "get",
            "index",
            "info",
            "insert",
            "isfile",
            "join",
            "match",
            "pop",
            "print",
            "remove",
        ),
        *("replace", "search", "set_title", "split", "startswith", "strip", "sub", "suptitle"),
        *("text", "title", "unlink", "warn", "warning", "with_suffix", "Markdown", "exists"),
    ]
)
"""Calls that handle a name and do not read what it names."""
_GLOBS: Final = frozenset(["glob", "iglob", "rglob"])
_FOLDERS: Final = frozenset(["listdir", "scandir", "walk"])
_KEYWORDS: Final = (
    "filename",
    "filepath_or_buffer",
    "path",
    "file",
    "fname",
    "url",
    "name",
    "uri",
)
_VARIABLE: Final = re.compile(
    r"(?:PATH|DIR|DATA|HOME|ROOT|FILE|URL|CACHE|STORE)", re.IGNORECASE
)
_OURS: Final = frozenset(["HOME", "PATH", "PYTHONPATH", "LD_LIBRARY_PATH"])


class Place(NamedTuple):
    """One place that the notebook reads from."""

    location: str
    network: bool
    why: str
    """How the code uses it."""
    where: tuple[int, int]
    """Cell index and line."""


class Sample(NamedTuple):
    """The code takes the first of many files."""

    taken: int
    total: int
    pattern: str
    where: tuple[int, int]


@functools.cache
def _archives() -> dict[str, str]:
    file = resources.files(__package__) / "data" / "archives.json"
    return msgspec.json.decode(file.read_bytes(), type=dict[str, str])


def find_places(calls: Calls, commands: list[Ran]) -> Iterator[Place]:
    """Yield what the code reads; what it writes itself before is left out."""
    written = {path for call in calls.calls for path in _written(call, calls)}
    for call in calls.calls:
        yield from (place for place in _read(call, calls) if place.location not in written)
    yield from _named(calls)
    yield from _from_archives(calls)
    for ran in commands:
        if re.match(r"\s*(?:wget|curl|aws\s+s3|gsutil|rclone|git\s+clone)\b", ran.text):
            for url in _FETCHING.findall(ran.text):
                yield _remote(url, "fetched by a command", ran.where)


def _named(calls: Calls) -> Iterator[Place]:
    for text in calls.texts:
        value = text.value.strip()
        if is_remote(value) and len(value.split()) == 1:
            yield _remote(value, "named in the code", text.where)
    for text in calls.variables:
        if _VARIABLE.search(text.value) and text.value not in _OURS:
            yield _local(f"${text.value}", "environment variable", text.where)


def _read(call: Call, calls: Calls) -> Iterator[Place]:
    method = call.method
    first = _first(call, calls)
    if method in _SERVICES and first:
        yield _remote(first, _SERVICES[method], call.where)
    elif call.name in ("os.getenv", "os.environ.get") and first:
        if _VARIABLE.search(first) and first not in _OURS:
            yield _local(f"${first}", "environment variable", call.where)
    elif first is None or _WRITING.search(method) or call.name in ("print", "str", "len"):
        return
    elif method in _GLOBS or (method in _FOLDERS and call.name.startswith("os.")):
        if not is_remote(first):
            yield _local(first, f"{call.name}()", call.where)
    elif is_remote(first):
        yield _remote(first, f"{call.name}()", call.where)
    elif is_file_name(first) and method not in _HANDLING and not _opens_to_write(call, calls):
        yield _local(first, f"{call.name}()", call.where)


def _remote(url: str, why: str, where: tuple[int, int]) -> Place:
    return Place(without_user(url), network=True, why=why, where=where)


def _local(path: str, why: str, where: tuple[int, int]) -> Place:
    return Place(path, network=False, why=why, where=where)


def _first(call: Call, calls: Calls) -> str | None:
    nodes = [*call.arguments[:1], *(call.keywords[k] for k in _KEYWORDS if k in call.keywords)]
    return next((text for node in nodes if (text := calls.string(node))), None)


def _opens_to_write(call: Call, calls: Calls) -> bool:
    mode = call.arguments[1] if len(call.arguments) > 1 else call.keywords.get("mode")
    return call.method in ("open", "File") and bool(set(calls.string(mode) or "r") & set("wax"))


def _written(call: Call, calls: Calls) -> Iterator[str]:
    if _WRITING.search(call.method) or _opens_to_write(call, calls):
        yield from (text for node in call.arguments if (text := calls.string(node)))
        yield from (text for node in call.keywords.values() if (text := calls.string(node)))
    elif call.method in ("urlretrieve", "download_file", "download"):
        yield from (text for node in call.arguments[1:] if (text := calls.string(node)))


def _from_archives(calls: Calls) -> Iterator[Place]:
    archives = _archives()
    for module, where in calls.modules.items():
        if url := archives.get(module):
            yield _remote(url, f"import {module}", where)
    for call in calls.calls:
        if (url := archives.get(call.name)) and call.name not in calls.modules:
            yield _remote(url, f"{call.name}()", call.where)


def find_samples(calls: Calls, folder: Path | None) -> Iterator[Sample]:
    """Find where the code takes the first N of the M files that a pattern finds."""
    for part in calls.slices:
        pattern = _pattern(calls, part.value)
        total = len(matches(pattern, folder)) if pattern else 0
        if pattern and total > part.length:
            yield Sample(part.length, total, pattern, part.where)


def _pattern(calls: Calls, node: object) -> str | None:
    """Return the pattern behind ``glob(...)``, ``sorted(glob(...))`` or a variable of it."""
    import ast

    for _ in range(4):
        node = calls.constant(node) if isinstance(node, ast.expr) else node
        if not isinstance(node, ast.Call):
            return None
        name = calls.dotted(node.func).rpartition(".")[2]
        if name in _GLOBS:
            found = calls.string(node.args[0]) if node.args else None
            base = (
                calls.string(node.func.value) if isinstance(node.func, ast.Attribute) else None
            )
            return f"{base}/{found}" if base and found else found
        if name not in ("sorted", "list") or not node.args:
            return None
        node = node.args[0]
    return None
