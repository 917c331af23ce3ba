"""One case to be judged: a task, what it comes down to, and what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...evidence import Evidence
from ...task import Task
from . import limiting
from .chart import Rendered
from .cluster import Cluster
from .gpus import Chosen
from .placing import Batch
from .trying import Trial
from .work import Part, Work

__all__ = ["Case"]


@dataclass
class Case:
    """All that one answer rests on."""

    name: str
    """The platform's configured name."""
    task: Task
    """The task as asked."""
    work: Work
    """What it comes down to."""
    cluster: Cluster
    """What is known of the cluster."""
    at: float
    """Our time, in seconds since the Unix epoch."""
    sources: list[Evidence]
    """Evidence so far: that of the snapshot."""
    trials: Sequence[Trial] = ()
    """Dry runs; none of them makes an estimate."""
    chart: Rendered | None = None
    """How a chart was rendered; None for other tasks, and for any chart at all."""
    gpus: Chosen = field(default_factory=Chosen)
    """How GPUs are asked for."""
    context: str = ""
    """Context of the kubeconfig."""
    queue: str = ""
    """LocalQueue of Kueue that is configured."""

    @property
    def is_chart(self) -> bool:
        """Whether the task is a chart."""
        return self.task.executable.type == "uri://kubernetes-helm"

    def add(self, evidence: Evidence) -> int:
        """Keep one piece of evidence and return its index."""
        self.sources.append(evidence)
        return len(self.sources) - 1

    def batches(self) -> list[Batch]:
        """Return all pods, with what the dry run or the namespace's defaults fill in."""
        filled = {id(trial.part): trial.spec for trial in self.trials if trial.spec is not None}
        found = []
        for part in self.work.parts:
            spec = filled.get(id(part)) or limiting.filled(
                part.batch.spec, self.cluster.limits or ()
            )
            found.append(Batch(part.batch.name, spec, part.batch.count, part.batch.daemon))
        return found

    def untried(self) -> list[Part]:
        """Return the parts of which no pod was tried: for an estimate, or not allowed."""
        tried = {
            id(trial.part)
            for trial in self.trials
            if trial.refusal is None or not (trial.refusal.by_access or trial.refusal.untried)
        }
        return [part for part in self.work.parts if id(part) not in tried]
