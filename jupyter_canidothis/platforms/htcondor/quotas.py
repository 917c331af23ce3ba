"""Limits of groups, users and concurrency that keep a job waiting on free slots.

A quota is no limit to one job: a group that has anything may get one match beyond it
(tried on HTCondor 23.9: 8 cores ran in a group of 2). Only one that has nothing, and
may take nothing of others, never gets any.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ...answer import Reason
from ...evidence import trim
from .accounting import Group, group_of, submitter_of
from .job import Job
from .pool import Pool

__all__ = ["Quotas", "quotas"]

_LEAST = 1.0
"""Weight of the smallest match where slots weigh what they have of cores."""


@dataclass
class Quotas:
    """What they come to for one job."""

    never: list[Reason] = field(default_factory=list)
    """Why it never runs."""
    unsure: list[Reason] = field(default_factory=list)
    """Why nobody can tell."""
    later: list[Reason] = field(default_factory=list)
    """Why not now."""
    perhaps: list[Reason] = field(default_factory=list)
    """Why it is not known whether now."""
    notes: list[Reason] = field(default_factory=list)
    """What was not seen, beside a YES."""


def quotas(put: Job, pool: Pool) -> Quotas:
    """Judge one job by what the pool publishes of its accounting."""
    found = Quotas()
    manners = put.manners
    if pool.groups is None:
        if manners.group:
            told = "Whether the quota of the accounting group leaves room is not shown"
            found.notes.append(Reason("not-published", told, scope="group"))
    elif group := group_of(manners.group, pool.groups):
        _by_group(group, put.cpus, found)
    if manners.owner:
        _by_ceiling(put, pool, found)
    found.unsure += _concurrency(put, pool)
    return found


def _by_group(group: Group, cores: int, found: Quotas) -> None:
    if group.name == "<none>":
        # Its quota is what the others leave; that of the pool's root takes surplus.
        return
    name, most = trim(group.name, 80), f"{group.quota:g}"
    if group.quota == 0 and group.surplus == "no":
        told = f"Accounting group {name} has a quota of 0 and takes no surplus of others"
        found.never.append(Reason("limit-exceeded", told, limit=0, scope="group"))
    elif group.effective < _LEAST:
        # A fraction may be enough where slots weigh less than their cores.
        told = (
            f"Accounting group {name} has a quota of {most} and may have {group.effective:g} "
            "at present: whether that is ever enough for one match is not published"
        )
        found.unsure.append(Reason("not-published", told, limit=most, scope="group"))
    elif group.used and group.used + cores > group.effective:
        told = (
            f"Accounting group {name} uses {group.used:g} of the {group.effective:g} "
            "weighted slots that it may have at present"
        )
        full = Reason(
            "full-now", told, limit=f"{group.effective:g}", used=int(group.used), scope="group"
        )
        sure = group.surplus == "no" and group.used >= group.effective
        (found.later if sure else found.perhaps).append(full)


def _by_ceiling(put: Job, pool: Pool, found: Quotas) -> None:
    """Judge by the user's ceiling (condor_userprio(1), ``-setceil``)."""
    user = submitter_of(put.manners.owner, put.manners.group, pool.submitters)
    if user is None:
        return
    name = trim(user.name, 80)
    if user.ceiling == 0:
        told = f"The ceiling of {name} is 0: no job of this user is matched"
        found.never.append(Reason("limit-exceeded", told, limit=0, scope="user"))
    elif user.used >= user.ceiling:
        told = f"{name} uses {user.used:g} of a ceiling of {user.ceiling:g} weighted slots"
        found.later.append(
            Reason("full-now", told, limit=int(user.ceiling), used=int(user.used), scope="user")
        )


def _concurrency(put: Job, pool: Pool) -> Iterator[Reason]:
    """Yield what is known of concurrency limits (HTCondor manual, "Concurrency Limits").

    They stand in the negotiator's configuration and are not published; ours may be
    another, so what it says makes no NO.
    """
    text = next(
        (text for name, text in put.facts().items() if name.lower() == "concurrencylimits"), ""
    )
    for each in text.strip().strip('"').replace(" ", ",").split(","):
        name, _, amount = each.strip().partition(":")
        if not name:
            continue
        asked = float(amount) if amount.replace(".", "", 1).isdigit() else 1.0
        limit = pool.params.get(f"{name.upper().replace('.', '_')}_LIMIT", "")
        told = f"The concurrency limit {trim(name, 60)} is not published by the negotiator"
        if limit.replace(".", "", 1).isdigit() and float(limit) >= asked:
            told = f"{told}; the configuration here says {limit}, and not how much is taken"
        elif limit:
            told = f"{told}; the configuration here says {trim(limit, 40)}, too little"
        yield Reason("not-published", told, asked=trim(each, 80), scope="pool")
