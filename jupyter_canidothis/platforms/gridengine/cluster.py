"""What is known of a Grid Engine cluster: queues, hosts, environments, quotas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = [
    "Asker",
    "Cluster",
    "Complex",
    "Environment",
    "Host",
    "Instance",
    "Queue",
    "Rule",
    "Usage",
]

_STATES: Final = {
    "u": "its host does not answer",
    "d": "disabled",
    "E": "in error state",
    "s": "suspended",
    "S": "suspended by another queue",
    "D": "closed by its calendar",
    "C": "suspended by its calendar",
    "c": "of ambiguous configuration",
    "o": "orphaned",
    "P": "preempted",
}
"""Queue states in which no job starts (qstat(1)); no dry run with ``-w v`` sees them."""
_PASSING: Final = "SDCP"
"""Those that pass without anybody's doing."""


@dataclass(frozen=True)
class Asker:
    """Who the cluster thinks we are."""

    user: str = ""
    """User name; empty when unknown."""
    groups: frozenset[str] = frozenset()
    """Names of the user's groups."""

    def among(self, entries: frozenset[str]) -> bool:
        """Whether an access list holds us (access_list(5)): by name or as ``@group``."""
        return self.user in entries or any(f"@{group}" in entries for group in self.groups)


@dataclass(frozen=True)
class Complex:
    """One resource that jobs can ask for (complex(5))."""

    name: str
    """Its name in ``-l``."""
    kind: str
    """``INT``, ``MEMORY``, ``TIME``, ..."""
    requestable: bool
    """Whether jobs may ask for it."""
    consumable: str
    """``YES`` per slot, ``JOB`` per job, ``NO`` not counted."""
    default: str = "0"
    """What a job takes of it that asks for none."""


@dataclass(frozen=True)
class Environment:
    """One parallel environment (sge_pe(5)), which gives a job several slots."""

    name: str
    """Its name in ``-pe``."""
    slots: int
    """Most slots that all its jobs together may have."""
    rule: str
    """How slots spread over hosts: ``$pe_slots`` puts them on one."""
    users: frozenset[str]
    """Access lists that it is open to; empty is everybody."""
    xusers: frozenset[str]
    """Access lists that it is closed to."""

    def one_host(self, slots: int, hosts: int) -> bool:
        """Whether it puts so many slots on one host, of so many that a queue has."""
        together = self.rule in ("$pe_slots", str(slots))
        return together or (hosts == 1 and self.rule in ("$fill_up", "$round_robin"))


@dataclass(frozen=True)
class Queue:
    """One cluster queue (queue_conf(5))."""

    name: str
    """Its name in ``-q``."""
    values: Mapping[str, str]
    """Its attributes as text, host-specific values included."""

    def words(self, attribute: str) -> frozenset[str]:
        """Return a list attribute; empty for NONE, and where it differs between hosts."""
        text = self.values.get(attribute, "NONE")
        if "[" in text or text.upper() == "NONE":
            return frozenset()
        return frozenset(text.replace(",", " ").split())

    def environments(self) -> tuple[str, ...]:
        """Return its parallel environments on any of its hosts, in their order."""
        text = self.values.get("pe_list", "NONE")
        for character in "[],":
            text = text.replace(character, " ")
        names = (word.partition("=")[2] or word for word in text.split())
        return tuple(dict.fromkeys(name for name in names if name != "NONE"))

    def value(self, attribute: str, host: str) -> str:
        """Return an attribute on one host; empty where only a host group decides it."""
        first, *special = self.values.get(attribute, "").split("[")
        default = first.strip().rstrip(",")
        for each in special:
            name, _, text = each.rstrip(", ]").partition("=")
            if name == host:
                return text
            if name.startswith("@"):
                default = ""
        return default

    @property
    def batch(self) -> bool:
        """Whether it takes batch jobs; jobs with several slots come with their PE."""
        return "BATCH" in self.values.get("qtype", "BATCH") or bool(self.environments())


@dataclass(frozen=True)
class Instance:
    """One queue on one host."""

    queue: str
    """Its cluster queue."""
    host: str
    """Its host."""
    slots: int
    """Slots that it has."""
    used: int
    """Slots that are taken or reserved."""
    state: str
    """Letters of qstat(1); empty is open."""
    free: Mapping[str, str] = field(default_factory=dict)
    """Consumables that are left, as text."""

    @property
    def unavailable(self) -> str:
        """Why no job starts in it, in words; empty when jobs do."""
        return " and ".join(words for letter, words in _STATES.items() if letter in self.state)

    @property
    def passing(self) -> bool:
        """Whether only time keeps it closed: a calendar, or another queue at work."""
        return bool(self.unavailable) and not any(
            letter in self.state for letter in _STATES if letter not in _PASSING
        )

    @property
    def alarmed(self) -> bool:
        """Whether load keeps it from new jobs for now (queue_conf(5), load_thresholds)."""
        return "a" in self.state or "A" in self.state


@dataclass(frozen=True)
class Host:
    """One execution host."""

    name: str
    """Its name."""
    memory: int | None
    """Main memory that it reports, in bytes; None when it does not."""
    capacity: Mapping[str, str] | None
    """What it has of each consumable, as text (host_conf(5)); None when not known."""


@dataclass(frozen=True)
class Usage:
    """What is used of one quota by those whom it counts together (qquota(1))."""

    resource: str
    """Of which resource."""
    used: str
    """How much, as text."""
    filters: Mapping[str, str]
    """Whom and where."""


@dataclass(frozen=True)
class Rule:
    """One limit of a resource quota set (sge_resource_quota(5))."""

    name: str
    """Rule set and number, as qquota(1) calls it: ``perq/2``."""
    filters: Mapping[str, str]
    """Whom and where it concerns: ``users``, ``projects``, ``pes``, ``queues``, ``hosts``."""
    limits: Mapping[str, str]
    """Limit of each resource, as text."""
    used: tuple[Usage, ...] = ()
    """What is used of it already."""


@dataclass(frozen=True)
class Cluster:
    """Everything that was read."""

    queues: tuple[Queue, ...]
    """Cluster queues."""
    instances: tuple[Instance, ...]
    """Queues on hosts."""
    hosts: Mapping[str, Host]
    """Hosts by name."""
    complexes: Mapping[str, Complex] = field(default_factory=dict)
    """Complexes by name."""
    environments: Mapping[str, Environment] = field(default_factory=dict)
    """Parallel environments by name."""
    quotas: tuple[tuple[Rule, ...], ...] = ()
    """Enabled quota sets; of each the first rule that matches counts."""
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Access lists by name."""
    calendars: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Calendars by name: year and week (calendar_conf(5))."""
    asker: Asker = Asker()
    """Who we are there."""
    interval: int | None = None
    """Seconds between two runs of the scheduler; None when not shown."""
    waiting: int = 0
    """Jobs that wait."""

    def members(self, queue: str) -> tuple[Instance, ...]:
        """Return the instances of a cluster queue."""
        return tuple(each for each in self.instances if each.queue == queue)

    def admits(self, users: frozenset[str], xusers: frozenset[str]) -> bool:
        """Whether access lists let us in; lists that are not shown count as if they do."""
        named = (self.lists.get(name) for name in xusers)
        if any(entries and self.asker.among(entries) for entries in named):
            return False
        if not users or not self.asker.user:
            return True
        known = [self.lists.get(name) for name in users]
        return any(entries is None or self.asker.among(entries) for entries in known)
