"""Several commands in one remote session, and which output is whose.

The login shell there may be any; what it starts is sh(1), which prints a random mark
around what each command prints. A greeting of the login shell stays outside the marks.
"""

from __future__ import annotations

import math
import re
import secrets
import shlex
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

__all__ = ["Frame", "Script"]

_KILL_AFTER: Final = 1
"""Seconds after which commands that ignore their end are killed on the other host."""
_SIGNALLED: Final = range(129, 193)
"""What sh(1) returns for a command that a signal ended: 128 and the signal's number."""


class Frame(NamedTuple):
    """How one command ended."""

    returncode: int
    """Exit status; negative when a signal ended it."""
    stdout: str
    stderr: str


class Script:
    """Some commands, to be run one after the other.

    Parameters
    ----------
    commands
        Argument lists.
    """

    def __init__(self, commands: Sequence[Sequence[str]]) -> None:
        self._mark = secrets.token_hex(8)
        self._commands = commands

    def line(self, env: Mapping[str, str], seconds: float) -> str:
        """Return one command line for the login shell there.

        ssh(1) joins its arguments by blanks, so everything is quoted here. All ends with
        the connection's patience (timeout(1)), also where nobody listens any more.
        """
        both = f"echo {self._mark}; echo {self._mark} >&2"
        # The status has its line to itself, whatever the command printed last.
        after = f"; s=$?; echo; echo {self._mark} $s; echo >&2; echo {self._mark} >&2"
        steps = "\n".join(shlex.join(command) + after for command in self._commands)
        limit = ("timeout", "-k", str(_KILL_AFTER), str(math.ceil(seconds)))
        pairs = (f"{name}={value}" for name, value in env.items())
        return shlex.join((*limit, "env", *pairs, "sh", "-c", f"{both}\n{steps}"))

    def read(self, stdout: str, stderr: str) -> list[Frame] | None:
        """Return how each command ended, as far as they did; None where none was started."""
        mark = re.escape(self._mark)
        _, begun, said = f"\n{stdout}".partition(f"\n{self._mark}\n")
        if not begun:
            return None
        outs = re.split(rf"\n{mark} ([0-9]+)\n", said)
        errs = f"\n{stderr}".split(f"\n{self._mark}\n")[1:]
        # A last part without a mark belongs to a command that has not ended.
        pairs = zip(outs[:-1:2], outs[1::2], strict=True)
        return [
            Frame(_status(int(status)), out, err)
            for (out, status), err in zip(pairs, errs, strict=False)
        ]


def _status(status: int) -> int:
    return 128 - status if status in _SIGNALLED else status
