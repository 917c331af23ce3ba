"""What a pool publishes of its accounting: groups with quotas, submitters with ceilings.

Source: HTCondor manual, "Group Accounting", "Hierarchical Group Quotas" and
condor_userprio(1); the ads of type ``Accounting`` that a negotiator sends its collector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Group", "Submitter", "group_of", "submitter_of"]

ROOT: Final = "<none>"
"""The group of jobs that name none, or one that is not configured."""


@dataclass(frozen=True)
class Group:
    """One accounting group."""

    name: str
    """``group_physics.hep``; ``<none>`` for the root."""
    quota: float
    """What is configured, in weighted slots: by default cores."""
    effective: float
    """What it may have at present, surplus of others included."""
    used: float
    """What its jobs take."""
    surplus: str
    """Whether it may go beyond: ``no``, ``byquota`` or ``regroup``."""


@dataclass(frozen=True)
class Submitter:
    """One user with a ceiling."""

    name: str
    """``group_physics.ann@example.org``."""
    ceiling: float
    """The most weighted slots, by default cores."""
    used: float
    """What its jobs take."""


def group_of(name: str, groups: Sequence[Group]) -> Group | None:
    """Return the group that a job is counted in: the closest one that is configured."""
    known = {group.name.lower(): group for group in groups}
    parts = name.lower().split(".") if name else []
    for end in range(len(parts), 0, -1):
        if found := known.get(".".join(parts[:end])):
            return found
    return known.get(ROOT)


def submitter_of(owner: str, group: str, submitters: Sequence[Submitter]) -> Submitter | None:
    """Return the ceiling of a user in a group; None without one."""
    wanted = f"{group}.{owner}" if group else owner
    for submitter in submitters:
        if submitter.name.lower().rpartition("@")[0] == wanted.lower():
            return submitter
    return None
