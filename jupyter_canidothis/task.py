"""What somebody wants to run: `Task` and its parts.

The words are those of the Execution Planner note (IVOA, 2021): an executable,
its software and data needs, and its resources.
"""

from __future__ import annotations

from typing import Final

import msgspec

from .evidence import Evidence
from .resources import Gpu, Range, Resources

__all__ = [
    "TASK_TYPES",
    "Data",
    "Executable",
    "Gpu",
    "Range",
    "Resources",
    "Software",
    "Task",
]

TASK_TYPES: Final[dict[str, str]] = {
    "uri://jupyter-notebook": "Jupyter notebook",
    "uri://binder-notebook": "Binder notebook",
    "uri://zeppelin-notebook": "Zeppelin notebook",
    "uri://esap-notebook": "ESAP notebook",
    "uri://docker-container": "Docker container",
    "uri://docker-compose": "Docker Compose file",
    "uri://kubernetes-helm": "Helm chart",
    "uri://singularity-container": "Singularity container",
    "uri://batch-script": "Batch script",
}
"""Task types of the Execution Planner note and ours (``uri://batch-script``), with names."""


class Executable(msgspec.Struct, frozen=True, omit_defaults=True):
    """The thing to run. Fields that its type does not use stay empty."""

    type: str
    """One of `TASK_TYPES`; another one is answered NO, never with an error."""
    location: str = ""
    """Path or URL of the notebook, compose file, chart or script."""
    content: str = ""
    """The file itself, by value, when there is no location."""
    languages: tuple[str, ...] = ()
    """Languages a notebook is written in, lower case, e.g. ``python``."""
    kernel: str = ""
    """Kernel spec the notebook names, e.g. ``python3``."""
    image: str = ""
    """Container image reference."""
    command: tuple[str, ...] = ()
    """Command line of a container or script; empty for its own default."""


class Software(msgspec.Struct, frozen=True, omit_defaults=True):
    """One software need."""

    name: str
    """Distribution name as its package manager spells it, e.g. ``scikit-learn``."""
    version: str = ""
    """Version specifier, e.g. ``==1.26.4``; empty accepts any."""
    imports: tuple[str, ...] = ()
    """Top-level import names that led to it."""
    manager: str = "pip"
    """Who installs it: ``pip``, ``conda``, ``cran``, ``julia``, ``apt``."""
    status: str = "needed"
    """``needed``, ``optional``, ``inferred`` or ``declared``."""
    evidence: tuple[Evidence, ...] = ()
    """Cells and commands that found it."""


class Data(msgspec.Struct, frozen=True, omit_defaults=True):
    """One data need."""

    location: str
    """Path, URL or IVOA identifier."""
    size: int | None = None
    """Bytes, where known."""
    network: bool = False
    """Whether reading it needs the network."""
    evidence: tuple[Evidence, ...] = ()
    """Cells that read it."""


class Task(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody wants to run."""

    executable: Executable
    """The thing to run."""
    resources: Resources = Resources()
    """How much it needs."""
    software: tuple[Software, ...] = ()
    """What has to be installed."""
    data: tuple[Data, ...] = ()
    """What has to be readable."""
    name: str = ""
    """What a person calls it, e.g. the notebook's file name."""
    evidence: dict[str, tuple[Evidence, ...]] = {}
    """Where values come from, by field path such as ``resources.memory``."""
    notes: tuple[str, ...] = ()
    """What could not be learned, and why, in plain words."""
