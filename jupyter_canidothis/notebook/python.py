"""What the Python cells of a notebook need, read from their text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from ..evidence import Evidence, trim
from ..task import Data
from .cells import Cell, Notebook
from .imports import Import, find_imports
from .installs import read_block, read_comments, read_install
from .local import LocalModules
from .names import owner_of, stdlib
from .software import SoftwareNeeds
from .syntax import Script, read_source

__all__ = ["Read", "read_python"]


TEXT_LIMIT: Final = 200
"""Most characters of a line of code quoted as evidence."""


class Read(NamedTuple):
    """One cell with what it says."""

    cell: Cell
    script: Script


class _Finding(NamedTuple):
    """Where what is found goes, and what it is found with."""

    needs: SoftwareNeeds
    local: LocalModules
    shipped: dict[str, Data]
    stdlib: frozenset[str]


def read_python(
    notebook: Notebook,
    folder: Path | None,
    needs: SoftwareNeeds,
    data: list[Data],
    notes: list[str],
) -> None:
    """Add the needs of a Python notebook's cells."""
    cells = [Read(cell, read_source(cell.source)) for cell in notebook.cells]
    local = LocalModules(folder)
    for one in cells:
        local.learn(one.script)
        _add_installs(one, needs)
        if one.script.broken:
            notes.append(
                f"cell {one.cell.number} is no valid Python; only its imports are used"
            )
    installed = needs.environment.stdlib if needs.environment else frozenset()
    finding = _Finding(needs, local, {}, installed or stdlib())
    for one in cells:
        _add_imports(one, finding)
    data += finding.shipped.values()


def _add_installs(one: Read, needs: SoftwareNeeds) -> None:
    for line, text in _install_lines(one.script):
        for install in read_install(text):
            needs.declare(install, _seen(one.cell, line, text, how="declared"))
    for line, install in read_comments(one.cell.source):
        needs.declare(install, _seen(one.cell, line, "commented out", how="declared"))
    block = read_block(one.cell.source)
    if block is not None:
        for install in block[1]:
            needs.declare(install, _seen(one.cell, block[0], "PEP 723 block", how="declared"))


def _install_lines(script: Script) -> Iterator[tuple[int, str]]:
    for command in script.commands:
        yield command.line, command.text
    for magic in script.magics:
        if not magic.cell and magic.name in ("pip", "conda", "mamba", "micromamba", "uv"):
            yield magic.line, f"{magic.name} {magic.rest}"


def _seen(cell: Cell, line: int, text: str, how: str = "static") -> Evidence:
    return Evidence(how, cell.at(line), trim(text.strip(), TEXT_LIMIT))  # type: ignore[arg-type]


def _add_imports(one: Read, finding: _Finding) -> None:
    lines = one.cell.source.split("\n")
    for code in one.script.code:
        for imported in find_imports(code.tree):
            line = imported.line + code.offset
            text = lines[line - 1] if line <= len(lines) else ""
            evidence = _seen(one.cell, line, text)
            _add_import(imported, imported.needed and code.certain, evidence, finding)


def _add_import(imported: Import, needed: bool, evidence: Evidence, finding: _Finding) -> None:
    if imported.top in finding.stdlib or not imported.top:
        return
    found = finding.local.find(imported, common=owner_of(imported.top).known)
    if found is None:
        finding.needs.need(imported.paths, "needed" if needed else "optional", evidence)
        return
    finding.shipped.setdefault(found.path, Data(found.path, evidence=(evidence,)))
    for file, inner in found.imports:
        if inner.top in finding.stdlib or finding.local.find(inner, common=True):
            continue
        via = Evidence("static", f"{file}, line {inner.line}", f"imported in {evidence.source}")
        status = "needed" if needed and inner.needed else "optional"
        finding.needs.need(inner.paths, status, via)
