"""The notebook that this very kernel belongs to, described."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_core.utils import run_sync

from .notebook.kernel import look_here
from .notebook.live import describe_live
from .task import Task
from .taskfiles import describe_path, is_named

__all__ = ["describe_here"]


def describe_here(named: str | None, namespace: Mapping[str, Any]) -> Task:
    """Describe a notebook from inside a kernel.

    Parameters
    ----------
    named
        Path of a notebook or another file that says what to run; this kernel's own
        notebook when None. A kernel that knows none is described by the cells it ran.
    namespace
        The user's variables, of which only ``In`` and VS Code's are read.

    Raises
    ------
    NotebookError
        The file cannot be read.
    RequestError
        It is no notebook, and something in it cannot be understood; names the field.
    """
    if named is not None and is_named(Path(named).name):
        return describe_path(Path(named))
    read = run_sync(describe_live)
    path = named or _current(namespace)
    source: Any = Path(path) if path is not None else _cells(namespace)
    task: Task = read(source, kernel=look_here(dict(namespace)))
    return task


def _cells(namespace: Mapping[str, Any]) -> dict[str, Any]:
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
        for source in namespace.get("In", [])[1:]
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def _current(namespace: Mapping[str, Any]) -> str | None:
    """Find the notebook this kernel belongs to.

    Jupyter Server sets ``JPY_SESSION_NAME`` (jupyter_server sessionmanager),
    VS Code sets ``__vsc_ipynb_file__``.
    """
    for named in (os.environ.get("JPY_SESSION_NAME"), namespace.get("__vsc_ipynb_file__")):
        if not named:
            continue
        # The session name is relative to the server's root, the kernel runs
        # beside the notebook; whichever of the two exists is the one.
        for path in (Path(named), Path(Path(named).name)):
            if path.is_file():
                return str(path)
    return None
