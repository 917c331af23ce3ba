"""Which packages Julia code loads and adds, by static reading.

Syntax: the Julia manual, "Modules" (``using``, ``import``), and Pkg's
documentation (``Pkg.add``, ``pkg"add …"``, the ``]`` prompt).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .found import Package
from .lines import Lines

__all__ = ["read_julia"]

_STDLIB: Final = frozenset(
    [
        *("ArgTools", "Artifacts", "Base", "Base64", "CRC32c", "Core", "Dates"),
        *("DelimitedFiles", "Distributed", "Downloads", "FileWatching", "Future"),
        *("InteractiveUtils", "LazyArtifacts", "LibCURL", "LibGit2", "Libdl", "LinearAlgebra"),
        *("Logging", "Main", "Markdown", "Mmap", "NetworkOptions", "Pkg", "Printf", "Profile"),
        *("REPL", "Random", "SHA", "Serialization", "SharedArrays", "Sockets", "SparseArrays"),
        *(
            "Statistics",
            "StyledStrings",
            "SuiteSparse",
            "TOML",
            "Tar",
            "Test",
            "UUIDs",
            "Unicode",
        ),
    ]
)
_BLANKED: Final = re.compile(
    r"(\"\"\".*?(?:\"\"\"|\Z)|\"(?:\\.|[^\"\\])*(?:\"|\Z))|#=.*?(?:=#|\Z)|#[^\n]*", re.DOTALL
)
_USING: Final = re.compile(
    r"(?:^|;|@everywhere(?:\s+\w+)?|begin)[ \t]*(?:using|import)[ \t]+"
    r"([A-Za-z_.](?:,[ \t]*\n|[\w., \t!@])*)",
    re.MULTILINE,
)
_ADD: Final = re.compile(r"\bPkg\.add\s*\(\s*(?:url\s*=\s*)?([^)]*)")
_PROMPT: Final = re.compile(
    r"pkg\"\s*(?:add|dev)\s+([^\"]*)\"|^[ \t]*\][ \t]*(?:add|dev)[ \t]+(.*)$", re.MULTILINE
)
_NAME: Final = re.compile(r"[A-Z]\w*")


def read_julia(source: str) -> Iterator[Package]:
    """Yield the packages that Julia code names, with their lines from 1."""
    code = _BLANKED.sub(lambda m: m[1] or re.sub(r"[^\n]", " ", m[0]), source)
    lines = Lines(source)
    for position, name, status in _all(code):
        if name not in _STDLIB:
            yield Package(name, status, lines.at(position))


def _all(code: str) -> Iterator[tuple[int, str, str]]:
    for match in _USING.finditer(code):
        # What stands after a colon are names from inside the one package.
        listed = match[1].split(",")
        for part in listed:
            name = re.match(r"\s*([A-Za-z_]\w*)", part)
            if name is not None:
                yield match.start(1), name[1], "needed"
    for match in _ADD.finditer(code):
        for quoted in re.findall(r"\"([^\"]*)\"", match[1]):
            name = re.search(r"([A-Za-z]\w*?)(?:\.jl)?(?:\.git)?/?$", quoted)
            if name is not None:
                yield match.start(), name[1], "declared"
    for match in _PROMPT.finditer(code):
        for word in (match[1] or match[2] or "").replace(",", " ").split():
            if name := _NAME.match(word):
                yield match.start(), name[0], "declared"
