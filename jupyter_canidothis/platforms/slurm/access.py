"""How a cluster is reached, and what that means for what is read there."""

from __future__ import annotations

import re
import shlex
from typing import Final

import msgspec

from ...answer import Answer, Reason
from ...command import Completed, LocalCommand
from ...errors import ConfigurationError
from ...evidence import Evidence, trim
from ...ssh import SshCommand
from ..base import Edges, Handover
from .cluster import Cluster
from .config import SlurmConfig
from .rest import TRIED, Published, Rest

__all__ = ["by_ssh", "commands", "noted", "rest", "slurmdbd_silent"]

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


def rest(config: SlurmConfig, edges: Edges) -> Rest | None:
    """Return what reads slurmrestd; None where commands are run.

    Raises
    ------
    ConfigurationError
        Keys of both ways are mixed.
    """
    only_here = ("ssh", "ssh_config", "bin")
    only_there = ("user", "token_env", "token_file")
    for key in only_here if config.url else only_there:
        if getattr(config, key):
            other = "not together with url" if config.url else "only with the key url"
            raise ConfigurationError(f"{key}: {other}, the address of slurmrestd")
    if not config.url:
        return None
    return Rest(
        config.url,
        edges,
        user=config.user,
        token_env=config.token_env,
        token_file=config.token_file,
        conf=config.conf,
    )


def by_ssh(made: Handover, host: str) -> Handover:
    """Send a script from here to a submit host; sbatch(1) reads it from its input."""
    command = made.command.removesuffix(f" {made.name}")
    return made._replace(command=f"ssh {shlex.quote(host)} {command} < {made.name}")


def slurmdbd_silent(done: Completed) -> bool:
    """Whether sacctmgr(1) failed because slurmdbd does not answer."""
    said = done.stderr.lower()
    return done.returncode != 0 and ("persist" in said or "database" in said)


def noted(answer: Answer, cluster: Cluster) -> Answer:
    """Say beside an answer that nobody tried this version of Slurm, or of its API."""
    version = cluster.settings.version
    found = re.match(r"([0-9]+)\.([0-9]+)", version)
    number = (int(found.group(1)), int(found.group(2))) if found else None
    if number is None or not _OLDEST <= number <= _NEWEST:
        answer = _new(answer, f"Slurm {trim(version, 40)}" if version else "", "22.05 to 24.11")
    if isinstance(cluster, Published) and not cluster.tried:
        api = cluster.base.rpartition("/")[2]
        answer = _new(answer, f"Slurm's REST API {api}", ", ".join(TRIED))
    return answer


def _new(answer: Answer, what: str, tried: str) -> Answer:
    message = (
        f"{what} is none of the versions that were tried, {tried}"
        if what
        else f"Slurm does not say its version; those from {tried} were tried"
    )
    source = Evidence("declared", "versions of Slurm that were tried", tried)
    reason = Reason("not-published", message, evidence=(len(answer.evidence),))
    return msgspec.structs.replace(
        answer,
        reasons=(*answer.reasons, reason),
        evidence=(*answer.evidence, source),
    )
