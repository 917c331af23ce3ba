"""Limits of accounts and qualities of service, and which of them meet one job.

Sources: sacctmgr(1), GENERAL SPECIFICATIONS FOR ASSOCIATION BASED ENTITIES and
SPECIFICATIONS FOR QOS; "Resource Limits" in Slurm's documentation, Hierarchy: the
partition's QOS comes first, then the job's QOS, then the user's association, and the
first that sets a limit hides the same limit of those that follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from .cluster import Partition

__all__ = ["Accounting", "Association", "Key", "Limit", "Met", "Rules"]

DEFAULT_QOS: Final = "normal"
"""QOS of a job for which nobody names one (sacctmgr(1), DefaultQOS)."""


class Key(NamedTuple):
    """Which limit: its name in ``scontrol show assoc_mgr``, and of what."""

    name: str
    """E.g. ``GrpTRES``, ``MaxTRESPU``, ``MaxWallPJ``."""
    tres: str = ""
    """E.g. ``cpu``, ``gres/gpu``; empty for jobs and times."""


@dataclass(frozen=True)
class Limit:
    """One limit, in the units of Slurm: counts, MiB and minutes."""

    most: int
    """The limit."""
    used: int = 0
    """What is taken of it."""
    running: int = 0
    """Of a limit on minutes: what the jobs that run now may still take."""


@dataclass(frozen=True)
class Rules:
    """The limits of one QOS or one association."""

    scope: str
    """``qos``, ``account`` or ``user``."""
    name: str
    """Whose."""
    limits: Mapping[Key, Limit] = field(default_factory=dict)
    """Those that are set."""
    flags: frozenset[str] = frozenset()
    """Flags of a QOS, e.g. ``OverPartQOS``."""
    usage_factor: float = 1.0
    """By what the usage of a QOS is multiplied (sacctmgr(1), UsageFactor)."""

    @property
    def words(self) -> str:
        """Whose limits these are, in a sentence."""
        noun = "QOS" if self.scope == "qos" else self.scope
        return f"{noun} {self.name}"


@dataclass(frozen=True)
class Association:
    """One account, or the asker in one account."""

    account: str
    """The account."""
    rules: Rules
    """Its own limits."""
    own: bool
    """Whether it is the asker's; else it is the account itself."""
    partition: str = ""
    """The only partition it is for; empty is all."""
    parent: str = ""
    """The account above, of an account."""
    default: bool = False
    """Whether it is the asker's default."""


class Met(NamedTuple):
    """One limit that a job meets, and who sets it."""

    rules: Rules
    key: Key
    limit: Limit

    @property
    def words(self) -> str:
        """The limit as Slurm prints it, with what is used."""
        of = f"{self.key.tres}=" if self.key.tres else ""
        return (
            f"{self.rules.words}: {self.key.name}={of}{self.limit.most}({self.limit.used} used)"
        )


@dataclass(frozen=True)
class Accounting:
    """What accounting publishes to one user."""

    associations: tuple[Association, ...] = ()
    """The asker's, and all accounts."""
    qos: Mapping[str, Rules] = field(default_factory=dict)
    """Every QOS by name."""
    default_qos: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The asker's default QOS by account and partition."""
    allowed_qos: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """Every QOS that the asker may use, by account and partition."""
    safe: bool = False
    """Whether only jobs start that can end before the minutes are used up
    (slurm.conf(5), AccountingStorageEnforce, safe)."""

    def association(self, account: str, partition: str) -> Association | None:
        """Return the asker's association that a job gets; None when there is none."""
        mine = [
            each
            for each in self.associations
            if each.own and (each.account == account if account else each.default)
        ]
        fitting = [each for each in mine if each.partition in (partition, "")]
        return max(fitting, key=lambda each: each.partition, default=None)

    def job_qos(self, partition: Partition, account: str, qos: str) -> str:
        """Return the name of the QOS that a job gets."""
        own = self.association(account, partition.name)
        if not qos and own is not None:
            qos = self.default_qos.get((own.account, own.partition), "")
        return qos or DEFAULT_QOS

    def meeting(self, partition: Partition, account: str, qos: str) -> tuple[Met, ...]:
        """Return every limit that a job meets.

        Parameters
        ----------
        partition
            Where it would run.
        account, qos
            What it names; empty is the asker's default.
        """
        own = self.association(account, partition.name)
        qos = self.job_qos(partition, account, qos)
        found: list[Met] = []
        hidden: set[Key] = set()
        for layer in (*self._qualities(partition, qos), self._chain(own)):
            met = [
                Met(rules, key, limit)
                for rules in layer
                for key, limit in rules.limits.items()
                if key not in hidden
            ]
            hidden |= {key for _, key, _ in met}
            found += met
        return tuple(found)

    def _qualities(self, partition: Partition, qos: str) -> Iterator[Sequence[Rules]]:
        job = self.qos.get(qos)
        names = [partition.qos, qos]
        if job is not None and "OverPartQOS" in job.flags:
            names.reverse()
        for name in dict.fromkeys(names):
            if name in self.qos:
                yield (self.qos[name],)

    def _chain(self, own: Association | None) -> Sequence[Rules]:
        """Return the asker's limits and those of the accounts above that are for all."""
        if own is None:
            return ()
        accounts = {each.account: each for each in self.associations if not each.own}
        chain, name = [own.rules], own.account
        while (account := accounts.pop(name, None)) is not None:
            shared = {k: v for k, v in account.rules.limits.items() if k.name.startswith("Grp")}
            chain.append(Rules("account", account.account, shared))
            name = account.parent
        return chain
