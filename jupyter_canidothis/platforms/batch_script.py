"""What a batch script runs for a task, whatever queue it is sent to."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from ..errors import RequestError
from ..task import Executable, Task

__all__ = ["commands", "stem"]

_SAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


def stem(task: Task) -> str:
    """Return a word for a task that is safe in file names and options."""
    name = PurePosixPath(task.executable.location or task.name).stem
    # A word that begins with a dash is an option to every command.
    return _SAFE.sub("-", name).lstrip("-.") or "task"


def commands(executable: Executable, python: str) -> list[str]:
    """Return the lines of a bash script that run a task.

    Notebooks run by papermill where the environment has it, else by nbconvert, and
    are saved beside the original with ``.out`` before the ending.

    Parameters
    ----------
    executable
        A notebook with a location, or a batch script with a location or command.
    python
        Interpreter of the environment in which a notebook runs there.

    Raises
    ------
    RequestError
        The task does not say what to run.
    """
    python = _line((python,))
    if executable.type == "uri://jupyter-notebook" and executable.location:
        return _notebook(executable, python)
    if executable.command:
        return [_line(executable.command)]
    if executable.location:
        return [_line(("bash", "--", executable.location))]
    raise RequestError("executable.location", executable.location, "a path of what to run")


def _line(words: Sequence[str]) -> str:
    """Return a command line that stays one line: qsub(1) reads options wherever one is.

    Line ends stand inside of single quotes, which bash(1) lets us leave for ``$'...'``.
    """
    quoted = shlex.join(words)
    return quoted.replace("\n", "'$'\\n''").replace("\r", "'$'\\r''")


def _notebook(executable: Executable, python: str) -> list[str]:
    source = PurePosixPath(executable.location)
    result = source.with_name(f"{source.stem}.out.ipynb")
    kernel = executable.kernel
    paper = ["--kernel", kernel] if kernel else []
    convert = [f"--ExecutePreprocessor.kernel_name={kernel}"] if kernel else []
    by_papermill = _line([*paper, "--", str(source), str(result)])
    by_nbconvert = _line(
        [
            *("--to", "notebook", "--execute", "--ExecutePreprocessor.timeout=-1", *convert),
            *(f"--output={result.name}", "--", str(source)),
        ]
    )
    return [
        f"if {python} -c 'import papermill' 2>/dev/null; then",
        f"  {python} -m papermill {by_papermill}",
        "else",
        f"  {python} -m nbconvert {by_nbconvert}",
        "fi",
    ]
