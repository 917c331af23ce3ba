"""Collect software needs: one entry per distribution, with all that led to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ..evidence import Evidence, trim
from ..task import Software
from .environment import Environment
from .installs import Install
from .names import Owner, canonical, owner_of

__all__ = ["STATUSES", "SoftwareNeeds"]

STATUSES: Final = ("needed", "declared", "optional", "inferred")
"""From the strongest to the weakest; the strongest that was found holds."""
EVIDENCE_CAP: Final = 20
"""Most pieces of evidence kept for one distribution."""


@dataclass
class _Need:
    name: str
    status: str
    manager: str = "pip"
    version: str = ""
    imports: dict[str, None] = field(default_factory=dict)
    evidence: dict[Evidence, None] = field(default_factory=dict)


class SoftwareNeeds:
    """What is needed so far.

    Parameters
    ----------
    environment
        What is installed where the kernel runs, when it could be asked.
    """

    def __init__(self, environment: Environment | None = None) -> None:
        self.environment = environment
        self._needs: dict[str, _Need] = {}
        self._declared: dict[str, str] = {}

    def declare(self, install: Install, evidence: Evidence) -> None:
        """Add what the author asks to install."""
        if not install.name:
            return
        need = self._add(install.name, "declared", evidence)
        need.manager = install.manager
        need.version = need.version or install.version
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

    def infer(self, name: str, evidence: Evidence, manager: str = "pip") -> None:
        """Add what no import shows, but a call pattern does."""
        self._add(name, "inferred", evidence).manager = manager

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

    def _add(self, name: str, status: str, evidence: Evidence) -> _Need:
        need = self._needs.setdefault(canonical(name), _Need(name, status))
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
        evidence = [*need.evidence]
        version, manager = need.version, need.manager
        if self.environment is not None:
            text = "not installed there"
            if installed is not None:
                manager = installed.manager
                version = version or f"=={installed.version}"
                text = f"{installed.name} {installed.version}, installed by {manager}"
                text += f" from {installed.origin}" if installed.origin else ""
            evidence.append(Evidence("live-read", self.environment.source, trim(text, 500)))
        return Software(
            name=installed.name if installed else trim(need.name, 200),
            version=trim(version, 200),
            imports=tuple(need.imports),
            manager=manager,
            status=need.status,
            evidence=tuple(evidence),
        )
