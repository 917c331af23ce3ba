"""What the Python cells of a notebook need, read from their text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..evidence import Evidence, How, trim
from ..task import Data
from .calls import Calls
from .cells import Notebook
from .commands import commands_of_calls, commands_of_script
from .data import find_places, find_samples
from .hidden import Hidden, hidden_in_calls, hidden_in_magic
from .imports import Import, find_imports
from .installs import read_block, read_comments, read_install
from .languages import LANGUAGES
from .local import LocalModules
from .names import is_generic, is_shared, owner_of, stdlib
from .places import file_size
from .software import EVIDENCE_CAP, SoftwareNeeds
from .syntax import Script, read_source, skim_source
from .uses import Use, cores_used, gpus_used

__all__ = ["PythonReading"]

TEXT_LIMIT: Final = 200
"""Most characters of a line of code quoted as evidence."""
SOURCE_CAP: Final = 256 * 2**10
"""How much code is read in full, in characters; of what follows only the imports are."""
USES_CAP: Final = 20
"""Most places kept where the code uses cores or GPUs."""
_DYNAMIC: Final = {
    "__import__": True,
    "importlib.import_module": True,
    "importlib.util.find_spec": False,
    "pytest.importorskip": False,
}
"""Calls that import what their first argument names, and whether it has to be there."""


class PythonReading:
    """One reading of a Python notebook.

    Parameters
    ----------
    notebook
        What to read.
    folder
        Where it lies on this disk, or None.
    needs
        Where software needs are collected.
    """

    def __init__(self, notebook: Notebook, folder: Path | None, needs: SoftwareNeeds) -> None:
        self.cells = notebook.cells
        self.needs = needs
        self.shipped: dict[str, Data] = {}
        self._split: tuple[int, list[str]] = (-1, [])
        self._specifics: dict[str, str] = {}
        self._imported: Counter[tuple[str, tuple[str, ...], bool]] = Counter()
        self.notes: list[str] = []
        self.python = ""
        """``requires-python`` of a PEP 723 block."""
        self.scripts = [*self._scripts()]
        self.calls = Calls()
        for index, script in enumerate(self.scripts):
            for code in script.code:
                self.calls.walk(code.tree, index, code.offset)
        self.calls.finish()
        self.commands = [
            *(
                ran
                for index, script in enumerate(self.scripts)
                for ran in commands_of_script(script, index)
            ),
            *commands_of_calls(self.calls),
        ]
        self.folder = folder
        self.local = LocalModules(folder, self._search_path())
        installed = needs.environment.stdlib if needs.environment else frozenset()
        self._stdlib = installed or stdlib()
        self._version = needs.environment.version if needs.environment else ""

    def _scripts(self) -> Iterator[Script]:
        left = SOURCE_CAP
        known: Counter[str] = Counter()
        nothing = Script()
        for cell in self.cells:
            if 0 < left <= len(cell.source):
                size = f"{SOURCE_CAP // 1024} KiB"
                self.notes.append(
                    f"from cell {cell.number} on, past {size}, only imports are read"
                )
            left -= len(cell.source)
            if left > 0:
                yield read_source(cell.source)
            else:
                yield skim_source(cell.source, known, EVIDENCE_CAP) or nothing

    def seen(self, where: tuple[int, int], how: How = "static", text: str = "") -> Evidence:
        """Point to a line of a cell, quoting it unless another text is given."""
        index, line = where
        cell = self.cells[index]
        if not text:
            lines = self._lines(index)
            text = lines[line - 1].strip() if line <= len(lines) else ""
        return Evidence(how, cell.at(line), trim(text, TEXT_LIMIT))

    def _lines(self, index: int) -> list[str]:
        # The same cell is asked for again and again before the next one is.
        if self._split[0] != index:
            self._split = (index, self.cells[index].source.split("\n"))
        return self._split[1]

    def read(self) -> None:
        """Add every need that the cells show."""
        for script in self.scripts:
            self.local.learn(script)
        self._add_installs()
        for index, script in enumerate(self.scripts):
            self._add_imports(index, script)
        self._add_dynamic()
        self._add_runs()
        self._add_foreign()
        self._add_hidden()

    @property
    def cores(self) -> tuple[Use, ...]:
        """Where the code uses several cores."""
        return tuple(cores_used(self.calls))[:USES_CAP]

    @property
    def gpus(self) -> tuple[Use, ...]:
        """Where the code uses a GPU."""
        return tuple(gpus_used(self.calls))[:USES_CAP]

    def because(self, where: tuple[int, int], what: str) -> Evidence:
        """Point to a line of a cell for a pattern that is there."""
        return self.seen(where, "static", what)

    def data(self) -> Iterator[Data]:
        """Yield what the notebook reads, with sizes where they are local."""
        yield from self.shipped.values()
        for place in find_places(self.calls, self.commands):
            size = None if place.network else file_size(place.location, self.folder)
            evidence = self.seen(place.where, "static", place.why)
            yield Data(trim(place.location, 1000), size, place.network, (evidence,))
        for sample in find_samples(self.calls, self.folder):
            where = self.seen(sample.where).source
            self.notes.append(
                f"{where} takes {sample.taken} of {sample.total} files that match"
                f" {sample.pattern}: all of them need more"
            )

    def _search_path(self) -> Iterator[str]:
        """Yield the folders that the notebook looks for modules in, as it writes them."""
        for call in self.calls.calls:
            if call.name in ("sys.path.append", "site.addsitedir", "os.chdir"):
                yield from self.calls.strings(call.arguments[0] if call.arguments else None)
            elif call.name in ("sys.path.insert", "sys.path.extend") and call.arguments:
                yield from self.calls.strings(call.arguments[-1])
        for script in self.scripts:
            yield from (
                magic.rest.strip("'\"") for magic in script.magics if magic.name == "cd"
            )

    def _add_installs(self) -> None:
        for ran in self.commands:
            for install in read_install(ran.text):
                self.needs.declare(install, self.seen(ran.where, "declared", ran.text))
        for index, cell in enumerate(self.cells):
            for line, install in read_comments(cell.source):
                self.needs.declare(install, self.seen((index, line), "declared"))
            if block := read_block(cell.source):
                self.python = self.python or block.python
                for install in block.installs:
                    where = (index, block.line)
                    self.needs.declare(install, self.seen(where, "declared", "PEP 723 block"))

    def _add_imports(self, index: int, script: Script) -> None:
        if script.broken:
            number = self.cells[index].number
            self.notes.append(f"cell {number} is no valid Python; only its imports are used")
        for code in script.code:
            for one in find_imports(code.tree):
                needed = one.needed and code.certain
                key = (one.module, one.names, needed)
                self._imported[key] += 1
                if self._imported[key] <= EVIDENCE_CAP:
                    where = (index, one.line + code.offset)
                    self._add_import(one, needed, self.seen(where))

    def _add_import(self, one: Import, needed: bool, evidence: Evidence) -> None:
        if one.top in self._stdlib or not one.top:
            return
        found = self.local.find(one, common=owner_of(one.top).known)
        if found is None and self._was_stdlib(one.top):
            text = (
                f"{evidence.source} imports {one.top}, which Python {self._version} has no more"
            )
            self.notes.append(text)
        elif found is not None:
            self._ship(found.path, evidence)
            self._add_inner(found.imports, needed, evidence)
        elif is_generic(one.top):
            self.notes.append(
                f"{evidence.source} imports {one.top}, which is not beside the notebook"
            )
        else:
            paths = [self._specific(path) for path in one.paths]
            self.needs.need(paths, "needed" if needed else "optional", evidence)

    def _was_stdlib(self, top: str) -> bool:
        """Whether only another version of Python has this module, and nobody else."""
        environment = self.needs.environment
        return (
            environment is not None
            and top in stdlib()
            and not environment.owners_of(top)
            and not owner_of(top).known
        )

    def _add_inner(
        self, imports: tuple[tuple[str, Import], ...], needed: bool, evidence: Evidence
    ) -> None:
        for file, one in imports:
            if one.top in self._stdlib or self.local.find(one, common=True):
                continue
            via = Evidence("static", f"{file}, line {one.line}", f"used in {evidence.source}")
            self.needs.need(one.paths, "needed" if needed and one.needed else "optional", via)

    def _specific(self, path: str) -> str:
        """Replace a bare name that several distributions share by how it is used."""
        if "." in path or not is_shared(path):
            return path
        if path not in self._specifics:
            usual = owner_of(path).names
            used = (name for name in self._dotted_names() if name.startswith(path + "."))
            other = (name for name in used if owner_of(name).names not in ((), usual))
            self._specifics[path] = next(other, path)
        return self._specifics[path]

    def _dotted_names(self) -> Iterator[str]:
        yield from self.calls.modules
        yield from (call.name for call in self.calls.calls)

    def _ship(self, path: str, evidence: Evidence) -> None:
        self.shipped.setdefault(path, Data(path, evidence=(evidence,)))

    def _add_dynamic(self) -> None:
        for call in self.calls.calls:
            if call.name in _DYNAMIC and call.arguments:
                module = self.calls.string(call.arguments[0])
                if module and re.fullmatch(r"[A-Za-z_][\w.]*", module):
                    one = Import(module, (), call.where[1], needed=_DYNAMIC[call.name])
                    self._add_import(one, one.needed, self.seen(call.where))

    def _add_runs(self) -> None:
        """Follow scripts and notebooks that ``%run`` runs."""
        for index, script in enumerate(self.scripts):
            for magic in script.magics:
                if magic.name in ("run", "load") and not magic.cell:
                    where = (index, magic.line)
                    found = self.local.run(magic.rest)
                    if found is not None:
                        self._ship(found.path, self.seen(where))
                        self._add_inner(found.imports, needed=True, evidence=self.seen(where))

    def _add_foreign(self) -> None:
        """Read the cells that are in R or Julia by their magic."""
        for index, script in enumerate(self.scripts):
            for part in script.foreign:
                language = LANGUAGES.get(part.magic.lower())
                if language is None:
                    continue
                for found in language.read(part.text):
                    evidence = self.seen((index, found.line + part.offset))
                    self.needs.add(found, language.manager, evidence)

    def _add_hidden(self) -> None:
        for index, script in enumerate(self.scripts):
            for magic in script.magics:
                for hidden in hidden_in_magic(magic, index):
                    self._infer(hidden)
        for hidden in hidden_in_calls(self.calls):
            self._infer(hidden)

    def _infer(self, hidden: Hidden) -> None:
        name = hidden.names[0]
        if name.startswith("apt:"):
            self.needs.infer(
                name.removeprefix("apt:"),
                self.seen(hidden.where, "inferred", hidden.why),
                "apt",
            )
        else:
            name = self.needs.best(hidden.names)
            self.needs.infer(name, self.seen(hidden.where, "inferred", hidden.why))
