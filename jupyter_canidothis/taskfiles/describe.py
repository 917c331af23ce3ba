"""A file that says what to run, by its name, to a `Task`."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from ..errors import NotebookError, RequestError
from ..evidence import trim
from ..task import Executable, Task
from ..wire.execution import read_execution
from .directives import read_directives
from .dockerfile import read_dockerfile

__all__ = ["CAP", "NAMES", "describe_file", "describe_path", "is_named"]

CAP: Final = 128 * 2**10
"""Largest such file, in characters."""


def _execution(path: str, text: str) -> Task:
    task, notes = read_execution(text, PurePosixPath(path).name)
    return msgspec.structs.replace(task, notes=notes)


def _compose(path: str, text: str) -> Task:
    return Task(Executable("uri://docker-compose", location=path, content=text))


def _chart(path: str, text: str) -> Task:  # noqa: ARG001 - its templates lie beside it
    return Task(Executable("uri://kubernetes-helm", location=str(PurePosixPath(path).parent)))


def _definition(path: str, text: str) -> Task:
    note = "an image has to be built from this definition first; its size is not known"
    return Task(
        Executable("uri://singularity-container", location=path, content=text), notes=(note,)
    )


_READERS: Final[tuple[tuple[tuple[str, ...], Callable[[str, str], Task]], ...]] = (
    (("ivoa-execution.yaml", "ivoa-execution.yml"), _execution),
    (("dockerfile", "dockerfile.*", "*.dockerfile", "containerfile"), read_dockerfile),
    (
        tuple(
            f"{stem}{end}"
            for stem in ("compose", "compose.*", "docker-compose", "docker-compose.*")
            for end in (".yaml", ".yml")
        ),
        _compose,
    ),
    (("chart.yaml",), _chart),
    (("*.def",), _definition),
    (("*.sbatch", "*.slurm", "*.sge", "*.qsub", "*.sh"), read_directives),
)
"""Which reader takes a file, by its name in small letters."""

NAMES: Final = tuple(name for names, _ in _READERS for name in names)
"""Patterns of the names that are understood, in small letters."""


def is_named(name: str) -> bool:
    """Whether a file of this name says what to run."""
    return _reader(name) is not None


def _reader(name: str) -> Callable[[str, str], Task] | None:
    for names, read in _READERS:
        if any(fnmatchcase(name.lower(), pattern) for pattern in names):
            return read
    return None


def describe_path(path: Path) -> Task:
    """Describe what a file on this disk says is to be run.

    Raises
    ------
    RequestError
        As for `describe_file`.
    NotebookError
        The file cannot be read.
    """
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(CAP + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise NotebookError(
            f"cannot read {path.name or path}: {reason}",
            hint="check the path and its permissions",
        ) from error
    return describe_file(str(path), text)


def describe_file(path: str, text: str) -> Task:
    """Describe what a file says is to be run.

    Parameters
    ----------
    path
        Where it lies, for the reader; its name says what it is.
    text
        Its content.

    Raises
    ------
    RequestError
        A name that says nothing, a file that is too large, or one that cannot be read.
    """
    name = PurePosixPath(path).name
    reader = _reader(name)
    if reader is None:
        raise RequestError("path", trim(name, 200), f"a notebook, or one of {', '.join(NAMES)}")
    if len(text) > CAP:
        raise RequestError("content", "a longer text", f"at most {CAP} characters")
    task = reader(trim(path, 4096), text)
    return task if task.name else msgspec.structs.replace(task, name=trim(name, 200))
