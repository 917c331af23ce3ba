"""A Dockerfile to a task: what its last stage starts from.

Source: the Dockerfile reference, "FROM", "ARG" and "LABEL".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ..evidence import Evidence, trim
from ..task import Executable, Task

__all__ = ["read_dockerfile"]

_FROM: Final = re.compile(
    r"FROM\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<stage>\S+))?", re.IGNORECASE
)
_ARG: Final = re.compile(r"ARG\s+(?P<name>\w+)=(?P<value>\S+)", re.IGNORECASE)
_VARIABLE: Final = re.compile(
    r"\$(?:\{(?P<braced>\w+)(?::?-(?P<default>[^}]*))?\}|(?P<bare>\w+))"
)
_HOPS: Final = 50


def read_dockerfile(path: str, text: str) -> Task:
    """Describe the container that a Dockerfile builds.

    The image itself does not exist before it is built, so the task names the image
    that it starts from, which decides the architectures and is the least to pull.
    """
    arguments: dict[str, str] = {}
    stages: dict[str, tuple[int, str]] = {}
    last: tuple[int, str] | None = None
    for number, line in _instructions(text):
        if (argument := _ARG.match(line)) and last is None:
            arguments[argument["name"]] = argument["value"].strip("\"'")
        elif found := _FROM.match(line):
            last = (number, _expand(found["image"], arguments))
            if found["stage"]:
                stages[found["stage"].lower()] = last
    executable = Executable("uri://docker-container", location=path)
    if last is None:
        return Task(executable, notes=("it has no FROM line, so nobody knows its image",))
    number, image = _base(last, stages)
    note = f"the image is not built yet; asked about is {image}, which it starts from"
    evidence = Evidence("static", f"{path}, line {number}", trim(f"FROM {image}", 300))
    return Task(
        Executable("uri://docker-container", location=path, image=trim(image, 500)),
        evidence={"executable.image": (evidence,)},
        notes=(trim(note, 500),),
    )


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """Yield each instruction with the number of its first line."""
    held, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("#"):
            continue
        first = first if held else number
        held += stripped
        if held.endswith("\\"):
            held = held[:-1] + " "
        else:
            yield first, held
            held = ""
    yield first, held


def _expand(image: str, arguments: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match["braced"] or match["bare"]
        return arguments.get(name) or match["default"] or match[0]

    return _VARIABLE.sub(value, image)


def _base(last: tuple[int, str], stages: dict[str, tuple[int, str]]) -> tuple[int, str]:
    """Follow a stage that starts from an earlier one."""
    for _ in range(_HOPS):
        earlier = stages.get(last[1].lower())
        if earlier is None or earlier == last:
            break
        last = earlier
    return last
