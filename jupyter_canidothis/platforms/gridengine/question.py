"""From a task and a queue to the options of qsub(1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from ...resources import Resources
from .amounts import read_amount
from .cluster import Cluster, Complex, Environment, Queue

__all__ = ["MIB", "Names", "Question", "merged", "names", "question"]

MIB: Final = 2**20

_MEMORIES: Final = ("h_vmem", "m_mem_free", "mem_free", "virtual_free", "h_rss", "s_vmem")
"""Complexes by which sites count memory, the most usual first."""
_MEASURED: Final = ("mem_free", "virtual_free")
"""Those that every host measures, where a site counts none."""
_ENFORCED: Final = ("h_vmem", "h_rss", "s_vmem")
"""Those that also limit the running job (queue_conf(5), RESOURCE LIMITS)."""
_DEFAULT_MEMORY: Final = 2**30
"""Bytes asked for where nobody says how much and the job would be held to nothing at all:
a complex that is counted and enforced, with a default of 0, gives it that."""
_GPUS: Final = ("gpu", "gpus", "ngpus", "GPU", "cuda")


@dataclass(frozen=True)
class Names:
    """What this cluster calls the things that a task asks for."""

    memory: str
    """Complex for memory; empty when there is none."""
    memory_counted: str
    """Its consumable column: ``YES`` per slot, ``JOB`` per job, ``NO``."""
    gpu: str
    """Complex for GPUs; empty when there is none."""
    gpu_counted: str
    """Its consumable column."""
    needs_memory: bool = False
    """Whether a job that asks for no memory would get none."""


def names(complexes: Mapping[str, Complex], memory: str = "", gpu: str = "") -> Names:
    """Choose the complexes; what the configuration says goes first.

    Parameters
    ----------
    complexes
        Those of the cluster.
    memory, gpu
        As configured; empty chooses.
    """
    memory = memory or _counted(complexes, _MEMORIES) or _known(complexes, _MEASURED)
    gpu = gpu or _counted(complexes, _GPUS)
    counted = _how(complexes, memory)
    needed = counted != "NO" and memory in _ENFORCED
    needs = needed and not read_amount(complexes[memory].default)
    return Names(memory, counted, gpu, _how(complexes, gpu), needs)


def _counted(complexes: Mapping[str, Complex], among: tuple[str, ...]) -> str:
    return next((name for name in among if _how(complexes, name) != "NO"), "")


def _known(complexes: Mapping[str, Complex], among: tuple[str, ...]) -> str:
    return next((n for n in among if n in complexes and complexes[n].requestable), "")


def _how(complexes: Mapping[str, Complex], name: str) -> str:
    found = complexes.get(name)
    return found.consumable if found is not None and found.requestable else "NO"


@dataclass(frozen=True)
class Question:
    """One task put to one queue."""

    queue: str
    """Which queue, or several with commas between."""
    slots: int
    """Slots on one host."""
    pe: str
    """Parallel environment for several; empty for one slot, and where there is none."""
    names: Names
    """What the cluster calls memory and GPUs."""
    memory: int | None
    """MiB as they are asked: per slot where the complex counts so."""
    seconds: int | None
    """Time limit; None leaves it to the queue."""
    gpus: int
    """GPUs as they are asked: per slot where the complex counts so."""
    suits: bool = True
    """Whether the environment puts all slots on one host, as a notebook needs it."""
    project: str = ""
    """Project; empty is the user's default."""
    unseen: bool = False
    """Whether the environment is one that Grid Engine did not show, so that nobody knows
    how it spreads slots."""

    def times(self, counted: str) -> int:
        """Return how often one request is taken from what is there (complex(5))."""
        return self.slots if counted == "YES" else 1

    @property
    def all_memory(self) -> int:
        """Bytes that the whole job takes."""
        return (self.memory or 0) * MIB * self.times(self.names.memory_counted)

    @property
    def all_gpus(self) -> int:
        """GPUs that the whole job takes."""
        return self.gpus * self.times(self.names.gpu_counted)

    def options(self, *, measured: bool = True) -> tuple[str, ...]:
        """Return the options of qsub(1), each with its value.

        Parameters
        ----------
        measured
            Whether to ask for memory that is measured and not counted. ``-w v`` looks
            at no measured values and calls them *unknown resource*.
        """
        wanted = [] if self.seconds is None else [f"h_rt={self.seconds}"]
        if self.memory is not None and (measured or self.names.memory_counted != "NO"):
            wanted.append(f"{self.names.memory}={self.memory}M")
        if self.gpus:
            wanted.append(f"{self.names.gpu or 'gpu'}={self.gpus}")
        found = [f"-q {self.queue}"]
        if self.pe:
            found.append(f"-pe {self.pe} {self.slots}")
        if wanted:
            found.append(f"-l {','.join(wanted)}")
        if self.project:
            found.append(f"-P {self.project}")
        return tuple(found)

    def dry_run(self, level: str) -> tuple[str, ...]:
        """Return the command line that asks and submits nothing (qsub(1), -w).

        Parameters
        ----------
        level
            ``v``: could it ever run, on an empty cluster; ``p``: now.
        """
        words = [word for o in self.options(measured=level == "p") for word in o.split()]
        return ("qsub", "-w", level, *words, "-b", "y", "-shell", "n", "/bin/true")


