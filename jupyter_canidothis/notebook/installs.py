"""What a notebook installs itself: pip, uv, conda and apt lines, and PEP 723 blocks.

Options that take a value are those of ``pip install --help``, ``conda install
--help`` and ``apt-get(8)``.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Final, NamedTuple

from packaging.requirements import InvalidRequirement, Requirement

from .lines import Lines

__all__ = [
    "Block",
    "Install",
    "read_block",
    "read_comments",
    "read_conda_spec",
    "read_install",
    "read_requirement",
]

WORD_CAP: Final = 500
"""Longest requirement that is read, in characters."""
_WITH_VALUE: Final = re.compile(
    r"-[rcifntpo]|--(?:requirement|constraint|channel|index-url|extra-index-url|find-links|target"
    r"|prefix|root|name|python|python-version|platform|proxy|timeout|trusted-host|no-binary"
    r"|only-binary|progress-bar|upgrade-strategy|cache-dir|log|file|src|retries|cert"
    r"|config-settings|report)"
)
_MANAGERS: Final = {
    "pip": "pip",
    "pip3": "pip",
    "pip2": "pip",
    "uv": "pip",
    "conda": "conda",
    "mamba": "conda",
    "micromamba": "conda",
    "apt": "apt",
    "apt-get": "apt",
}
_INSTALL: Final = re.compile(
    r"(?:^|[\s/}])(?P<tool>pip3?(?:\.\d+)?|uv pip|uv|conda|mamba|micromamba|apt|apt-get)\s+"
    r"(?:-{1,2}\S+\s+)*(?P<verb>install|add)\s+(?P<rest>.*)",
    re.DOTALL,
)
_COMMENT: Final = re.compile(
    r"^[ \t]*#+[ \t]*(?P<line>[%!]{0,2}[ \t]*(?:[\w{}$./ -]{0,40}?[ \t])??"
    r"(?:pip3?|conda|mamba|uv pip)[ \t]+install[ \t]+\S.*)$",
    re.MULTILINE,
)
_PROSE: Final = re.compile(r"\s(?:the|to|and|or|if|you|with|for|this|then)\s", re.IGNORECASE)
_REQUIREMENT: Final = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?=$|[\[<>=!~;@ ])"
)
_CONDA: Final = re.compile(
    r"(?:[\w./-]+::)?(?P<name>[A-Za-z0-9_][\w.-]*)\s*(?P<version>[=<>!~][^\s\[]*)?"
)
_BLOCK: Final = re.compile(
    r"^# /// script[ \t]*$\n(?P<body>(?:^#(?:| .*)$\n)+?)^# ///[ \t]*$", re.MULTILINE
)


class Install(NamedTuple):
    """One thing that a notebook, or a file beside it, asks to install."""

    name: str
    """Distribution or package name; empty when only a URL is known."""
    version: str
    """Version specifier as written."""
    manager: str
    """``pip``, ``conda`` or ``apt``."""
    url: str = ""
    """Where it comes from when it is not the package index."""
    active: bool = True
    """False when the line is commented out."""


def read_install(command: str) -> Iterator[Install]:
    """Read every install command of a shell line."""
    for part in re.split(
        r"&&|\|\||;(?!\s*(?:python_version|sys_platform|platform))|\n", command
    ):
        match = _INSTALL.search(part)
        if match is None:
            continue
        manager = _MANAGERS.get(match["tool"].split()[0].split(".")[0], "pip")
        for word in _arguments(match["rest"].split(" | ")[0]):
            found = _read_argument(word, manager)
            if found is not None:
                yield found


def _arguments(rest: str) -> Iterator[str]:
    """Yield what is to be installed, without options and their values."""
    rest = re.sub(r"\s#.*", "", rest, flags=re.DOTALL)
    rest = re.sub(r"\s(?:\d?>{1,2}\s*|&>)(?=[/\w&])[/&][^\s]*", " ", rest)
    try:
        words = shlex.split(rest)
    except ValueError:
        words = rest.replace('"', " ").replace("'", " ").split()
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = _WITH_VALUE.fullmatch(word) is not None
        elif word not in ("&", "|", ">", "\\", "pip", "install"):
            yield word


def _read_argument(word: str, manager: str) -> Install | None:
    if (
        len(word) > WORD_CAP
        or any(mark in word for mark in "{}$`*\\")
        or word.startswith((".", "/", "~"))
    ):
        return None
    if manager == "conda":
        return read_conda_spec(word)
    if manager == "apt":
        match = re.match(r"[a-z0-9][a-z0-9+.-]+(?=$|[=/])", word)
        return Install(match[0], "", "apt") if match else None
    return read_requirement(word)


def read_requirement(text: str) -> Install | None:
    """Read one requirement (PEP 508) or version-control URL of pip, or return None."""
    text = text.strip().strip(",")
    if re.match(r"(?:git|hg|svn|bzr)\+|https?://|git@", text):
        return _read_url(text)
    try:
        wanted = Requirement(text)
    except InvalidRequirement:
        name = _REQUIREMENT.match(text)
        return (
            Install(name[0], "", "pip")
            if name and not text.endswith((".whl", ".txt"))
            else None
        )
    if wanted.name.endswith((".whl", ".txt", ".yml", ".py", ".tar.gz", ".zip")):
        return None
    return Install(wanted.name, str(wanted.specifier), "pip", wanted.url or "")


def _read_url(text: str) -> Install:
    url, _, fragment = text.partition("#")
    egg = re.search(r"egg=([\w.-]+)", fragment)
    path = re.sub(r"@[^/@]+$", "", url.split("?")[0]).rstrip("/").removesuffix(".git")
    last = path.rpartition("/")[2]
    wheel = re.match(r"([\w.]+)-\d[\w.!+]*(?:-.*)?\.(?:whl|tar\.gz|zip)$", last)
    archive = re.match(r".*/([\w.-]+)/archive/", path)
    name = egg or wheel or archive
    return Install(name[1] if name else last, "", "pip", _without_user(url))


def _without_user(url: str) -> str:
    """Drop user and password from a URL, so that no secret is ever shown."""
    return re.sub(r"(?<=://)[^/@]*@", "", url)


def read_conda_spec(text: str) -> Install | None:
    """Read one match specification of conda (``channel::name=version=build``)."""
    match = _CONDA.match(text.strip())
    if match is None or match["name"] == "python":
        return None
    version = match["version"] or ""
    if re.match(r"=[^=]", version):
        version = version[1:].split("=")[0]
        version = f"=={version}" if "*" in version else f"=={version}.*"
    return Install(match["name"], version, "conda")


def read_comments(source: str) -> Iterator[tuple[int, Install]]:
    """Yield the install lines that are commented out, with their line from 1."""
    if "install" not in source:
        return
    lines = Lines(source)
    for match in _COMMENT.finditer(source):
        if _PROSE.search(match["line"]):
            continue
        line = lines.at(match.start("line"))
        for install in read_install(match["line"].lstrip("%!")):
            yield line, install._replace(active=False)


class Block(NamedTuple):
    """A PEP 723 block."""

    line: int
    """Its first line in the cell."""
    installs: list[Install]
    """Its dependencies."""
    python: str
    """Its ``requires-python``, or empty."""


def read_block(source: str) -> Block | None:
    """Read the PEP 723 block of a cell.

    The block is TOML; only its two keys are read, each a plain literal.
    """
    if "# /// script" not in source:
        return None
    # Only the first opening is tried: many that never close would take quadratic time.
    start = re.search(r"^# /// script[ \t]*$", source, re.MULTILINE)
    match = _BLOCK.match(source, start.start()) if start else None
    if match is None:
        return None
    body = re.sub(r"^# ?", "", match["body"], flags=re.MULTILINE)
    line = source.count("\n", 0, match.start()) + 1
    python = re.search(r"^requires-python\s*=\s*[\"']([^\"']*)[\"']", body, re.MULTILINE)
    listed = re.search(r"^dependencies\s*=\s*\[(.*?)\]\s*$", body, re.MULTILINE | re.DOTALL)
    quoted = re.findall(r"\"([^\"]*)\"|'([^']*)'", listed[1]) if listed else []
    found = [read_requirement(one or other) for one, other in quoted]
    return Block(line, [one for one in found if one], python[1] if python else "")
