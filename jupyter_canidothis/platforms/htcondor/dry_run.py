"""HTCondor's own dry run: ``condor_submit -dry-run``, then ``condor_q -better-analyze``.

Nothing is submitted: the first writes the ad that would be submitted, the second
evaluates that ad against the pool and prints a table of conditions with the number of
slots that meet each (condor_submit(1), condor_q(1)). It looks at what is free now, so
its zero is no "never", and it counts slots of a full pool as able; what it says is shown
beside our own judgement and decides only where the job itself is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ...answer import Reason
from ...command import Completed
from ...evidence import Evidence, trim

__all__ = ["Condition", "DryRun", "read_conditions", "read_job"]

_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_ROW: Final = re.compile(r"^\[(\d+)\]\s+(\d+)\s+(.*\S)\s*$", re.MULTILINE)


class Condition(NamedTuple):
    """One row of the table."""

    slots: int
    """How many slots meet it, with all before it in the same branch."""
    text: str
    """The condition."""


@dataclass(frozen=True)
class DryRun:
    """What the dry run said."""

    evidence: tuple[Evidence, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    """The ad that would be submitted: attribute to expression."""
    conditions: tuple[Condition, ...] = ()
    refusals: tuple[Reason, ...] = ()
    """Why condor_submit would not submit the job at all."""

    @property
    def able(self) -> bool:
        """Whether each condition is met by some slot: HTCondor's own word for now."""
        return not self.refusals and all(row.slots for row in self.conditions)


def read_job(done: Completed) -> tuple[dict[str, str], Reason | None]:
    """Return the job's ad, or why condor_submit refuses to write it."""
    pairs = (line.partition("=") for line in done.stdout.splitlines())
    facts = {
        name.strip(): text.strip()
        for name, sign, text in pairs
        if sign and _NAME.fullmatch(name.strip())
    }
    if done.returncode == 0 and "Requirements" in facts:
        return facts, None
    lines = (done.stderr or done.stdout).strip().splitlines()
    said = next((line for line in lines if line.startswith("ERROR")), "".join(lines[:1]))
    reason = Reason(
        "refused", "condor_submit refuses such a job", scope="schedd", text=trim(said, 500)
    )
    return {}, reason


def read_conditions(text: str) -> tuple[Condition, ...]:
    """Read the table of conditions."""
    rows: Sequence[re.Match[str]] = list(_ROW.finditer(text))
    return tuple(Condition(int(row[2]), trim(row[3], 300)) for row in rows)
