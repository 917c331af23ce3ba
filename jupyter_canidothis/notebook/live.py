"""Describe a notebook together with its kernel and the environment it runs in."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from ..command import LocalCommand
from ..task import Task
from ..transport import Transport
from .cells import read_notebook
from .describe import describe_read
from .environment import Environment, interpreter_for, interpreter_of, read_environment
from .kernel import LiveKernel, look_at
from .sizes import with_remote_sizes

__all__ = ["describe_live", "environment_of"]

_NO_ENVIRONMENT: Final = (
    "the kernel's own environment could not be asked: names are from a table, versions unknown"
)


async def describe_live(
    notebook: Mapping[str, Any] | bytes | Path,
    *,
    path: str = "",
    folder: Path | None = None,
    kernel_name: str = "",
    pid: int | None = None,
    connection_file: str = "",
    busy: bool = False,
    kernel: LiveKernel | None = None,
    elsewhere: bool = False,
    command: LocalCommand | None = None,
    http: Transport | None = None,
) -> Task:
    """Describe a notebook with what its kernel and environment tell.

    Parameters
    ----------
    notebook, path, folder
        As for `describe`.
    kernel_name
        Kernel spec that runs it; the one that the notebook names when empty.
    pid
        Process of its running kernel on this host.
    connection_file
        How to send that kernel messages; it is not sent any when empty.
    busy
        Whether that kernel runs a cell right now, or has one waiting.
    kernel
        Facts about the kernel that the caller has already, e.g. of a remote one.
    elsewhere
        Whether it runs on another host: a kernel spec of the same name here is
        not its own, and the environment behind it is not looked at.
    command
        How commands are run.
    http
        How servers are asked for the sizes of remote files; they are not asked
        without.

    Raises
    ------
    NotebookError
        It cannot be read, or it is no notebook.
    """
    if isinstance(notebook, Path):
        folder = folder or notebook.parent
        path = path or str(notebook)
    read = await asyncio.to_thread(read_notebook, notebook)
    if kernel is None and (pid is not None or connection_file):
        kernel = await look_at(
            pid=pid, connection_file=connection_file, busy=busy, language=read.language
        )
    environment = None
    if read.language == "python" and not elsewhere:
        environment = await environment_of(
            kernel_name or read.kernel, pid or _pid(kernel), command
        )
    task = await asyncio.to_thread(
        describe_read, read, path=path, folder=folder, kernel=kernel, environment=environment
    )
    if read.language == "python" and environment is None:
        task = msgspec.structs.replace(task, notes=(*task.notes, _NO_ENVIRONMENT))
    return await with_remote_sizes(task, http) if http is not None else task


def _pid(kernel: LiveKernel | None) -> int | None:
    return kernel.process.pid if kernel and kernel.process else None


async def environment_of(
    kernel_name: str, pid: int | None = None, command: LocalCommand | None = None
) -> Environment | None:
    """Ask the interpreter of a running kernel, or of its kernel spec, what it holds."""
    interpreter = (_interpreter_of_process(pid) if pid else None) or (
        interpreter_for(kernel_name) if kernel_name else None
    )
    return await read_environment(interpreter, command) if interpreter else None


def _interpreter_of_process(pid: int) -> str | None:
    """Return the interpreter by which a process, or one it started, was started.

    Wrappers such as ``conda run`` start the kernel as their child. The command
    line is read, not ``/proc/PID/exe``: the latter points behind the symbolic
    link that makes a virtual environment.
    """
    import psutil

    try:
        process = psutil.Process(pid)
        tree = [process, *process.children(recursive=True)]
    except (psutil.Error, OSError, ValueError, OverflowError):
        return None
    for one in tree:
        with contextlib.suppress(psutil.Error, OSError):
            if interpreter := interpreter_of(one.cmdline()):
                return interpreter
    return None
