"""Read ``scontrol show assoc_mgr`` and the two lists of ``sacctmgr``.

The controller's own view holds usage beside every limit, but the limits per user of a
QOS only where somebody used it; sacctmgr has those, the flags and the default QOS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from .accounting import Accounting, Association, Key, Limit, Rules

__all__ = ["ASSOCIATION_FORMAT", "QOS_FORMAT", "read_accounting", "read_asker"]

ASSOCIATION_FORMAT: Final = "Account,Partition,DefaultQOS,QOS"
"""For sacctmgr(1), show associations."""
_LISTED: Final = {
    "MaxTRESPU": "MaxTRESPU",
    "MaxTRESPA": "MaxTRESPA",
    "MaxJobsPU": "MaxJobsPU",
    "MaxJobsPA": "MaxJobsPA",
    "MaxSubmitPU": "MaxSubmitJobsPU",
    "MaxSubmitPA": "MaxSubmitJobsPA",
}
"""Limits per user and account: sacctmgr's word to scontrol's."""
QOS_FORMAT: Final = f"Name,Flags,{','.join(_LISTED)},UsageFactor"
"""For sacctmgr(1), show qos."""

_WANTED: Final = re.compile(
    r"\b(Grp(?:TRES|TRESMins|TRESRunMins|Jobs|SubmitJobs|Wall)|MaxTRES(?:PJ|PN|PU|PA|MinsPJ)"
    r"|MaxWallPJ|MinTRESPJ|Max(?:Submit)?Jobs(?:PU|PA)?)=(\S+)"
)
_AMOUNT: Final = re.compile(
    r"(?:([a-z][^=,]*)=)?(N|[0-9]+)([KMGTP]?)(?:\(([0-9]+)(?:\.[0-9]+)?\))?"
)
_FACTOR: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SHARED: Final = {"MaxJobs": "MaxJobsPU", "MaxSubmitJobs": "MaxSubmitJobsPU"}
"""An association's own limits are those of one user, as those of a QOS per user."""
_MIB: Final = {"": 1, "M": 1, "G": 2**10, "T": 2**20, "P": 2**30}


def read_asker(text: str) -> tuple[int, str]:
    """Read the user number and name that ``id`` prints; -1 where it prints neither."""
    found = re.match(r"uid=([0-9]+)\(([^)]+)\)", text)
    return (int(found.group(1)), found.group(2)) if found else (-1, "")


def read_accounting(
    state: str, qos: str, associations: str, asker: int, *, safe: bool
) -> Accounting:
    """Put together what the three commands printed.

    Parameters
    ----------
    state
        ``scontrol show assoc_mgr flags=assoc,qos``.
    qos, associations
        ``sacctmgr --noheader --parsable2 show`` in the two formats above; empty where
        there is no answer.
    asker
        User number of who asks.
    safe
        Whether ``AccountingStorageEnforce`` has ``safe``.
    """
    records, _, qualities = state.partition("\nQOS Records\n")
    return Accounting(
        tuple(_associations(records, asker)),
        {rules.name: rules for rules in _qualities(qualities, asker, qos)},
        dict(_defaults(associations)),
        dict(_allowed(associations)),
        safe,
    )


def _blocks(text: str, first: str) -> Iterator[str]:
    """Yield each record that begins with a key at the beginning of a line."""
    yield from re.split(rf"^(?={first}=)", text, flags=re.MULTILINE)[1:]


def _value(record: str, key: str) -> str:
    found = re.search(rf"\b{key}=(\S*)", record)
    return found.group(1) if found else ""


def _associations(text: str, asker: int) -> Iterator[Association]:
    for record in _blocks(text, "ClusterName"):
        user, account = _value(record, "UserName"), _value(record, "Account")
        own = user.endswith(f"({asker})")
        if user and not own:
            continue
        scope, name = ("user", user.rpartition("(")[0]) if own else ("account", account)
        yield Association(
            account,
            Rules(scope, f"{name} in account {account}" if own else name, _limits(record)),
            own=own,
            partition=_value(record, "Partition"),
            parent=_value(record, "ParentAccount").partition("(")[0],
            default=_value(record, "DefAssoc") == "Yes",
        )


def _qualities(text: str, asker: int, listed: str) -> Iterator[Rules]:
    rows = {row[0]: row[1:] for line in listed.splitlines() if (row := line.split("|"))}
    for record in _blocks(text, "QOS"):
        name = _value(record, "QOS").rpartition("(")[0]
        shared, _, somebody = record.partition("Account Limits")
        _, _, users = somebody.partition("User Limits")
        used = re.search(rf"^ +{asker}\n((?: {{8}}.*\n?)+)", users, re.MULTILINE)
        flags, *amounts = rows.get(name, [""])
        words = zip(_LISTED.values(), amounts)  # noqa: B905 - an older sacctmgr lists fewer
        limits = {
            **_limits(shared),
            **_limits(" ".join(f"{word}={amount}" for word, amount in words if amount)),
            **_limits(used.group(1) if used else ""),
        }
        factor = amounts[len(_LISTED)] if len(amounts) > len(_LISTED) else ""
        yield Rules(
            "qos",
            name,
            limits,
            frozenset(flags.split(",")) - {""},
            float(factor) if _FACTOR.fullmatch(factor) else 1.0,
        )


def _limits(text: str) -> dict[Key, Limit]:
    """Read every limit that is set: ``MaxTRESPU=cpu=2(1),mem=N(0)``, ``MaxWallPJ=60``."""
    found: dict[Key, Limit] = {}
    running: dict[str, int] = {}
    for word, amounts in _WANTED.findall(text):
        for tres, most, unit, used in _AMOUNT.findall(amounts):
            key = Key(_SHARED.get(word, word), tres)
            if word == "GrpTRESRunMins":
                running[tres] = int(used or 0)
            if most != "N":
                found[key] = Limit(int(most) * _MIB[unit], int(used or 0))
    return {
        key: replace(limit, running=running.get(key.tres, 0))
        if key.name == "GrpTRESMins"
        else limit
        for key, limit in found.items()
    }


def _rows(text: str) -> Iterator[tuple[tuple[str, str], str, tuple[str, ...]]]:
    for line in text.splitlines():
        account, partition, default, allowed = [*line.split("|"), "", "", ""][:4]
        yield (account.strip(), partition), default, tuple(filter(None, allowed.split(",")))


def _defaults(text: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the default QOS; where only one is allowed it is that one."""
    for place, default, allowed in _rows(text):
        yield place, default or (allowed[0] if len(allowed) == 1 else "")


def _allowed(text: str) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    for place, _, allowed in _rows(text):
        yield place, allowed
