"""What is known of the running kernel, and how it is learned without disturbing it.

The ladder, from what always answers to what needs an idle kernel: the process
table (any language, busy, interpreter lock held), the debugger's ``modules``
on the control channel (Python, busy), one silent expression (Python, idle).
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeGuard

import msgspec

from ..evidence import trim
from .inside import look
from .messages import ask_inside, ask_modules, read_inside, read_modules
from .process import Process, read_process

__all__ = ["ELSEWHERE", "BigObject", "LiveKernel", "from_replies", "look_at", "look_here"]

NAMES_CAP: Final = 200
"""Most characters kept of a name that a kernel tells."""
MOST_BYTES: Final = 2**50
"""No object is larger; what claims to be is not believed."""
ELSEWHERE: Final = (
    "the kernel runs elsewhere: its memory and processor time cannot be read from here"
)
"""What is never learned of a kernel that only a front end reaches."""


class BigObject(msgspec.Struct, frozen=True):
    """One object in the kernel; its value is never looked at."""

    name: str
    """Variable that holds it."""
    type: str
    """Its exact type."""
    size: int
    """Bytes it takes, as far as its metadata tell."""


class LiveKernel(msgspec.Struct, frozen=True, omit_defaults=True):
    """Facts about one running kernel; the front end may send them for a remote one."""

    busy: bool = False
    """Whether it was running a cell when it was looked at."""
    process: Process | None = None
    """What the process table tells, when it runs on this host."""
    modules: dict[str, str] = {}
    """Loaded modules with their files."""
    versions: dict[str, str] = {}
    """Versions of loaded top-level modules as they call themselves."""
    objects: tuple[BigObject, ...] = ()
    """Biggest objects, biggest first."""
    gpu: dict[str, int] = {}
    """Bytes on GPUs by the library that holds them."""
    notes: tuple[str, ...] = ()
    """What could not be learned, and why."""


async def look_at(
    *,
    pid: int | None = None,
    connection_file: str = "",
    busy: bool = False,
    language: str = "python",
) -> LiveKernel:
    """Look at a local kernel, as deep as its state allows.

    Parameters
    ----------
    pid
        Its process.
    connection_file
        How to send it messages; not asked when empty.
    busy
        Whether it runs a cell, or has one waiting.
    language
        Its language; only Python answers more than the process table.
    """
    notes: list[str] = []
    modules: dict[str, str] | None = None
    inside: dict[str, Any] | None = None
    if connection_file and language == "python":
        modules, inside = await asyncio.gather(
            ask_modules(connection_file),
            _nothing() if busy else ask_inside(connection_file),
        )
        notes += _untold(modules, inside, busy=busy)
    process = await asyncio.to_thread(read_process, pid) if pid is not None else None
    if pid is not None and process is None:
        notes.append(f"process {pid} of the kernel cannot be seen from here")
    kernel = LiveKernel(busy=busy, process=process, modules=modules or {}, notes=tuple(notes))
    return _with_inside(kernel, inside or {})


def look_here(namespace: Mapping[str, Any]) -> LiveKernel:
    """Look at the very kernel that this runs in, for the magic."""
    modules = {
        name: module.__dict__.get("__file__")
        for name, module in list(sys.modules.items())
        if type(module) is type(sys)
    }
    files = {name: file for name, file in modules.items() if isinstance(file, str)}
    kernel = LiveKernel(busy=True, process=read_process(os.getpid()), modules=files)
    return _with_inside(kernel, look(namespace))


def from_replies(
    modules: Mapping[str, Any] | None, inside: Mapping[str, Any] | None, *, busy: bool
) -> LiveKernel:
    """Read what a front end was told by a kernel that only it can reach.

    Parameters
    ----------
    modules
        Content of the ``debug_reply`` to the command ``modules``.
    inside
        Content of the ``execute_reply`` to the question ``inside``.
    busy
        Whether the kernel ran a cell at that moment.
    """
    loaded, found = read_modules(modules), read_inside(inside)
    notes = (ELSEWHERE, *_untold(loaded, found, busy=busy))
    return _with_inside(LiveKernel(busy=busy, modules=loaded or {}, notes=notes), found or {})


def _untold(
    modules: dict[str, str] | None, inside: dict[str, Any] | None, *, busy: bool
) -> Iterator[str]:
    """Say what a Python kernel was asked, or could not be, and did not answer."""
    if modules is None:
        yield "the kernel did not tell which modules are loaded"
    if busy:
        yield "the kernel runs a cell: its objects are looked at when it is idle"
    elif inside is None:
        yield "the kernel did not tell what it holds"


def _with_inside(kernel: LiveKernel, found: dict[str, Any]) -> LiveKernel:
    """Add what `inside.look` found; what is not of the right type is left out."""
    objects = [_object(one) for one in _list(found.get("objects"))]
    return msgspec.structs.replace(
        kernel,
        objects=tuple(one for one in objects if one is not None),
        versions={
            trim(name, NAMES_CAP): trim(version, NAMES_CAP)
            for name, version in _dict(found.get("versions")).items()
            if isinstance(version, str)
        },
        gpu={
            trim(name, NAMES_CAP): held
            for name, held in _dict(found.get("gpu")).items()
            if _is_size(held)
        },
    )


async def _nothing() -> None:
    return None


def _object(one: object) -> BigObject | None:
    fields = _dict(one)
    name, kind, size = fields.get("name"), fields.get("type"), fields.get("size")
    if isinstance(name, str) and isinstance(kind, str) and _is_size(size):
        return BigObject(trim(name, NAMES_CAP), trim(kind, NAMES_CAP), size)
    return None


def _is_size(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= MOST_BYTES


def _list(value: object) -> list[Any]:
    return value[:1000] if isinstance(value, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
