"""Which nodes of a partition could hold a job: integer arithmetic, node by node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .cluster import Node, Partition, Settings
from .question import Question

__all__ = ["Fit", "fit", "room", "whole_cores"]


@dataclass(frozen=True)
class Fit:
    """How a question fits the nodes of a partition."""

    needed: int
    """Nodes the job needs."""
    shortfalls: tuple[tuple[Node, tuple[str, ...]], ...]
    """Every node with what it lacks, in words; nothing where it fits."""

    @property
    def fitting(self) -> tuple[Node, ...]:
        """Nodes that lack nothing."""
        return tuple(node for node, lacks in self.shortfalls if not lacks)

    def __bool__(self) -> bool:
        return len(self.fitting) >= self.needed

    @property
    def counts(self) -> str:
        """The nodes by what they lack: ``0 of 2 nodes: 1 too little memory, 1 drained``."""
        total = len(self.shortfalls)
        tally = Counter(" and ".join(lacks) for _, lacks in self.shortfalls if lacks)
        parts = ", ".join(f"{count} {words}" for words, count in tally.most_common())
        head = f"{len(self.fitting)} of {total} node{'' if total == 1 else 's'}"
        if self.needed > 1:
            head += f" ({self.needed} needed)"
        return f"{head}: {parts}" if parts else head

    def listing(self, limit: int = 50) -> str:
        """Return one line per node, for evidence."""
        lines = [
            f"{node.name}: {', '.join(lacks) or 'fits'}" for node, lacks in self.shortfalls
        ]
        more = len(lines) - limit
        return "\n".join(lines[:limit] + ([f"and {more} more nodes"] if more > 0 else []))


def whole_cores(cpus: int, node: Node) -> int:
    """Round processors up to whole cores (slurm.conf(5), SelectTypeParameters, CR_Core)."""
    return -(-cpus // node.threads) * node.threads


def processors(question: Question, partition: Partition, settings: Settings) -> int:
    """Return the processors per node that a job will occupy.

    More memory than MaxMemPerCPU allows is paid with more processors (slurm.conf(5),
    MaxMemPerCPU).
    """
    per_cpu = partition.max_memory_per_cpu or settings.defaults.max_memory_per_cpu
    if per_cpu and question.memory:
        return max(question.cpus, -(-question.memory // per_cpu))
    return question.cpus


def memory_limit(partition: Partition, settings: Settings) -> int | None:
    """Return the most memory per node that the configuration allows, in MiB."""
    return partition.max_memory_per_node or settings.defaults.max_memory_per_node


def fit(
    question: Question, partition: Partition, nodes: Sequence[Node], settings: Settings
) -> Fit:
    """Hold a question against what each node has in total, and against its state."""
    cpus = processors(question, partition, settings)
    most_cpus, most_memory = partition.max_cpus_per_node, memory_limit(partition, settings)

    def lacks(node: Node) -> Iterable[str]:
        if node.unavailable:
            yield node.unavailable
        small = cpus > min(node.cpus, most_cpus or node.cpus)
        if small:
            yield "too few cores"
        # A default memory per core says nothing where the cores are too many.
        memory = question.memory if small else question.needed_memory
        if (memory or 0) > min(node.memory, most_memory or node.memory):
            yield "too little memory"
        yield from _lacks_gpus(question, node.gpus)

    return Fit(question.nodes, tuple((node, tuple(lacks(node))) for node in nodes))


def _of_type(gpus: Mapping[str, int], kind: str) -> int:
    return gpus.get(kind, 0) if kind else sum(gpus.values())


def _lacks_gpus(question: Question, gpus: Mapping[str, int]) -> Iterable[str]:
    if not question.gpus:
        return
    if not gpus:
        yield "no GPU"
    elif question.gpu_type and question.gpu_type not in gpus:
        yield f"no GPU of type {question.gpu_type}"
    elif question.gpus > _of_type(gpus, question.gpu_type):
        yield "too few GPUs"


def room(
    question: Question, partition: Partition, nodes: Sequence[Node], settings: Settings
) -> Fit:
    """Hold a question against what is idle on each node at this moment."""
    cpus = processors(question, partition, settings)

    def lacks(node: Node) -> Iterable[str]:
        if node.unavailable:
            yield node.unavailable
        if partition.exclusive and node.cpus_used:
            yield "not empty"
        if whole_cores(cpus, node) > node.cpus - node.cpus_used:
            yield "too few idle cores"
        # Without any default a job takes all memory of its node (slurm.conf(5), DefMemPerNode).
        whole = question.memory is None and question.default_memory is None
        memory = node.memory if whole else question.needed_memory
        if settings.memory_counted and memory > node.memory - node.memory_used:
            yield "too little idle memory"
        idle = _of_type(node.gpus, question.gpu_type) - _of_type(
            node.gpus_used, question.gpu_type
        )
        if question.gpus > idle:
            yield "too few idle GPUs"

    return Fit(question.nodes, tuple((node, tuple(lacks(node))) for node in nodes))
