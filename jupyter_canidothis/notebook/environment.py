"""What is installed where the kernel runs, with who put it there and who owns which import."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from ..command import LocalCommand
from ..inventory import ask_interpreter, canonical, changed

__all__ = [
    "Distribution",
    "Environment",
    "interpreter_for",
    "interpreter_of",
    "read_environment",
]

DEADLINE: Final = 10.0
"""Seconds that an interpreter may take to list what it holds."""


class Distribution(msgspec.Struct, frozen=True, omit_defaults=True):
    """One installed distribution."""

    name: str
    """As it calls itself."""
    version: str
    """As installed."""
    manager: str = "pip"
    """``pip``, ``conda`` or ``apt``: who put it there."""
    editable: bool = False
    """Whether it is a link to a working copy, which exists only on this machine."""
    origin: str = ""
    """URL it was installed from, with the commit where known; empty for the package index."""
    changed: float = 0.0
    """When it was installed, in seconds since the Unix epoch."""


class Environment(msgspec.Struct, frozen=True):
    """What one interpreter can import."""

    interpreter: str
    """Path of the interpreter."""
    version: str
    """Its version."""
    stdlib: frozenset[str]
    """Top-level names of its standard library."""
    distributions: dict[str, Distribution]
    """By canonical name (PEP 503)."""
    owners: dict[str, tuple[str, ...]]
    """Names of the distributions that provide a top-level (or deeper, where shared) import."""

    @property
    def source(self) -> str:
        """How it was asked, for evidence."""
        return f"importlib.metadata of {self.interpreter}"

    def get(self, name: str) -> Distribution | None:
        """Find a distribution by any spelling of its name."""
        return self.distributions.get(canonical(name))

    def owners_of(self, path: str) -> tuple[str, ...]:
        """Return the distributions behind a dotted import, by its longest known part."""
        parts = path.split(".")
        for count in range(len(parts), 0, -1):
            if names := self.owners.get(".".join(parts[:count])):
                return names
        return tuple(self._working_copies(parts[0]))

    def _working_copies(self, top: str) -> Iterator[str]:
        """Yield editable installs whose folder holds a module; many list no files of it."""
        for one in self.distributions.values():
            if one.editable and one.origin.startswith("file://"):
                folder = Path(unquote(one.origin.removeprefix("file://")))
                places = (folder / top, folder / "src" / top, folder / f"{top}.py")
                if any(place.exists() for place in places):
                    yield one.name


_known: dict[str, tuple[Environment, dict[str, int]]] = {}


def interpreter_of(argv: list[str]) -> str | None:
    """Find the Python interpreter that a kernel spec starts, or None when it hides it.

    jupyter_client replaces a literal ``python``, ``python3`` or ``python3.N`` by
    the interpreter it runs in itself (``KernelManager.format_kernel_cmd``).
    """
    program = argv[0] if argv else ""
    major, minor = sys.version_info[:2]
    if program in ("python", f"python{major}", f"python{major}.{minor}"):
        return sys.executable
    if re.fullmatch(r"(?:pypy|python)[\d.]*(?:\.exe)?", Path(program).name):
        return shutil.which(program)
    return None


def interpreter_for(kernel: str) -> str | None:
    """Find the Python interpreter of an installed kernel spec by its name."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(kernel)
    except (NoSuchKernel, ValueError, OSError):
        return None
    return interpreter_of(list(spec.argv))


async def read_environment(
    interpreter: str, command: LocalCommand | None = None
) -> Environment | None:
    """Ask an interpreter what it holds; remembered until something is installed there.

    Returns
    -------
    Environment
        None when the interpreter could not be asked.
    """
    if interpreter in _known:
        environment, folders = _known[interpreter]
        if folders == changed(folders):
            return environment
    raw = await ask_interpreter(
        [interpreter], command or LocalCommand(), deadline=DEADLINE, files=True
    )
    try:
        environment = _build(interpreter, raw)
        folders = changed([str(folder) for folder in raw["path"]])
    except (KeyError, TypeError, ValueError):
        return None
    _known[interpreter] = (environment, folders)
    return environment


def _build(interpreter: str, raw: Mapping[str, Any]) -> Environment:
    conda = {canonical(name) for name, _ in raw["conda"]}
    distributions: dict[str, Distribution] = {}
    for (called, version), origin in zip(raw["found"], raw["origins"], strict=True):
        # The first on sys.path is the one that is imported.
        name = canonical(called)
        one = _distribution(called, version, origin, in_conda=name in conda)
        distributions.setdefault(name, one)
    return Environment(
        interpreter,
        raw["version"],
        frozenset(raw["stdlib"]),
        distributions,
        {path: tuple(dict.fromkeys(names)) for path, names in raw["owners"].items()},
    )


def _distribution(
    name: str, version: str, origin: Mapping[str, Any], *, in_conda: bool
) -> Distribution:
    url = origin["url"]
    return Distribution(
        name,
        version,
        _manager(origin["installer"], in_conda, origin["path"]),
        bool((url.get("dir_info") or {}).get("editable")),
        _origin(url),
        origin["changed"],
    )


def _manager(installer: str, in_conda: bool, path: str) -> str:
    if installer == "conda" or (in_conda and installer in ("", "conda")):
        return "conda"
    return "apt" if "/dist-packages" in path and installer in ("", "debian") else "pip"


def _origin(url: Mapping[str, Any]) -> str:
    where = str(url.get("url") or "")
    where = re.sub(r"(?<=://)[^/@]*@", "", where)
    commit = (url.get("vcs_info") or {}).get("commit_id")
    return f"{where}@{commit}" if where and commit else where
