"""What arithmetic says of a task in a partition, before anybody is asked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from ...answer import Reason
from ...task import Task
from ..capacity import Slot
from .cluster import Cluster, Partition
from .fit import Fit, fit
from .load import Load, load
from .objections import of_the_asker, of_the_partition
from .question import Question, question
from .slots import slots
from .ways import Way

__all__ = ["Weighed", "weigh"]


@dataclass(frozen=True)
class Weighed:
    """One question to one partition, and what speaks against it whoever asks."""

    task: Task
    """The task as asked."""
    partition: Partition
    """Whom it is put to."""
    cluster: Cluster
    """What is known."""
    question: Question
    """The task as put to it."""
    found: Fit
    """How it fits the partition's nodes."""
    slots: tuple[Slot, ...]
    """What a job of so many nodes may have there."""
    plain: tuple[Reason, ...]
    """Objections that hold for every account and QOS."""

    def by(self, way: Way) -> Weighed:
        """Return the same question under an account and a QOS."""
        put = replace(self.question, account=way.account, qos=way.qos)
        return replace(self, question=put)

    def load(self, chosen: Collection[str] = ()) -> Load:
        """Return what the job takes, by default on those nodes that give least."""
        return load(self.question, self.partition, self.cluster, chosen, self.found)

    def against(self, job: Load | None = None) -> tuple[Reason, ...]:
        """Return every objection; the job is that of `load` unless it is known better."""
        job = job or self.load()
        settings = self.cluster.settings
        asker = of_the_asker(self.task, self.question, self.partition, settings, job)
        return (*self.plain, *asker)


def weigh(task: Task, partition: Partition, cluster: Cluster) -> Weighed:
    """Put a task to a partition and hold it against all that is known of it."""
    put = question(task.resources, partition, cluster)
    found = fit(put, partition, cluster.members(partition), cluster.settings)
    offered = slots(partition, cluster, put.nodes)
    plain = of_the_partition(task, put, partition, found, offered)
    return Weighed(task, partition, cluster, put, found, offered, plain)
