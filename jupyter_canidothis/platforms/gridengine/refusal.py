"""What Grid Engine's texts mean; those asked of a real one are in the tests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from ...answer import Code
from ...command import Completed
from ...errors import (
    PlatformError,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)

__all__ = ["DryRun", "raise_for_trouble", "read_dry_run"]

_SUITABLE: Final = "found suitable queue"
_SUBMITTED: Final = "has been submitted"
_VERIFIED: Final = ("no suitable queues", "Unable to run job", "job rejected", "denied")
_OTHER_QUEUE: Final = "not contained in its hard queue list"
_PREFIX: Final = re.compile(r"^(Unable to run job: )?(Job \d+ |job rejected: )?", re.IGNORECASE)

_MEANINGS: Final[tuple[tuple[str, Code], ...]] = (
    ("has no permission", "not-authorised"),
    ("unknown resource", "no-such-resource"),
    ("parallel environment", "no-such-resource"),
    ("unknown queue", "misconfigured"),
    ("project", "not-authorised"),
    ("resource quota", "quota-exhausted"),
    ("temporarily not available", "closed"),
    ("offers only", "limit-exceeded"),
    ("because of cluster queue", "limit-exceeded"),
    ("only offers", "limit-exceeded"),
)

_TROUBLE: Final[tuple[tuple[str, type[PlatformError], str], ...]] = (
    ("unable to send message to qmaster", PlatformUnreachable, "the qmaster does not answer"),
    ("unable to contact qmaster", PlatformUnreachable, "the qmaster does not answer"),
    ("got select error", PlatformUnreachable, "the qmaster does not answer"),
    ("got read error", PlatformUnreachable, "the qmaster does not answer"),
    ("got no answer", PlatformTimeout, "the qmaster was silent"),
    ("got send timeout", PlatformTimeout, "the qmaster was silent"),
    ("access denied", PlatformNotAuthorised, "the qmaster does not serve this host"),
    ("is no submit host", PlatformNotAuthorised, "this host may not submit"),
    ("neither submit nor admin host", PlatformNotAuthorised, "this host may not ask"),
    ("no submit host", PlatformNotAuthorised, "this host may not submit"),
    ("no admin host", PlatformNotAuthorised, "this host may not ask"),
    ("please set the environment variable sge_root", PlatformUnreachable, "SGE_ROOT is unset"),
    ("sge_root directory", PlatformUnreachable, "SGE_ROOT does not exist"),
    ("cell directory", PlatformUnreachable, "the cell does not exist in SGE_ROOT"),
    ("act_qmaster", PlatformUnreachable, "the cell does not say where its qmaster is"),
    ("can't resolve", PlatformUnreachable, "the qmaster's host has no address"),
    ("older than", PlatformProtocolError, "commands and qmaster differ too much in version"),
    ("different version", PlatformProtocolError, "commands and qmaster differ in version"),
)


@dataclass(frozen=True)
class DryRun:
    """What ``qsub -w`` said of one question."""

    taken: bool
    """Whether it found a suitable queue."""
    text: str
    """Grid Engine's own words, without job numbers and queues that were not asked."""
    code: Code = "refused"
    """What a refusal means, as far as its words say."""


def raise_for_trouble(done: Completed) -> None:
    """Raise when a command says that the cluster itself cannot be asked.

    Raises
    ------
    PlatformError
        Of the kind that fits.
    """
    if done.returncode == 0:
        return
    said = f"{done.stderr}\n{done.stdout}".lower()
    for words, kind, message in _TROUBLE:
        if words in said:
            raise kind(message, hint=f"{PurePath(done.argv[0]).name} says so")


def read_dry_run(done: Completed) -> DryRun:
    """Read the output of ``qsub -w v`` or ``-w p`` (qsub(1)).

    Raises
    ------
    PlatformError
        The cluster cannot be asked, or the output is nothing that qsub prints.
    """
    raise_for_trouble(done)
    said = f"{done.stdout}\n{done.stderr}"
    if _SUBMITTED in said:
        raise PlatformProtocolError(
            "qsub -w submitted a job instead of verifying it",
            hint="a wrapper of qsub or a JSV drops -w; delete that job",
        )
    if done.returncode == 0 and _SUITABLE in said:
        return DryRun(taken=True, text="verification: found suitable queue(s)")
    if done.returncode == 0 or not any(words in said for words in _VERIFIED):
        raise PlatformProtocolError("qsub -w printed something else than an answer")
    text = "; ".join(_words(said))
    codes = (code for words, code in _MEANINGS if words in text)
    return DryRun(taken=False, text=text, code=next(codes, "refused"))


def _words(said: str) -> list[str]:
    lines = [line.strip() for line in said.splitlines()]
    kept = [
        _PREFIX.sub("", line)
        for line in lines
        if line and _OTHER_QUEUE not in line and line != "Exiting."
    ]
    return list(dict.fromkeys(kept))
