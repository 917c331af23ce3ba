"""Collect software needs: one entry per distribution, with all that led to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from ..evidence import Evidence, trim
from ..inventory import canonical
from ..task import Software
from .environment import Distribution, Environment
from .found import Package
from .installs import Install
from .kernel import LiveKernel
from .names import Owner, owner_of

__all__ = ["EVIDENCE_CAP", "STATUSES", "SoftwareNeeds"]

STATUSES: Final = ("needed", "declared", "optional", "inferred")
"""From the strongest to the weakest; the strongest that was found holds."""
NEEDS_CAP: Final = 2000
"""Most distributions that are listed; no real notebook comes near."""
EVIDENCE_CAP: Final = 20
"""Most pieces of evidence kept for one distribution."""


@dataclass
class _Need:
    name: str
    status: str
    manager: str = "pip"
    versions: dict[str, str] = field(default_factory=dict)
    imports: dict[str, None] = field(default_factory=dict)
    evidence: dict[Evidence, None] = field(default_factory=dict)


class SoftwareNeeds:
    """What is needed so far.

    Parameters
    ----------
    environment
        What is installed where the kernel runs, when it could be asked.
    kernel
        The running kernel, when it was looked at.
    """

    def __init__(
        self, environment: Environment | None = None, kernel: LiveKernel | None = None
    ) -> None:
        self.environment = environment
        self.kernel = kernel
        self._needs: dict[str, _Need] = {}
        self._declared: dict[str, str] = {}

    def declare(self, install: Install, evidence: Evidence) -> None:
        """Add what the author asks to install."""
        if not install.name:
            return
        need = self._add(install.name, "declared", evidence, install.manager)
        if install.version:
            need.versions.setdefault(install.version, evidence.source)
        self._declared.setdefault(canonical(install.name), install.name)

    def declares(self, name: str) -> bool:
        """Whether the author asks for this distribution."""
        return canonical(name) in self._declared

    def has(self, name: str) -> bool:
        """Whether this distribution is among the needs already."""
        return canonical(name) in self._needs

    def need(self, paths: Iterable[str], status: str, evidence: Evidence) -> None:
        """Add what provides some dotted import paths."""
        for path in paths:
            names, how = self.provider(path)
            for name in names:
                need = self._add(name, status, evidence)
                need.imports.setdefault(path.partition(".")[0])
                if how is not None:
                    need.evidence.setdefault(how)

    def add(self, package: Package, manager: str, evidence: Evidence) -> None:
        """Add a package of another language."""
        need = self._add(package.name, package.status, evidence, manager)
        need.imports.setdefault(package.name)

    def infer(self, name: str, evidence: Evidence, manager: str = "pip") -> None:
        """Add what no import shows, but a call pattern does."""
        self._add(name, "inferred", evidence, manager)

    def best(self, names: tuple[str, ...]) -> str:
        """Of several that will do, name one that is needed, declared or installed already."""
        here = [name for name in names if self.has(name)]
        installed = [name for name in names if self.environment and self.environment.get(name)]
        return (here or installed or list(names))[0]

    def provider(self, path: str) -> tuple[tuple[str, ...], Evidence | None]:
        """Name the distributions behind an import path, with how they were found."""
        if self.environment is not None:
            names = self._chosen(self.environment.owners_of(path))
            if names:
                return names, None
        owner = owner_of(path)
        if not owner.names:
            return (), None
        names = self._chosen(owner.names) if owner.known else (self._similar(owner),)
        if owner.known or self.declares(names[0]):
            return names, None
        text = f"assumed to be named like the import {path.partition('.')[0]}"
        return names, Evidence("inferred", "jupyter_canidothis table of names", text)

    def _chosen(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Of several distributions for one import, take the one that is declared."""
        declared = [name for name in names if self.declares(name)]
        return tuple((declared or list(names))[:1])

    def _similar(self, owner: Owner) -> str:
        """Prefer a declared distribution whose name is the import with ``py`` or ``python``."""
        name = canonical(owner.names[0])
        for similar in (name, f"py{name}", f"python-{name}", f"{name}-python", f"{name}-py"):
            if similar in self._declared:
                return self._declared[similar]
        return owner.names[0]

    def _add(self, name: str, status: str, evidence: Evidence, manager: str = "pip") -> _Need:
        # R and Julia tell upper from lower case, Python's index does not.
        key = canonical(name) if manager in ("pip", "conda") else f"{manager}:{name}"
        if key not in self._needs and len(self._needs) >= NEEDS_CAP:
            return _Need(name, status, manager)
        need = self._needs.setdefault(key, _Need(name, status, manager))
        if STATUSES.index(status) < STATUSES.index(need.status):
            need.status = status
            need.name = name
        if len(need.evidence) < EVIDENCE_CAP:
            need.evidence.setdefault(evidence)
        return need

    def listed(self) -> tuple[Software, ...]:
        """Return the needs, strongest first, then by name."""
        order = sorted(
            self._needs.values(), key=lambda n: (STATUSES.index(n.status), n.name.lower())
        )
        return tuple(self._finished(need) for need in order)

    def _finished(self, need: _Need) -> Software:
        installed = self.environment.get(need.name) if self.environment else None
        loaded = self._loaded(need)
        version, manager = next(iter(need.versions), ""), need.manager
        evidence = [*need.evidence, *self._seen_in_kernel(need)]
        if manager in ("pip", "conda") and self.environment is not None:
            evidence.append(_installed(self.environment, installed))
        if installed is not None:
            manager = installed.manager
        if not version and (installed or loaded):
            version = f"=={installed.version if installed else loaded}"
        return Software(
            name=installed.name if installed else trim(need.name, 200),
            version=trim(version, 200),
            imports=tuple(need.imports),
            manager=manager,
            status=need.status,
            evidence=tuple(evidence),
        )

    def _loaded(self, need: _Need) -> str:
        """Return the version that the kernel has loaded, as the module calls itself."""
        versions = self.kernel.versions if self.kernel else {}
        return next((versions[name] for name in need.imports if name in versions), "")

    def _seen_in_kernel(self, need: _Need) -> Iterator[Evidence]:
        for name in need.imports if self.kernel else ():
            if file := self.kernel.modules.get(name):  # type: ignore[union-attr]
                yield Evidence(
                    "kernel", "debug_request modules", trim(f"{name} is loaded: {file}", 500)
                )
            if version := self.kernel.versions.get(name):  # type: ignore[union-attr]
                text = f"{name} {version} is loaded"
                yield Evidence("kernel", "silent execute_request", trim(text, 500))

    def stale(self) -> Iterator[str]:
        """Yield what the kernel has loaded and has been installed anew since."""
        process = self.kernel.process if self.kernel else None
        for need in self._needs.values():
            installed = self.environment.get(need.name) if self.environment else None
            loaded = self._loaded(need)
            if installed is None:
                continue
            if loaded and _plain(loaded) and loaded != installed.version:
                yield (
                    f"{installed.name} {loaded} is loaded and {installed.version} is installed:"
                    " restart the kernel to use it"
                )
            elif process and installed.changed > process.started and self._is_loaded(need):
                yield (
                    f"{installed.name} was installed after the kernel started:"
                    " it may still run the version before"
                )

    def only_here(self) -> Iterator[str]:
        """Yield what is installed from a working copy, or from nowhere an index knows."""
        for need in self._needs.values():
            installed = self.environment.get(need.name) if self.environment else None
            if installed is None or need.status == "optional":
                continue
            if installed.editable:
                yield f"{installed.name} is a working copy: it exists only on this machine"
            elif installed.origin.startswith("file:"):
                yield f"{installed.name} was installed from a local file, {installed.origin}"

    def _is_loaded(self, need: _Need) -> bool:
        return self.kernel is not None and any(n in self.kernel.modules for n in need.imports)

    def declared_versions(self) -> Iterator[tuple[str, dict[str, str], str]]:
        """Yield name, declared specifiers by where they are, and the installed version."""
        for need in self._needs.values():
            installed = self.environment.get(need.name) if self.environment else None
            if need.versions:
                yield need.name, need.versions, installed.version if installed else ""


def _plain(version: str) -> bool:
    """Whether this is a release number, and no build of a working copy."""
    return re.fullmatch(r"\d+(?:\.\d+)*", version) is not None


def _installed(environment: Environment, installed: Distribution | None) -> Evidence:
    text = "not installed there"
    if installed is not None:
        text = f"{installed.name} {installed.version}, installed by {installed.manager}"
        text += (
            " as a link to a working copy, which is only here:" if installed.editable else ""
        )
        text += f" from {installed.origin}" if installed.origin else ""
    return Evidence("live-read", environment.source, trim(text, 500))
