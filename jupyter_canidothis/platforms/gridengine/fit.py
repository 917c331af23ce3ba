"""Which instances of a queue could hold a job: integer arithmetic, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .calendars import opens
from .cluster import Cluster, Instance, Queue
from .limits import idle, lacks, limits
from .question import Question

__all__ = ["Fit", "fit", "opening", "room"]


@dataclass(frozen=True)
class Fit:
    """How a question fits the instances of a queue."""

    shortfalls: tuple[tuple[Instance, tuple[str, ...]], ...]
    """Every instance with what it lacks, in words; nothing where it fits."""

    @property
    def fitting(self) -> tuple[Instance, ...]:
        """Instances that lack nothing."""
        return tuple(instance for instance, lacking in self.shortfalls if not lacking)

    def __bool__(self) -> bool:
        return bool(self.fitting)

    @property
    def counts(self) -> str:
        """What is lacking, by count: ``0 of 2 hosts: 1 too few slots, 1 disabled``."""
        total = len(self.shortfalls)
        tally = Counter(" and ".join(lacking) for _, lacking in self.shortfalls if lacking)
        parts = ", ".join(f"{count} {words}" for words, count in tally.most_common())
        head = f"{len(self.fitting)} of {total} host{'' if total == 1 else 's'}"
        return f"{head}: {parts}" if parts else head

    def listing(self, limit: int = 50) -> str:
        """Return one line per instance, for evidence."""
        lines = [
            f"{each.queue}@{each.host}: {', '.join(lacking) or 'fits'}"
            for each, lacking in self.shortfalls
        ]
        more = len(lines) - limit
        return "\n".join(lines[:limit] + ([f"and {more} more"] if more > 0 else []))


def opening(queue: Queue, instance: Instance, cluster: Cluster, now: float) -> int | None:
    """Return seconds until a closed instance may open by itself; None when it does not.

    0 stands for a time that nobody can tell.
    """
    if not instance.passing:
        return None
    if not set(instance.state) & {"D", "C"}:
        return 0
    name = queue.value("calendar", instance.host)
    calendar = cluster.calendars.get(name)
    return 0 if calendar is None else opens(*calendar, now)


def fit(put: Question, queue: Queue, cluster: Cluster, now: float) -> Fit:
    """Hold a question against what each instance has in total, and against its state."""

    def against(instance: Instance) -> Iterator[str]:
        if instance.unavailable and opening(queue, instance, cluster, now) is None:
            yield instance.unavailable
        yield from lacks(put, limits(put, queue, instance, cluster))

    members = cluster.members(queue.name)
    return Fit(tuple((each, tuple(against(each))) for each in members))


def room(put: Question, queue: Queue, cluster: Cluster) -> Fit:
    """Hold a question against what is idle on each instance at this moment."""

    def against(instance: Instance) -> Iterator[str]:
        if instance.unavailable:
            yield instance.unavailable
        if instance.alarmed:
            yield "above its load threshold"
        yield from lacks(put, idle(put, queue, instance, cluster), "idle")

    members = cluster.members(queue.name)
    return Fit(tuple((each, tuple(against(each))) for each in members))