def question(
    wanted: Resources,
    queue: Queue,
    cluster: Cluster,
    called: Names,
    *,
    pe: str = "",
    slots_pe: bool = True,
    project: str = "",
) -> Question:
    """Put a task to one queue; of each range the least amount is asked for.

    Parameters
    ----------
    wanted
        What the task asks.
    queue, cluster
        Whom to ask.
    called
        The names of memory and GPUs there.
    pe
        The parallel environment to use; empty chooses.
    slots_pe
        Whether cores are asked as slots; else every task takes one slot.
    project
        As configured.
    """
    slots = max(-(-(wanted.cores.min or 0) // 1000), 1) if slots_pe else 1
    gpus = wanted.gpus.min or 0
    if wanted.gpus.min is None and wanted.gpu is not None and wanted.gpus.max != 0:
        gpus = 1
    environment, suits, unseen = _environment(queue, cluster, slots, pe)
    memory = wanted.memory.min
    if memory is None and called.needs_memory:
        memory = min(_DEFAULT_MEMORY, wanted.memory.max or _DEFAULT_MEMORY)
    share = slots if called.memory_counted == "YES" else 1
    return Question(
        queue=queue.name,
        slots=slots,
        pe=environment,
        suits=suits,
        names=called,
        memory=-(-memory // (MIB * share)) if memory and called.memory else None,
        seconds=wanted.duration.min,
        gpus=-(-gpus // (slots if called.gpu_counted == "YES" else 1)),
        project=project,
        unseen=unseen,
    )


def _environment(queue: Queue, cluster: Cluster, slots: int, pe: str) -> tuple[str, bool, bool]:
    """Return the environment to ask for, whether it suits, and whether it is not shown.

    One suits that puts all slots on one host, or that nobody knows to do otherwise. Where
    none does, one is named all the same: a job without would get a single slot.
    """
    if slots == 1:
        return "", True, False
    hosts = len(cluster.members(queue.name))
    named = [name for name in queue.environments() if not pe or name == pe]
    usable = [
        found
        for name in named
        if (found := cluster.environments.get(name)) is not None
        and found.one_host(slots, hosts)
    ]

    def misfit(each: Environment) -> tuple[bool, bool]:
        return not cluster.admits(each.users, each.xusers), each.slots < slots

    if usable:
        return min(usable, key=misfit).name, True, False
    if unseen := [name for name in named if name not in cluster.environments]:
        return unseen[0], True, True
    some = next(filter(None, (pe, *queue.environments(), *cluster.environments)), "")
    return some, False, False


def merged(questions: list[Question]) -> list[Question]:
    """Return one question for all queues that are asked the same."""
    together: dict[tuple[str, ...], list[Question]] = {}
    for each in questions:
        together.setdefault(each.options()[1:], []).append(each)
    return [
        replace(same[0], queue=",".join(each.queue for each in same))
        for same in together.values()
    ]
