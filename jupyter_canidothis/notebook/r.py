"""Which packages R code loads and installs, by static reading.

The ways of loading are those of base R (``library``, ``require``, ``::``), and
of the packages pacman, box, import and targets; of installing, base R,
remotes, devtools, pak, renv and BiocManager.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .found import Package
from .lines import Lines

__all__ = ["read_r"]

_BASE: Final = frozenset(
    [
        *("base", "compiler", "datasets", "grDevices", "graphics", "grid", "methods"),
        *("parallel", "splines", "stats", "stats4", "tcltk", "tools", "utils"),
    ]
)
_NAME: Final = r"[A-Za-z][A-Za-z0-9.]*[A-Za-z0-9]"
_BLANKED: Final = re.compile(
    r"(\"(?:\\.|[^\"\\])*(?:\"|\Z)|'(?:\\.|[^'\\])*(?:'|\Z))|#[^\n]*", re.DOTALL
)
_LOAD: Final = re.compile(
    rf"\b(library|require|requireNamespace|loadNamespace|attachNamespace)\s*\(\s*"
    rf"(?:package\s*=\s*)?([\"']?)({_NAME})\2\s*(\)|,[^)\n]*\))"
)
_COLONS: Final = re.compile(rf"(?<![\w.$@\"'/])({_NAME}):::?[A-Za-z.`]")
_MANY: Final = re.compile(
    r"\bp_load\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)|\bpackages\s*=\s*c\(([^()]*)\)"
)
_BOX: Final = re.compile(r"\bbox::use\s*\(([^()]*)\)")
_FROM: Final = re.compile(rf"\bimport::(?:from|here)\s*\(\s*[\"']?({_NAME})")
_INSTALL: Final = re.compile(
    r"\b(?:install\.packages|install_version|BiocManager::install|renv::install|pak::pkg_install"
    r"|pak::pak|install_cran)\s*\(\s*(c\([^()]*\)|[\"'][^\"']*[\"'])"
)
_GITHUB: Final = re.compile(
    r"\binstall_(?:github|gitlab|bitbucket)\s*\(\s*[\"'](?:[\w.-]+/)([\w.]+)(?:[@/#][^\"']*)?[\"']"
)
_IMPLIED: Final = (({"dplyr", "DBI"}, "dbplyr"), ({"tidyverse", "DBI"}, "dbplyr"))
"""Packages that two others need together, which no line loads."""


def read_r(source: str) -> Iterator[Package]:
    """Yield the packages that R code names, with their lines from 1."""
    code = _BLANKED.sub(lambda m: m[1] or " " * len(m[0]), source)
    lines = Lines(source)
    found: set[str] = set()
    for position, name, status in _all(code):
        if name not in _BASE:
            found.add(name)
            yield Package(name, status, lines.at(position))
    for together, implied in _IMPLIED:
        if together <= found and implied not in found:
            yield Package(implied, "inferred", 1)


def _all(code: str) -> Iterator[tuple[int, str, str]]:
    for match in _LOAD.finditer(code):
        if match[2] or "character.only" not in match[4]:
            optional = match[1] == "requireNamespace"
            yield match.start(), match[3], "optional" if optional else "needed"
    for pattern, status in ((_COLONS, "needed"), (_FROM, "needed"), (_GITHUB, "declared")):
        for match in pattern.finditer(code):
            yield match.start(), match[1], status
    yield from _in_lists(code)


def _in_lists(code: str) -> Iterator[tuple[int, str, str]]:
    for match in _MANY.finditer(code):
        for name in _names(match[1] or match[2] or ""):
            yield match.start(), name, "needed"
    for match in _BOX.finditer(code):
        for part in match[1].split(","):
            if used := re.match(rf"\s*(?:\w+\s*=\s*)?({_NAME})\s*(?:$|\[)", part):
                yield match.start(), used[1], "needed"
    for match in _INSTALL.finditer(code):
        for name in re.findall(rf"[\"']({_NAME})(?:@[^\"']*)?[\"']", match[1]):
            yield match.start(), name, "declared"


def _names(arguments: str) -> Iterator[str]:
    for part in re.sub(r"\bc\(|[()]", " ", arguments).split(","):
        if match := re.fullmatch(rf"\s*[\"']?({_NAME})[\"']?\s*", part):
            yield match[1]
