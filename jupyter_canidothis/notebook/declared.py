"""What the author wrote down about the notebook, and the files it is written in.

Formats: pip's requirements files; conda ``environment.yml``; ``pyproject.toml``
(PyPA "Declaring project metadata"); ``pylock.toml`` (PEP 751); what
repo2docker reads from ``binder/`` (https://repo2docker.readthedocs.io,
"Configuration files").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from ..errors import RequestError
from ..wire.strict_yaml import load
from .cells import mapping
from .installs import Install, read_conda_spec, read_requirement

__all__ = ["Declaration", "find_declarations", "read_declaration"]

FILE_CAP: Final = 512 * 2**10
"""Largest declaration that is read, in bytes."""
LINES_CAP: Final = 500
"""Most requirements read from one file."""
UPWARDS: Final = 4
"""How many folders up from the notebook declarations are looked for."""
_NAMES: Final = (
    "environment.yml",
    "environment.yaml",
    "requirements.txt",
    "pyproject.toml",
    "pylock.toml",
    "apt.txt",
)
_FOLDERS: Final = ("binder", ".binder", ".")


class Declaration(NamedTuple):
    """One file that declares needs."""

    source: str
    """Its name, relative to the notebook's folder where possible."""
    installs: tuple[tuple[int, Install], ...]
    """What it asks for, each with its line (0 where lines say nothing)."""


def find_declarations(folder: Path | None) -> Iterator[Declaration]:
    """Yield the nearest declaration of each kind, from the notebook up to its repository.

    A ``pyproject.toml`` speaks for a package. It counts for a notebook unless
    something nearer speaks for the notebook itself.
    """
    found: set[str] = set()
    for level in _levels(folder):
        if found:
            found.add("pyproject.toml")
        for below in _FOLDERS:
            for name in _NAMES:
                kind = name.replace(".yaml", ".yml")
                text = _text(level / below / name) if kind not in found else None
                if text is None:
                    continue
                found.add(kind)
                installs = tuple(read_declaration(name, text))
                if installs:
                    yield Declaration(_shown(level / below / name, folder), installs)


def read_declaration(name: str, text: str) -> Iterator[tuple[int, Install]]:
    """Yield what a declaration asks for, by the name of its file; never fails."""
    if name.endswith(".txt"):
        yield from _requirements(text, "apt" if name == "apt.txt" else "pip")
    elif name.startswith("environment"):
        yield from ((0, one) for one in _environment(text))
    elif name == "pyproject.toml":
        yield from _project(text)
    elif name == "pylock.toml":
        yield from _lock(text)


def _levels(folder: Path | None) -> Iterator[Path]:
    if folder is None:
        return
    here = folder.absolute()
    for level in [here, *here.parents][:UPWARDS]:
        yield level
        if (level / ".git").exists():
            return


def _text(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > FILE_CAP:
            return None
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def _shown(path: Path, folder: Path | None) -> str:
    try:
        return path.relative_to((folder or path).absolute()).as_posix()
    except ValueError:
        return f"{path.parent.name}/{path.name}"


def _requirements(text: str, manager: str) -> Iterator[tuple[int, Install]]:
    for number, line in enumerate(text.splitlines()[:LINES_CAP], 1):
        wanted = re.sub(r"(?:^|\s)#.*", "", line).strip().rstrip("\\").strip()
        wanted = re.sub(r"\s--hash=\S+", "", re.sub(r"^-e\s+|^--editable[ =]", "", wanted))
        if not wanted or wanted.startswith(("-", ".", "/")):
            continue
        install = Install(wanted, "", "apt") if manager == "apt" else read_requirement(wanted)
        if install is not None:
            yield number, install


def _environment(text: str) -> Iterator[Install]:
    try:
        parsed = mapping(load(text, "environment.yml"))
    except RequestError:
        return
    listed = parsed.get("dependencies")
    for one in listed[:LINES_CAP] if isinstance(listed, list) else ():
        install = read_conda_spec(one) if isinstance(one, str) else None
        if install is not None and install.name not in ("pip", "conda", "mamba"):
            yield install
        inner = mapping(one).get("pip")
        for line in inner[:LINES_CAP] if isinstance(inner, list) else ():
            install = read_requirement(line) if isinstance(line, str) else None
            if install is not None:
                yield install


def _project(text: str) -> Iterator[tuple[int, Install]]:
    """Read ``[project] dependencies``; TOML strings in a list, which is all it may hold."""
    section = re.search(r"^\[project\]\s*$(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    listed = (
        re.search(
            r"^dependencies\s*=\s*\[(.*?)\]\s*(?:#.*)?$", section[1], re.MULTILINE | re.DOTALL
        )
        if section
        else None
    )
    if section is None or listed is None:
        return
    start = section.start(1) + listed.start(1)
    body = re.sub(r"(?m)#.*$", lambda m: " " * len(m[0]), listed[1])
    for quoted in re.finditer(r"\"([^\"\n]*)\"|'([^'\n]*)'", body):
        install = read_requirement(quoted[1] or quoted[2] or "")
        if install is not None:
            yield text.count("\n", 0, start + quoted.start()) + 1, install


def _lock(text: str) -> Iterator[tuple[int, Install]]:
    for block in re.finditer(
        r"^\[\[packages\]\]\s*$(.*?)(?=^\[\[packages\]\]|\Z)", text, re.MULTILINE | re.DOTALL
    ):
        fields: dict[str, Any] = dict(
            re.findall(r"(?m)^(name|version)\s*=\s*[\"']([^\"'\n]*)", block[1])
        )
        if fields.get("name"):
            version = fields.get("version", "")
            line = text.count("\n", 0, block.start()) + 1
            yield line, Install(fields["name"], f"=={version}" if version else "", "pip")
