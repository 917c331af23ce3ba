"""A chart as a whole: what all its pods take together, held against all nodes and quotas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...answer import Code, Reason
from ...task import Task
from ...units import format_cores, format_memory
from .cluster import Cluster
from .counting import left_of
from .objects import PodSpec
from .placing import Batch
from .quantity import CPU, MEMORY, Amounts, add
from .selecting import keeps_off

__all__ = ["beyond", "most", "whole"]

_SPELLED = {CPU: format_cores, MEMORY: format_memory}
_LABELS = {CPU: ("cores", "Cores"), MEMORY: ("memory", "Memory")}


def whole(batches: Sequence[Batch]) -> Amounts:
    """Return what all pods take together."""
    return add(*({name: n * b.count for name, n in b.need.items()} for b in batches))


def most(batches: Sequence[Batch], cluster: Cluster) -> dict[str, int]:
    """Return the most that all pods could take together: of the nodes they may go to.

    Bounded by what is left of the quotas of the namespace.
    """
    specs = [batch.spec for batch in batches] or [PodSpec()]
    able = [m for m in cluster.machines or () if not all(keeps_off(m, s) for s in specs)]
    sums = add(*(machine.ever for machine in able))
    shown = (CPU, MEMORY) if cluster.machines is not None else ()
    found = {name: max(0, sums.get(name, 0)) for name in shown}
    for quota in cluster.quotas or ():
        for name, left in left_of(quota).items():
            bare = name.removeprefix("requests.")
            if bare in (CPU, MEMORY) and not quota.scopes:
                found[bare] = min(left, found.get(bare, left))
    return found


def beyond(task: Task, batches: Sequence[Batch], cluster: Cluster) -> Iterator[Reason]:
    """Yield what is asked for a chart as a whole and is more than all that there is."""
    could = most(batches, cluster)
    for resource, (field, label) in _LABELS.items():
        asked = getattr(task.resources, field).min
        limit = could.get(resource)
        if asked is not None and limit is not None and asked > limit:
            spelled = _SPELLED[resource]
            could_have = f"all that its pods could have: {spelled(limit)}"
            told = f"{label} {spelled(asked)} is above {could_have}"
            pointer, scope = f"/resources/{field}/min", "cluster"
            code: Code = "limit-exceeded" if limit else "no-such-resource"
            yield Reason(code, told, pointer, asked, limit, scope=scope)
