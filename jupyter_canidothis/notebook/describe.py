"""A notebook and what is known of its kernel, as a `Task`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ..evidence import Evidence, trim
from ..task import Data, Executable, Task
from .cells import Notebook, read_notebook
from .environment import Environment
from .kernel import LiveKernel
from .needs import find_needs
from .python import PythonReading
from .software import SoftwareNeeds

__all__ = ["TASK_TYPE", "describe"]

TASK_TYPE: Final = "uri://jupyter-notebook"


def describe(
    notebook: Mapping[str, Any] | bytes | Path,
    *,
    path: str = "",
    folder: Path | None = None,
    kernel: LiveKernel | None = None,
    environment: Environment | None = None,
    static: bool = False,
) -> Task:
    """Describe what a notebook needs, each need with its evidence.

    Parameters
    ----------
    notebook
        The live model (unsaved cells included), the bytes of a file, or a file.
    path
        How the caller names the notebook; shown and sent, not opened.
    folder
        Where it lies on this disk, to find what is beside it; a file's own
        folder when the notebook is given as one.
    kernel
        What was learned of its running kernel.
    environment
        What is installed where the kernel runs.
    static
        Look at the notebook alone, whatever else is given.

    Raises
    ------
    NotebookError
        It cannot be read, or it is no notebook.
    """
    if static:
        kernel = environment = None
    if isinstance(notebook, Path):
        folder = folder or notebook.parent
        path = path or str(notebook)
    read = read_notebook(notebook)
    needs = SoftwareNeeds(environment)
    data: list[Data] = []
    notes = [*kernel.notes] if kernel else []
    with warnings.catch_warnings():
        # Parsing somebody's code warns about their escapes, which is no concern of ours.
        warnings.simplefilter("ignore")
        if read.language == "python":
            reading = PythonReading(read, folder, needs)
            reading.read()
            data += reading.shipped.values()
            notes += reading.notes
        else:
            notes.append(
                f"software needs of {trim(read.language, 40)} notebooks are not read yet"
            )
    resources, why = find_needs(read.cells, kernel)
    return Task(
        executable=Executable(
            TASK_TYPE,
            location=trim(path, 4096),
            languages=(trim(read.language, 40),),
            kernel=trim(read.kernel, 200),
        ),
        resources=resources,
        software=needs.listed(),
        data=tuple(data),
        name=trim(Path(path).name, 200),
        evidence={**_evidence(read), **why},
        notes=tuple(notes),
    )


def _evidence(read: Notebook) -> dict[str, tuple[Evidence, ...]]:
    source = "notebook metadata: kernelspec, language_info"
    language = Evidence("static", source, trim(f"{read.language} {read.version}".strip(), 200))
    if not read.language_known:
        text = "the notebook does not say its language; most are in Python"
        language = Evidence("default", source, text)
    kernel = Evidence("static", source, trim(read.kernel, 200) or "it names no kernel")
    return {"executable.languages": (language,), "executable.kernel": (kernel,)}
