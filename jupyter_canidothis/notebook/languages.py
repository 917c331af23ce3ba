"""Notebooks in R and Julia: their packages and files, by static reading."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from ..evidence import Evidence, trim
from ..task import Data
from .cells import Notebook
from .found import Package
from .julia import read_julia
from .places import file_size, is_file_name, is_remote, without_user
from .r import read_r
from .software import SoftwareNeeds

__all__ = ["LANGUAGES", "Language", "read_language"]

SOURCE_CAP: Final = 2**20
"""How much code is read, in characters."""
FILE_CAP: Final = 2**20
"""Largest local file that is followed, in bytes."""
TEXT_LIMIT: Final = 200
_QUOTED: Final = re.compile(r"\"((?:\\.|[^\"\\\n])*)\"|'((?:\\.|[^'\\\n])*)'")


class Language(NamedTuple):
    """How one language is read."""

    read: Callable[[str], Iterator[Package]]
    manager: str
    """Who installs its packages."""
    include: re.Pattern[str]
    """Matches the name of a local file that is run."""


LANGUAGES: Final = {
    "r": Language(read_r, "cran", re.compile(r"\bsource\s*\(\s*[\"']([^\"':]+\.[rR])[\"']")),
    "julia": Language(read_julia, "julia", re.compile(r"\binclude\s*\(\s*\"([^\"]+\.jl)\"")),
}


def read_language(
    notebook: Notebook, language: Language, folder: Path | None, needs: SoftwareNeeds
) -> Iterator[Data]:
    """Add the packages of every cell, and yield the files and URLs that it names."""
    left = SOURCE_CAP
    for cell in notebook.cells:
        left -= len(cell.source)
        if left < 0:
            return
        lines = cell.source.split("\n")
        for found in language.read(cell.source):
            how = "inferred" if found.status == "inferred" else "static"
            text = trim(lines[found.line - 1].strip(), TEXT_LIMIT)
            evidence = Evidence(how, cell.at(found.line), text)  # type: ignore[arg-type]
            needs.add(found, language.manager, evidence)
        for number, line in enumerate(lines, 1):
            evidence = Evidence("static", cell.at(number), trim(line.strip(), TEXT_LIMIT))
            yield from _included(language, line, folder, needs, evidence)
            yield from _named(line, folder, evidence)


def _included(
    language: Language, line: str, folder: Path | None, needs: SoftwareNeeds, evidence: Evidence
) -> Iterator[Data]:
    for name in language.include.findall(line):
        text = _text(folder, name)
        if text is None:
            continue
        yield Data(name, size=len(text), evidence=(evidence,))
        for found in language.read(text):
            why = f"run in {evidence.source}"
            via = Evidence("static", f"{name}, line {found.line}", why)
            needs.add(found, language.manager, via)


def _text(folder: Path | None, name: str) -> str | None:
    try:
        path = (folder / name) if folder else None
        if path is None or path.stat().st_size > FILE_CAP:
            return None
        return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return None


def _named(line: str, folder: Path | None, evidence: Evidence) -> Iterator[Data]:
    if line.lstrip().startswith("#"):
        return
    for double, single in _QUOTED.findall(line):
        text = double or single
        if is_remote(text) and " " not in text:
            yield Data(without_user(text), network=True, evidence=(evidence,))
        elif is_file_name(text) and not text.endswith((".R", ".r", ".jl")):
            yield Data(text, size=file_size(text, folder), evidence=(evidence,))
