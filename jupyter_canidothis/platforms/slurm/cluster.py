"""What a Slurm controller publishes, in our own nouns.

Units as Slurm counts them: processors ("CPUs") and GPUs as counts, memory in MiB
(which Slurm calls MB), durations in seconds, moments in seconds since the Unix epoch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .accounting import Accounting

__all__ = ["MIB", "Cluster", "Node", "Partition", "Reservation", "Settings", "Waiting"]

MIB: Final = 2**20

UNAVAILABLE: Final[Mapping[str, str]] = {
    "DOWN": "down",
    "ERROR": "down",
    "FAIL": "failing",
    "FAILING": "failing",
    "UNKNOWN": "down",
    "INVAL": "misconfigured",
    "INVALID_REG": "misconfigured",
    "FUTURE": "not there yet",
    "DRAIN": "drained",
    "DRAINED": "drained",
    "DRAINING": "drained",
    "POWER_DRAIN": "drained",
    "REBOOT_ISSUED": "rebooting",
    "NOT_RESPONDING": "not responding",
    "NO_RESPOND": "not responding",
}
"""Node state flags under which no job starts (scontrol(1) and sinfo(1), NODE STATE CODES),
with the word for them. Powered-down cloud nodes are absent on purpose: they come up."""


@dataclass(frozen=True)
class Partition:
    """One partition (slurm.conf(5), PARTITION CONFIGURATION)."""

    name: str
    """Its name."""
    record: str
    """The line of ``scontrol -o show partition`` it was read from."""
    state: str = "UP"
    """``UP``, ``DOWN``, ``DRAIN`` or ``INACTIVE``."""
    default: bool = False
    """Whether jobs that name no partition come here."""
    max_time: int | None = None
    """Longest time limit, in seconds; None is unlimited."""
    default_time: int | None = None
    """Time limit of jobs that name none, in seconds; None means `max_time`."""
    default_memory_per_cpu: int | None = None
    """Memory of jobs that name none, in MiB per processor."""
    default_memory_per_node: int | None = None
    """Memory of jobs that name none, in MiB per node."""
    max_memory_per_cpu: int | None = None
    """Most memory per processor, in MiB; more memory takes more processors."""
    max_memory_per_node: int | None = None
    """Most memory per node, in MiB."""
    max_cpus_per_node: int | None = None
    """Most processors that this partition uses on one node."""
    min_nodes: int = 0
    """Least nodes of a job."""
    max_nodes: int | None = None
    """Most nodes of a job."""
    exclusive: bool = False
    """Whether a job always gets whole nodes (``OverSubscribe=EXCLUSIVE``)."""
    root_only: bool = False
    """Whether only root may submit."""
    needs_reservation: bool = False
    """Whether jobs have to name a reservation (``ReqResv``)."""
    qos: str = ""
    """QOS whose limits hold for every job here (``QoS``)."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """What each TRES is billed by the piece, memory by the MiB (``TRESBillingWeights``);
    empty bills the processors."""
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """``AllowAccounts``, ``DenyAccounts``, ``AllowQos``, ``DenyQos``, ``AllowGroups`` as far as
    they are restricted."""


@dataclass(frozen=True)
class Node:
    """One node (slurm.conf(5), NODE CONFIGURATION)."""

    name: str
    """Its name."""
    partitions: frozenset[str]
    """Partitions it belongs to."""
    states: frozenset[str]
    """Base state and flags, e.g. ``{"IDLE", "DRAIN"}``."""
    cpus: int
    """Processors that jobs may have."""
    cpus_used: int
    """Processors that jobs have."""
    threads: int
    """Processors per core; jobs get whole cores."""
    memory: int
    """Memory that jobs may have, in MiB."""
    memory_used: int
    """Memory that jobs have, in MiB."""
    gpus: Mapping[str, int]
    """GPUs by type; the empty type where the configuration names none."""
    gpus_used: Mapping[str, int]
    """GPUs that jobs have, likewise."""

    @cached_property
    def unavailable(self) -> str:
        """Why no job starts here, in a word; empty when jobs do."""
        # POWERING_UP nodes do not respond yet, and that is no fault.
        if "POWERING_UP" in self.states and "DOWN" not in self.states:
            return ""
        return next((UNAVAILABLE[flag] for flag in UNAVAILABLE if flag in self.states), "")


@dataclass(frozen=True)
class Reservation:
    """Nodes kept for somebody or for maintenance (scontrol(1), RESERVATIONS)."""

    name: str
    """Its name."""
    start: float
    """When it begins, in seconds since the Unix epoch."""
    end: float
    """When it ends, likewise."""
    nodes: frozenset[str]
    """Names of its nodes; empty when it reserves no whole nodes."""
    flags: frozenset[str]
    """E.g. ``MAINT``, ``IGNORE_JOBS``."""


@dataclass(frozen=True)
class Waiting:
    """One job in the queue that does not run yet."""

    id: str
    """Job id."""
    partitions: frozenset[str]
    """Partitions it may run in."""
    start: float | None
    """When the backfill scheduler expects to start it; None when it does not say."""
    nodes: frozenset[str]
    """Nodes on which it expects to start it."""
    cpus: int
    """Processors it asks for, on all nodes together."""
    reason: str
    """Why it waits, e.g. ``Resources``."""


@dataclass(frozen=True)
class Settings:
    """The cluster-wide settings that decide about jobs (``scontrol show config``)."""

    cluster: str = ""
    """Name of the cluster."""
    version: str = ""
    """Version of the controller."""
    enforce: str = "NO"
    """``EnforcePartLimits``: ``NO``, ``ANY`` or ``ALL``."""
    accounting: frozenset[str] = frozenset()
    """``AccountingStorageEnforce``."""
    accounts_kept: bool = False
    """Whether there are accounts at all (``AccountingStorageType``)."""
    defaults: Partition = field(default_factory=lambda: Partition("", ""))
    """Memory limits and defaults where a partition has none of its own."""
    tracked: frozenset[str] = frozenset()
    """What is counted for limits and billing (``AccountingStorageTRES``)."""
    billed_by_most: bool | None = None
    """Whether only the dearest TRES is billed (``PriorityFlags``, MAX_TRES); None where
    the controller does not show it, as with ``priority/basic``."""
    half_life: int | None = None
    """Seconds in which usage decays to the half (``PriorityDecayHalfLife``); None never."""
    usage_reset: bool = False
    """Whether usage is set back from time to time (``PriorityUsageResetPeriod``)."""
    memory_counted: bool = True
    """Whether jobs are given memory (``SelectTypeParameters`` with ``_Memory``)."""
    skew: float = 0.0
    """Seconds by which the controller's clock is ahead of ours."""

    @property
    def limits_enforced(self) -> bool:
        """Whether limits of accounts and QOS hold (slurm.conf(5), AccountingStorageEnforce)."""
        return self.accounts_kept and bool(self.accounting & {"limits", "safe", "all"})


@dataclass(frozen=True)
class Cluster:
    """Everything read from one controller at one moment."""

    settings: Settings
    """Cluster-wide settings."""
    partitions: tuple[Partition, ...]
    """Partitions that the asker may see."""
    nodes: tuple[Node, ...]
    """All nodes."""
    reservations: tuple[Reservation, ...] = ()
    """All reservations."""
    waiting: tuple[Waiting, ...] = ()
    """Jobs that wait."""
    accounting: Accounting | None = None
    """Limits of accounts and QOS; None where none are enforced or none are shown."""
    accounts_silent: bool = False
    """Whether they are not shown because slurmdbd does not answer."""

    def members(self, partition: Partition) -> tuple[Node, ...]:
        """Return the nodes of a partition."""
        return self._members.get(partition.name, ())

    @cached_property
    def _members(self) -> Mapping[str, tuple[Node, ...]]:
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in node.partitions:
                found.setdefault(name, []).append(node)
        return {name: tuple(nodes) for name, nodes in found.items()}
