"""What Slurm's error texts mean.

The texts are those of ``src/common/slurm_errno.c``; the ones asked of real clusters
are in the tests, the same in 22.05 and 24.11.
"""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from ...answer import Code
from ...command import Completed
from ...errors import (
    PlatformError,
    PlatformNotAuthenticated,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from .reading import read_hosts, read_moment

__all__ = ["DryRun", "Meaning", "raise_for_trouble", "read_dry_run"]

_STARTS: Final = re.compile(
    r"Job \S+ to start at (\S+) using (\d+) processors on nodes? (\S+) in partition (\S+)"
)
_FAILURE: Final = re.compile(r"(?:allocation failure|Batch job submission failed): (.+)")


@dataclass(frozen=True)
class Meaning:
    """One refusal in our words."""

    code: Code
    """The reason's code."""
    field: str = ""
    """JSON pointer to what is refused; empty when the text does not say."""
    scope: str = ""
    """What sets the limit; empty is the partition."""
    explained: bool = True
    """False where the text can mean many things."""


@dataclass(frozen=True)
class DryRun:
    """What ``sbatch --test-only`` said of one question."""

    start: float | None
    """When the job would start by the controller's clock, in seconds since the Unix
    epoch; None when it was refused or printed no time."""
    text: str
    """Slurm's own words, without the command's name."""
    meaning: Meaning | None
    """What a refusal means; None when the job would be taken."""
    nodes: frozenset[str] = frozenset()
    """Nodes on which it would start; empty when it was refused."""


_CORES, _MEMORY, _TIME, _NODES, _GPUS = (
    f"/resources/{name}/min" for name in ("cores", "memory", "duration", "nodes", "gpus")
)

_MEANINGS: Final = (
    ("Requested node configuration is not available", Meaning("refused", explained=False)),
    ("More processors requested than permitted", Meaning("limit-exceeded", _CORES)),
    ("CPU count specification invalid", Meaning("limit-exceeded", _CORES)),
    ("Requested time limit is invalid", Meaning("limit-exceeded", _TIME)),
    ("Node count specification invalid", Meaning("limit-exceeded", _NODES)),
    ("Memory required by task is not available", Meaning("limit-exceeded", _MEMORY)),
    ("Invalid generic resource (gres) specification", Meaning("no-such-resource", _GPUS)),
    ("Invalid feature specification", Meaning("no-such-resource")),
    ("partition configuration not available now", Meaning("closed")),
    ("Required partition not available", Meaning("closed")),
    ("Required node not available", Meaning("closed", scope="node")),
    ("due to maintenance reservation", Meaning("closed", scope="reservation")),
    ("group not permitted", Meaning("not-authorised", scope="group")),
    ("not permitted to use this partition", Meaning("not-authorised")),
    ("Invalid account or account/partition", Meaning("not-authorised", scope="account")),
    ("Invalid qos specification", Meaning("not-authorised", scope="qos")),
    ("breached requested QOS usage threshold", Meaning("quota-exhausted", scope="qos")),
    ("Access denied to requested reservation", Meaning("not-authorised", scope="reservation")),
    ("Requested reservation is invalid", Meaning("not-authorised", scope="reservation")),
    ("Access/permission denied", Meaning("not-authorised")),
    ("Invalid partition name", Meaning("misconfigured")),
    ("Job violates accounting/QOS policy", Meaning("limit-exceeded", scope="account or qos")),
)

_TOKEN: Final = re.compile(
    r"\b(QOS|Assoc)(?:\w*?)(Wall|Cpu|CPU|GRES|Gres|Mem|Node|Submit|Job)\w*"
)
"""Reason tokens such as ``QOSMaxWallDurationPerJobLimit`` (squeue(1), JOB REASON CODES)."""
_TOKEN_FIELDS: Final = {
    "wall": _TIME,
    "cpu": _CORES,
    "gres": _GPUS,
    "mem": _MEMORY,
    "node": _NODES,
}

_TROUBLE: Final[tuple[tuple[str, type[PlatformError], str], ...]] = (
    (
        "Unable to contact slurm controller",
        PlatformUnreachable,
        "the Slurm controller does not answer",
    ),
    ("Socket timed out", PlatformTimeout, "the Slurm controller was silent"),
    (
        "munge",
        PlatformNotAuthenticated,
        "munge, which proves to Slurm who we are, fails where the commands run",
    ),
    (
        "authentication",
        PlatformNotAuthenticated,
        "the Slurm controller does not accept who we are; check munge where the commands run",
    ),
    (
        "Zero Bytes were transmitted",
        PlatformNotAuthenticated,
        (
            "the Slurm controller breaks off what we say: it has another munge key than the"
            " host where the commands run, or a clock that is minutes off"
        ),
    ),
    (
        "Incompatible versions",
        PlatformProtocolError,
        "Slurm's commands and controller differ too much in version",
    ),
    (
        "Unable to process configuration file",
        PlatformUnreachable,
        "Slurm's commands cannot read slurm.conf",
    ),
    (
        "configuration source",
        PlatformUnreachable,
        "Slurm's commands find no slurm.conf",
    ),
)


def raise_for_trouble(done: Completed) -> None:
    """Raise when a command says that the cluster itself cannot be asked.

    Raises
    ------
    PlatformError
        Of the kind that fits.
    """
    if done.returncode == 0:
        return
    if done.returncode < 0:
        raise PlatformUnreachable(
            f"{done.argv[0]} was ended by {_signal(-done.returncode)}",
            hint="it may have taken too much memory, or somebody ended it",
        )
    lowered = done.stderr.lower()
    for words, kind, message in _TROUBLE:
        if words.lower() in lowered:
            raise kind(message, hint=f"{PurePath(done.argv[0]).name} says so")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def read_dry_run(done: Completed) -> DryRun:
    """Read the output of ``sbatch --test-only`` (sbatch(1)); it is on standard error.

    Raises
    ------
    PlatformError
        The cluster cannot be asked, or the output is nothing that sbatch prints.
    """
    raise_for_trouble(done)
    said = done.stderr
    if done.returncode == 0 and (starts := _STARTS.search(said)):
        nodes = frozenset(read_hosts(starts.group(3)))
        return DryRun(read_moment(starts.group(1)), starts.group(0), None, nodes)
    failure = _FAILURE.search(said)
    if failure is None or done.returncode == 0:
        raise PlatformProtocolError("sbatch --test-only printed something else than an answer")
    return DryRun(None, _words(said), _meaning(failure.group(1), said))


def _words(said: str) -> str:
    """Return what was said, without ``sbatch: error:`` and the like."""
    lines = (
        re.sub(r"^(sbatch: )?(error: |allocation failure: )?", "", line)
        for line in said.splitlines()
    )
    return "; ".join(line for line in lines if line)


def _meaning(failure: str, said: str) -> Meaning:
    found = next((m for words, m in _MEANINGS if words in failure), None)
    if found is None:
        return Meaning("refused", explained=False)
    token = _TOKEN.search(said)
    if token is None or "policy" not in failure:
        return found
    scope = "qos" if token.group(1) == "QOS" else "account"
    what = token.group(2).lower()
    if what in ("submit", "job"):
        return Meaning("quota-exhausted", scope=scope)
    return Meaning("limit-exceeded", _TOKEN_FIELDS[what], scope)
