"""Write the software needs of a task in the forms that other tools install from.

Formats: pip requirements files; conda ``environment.yml``; PEP 723 inline
script metadata; and the nearest of the Jupyter Docker Stacks' images.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from ..images.stacks import stacks
from ..inventory import canonical
from ..task import Software, Task

__all__ = [
    "ImageHint",
    "Pin",
    "environment_yml",
    "nearest_image",
    "requirements_txt",
    "script_block",
]

Pin = Literal["any", "minor", "compatible", "exact"]
"""How closely versions are asked for: any, this minor or newer, compatible, this very one."""

_INFRASTRUCTURE: Final = re.compile(
    r"ipykernel|ipython|jupyter(?:[-_].*)?|notebook|nbformat|pip"
)
_EXACT: Final = re.compile(r"==\s*([0-9]+(?:\.[0-9]+)*)[^,*]*")
_STATUSES: Final = ("needed", "declared", "inferred")


class ImageHint(NamedTuple):
    """The published image that holds most of what a task needs."""

    image: str
    """Name, e.g. ``quay.io/jupyter/scipy-notebook``."""
    holds: tuple[str, ...]
    """Needs that it brings."""
    lacks: tuple[str, ...]
    """Needs that have to be installed on top."""
    date: str
    """When the table was written."""


def requirements_txt(task: Task, pin: Pin = "exact") -> str:
    """Write a requirements file of what the notebook needs, infrastructure left out."""
    lines = [f"{one.name}{_version(one, pin)}" for one in _needs(task, ("pip", "conda"))]
    return "".join(f"{line}\n" for line in lines)


def script_block(task: Task, pin: Pin = "minor") -> str:
    """Write a PEP 723 block for the notebook's first cell."""
    wanted = requirements_txt(task, pin).splitlines()
    python = _python(task)
    lines = ["# /// script"]
    lines += [f'# requires-python = ">={python}"'] if python else []
    lines += ["# dependencies = [", *(f'#   "{line}",' for line in wanted), "# ]", "# ///"]
    return "\n".join(lines) + "\n"


def environment_yml(task: Task, pin: Pin = "exact") -> str:
    """Write a conda environment; what conda installed stays conda's, the rest is pip's."""
    conda = [*_needs(task, ("conda",))]
    pip = [*_needs(task, ("pip",))]
    python = _python(task)
    lines = ["channels:", "  - conda-forge", "dependencies:"]
    lines += [f"  - python={python}" if python else "  - python"]
    lines += [f"  - {one.name}{_conda_version(one, pin)}" for one in conda]
    if pip:
        lines += ["  - pip", "  - pip:"]
        lines += [f"    - {_quoted(one.name + _version(one, pin))}" for one in pip]
    return "\n".join(lines) + "\n"


def nearest_image(task: Task) -> ImageHint | None:
    """Find the image with most of the needs; of several, the smallest.

    Returns
    -------
    ImageHint
        None when the task needs nothing, or is in a language no image has.
    """
    table = stacks()
    language = next(iter(task.executable.languages), "")
    wanted = {
        canonical(one.name): one.name for one in _needs(task, ("pip", "conda", "cran", "julia"))
    }
    found: list[tuple[int, ImageHint]] = []
    for image in table.images:
        if language in image.languages and wanted:
            holds = {canonical(name) for name in table.packages(image.name)}
            have = tuple(name for key, name in wanted.items() if key in holds)
            lack = tuple(name for key, name in wanted.items() if key not in holds)
            found.append(
                (len(have), ImageHint(table.registry + image.name, have, lack, table.date))
            )
    # The table lists smaller images first, and max keeps the first of equals.
    return max(found, key=lambda one: one[0])[1] if found else None


def _needs(task: Task, managers: tuple[str, ...]) -> Iterator[Software]:
    for one in sorted(task.software, key=lambda one: one.name.lower()):
        plain = _INFRASTRUCTURE.fullmatch(one.name.lower()) is None
        if plain and one.manager in managers and one.status in _STATUSES:
            yield one


def _version(one: Software, pin: Pin) -> str:
    """Loosen an exact version as asked; a specifier that somebody wrote stays as it is."""
    match = _EXACT.fullmatch(one.version)
    if pin == "any" or not one.version:
        return ""
    if pin == "exact" or match is None:
        return one.version
    parts = match[1].split(".")
    minor = ".".join((*parts, "0")[:2])
    return f">={minor}" if pin == "minor" else f"~={minor}"


def _conda_version(one: Software, pin: Pin) -> str:
    return _version(one, pin).replace("==", "=").replace("~=", ">=")


def _python(task: Task) -> str:
    """Return the minor version of Python that the task was seen with, or empty."""
    for evidence in task.evidence.get("executable.languages", ()):
        if match := re.search(r"python (\d+\.\d+)", evidence.text):
            return match[1]
    return ""


def _quoted(text: str) -> str:
    return f'"{text}"' if re.search(r"[<>=!~*]", text) else text
