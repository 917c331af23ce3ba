"""What the error texts of ssh(1) mean."""

from __future__ import annotations

from typing import Final

from ..command import Completed
from ..errors import (
    PlatformError,
    PlatformNotAuthenticated,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from ..evidence import trim

__all__ = ["ended", "missing", "no_connection"]

_KEY: Final = "check your key and agent with: ssh {host}"
_KNOWN: Final = "compare its key with the one its administrators publish, then: ssh {host}"
_NAME: Final = "check the name, or the Host entry of your ssh configuration"

_TROUBLE: Final[tuple[tuple[str, type[PlatformError], str, str], ...]] = (
    ("Permission denied (", PlatformNotAuthenticated, "{host} refuses your ssh key", _KEY),
    (
        "Too many authentication failures",
        PlatformNotAuthenticated,
        "{host} refused every ssh key that it was offered",
        _KEY,
    ),
    (
        "HOST IDENTIFICATION HAS CHANGED",
        PlatformUnreachable,
        "{host} shows another host key than the one you know; it is not asked",
        _KNOWN,
    ),
    (
        "Host key verification failed",
        PlatformUnreachable,
        "the host key of {host} is not known here; it is not asked",
        _KNOWN,
    ),
    (
        "no matching host key type",
        PlatformUnreachable,
        "{host} and this host have no kind of host key in common",
        "",
    ),
    ("Could not resolve", PlatformUnreachable, "the name {host} is not known here", _NAME),
    ("timed out", PlatformTimeout, "{host} does not answer ssh", "try: ssh {host}"),
    ("Connection refused", PlatformUnreachable, "{host} takes no ssh connections", _NAME),
    ("No route to host", PlatformUnreachable, "there is no way to {host}", _NAME),
    ("Network is unreachable", PlatformUnreachable, "there is no way to {host}", _NAME),
    (
        "onfiguration option",
        PlatformUnreachable,
        "ssh does not understand its configuration: {said}",
        "correct that file, or name another one in ssh_config",
    ),
    (
        "open user config",
        PlatformUnreachable,
        "ssh cannot read the file that ssh_config names",
        "",
    ),
    (
        "onnection closed",
        PlatformUnreachable,
        "{host} ended the ssh connection before the login",
        "",
    ),
    (
        "onnection reset",
        PlatformUnreachable,
        "{host} broke off the ssh connection before the login",
        "",
    ),
)
"""Texts of OpenSSH's sshconnect.c, sshconnect2.c, readconf.c and of errno, in the order
in which they are looked for."""

_CANNOT_RUN: Final = frozenset({126, 127})
"""What sh(1) returns for a command that it finds not, or may not run."""
_OVERTIME: Final = frozenset({124, 137})
"""What timeout(1) returns for commands that it had to end, or to kill."""
_FAILED: Final = 255
"""What ssh(1) returns for its own failures."""


def no_connection(host: str, said: str) -> PlatformError:
    """Return the error for a connection that was not made.

    Parameters
    ----------
    host
        Where to.
    said
        What ssh printed.
    """
    words = trim(said.strip(), 200)
    for text, kind, message, hint in _TROUBLE:
        if text.lower() in said.lower():
            return kind(message.format(host=host, said=words), hint=hint.format(host=host))
    return PlatformUnreachable(f"ssh cannot reach {host}: {words or 'it does not say why'}")


def ended(host: str, program: str, done: Completed, *, started: bool) -> PlatformError:
    """Return the error for a session that ended before its commands did.

    Parameters
    ----------
    host, program
        What should have run where.
    done
        How ssh ended.
    started
        Whether the other host got as far as to start the first command.
    """
    said = trim(done.stderr.strip(), 200)
    if done.returncode in _OVERTIME:
        return PlatformTimeout(f"{program} on {host} did not end in time")
    if done.returncode == _FAILED:
        if not started:
            return no_connection(host, done.stderr)
        return PlatformUnreachable(f"the ssh connection to {host} broke: {said}")
    return PlatformProtocolError(
        f"{host} does not run our commands over ssh: {said or trim(done.stdout.strip(), 200)}",
        hint=f"this has to print a date: ssh {host} timeout 5 env date",
    )


def missing(host: str, program: str, status: int, said: str) -> None:
    """Raise for a command that the other host lacks.

    Parameters
    ----------
    host, program
        What should have run where.
    status, said
        Its exit status, and what sh(1) or it printed.

    Raises
    ------
    PlatformUnreachable
        It is not installed there, or may not be run.
    """
    if status in _CANNOT_RUN and program in said:
        raise PlatformUnreachable(
            f"cannot run {program} on {host}: {trim(said.strip(), 200).rpartition(': ')[2]}",
            hint=f"check that {program} is installed there and on the PATH of: ssh {host}",
        )
