"""How a cluster is reached, and what that means for what is read there."""

from __future__ import annotations

import re
import shlex
from typing import Final

import msgspec

from ...answer import Answer, Reason
from ...command import LocalCommand
from ...errors import ConfigurationError
from ...evidence import Evidence, trim
from ...ssh import SshCommand
from ..base import Handover

__all__ = ["by_ssh", "commands", "noted"]

_OLDEST: Final = (22, 5)
_NEWEST: Final = (24, 11)
"""Versions of Slurm of which real answers were recorded."""


def commands(host: str, config: str, here: LocalCommand) -> LocalCommand:
    """Return what runs Slurm's commands.

    Parameters
    ----------
    host
        Where, as ssh(1) takes it; empty is this host.
    config
        Path of an ssh_config(5) file; empty is the user's own.
    here
        What runs commands on this host.

    Raises
    ------
    ConfigurationError
        Host and file do not go together.
    """
    if config and not host:
        raise ConfigurationError("ssh_config: only with the key ssh, which names the host")
    return SshCommand(host, config=config, here=here) if host else here


def by_ssh(made: Handover, host: str) -> Handover:
    """Send a script from here to a submit host; sbatch(1) reads it from its input."""
    command = made.command.removesuffix(f" {made.name}")
    return made._replace(command=f"ssh {shlex.quote(host)} {command} < {made.name}")


def noted(answer: Answer, version: str) -> Answer:
    """Say beside an answer that nobody tried this version of Slurm."""
    found = re.match(r"([0-9]+)\.([0-9]+)", version)
    number = (int(found.group(1)), int(found.group(2))) if found else None
    if number is not None and _OLDEST <= number <= _NEWEST:
        return answer
    tried = "22.05 to 24.11"
    message = (
        f"Slurm {trim(version, 40)} is none of the versions that were tried, {tried}"
        if version
        else f"Slurm does not say its version; those from {tried} were tried"
    )
    source = Evidence("declared", "versions of Slurm that were tried", tried)
    reason = Reason("not-published", message, evidence=(len(answer.evidence),))
    return msgspec.structs.replace(
        answer,
        reasons=(*answer.reasons, reason),
        evidence=(*answer.evidence, source),
    )
