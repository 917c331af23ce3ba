"""Every shell command that the cells run: by ``!``, by a magic, or by a call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from .calls import Call, Calls
from .syntax import Script

__all__ = ["Ran", "commands_of_calls", "commands_of_script"]

_STARTERS: Final = frozenset(
    [
        "os.popen",
        "os.system",
        "subprocess.Popen",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "subprocess.getoutput",
        "subprocess.run",
    ]
)
_IPYTHON: Final = frozenset([".getoutput", ".system"])
_INSTALLERS: Final = frozenset(["micropip.install", "piplite.install"])
_MAGICS: Final = frozenset(["conda", "mamba", "micromamba", "pip", "pip3", "uv"])


class Ran(NamedTuple):
    """One command line."""

    text: str
    where: tuple[int, int]
    """Cell index and line."""


def commands_of_script(script: Script, cell: int) -> Iterator[Ran]:
    """Yield the commands of one cell's own syntax."""
    for command in script.commands:
        yield Ran(command.text, (cell, command.line))
    for magic in script.magics:
        if not magic.cell and magic.name in _MAGICS:
            yield Ran(f"{magic.name} {magic.rest}", (cell, magic.line))


def commands_of_calls(calls: Calls) -> Iterator[Ran]:
    """Yield the commands that calls run, as far as their texts are known."""
    for call in calls.calls:
        text = _text(call, calls)
        if text:
            yield Ran(text, call.where)


def _text(call: Call, calls: Calls) -> str:
    first = call.arguments[0] if call.arguments else None
    if call.name in _STARTERS or call.name in _IPYTHON:
        return " ".join(calls.strings(first))
    if call.name in _INSTALLERS:
        return " ".join(["pip install", *calls.strings(first)])
    if call.name in ("pip.main", "pip._internal.main"):
        return " ".join(["pip", *calls.strings(first)])
    if call.method == "run_line_magic":
        words = [calls.string(argument) or "" for argument in call.arguments]
        return " ".join(words) if words and words[0] in _MAGICS else ""
    return ""
