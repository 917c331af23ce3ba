"""Modules that lie beside the notebook: found, and followed for what they import."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from ..errors import NotebookError
from .cells import read_notebook
from .imports import Import, find_imports
from .syntax import Script, parse, read_source

__all__ = ["DEPTH", "Found", "LocalModules"]

DEPTH: Final = 3
"""How many modules away from the notebook imports are followed."""
NEARBY: Final = 50
"""How many folders beside the notebook are looked into."""
FILE_CAP: Final = 2**20
"""Largest module that is read, in bytes."""
_FETCHED: Final = re.compile(r"(?:^|[\s/'\"=])([A-Za-z_]\w*)\.py\b")
_RUN: Final = re.compile(r"(?:^|\s)((?!-)[^\s]+\.(?:py|ipynb)[\"']?)(?=\s|$)")


class Found(NamedTuple):
    """A local module that an import leads to."""

    path: str
    """File or folder, relative to the notebook where possible; or what makes it."""
    imports: tuple[tuple[str, Import], ...]
    """What it imports in turn, each with the file that says so."""


class LocalModules:
    """Answers whether an import is local, and what it brings with it.

    Parameters
    ----------
    folder
        Where the notebook is; None when it was never saved.
    extra
        Folders that its code puts on ``sys.path``, as written there.
    """

    def __init__(self, folder: Path | None, extra: Iterable[str] = ()) -> None:
        self.folder = folder
        self.written: dict[str, str] = {}
        self.cloned: set[str] = set()
        self._roots = [folder] if folder else []
        self._roots += [found for text in extra if (found := self._folder(text))]
        self._sources: dict[Path, tuple[Import, ...]] = {}
        self._places: dict[tuple[str, bool], tuple[Path, Path] | None] = {}

    def _folder(self, text: str) -> Path | None:
        try:
            folder = ((self.folder or Path.cwd()) / Path(text).expanduser()).resolve()
            return folder if self.folder and folder.is_dir() else None
        except (OSError, ValueError, RuntimeError):
            return None

    def learn(self, script: Script) -> None:
        """Remember the modules that a cell writes, fetches or clones."""
        for file in script.files:
            name = file.name.replace("\\", "/").removeprefix("./")
            if name.endswith(".py"):
                self.written[name.removesuffix(".py").replace("/", ".")] = file.content
        for command in script.commands:
            if re.search(r"\b(?:wget|curl|cp|mv|tee|cat)\b", command.text):
                for name in _FETCHED.findall(command.text):
                    self.written.setdefault(name, "")
            self.cloned |= set(_cloned(command.text))

    def find(self, one: Import, *, common: bool) -> Found | None:
        """Find the local module behind an import.

        Parameters
        ----------
        one
            An absolute import.
        common
            Whether a well-known distribution has this name; then a folder
            without ``__init__.py`` is not taken for it.
        """
        if one.top in self.written:
            content = self.written[one.top]
            inner = self._imports_of_text(content) if content else ()
            return Found(f"{one.top}.py", tuple((f"{one.top}.py", x) for x in inner))
        if one.top in self.cloned and not common:
            return Found(one.top, ())
        key = (one.top, common)
        if key not in self._places:
            self._places[key] = self._place(one.top, common=common)
        place = self._places[key]
        if place is None:
            return None
        root, start = place
        return Found(self._shown(start), tuple(self._reached(root, _files(root, one))))

    def _place(self, top: str, *, common: bool) -> tuple[Path, Path] | None:
        """Find the root that holds a module, and its file or folder there.

        Search paths are often computed where we cannot follow, so what no
        distribution is known to be is looked for around the notebook too.
        """
        for root in self._roots:
            if start := self._locate(root, top, common=common):
                return root, start
        for root in () if common else self._around():
            if start := self._locate(root, top, common=True):
                return root, start
        return None

    def _around(self) -> Iterator[Path]:
        if self.folder is None:
            return
        yield from itertools.islice(_subfolders(self.folder), NEARBY)
        here = self.folder.absolute()
        for below, folder in itertools.islice(
            zip([here, *here.parents], here.parents, strict=False), DEPTH
        ):
            if (below / ".git").exists():
                return
            yield folder

    def run(self, arguments: str) -> Found | None:
        """Find the script or notebook that ``%run`` is given, and what it imports."""
        match = _RUN.search(arguments)
        for root in self._roots if match else ():
            path = root / match[1].strip("'\"")  # type: ignore[index]
            if _is_file(path):
                return Found(self._shown(path), tuple(self._reached(root, [path])))
        return None

    @staticmethod
    def _locate(root: Path, top: str, *, common: bool) -> Path | None:
        try:
            file, folder = root / f"{top}.py", root / top
            if file.is_file():
                return file
            if (folder / "__init__.py").is_file():
                return folder
            if not common and folder.is_dir() and any(folder.glob("*.py")):
                return folder
        except (OSError, ValueError):
            return None
        return None

    def _shown(self, path: Path) -> str:
        try:
            return path.relative_to(self.folder or path).as_posix()
        except ValueError:
            return path.as_posix()

    def _reached(self, root: Path, start: Iterable[Path]) -> Iterator[tuple[str, Import]]:
        seen: set[Path] = set()
        queue = [(path, 1) for path in start]
        while queue:
            path, depth = queue.pop()
            if path in seen:
                continue
            seen.add(path)
            for one in self._imports_of_file(path):
                inner = [*self._inner(root, path, one)]
                if inner and depth < DEPTH:
                    queue += ((file, depth + 1) for file in inner)
                elif not inner and not one.module.startswith("."):
                    yield self._shown(path), one

    def _inner(self, root: Path, path: Path, one: Import) -> Iterator[Path]:
        """Yield the local files that an import inside a local file leads to."""
        if one.module.startswith("."):
            rest = one.module.lstrip(".")
            level = len(one.module) - len(rest)
            base = path.parents[level - 1] if level <= len(path.parents) else root
            for tail in one.names if not rest else (rest,):
                yield from _files(base, Import(tail, one.names, 0, needed=True))
            return
        for base in (root, *self._roots):
            if self._locate(base, one.top, common=True):
                yield from _files(base, one)
                return

    def _imports_of_file(self, path: Path) -> tuple[Import, ...]:
        if path not in self._sources:
            try:
                fits = path.stat().st_size <= FILE_CAP
                text = path.read_text(encoding="utf-8", errors="replace") if fits else ""
            except OSError:
                text = ""
            if path.suffix == ".ipynb":
                text = _code_of(text)
            self._sources[path] = self._imports_of_text(text)
        return self._sources[path]

    @staticmethod
    def _imports_of_text(text: str) -> tuple[Import, ...]:
        tree = parse(text)
        trees = [tree] if tree else [code.tree for code in read_source(text).code]
        return tuple(one for tree in trees for one in find_imports(tree, main=False))


def _subfolders(folder: Path) -> Iterator[Path]:
    try:
        yield from (path for path in sorted(folder.iterdir()) if path.is_dir())
    except OSError:
        return


def _cloned(command: str) -> Iterator[str]:
    """Yield the folders that ``git clone`` makes."""
    words = command.split()
    if words[:2] == ["git", "clone"]:
        plain = [word for word in words[2:] if not word.startswith("-")]
        yield from (word.rstrip("/").rpartition("/")[2].removesuffix(".git") for word in plain)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _code_of(text: str) -> str:
    """Join the cells of a notebook, for its imports."""
    try:
        return "\n".join(cell.source for cell in read_notebook(text.encode()).cells)
    except NotebookError:
        return ""


def _files(root: Path, one: Import) -> Iterator[Path]:
    """Yield every file that Python would run for an import below a root."""
    folder = root
    for part in one.module.split("."):
        if (folder / f"{part}.py").is_file():
            yield folder / f"{part}.py"
            return
        folder = folder / part
        if (folder / "__init__.py").is_file():
            yield folder / "__init__.py"
        elif not folder.is_dir():
            return
    for name in one.names:
        if (folder / f"{name}.py").is_file():
            yield folder / f"{name}.py"
        elif (folder / name / "__init__.py").is_file():
            yield folder / name / "__init__.py"
