"""What is installed where a kernel runs, remembered until something is installed there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from ...command import LocalCommand
from ...evidence import Evidence
from ...inventory import ask_interpreter, canonical, changed, listing
from .kernels import Interpreter

__all__ = ["Installed", "Inventories"]

_TTL: Final = 300.0
"""Seconds for which an inventory is good while its folders stay the same."""
_PAUSE: Final = 30.0
"""Seconds after which an interpreter that did not answer is asked again."""


class Installed(NamedTuple):
    """What one interpreter can import."""

    versions: dict[str, str]
    """Version of each distribution or conda package, by canonical name."""
    modules: frozenset[str]
    """Top-level modules on its search path."""
    conda: bool
    """Whether conda's packages are among them."""
    evidence: Evidence
    """How it was asked."""


class _Told(msgspec.Struct):
    found: list[tuple[str, str]]
    conda: list[tuple[str, str]]
    modules: frozenset[str]
    path: list[str]


class _Kept(NamedTuple):
    installed: Installed
    at: float
    folders: dict[str, int]


class Inventories:
    """Asks interpreters what they hold.

    Parameters
    ----------
    command
        Runs those of other environments; our own is asked in this process.
    clock
        Seconds since the Unix epoch.
    """

    def __init__(self, command: LocalCommand, clock: Callable[[], float]) -> None:
        self._command = command
        self._clock = clock
        self._kept: dict[Interpreter, _Kept] = {}
        self._silent: dict[Interpreter, float] = {}

    async def get(self, interpreter: Interpreter, deadline: float) -> Installed | None:
        """Return what an interpreter holds, or None when it cannot be asked.

        Parameters
        ----------
        interpreter
            Which.
        deadline
            Seconds it may take.
        """
        kept = self.known(interpreter)
        if kept is not None:
            return kept
        since = self._silent.get(interpreter)
        if since is not None and 0 <= self._clock() - since <= _PAUSE:
            return None
        told = await self._ask(interpreter, deadline)
        now = self._clock()
        if told is None:
            self._silent[interpreter] = now
            return None
        installed = _installed(told, interpreter, int(now))
        self._kept[interpreter] = _Kept(installed, now, changed(told.path))
        return installed

    def known(self, interpreter: Interpreter) -> Installed | None:
        """Return what is remembered of an interpreter, or None when it has to be asked."""
        kept = self._kept.get(interpreter)
        if kept is None or not 0 <= self._clock() - kept.at <= _TTL:
            return None
        return kept.installed if kept.folders == changed(kept.folders) else None

    async def _ask(self, interpreter: Interpreter, deadline: float) -> _Told | None:
        if interpreter.ours:
            return msgspec.convert(await asyncio.to_thread(listing), _Told)
        told = await ask_interpreter(
            interpreter.argv, self._command, deadline=deadline, env=dict(interpreter.env)
        )
        try:
            return msgspec.convert(told, _Told)
        except msgspec.ValidationError:
            return None


def _installed(told: _Told, interpreter: Interpreter, at: int) -> Installed:
    versions: dict[str, str] = {}
    # The first on sys.path is the one that is imported; conda's own names come last.
    for name, version in (*told.found, *told.conda):
        versions.setdefault(canonical(name), version)
    source = f"importlib.metadata of {' '.join(interpreter.argv)}"
    text = f"{len(told.found)} distributions"
    evidence = Evidence("live-read", source, text, at)
    return Installed(versions, told.modules, bool(told.conda), evidence)
