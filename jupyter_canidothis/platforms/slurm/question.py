"""From a task and a partition to the command line of a dry run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ...resources import Resources
from ...units import GIB
from .cluster import MIB, Cluster, Node, Partition, Settings

__all__ = ["DEFAULT_SECONDS", "Question", "gpu_memory", "question"]

DEFAULT_SECONDS: Final = 3600
"""Time limit asked for where neither the task nor the partition says one: an unlimited
job would never start before a maintenance."""

_TYPE_MEMORY: Final = re.compile(r"(?<![0-9])([0-9]{1,3})gb?(?![a-z0-9])")
_TYPE: Final = re.compile(r"[A-Za-z0-9_.\-]+")


@dataclass(frozen=True)
class Question:
    """One task put to one partition, in Slurm's units and per node."""

    partition: str
    """Which partition."""
    nodes: int
    """Nodes."""
    cpus: int
    """Processors per node."""
    memory: int | None
    """MiB per node as asked; None leaves it to the partition."""
    default_memory: int | None
    """MiB per node that the partition gives when `memory` is None; None is not published."""
    minutes: int
    """Time limit."""
    gpus: int
    """GPUs per node."""
    gpu_type: str
    """Their type; empty accepts any."""
    account: str = ""
    """Account; empty is the user's default."""
    qos: str = ""
    """Quality of service; empty is the default."""

    @property
    def needed_memory(self) -> int:
        """MiB per node that the job will have, as far as that is known."""
        return self.memory or self.default_memory or 0

    @property
    def options(self) -> tuple[str, ...]:
        """Options of sbatch(1); the same for the dry run and for the real job."""
        found = [
            f"--partition={self.partition}",
            f"--nodes={self.nodes}",
            f"--ntasks={self.nodes}",
            f"--cpus-per-task={self.cpus}",
            f"--time={self.minutes}",
        ]
        if self.memory is not None:
            found.append(f"--mem={self.memory}M")
        if self.gpus:
            kind = f":{self.gpu_type}" if self.gpu_type else ""
            found.append(f"--gres=gpu{kind}:{self.gpus}")
        if self.account:
            found.append(f"--account={self.account}")
        if self.qos:
            found.append(f"--qos={self.qos}")
        return tuple(found)

    def dry_run(self, sbatch: str) -> tuple[str, ...]:
        """Return the command line that asks without submitting.

        ``--export=NONE`` keeps this process's environment off the wire; ``--wrap``
        gives a script without a file, so that the line can be repeated by hand.
        """
        return (sbatch, "--test-only", "--export=NONE", *self.options, "--wrap=true")


def _shares(total: int | None, unit: int, nodes: int) -> int | None:
    """Return each node's share of an amount, in a coarser unit, rounded up twice."""
    if total is None:
        return None
    whole = -(-total // unit)
    return -(-whole // nodes)


def question(
    wanted: Resources, partition: Partition, cluster: Cluster, account: str = "", qos: str = ""
) -> Question:
    """Put a task to one partition.

    Parameters
    ----------
    wanted
        What the task asks; of each range the least amount is asked for.
    partition
        Whom to ask.
    cluster
        What is known of its nodes.
    account, qos
        As configured; empty leaves them to Slurm.
    """
    members = cluster.members(partition)
    nodes = _nodes(wanted, partition, members)
    cpus = _shares(wanted.cores.min, 1000, nodes) or 1
    memory = _shares(wanted.memory.min, MIB, nodes)
    return Question(
        partition=partition.name,
        nodes=nodes,
        cpus=cpus,
        memory=memory or None,
        default_memory=_default_memory(partition, cluster.settings, cpus),
        minutes=_minutes(wanted, partition),
        gpus=_shares(_gpus(wanted), 1, nodes) or 0,
        gpu_type=_gpu_type(wanted, members),
        account=account,
        qos=qos,
    )


def _gpus(wanted: Resources) -> int:
    """Return how many; a task that describes its GPU without a number needs one."""
    if wanted.gpus.min is None and wanted.gpu is not None and wanted.gpus.max != 0:
        return 1
    return wanted.gpus.min or 0


def _nodes(wanted: Resources, partition: Partition, members: Sequence[Node]) -> int:
    """Return the least number of nodes, of those allowed, that can hold the task's cores."""
    least = max(wanted.nodes.min or 1, 1)
    most = max(wanted.nodes.max or least, least)
    sizes = [node.cpus for node in members if not node.unavailable] or [1]
    cpus = -(-(wanted.cores.min or 1000) // 1000)
    needed = min(-(-cpus // max(sizes)), len(sizes), partition.max_nodes or len(sizes))
    return max(min(needed, most), least, min(partition.min_nodes, most))


def _minutes(wanted: Resources, partition: Partition) -> int:
    """Return an explicit time limit; slurm.conf(5): without DefaultTime it is MaxTime."""
    seconds = wanted.duration.min
    if seconds is None:
        fallback = min(partition.max_time or DEFAULT_SECONDS, DEFAULT_SECONDS)
        seconds = partition.default_time or fallback
        if wanted.duration.max is not None:
            seconds = min(seconds, wanted.duration.max)
    return max(-(-seconds // 60), 1)


def _default_memory(partition: Partition, settings: Settings, cpus: int) -> int | None:
    """Return the memory of a job that asks for none (slurm.conf(5), DefMemPerCPU)."""
    for source in (partition, settings.defaults):
        if source.default_memory_per_cpu is not None:
            return source.default_memory_per_cpu * cpus
        if source.default_memory_per_node is not None:
            return source.default_memory_per_node
    return None


def _gpu_type(wanted: Resources, members: Iterable[Node]) -> str:
    """Return the partition's GPU type for a model, or the model's own word."""
    if wanted.gpu is None:
        return ""
    kinds = sorted({kind for node in members for kind in node.gpus if kind})
    model, memory = wanted.gpu.model, wanted.gpu.memory
    if model:
        plain = _plain(model)
        kinds = [k for k in kinds if _plain(k) in plain or plain in _plain(k)]
        if not kinds:
            # Only what sbatch(1) takes as one word may reach its command line.
            return "-".join(_TYPE.findall(model)) or "unknown"
    if memory:
        large = [kind for kind in kinds if (gpu_memory(kind) or 0) >= memory]
        return min(large, key=lambda kind: gpu_memory(kind) or 0) if large else ""
    return kinds[0] if model else ""


def gpu_memory(kind: str) -> int | None:
    """Return the memory of one GPU in bytes where its type's name tells it: ``a100_80gb``.

    Slurm itself knows no GPU memory (gres.conf(5)).
    """
    found = _TYPE_MEMORY.findall(kind.lower())
    return max(map(int, found)) * GIB if found else None


def _plain(word: str) -> str:
    return "".join(filter(str.isalnum, word.lower()))
