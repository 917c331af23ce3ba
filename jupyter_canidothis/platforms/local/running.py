"""Whether a notebook finds here what runs it: its kernel, and its software in that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from ...answer import Change, Edit, Reason
from ...evidence import Evidence
from ...task import Task
from .installed import Installed, Inventories
from .kernels import Kernel, candidates, others, refusal
from .software import judge, unread

__all__ = ["NOTEBOOK", "Findings", "Runner", "joined"]

NOTEBOOK: Final = "uri://jupyter-notebook"
_MOST_CHANGES: Final = 3
"""Most kernels that are proposed instead of one that does not do."""


class Findings(NamedTuple):
    """What was found for one task."""

    against: tuple[Reason, ...] = ()
    """Why it would fail."""
    beside: tuple[Reason, ...] = ()
    """What is worth knowing and changes nothing."""
    evidence: tuple[Evidence, ...] = ()
    """What the reasons rest on beside the snapshot."""


_Tried = tuple[Kernel, Findings | None]
"""A kernel and what it lacks; None when its software could not be read."""


class Runner:
    """Holds notebooks against the kernels of this machine.

    Parameters
    ----------
    inventories
        What is installed where the kernels run.
    environ
        The environment that kernels would start in.
    """

    def __init__(self, inventories: Inventories, environ: Mapping[str, str]) -> None:
        self._inventories = inventories
        self._environ = environ

    async def look(
        self,
        task: Task,
        kernels: Sequence[Kernel] | None,
        places: tuple[int, int],
        deadline: float,
    ) -> Findings:
        """Say what is missing for a task.

        Parameters
        ----------
        task
            What somebody wants to run.
        kernels
            What is installed; None when that could not be read.
        places
            Index of the kernels' evidence, and of the first that may be added.
        deadline
            Seconds for all interpreters together.
        """
        plain = _without_software(task, kernels, places)
        if plain is not None or kernels is None:
            return plain or Findings()
        loop = asyncio.get_running_loop()
        end = loop.time() + deadline
        tried: list[_Tried] = []
        for kernel in candidates(task.executable, kernels):
            installed = await self._installed(kernel, end - loop.time())
            tried.append((kernel, _held(task, kernel, installed, places)))
            if _does(tried[-1]):
                break
        return _least(task, tried, places)

    def recall(
        self, task: Task, kernels: Sequence[Kernel] | None, places: tuple[int, int]
    ) -> Findings:
        """Say what is missing as `look` does, by what it read before; starts nothing."""
        plain = _without_software(task, kernels, places)
        if plain is not None or kernels is None:
            return plain or Findings()
        tried: list[_Tried] = []
        for kernel in candidates(task.executable, kernels):
            interpreter = kernel.interpreter(self._environ)
            installed = self._inventories.known(interpreter) if interpreter else None
            tried.append((kernel, _held(task, kernel, installed, places)))
            if _does(tried[-1]):
                break
        return _least(task, tried, places)

    async def _installed(self, kernel: Kernel, deadline: float) -> Installed | None:
        interpreter = kernel.interpreter(self._environ)
        if interpreter is None or deadline <= 0:
            return None
        return await self._inventories.get(interpreter, deadline)

    def changes(self, task: Task, kernels: Sequence[Kernel] | None) -> tuple[Change, ...]:
        """Return other kernels for a notebook whose own is missing or lacks software."""
        executable = task.executable
        if executable.type != NOTEBOOK or kernels is None:
            return ()
        found = others(executable, kernels)
        if refusal(executable, kernels, 0) is not None:
            return found[:_MOST_CHANGES]
        named = candidates(executable, kernels)[:1]
        if not found or not all(self._lacks(task, kernel) for kernel in named):
            return ()
        by_name = {kernel.name: kernel for kernel in kernels}
        likely = (c for c in found if self._may_do(task, by_name[str(c.edits[0].after)]))
        return tuple(likely)[:_MOST_CHANGES]

    def _lacks(self, task: Task, kernel: Kernel) -> bool:
        """Whether a kernel is known to lack what is needed."""
        interpreter = kernel.interpreter(self._environ)
        installed = interpreter and self._inventories.known(interpreter)
        return bool(installed and judge(task.software, installed, kernel.name, 0).against)

    def _may_do(self, task: Task, kernel: Kernel) -> bool:
        """Whether asking about this kernel could tell that it has all."""
        return kernel.interpreter(self._environ) is not None and not self._lacks(task, kernel)


def _without_software(
    task: Task, kernels: Sequence[Kernel] | None, places: tuple[int, int]
) -> Findings | None:
    """Say what can be said before any inventory is read; None when one is needed."""
    executable = task.executable
    if executable.type != NOTEBOOK:
        return Findings(beside=_unread(task, "scripts", places[0]))
    if kernels is None:
        return Findings(beside=_unlisted(task, places[0]))
    refused = refusal(executable, kernels, places[0])
    if refused is not None:
        return Findings((refused,))
    return None if task.software else Findings()


def _held(
    task: Task, kernel: Kernel, installed: Installed | None, places: tuple[int, int]
) -> Findings | None:
    """Hold the needs of a task against the software of one kernel."""
    if installed is None:
        return None
    verdicts = judge(task.software, installed, kernel.name, places[1])
    return Findings(*verdicts, (installed.evidence,))


def _does(tried: _Tried) -> bool:
    return tried[1] is not None and not tried[1].against


def _least(task: Task, tried: Sequence[_Tried], places: tuple[int, int]) -> Findings:
    """Return what the kernel lacks that lacks least, among those that would run it."""
    read = [findings for _, findings in tried if findings is not None]
    if tried and _does(tried[-1]):
        return read[-1]
    hidden = next((kernel for kernel, findings in tried if findings is None), None)
    if hidden is not None or not read:
        whose = f"the kernel {hidden.name}" if hidden else "notebooks"
        return Findings(beside=_unread(task, whose, places[0]))
    return min(read, key=lambda findings: len(findings.against))


def joined(amounts: Sequence[Change], kernels: Sequence[Change]) -> tuple[Change, ...]:
    """Return changes of amounts with the best change of the kernel in each."""
    if not amounts or not kernels:
        return (*amounts, *kernels)
    edits: tuple[Edit, ...] = kernels[0].edits
    return tuple(
        Change((*one.edits, *edits), f"{one.message}, {kernels[0].message}") for one in amounts
    )


def _unread(task: Task, whose: str, place: int) -> tuple[Reason, ...]:
    return (unread(whose, place),) if task.software else ()


def _unlisted(task: Task, place: int) -> tuple[Reason, ...]:
    """Say that nobody can tell which kernels there are, to a task that needs one."""
    executable = task.executable
    if not (executable.kernel or executable.languages or task.software):
        return ()
    message = "What kernels are installed cannot be read"
    field = "/executable/kernel"
    return (Reason("not-published", message, field, scope="machine", evidence=(place,)),)
