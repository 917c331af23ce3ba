"""A notebook and what is known of its kernel, as a `Task`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from ..evidence import Evidence, trim
from ..task import Data, Executable, Task
from .cells import Notebook, read_notebook
from .conflicts import find_conflicts, python_conflict
from .declared import find_declarations
from .environment import Environment
from .kernel import LiveKernel
from .languages import LANGUAGES, read_language
from .needs import Needs, Seen, find_needs
from .places import file_size, is_file_name
from .python import PythonReading
from .software import SoftwareNeeds
from .timings import cell_seconds
from .uses import Use
from .wishes import Wishes, read_wishes

__all__ = ["DATA_CAP", "NOTES_CAP", "TASK_TYPE", "describe", "describe_read"]

TASK_TYPE: Final = "uri://jupyter-notebook"
DATA_CAP: Final = 300
"""Most data needs that are listed."""
NOTES_CAP: Final = 50
"""Most notes."""
EVIDENCE_CAP: Final = 10
"""Most pieces of evidence for one data need or resource."""


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
        Look at the notebook and what is beside it alone, whatever else is given.

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
    return describe_read(
        read_notebook(notebook),
        path=path,
        folder=folder,
        kernel=kernel,
        environment=environment,
    )


def describe_read(
    notebook: Notebook,
    *,
    path: str,
    folder: Path | None,
    kernel: LiveKernel | None,
    environment: Environment | None,
) -> Task:
    """Describe a notebook that has been read; the rest is as for `describe`."""
    with warnings.catch_warnings():
        # Parsing somebody's code warns about their escapes, which is no concern of ours.
        warnings.simplefilter("ignore")
        return _Description(notebook, path, folder, kernel, environment).task()


class _Description:
    """One description in the making."""

    def __init__(
        self,
        notebook: Notebook,
        path: str,
        folder: Path | None,
        kernel: LiveKernel | None,
        environment: Environment | None,
    ) -> None:
        self.notebook = notebook
        self.path = path
        self.folder = folder
        self.kernel = kernel
        self.software = SoftwareNeeds(environment, kernel)
        self.data: dict[str, Data] = {}
        self.notes: list[str] = [*kernel.notes] if kernel else []

    def task(self) -> Task:
        wishes = read_wishes(self.notebook, self.folder)
        self._declare(wishes)
        needs = self._wished(self._read(), wishes)
        self._add_data([*self._open_files()])
        self.notes += find_conflicts(self.software)
        return Task(
            executable=Executable(
                TASK_TYPE,
                location=trim(self.path, 4096),
                languages=(trim(self.notebook.language, 40),),
                kernel=trim(self.notebook.kernel, 200),
            ),
            resources=needs.resources,
            software=self.software.listed(),
            data=tuple(self.data.values())[:DATA_CAP],
            name=trim(Path(self.path).name, 200),
            evidence={**_evidence(self.notebook), **needs.evidence},
            notes=tuple(trim(note, 500) for note in dict.fromkeys(self.notes))[:NOTES_CAP],
        )

    def _declare(self, wishes: Wishes) -> None:
        self.notes += wishes.notes
        for install, evidence in wishes.installs:
            self.software.declare(install, evidence)
        for location, evidence in wishes.data:
            self._add_data([Data(trim(location, 1000), evidence=(evidence,))])
        for declaration in find_declarations(self.folder):
            for line, install in declaration.installs:
                source = declaration.source + (f", line {line}" if line else "")
                evidence = Evidence("declared", source, f"{install.name}{install.version}")
                self.software.declare(install, evidence)

    def _read(self) -> Needs:
        language = LANGUAGES.get(self.notebook.language)
        if self.notebook.language == "python":
            reading = PythonReading(self.notebook, self.folder, self.software)
            reading.read()
            self._add_data(reading.data())
            self.notes += reading.notes
            if reading.python:
                self.notes += python_conflict(reading.python, self._python())
            return self._needs(reading.cores, reading.gpus, reading.because)
        if language is not None:
            self._add_data(read_language(self.notebook, language, self.folder, self.software))
        else:
            name = trim(self.notebook.language, 40)
            self.notes.append(
                f"the software of {name} notebooks cannot be read from their text"
            )
        return self._needs((), (), _nowhere)

    def _python(self) -> str:
        environment = self.software.environment
        return environment.version if environment else self.notebook.version

    def _needs(
        self,
        cores: tuple[Use, ...],
        gpus: tuple[Use, ...],
        point: Callable[[tuple[int, int], str], Evidence],
    ) -> Needs:
        cells = self.notebook.cells
        times = [seconds for cell in cells if (seconds := cell_seconds(cell)) is not None]
        return find_needs(
            Seen(len(cells), times, self.kernel, cores, gpus, self._disk(), point)
        )

    def _open_files(self) -> Iterator[Data]:
        """Yield the data files that the kernel holds open and no cell was seen to read."""
        process = self.kernel.process if self.kernel else None
        known = {Path(location).name for location in self.data}
        for file in process.files if process else ():
            if is_file_name(file) and Path(file).name not in known:
                evidence = Evidence("kernel", f"/proc/{process.pid}/fd", "held open")  # type: ignore[union-attr]
                yield Data(trim(file, 1000), file_size(file, None), evidence=(evidence,))

    def _add_data(self, found: Iterable[Data]) -> None:
        for one in found:
            known = self.data.get(one.location)
            if known is None:
                self.data[one.location] = one
            elif len(known.evidence) < EVIDENCE_CAP:
                evidence = tuple(dict.fromkeys((*known.evidence, *one.evidence)))
                self.data[one.location] = msgspec.structs.replace(known, evidence=evidence)

    def _disk(self) -> int:
        return sum(one.size or 0 for one in self.data.values() if not one.network)

    def _wished(self, needs: Needs, wishes: Wishes) -> Needs:
        """Let what the author asks for win, and say where what was seen differs."""
        resources, evidence = needs.resources, dict(needs.evidence)
        for name, asked in wishes.resources.items():
            field = f"resources.{name}"
            seen = evidence.get(field, ())
            found = getattr(resources, name).min
            if (
                found
                and asked.max is not None
                and asked.max < found
                and seen[0].how != "default"
            ):
                self.notes.append(
                    f"{field}: the author asks for less than was seen: {seen[0].text}"
                )
            kept = tuple(one for one in seen if one.how != "default")
            evidence[field] = (wishes.evidence[name], *kept)
            resources = msgspec.structs.replace(resources, **{name: asked})
        return Needs(resources, evidence)


def _nowhere(where: tuple[int, int], what: str) -> Evidence:
    return Evidence("static", f"cell index {where[0]}", what)


def _evidence(read: Notebook) -> dict[str, tuple[Evidence, ...]]:
    source = "notebook metadata: kernelspec, language_info"
    language = Evidence("static", source, trim(f"{read.language} {read.version}".strip(), 200))
    if not read.language_known:
        text = "the notebook does not say its language; most are in Python"
        language = Evidence("default", source, text)
    kernel = Evidence("static", source, trim(read.kernel, 200) or "it names no kernel")
    return {"executable.languages": (language,), "executable.kernel": (kernel,)}
