"""What speaks against a job in a queue by arithmetic, whatever the dry run said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from ...answer import Reason
from ...task import Task
from .. import capacity, refusals
from .cluster import Cluster, Queue
from .fit import Fit
from .question import MIB, Question
from .quota import applying, most
from .slots import effective, open_members, slots

__all__ = ["objections"]

_NAMED: Final = 5
"""Most hosts named in one sentence."""


def objections(
    task: Task, put: Question, queue: Queue, cluster: Cluster, found: Fit, *, now: float
) -> tuple[Reason, ...]:
    """Return every objection, the least curable first.

    Parameters
    ----------
    task
        The task as asked.
    put
        The task as put to this queue.
    queue, cluster
        Whom it was put to, and what is known of it.
    found
        How the question fits the queue's instances.
    now
        Seconds since the Unix epoch.
    """
    return (
        *_admission(put, queue, cluster),
        *_environment(task, put, queue),
        *_closed(found),
        *_amounts(task, put, queue, cluster, found, now=now),
    )


def _admission(put: Question, queue: Queue, cluster: Cluster) -> Iterator[Reason]:
    """Hold us against access lists and the queue's type (queue_conf(5))."""
    scope = f"queue {queue.name}"
    if not queue.batch:
        message = f"Queue {queue.name} takes no batch jobs"
        yield Reason("closed", message, scope=scope)
    user = cluster.asker.user
    if not cluster.admits(queue.words("user_lists"), queue.words("xuser_lists")):
        message = f"Queue {queue.name} is closed to {user} by its access lists"
        yield Reason("not-authorised", message, asked=user, scope=scope)
    used = cluster.environments.get(put.pe)
    if used is not None and not cluster.admits(used.users, used.xusers):
        message = f"Parallel environment {used.name} is closed to {user} by its access lists"
        yield Reason("not-authorised", message, asked=user, scope=f"environment {used.name}")


def _environment(task: Task, put: Question, queue: Queue) -> Iterator[Reason]:
    if put.suits:
        return
    cores = task.resources.cores.min
    message = (
        f"Queue {queue.name} has no parallel environment that gives {put.slots} slots"
        " on one host"
    )
    field, scope = "/resources/cores/min", f"queue {queue.name}"
    yield Reason("limit-exceeded", message, field, cores, 1000, scope=scope)


def _closed(found: Fit) -> Iterator[Reason]:
    """Name the hosts that would do if their queue were open."""
    closed = [
        each for each, lacking in found.shortfalls if lacking == (each.unavailable,) and lacking
    ]
    if closed and not found:
        names = ", ".join(
            f"{each.queue}@{each.host} is {each.unavailable}"
            if each.state != "u"
            else f"{each.host} does not answer"
            for each in closed[:_NAMED]
        )
        more = f" and {len(closed) - _NAMED} more" if len(closed) > _NAMED else ""
        scope, text = f"queue {closed[0].queue}", f"state {closed[0].state}"
        yield Reason("closed", f"{names}{more} ({found.counts})", scope=scope, text=text)


def _amounts(
    task: Task, put: Question, queue: Queue, cluster: Cluster, found: Fit, *, now: float
) -> Iterator[Reason]:
    """Hold amounts against the instance that comes closest, of those that are open."""
    if found and (task.resources.nodes.min or 1) <= 1:
        return
    members = open_members(queue, cluster, now) or cluster.members(queue.name)
    offered = slots(put, queue, members, cluster)
    wanted = msgspec.structs.replace(task, resources=effective(task.resources, put))
    failures = capacity.Loop(offered).judge(capacity.asked(wanted)).failures()
    if not failures or not all(failures):
        return
    place = refusals.best_refusal(failures)
    for reason in refusals.reasons(offered[place], failures[place]):
        if reason.field != "/resources/cores/min" or put.suits:
            yield _explained(_by_quota(reason, put, cluster, found), put, found)


def _by_quota(reason: Reason, put: Question, cluster: Cluster, found: Fit) -> Reason:
    """Name the quota where it is what sets the limit."""
    resources = {"cores": ("slots", 1000), "memory": (put.names.memory, 1)}
    resources["gpus"] = (put.names.gpu, 1)
    resource, unit = resources.get(_subject(reason), ("", 1))
    rounding = MIB * put.slots if unit == 1 else unit
    for instance, _ in found.shortfalls:
        for rule in applying(cluster, instance.queue, instance.host, put.pe):
            limit = most(rule, resource)
            if limit is None or not isinstance(reason.limit, int):
                continue
            if 0 <= limit * unit - reason.limit < rounding:
                message, scope = f"{reason.message}, by quota {rule.name}", f"quota {rule.name}"
                return msgspec.structs.replace(reason, message=message, scope=scope)
    return reason


def _subject(reason: Reason) -> str:
    return reason.field.split("/")[2] if reason.field.startswith("/resources/") else ""


def _explained(reason: Reason, put: Question, found: Fit) -> Reason:
    name = _subject(reason)
    counted = {"memory": put.names.memory_counted, "gpus": put.names.gpu_counted}
    message = reason.message
    if put.slots > 1 and counted.get(name) == "YES":
        message = f"{message}; it is counted per slot here, for {put.slots} slots"
    if not found and name != "nodes":
        message = f"{message} ({found.counts})"
    return msgspec.structs.replace(reason, message=message)
