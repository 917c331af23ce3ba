"""What speaks against a job in a partition by arithmetic, whatever the dry run said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from ...answer import Reason
from ...task import Task
from .. import capacity, refusals
from .cluster import Partition, Settings
from .fit import Fit
from .load import Load
from .question import Question
from .quota import overdrawn
from .slots import effective

__all__ = ["admitted", "of_the_asker", "of_the_partition"]

_NAMED: Final = 5
"""Most nodes named in one sentence."""

_CLOSED: Final = {
    "DOWN": "takes jobs but starts none",
    "DRAIN": "takes no new jobs",
    "INACTIVE": "takes no new jobs and starts none",
}
"""Partition states (slurm.conf(5), State); the dry run says YES to a partition that is DOWN."""


def of_the_partition(
    task: Task,
    question: Question,
    partition: Partition,
    found: Fit,
    offered: Sequence[capacity.Slot],
) -> tuple[Reason, ...]:
    """Return the objections that hold whoever asks, the least curable first.

    Parameters
    ----------
    task
        The task as asked.
    question
        The task as put to this partition.
    partition
        Whom it was put to.
    found
        How the question fits the partition's nodes.
    offered
        What a job of so many nodes may have there.
    """
    return (
        *_partition(partition),
        *_node_count(question, partition, len(found.shortfalls)),
        *_amounts(task, question, partition, found, offered),
    )


def of_the_asker(
    task: Task, question: Question, partition: Partition, settings: Settings, job: Load
) -> tuple[Reason, ...]:
    """Return the objections to an account and a QOS, by what the job takes of them."""
    return (
        *_admission(question, partition, settings),
        *(_as_default(task, reason) for reason in overdrawn(job)),
    )


def admitted(account: str, qos: str, partition: Partition) -> bool:
    """Whether a partition takes jobs of an account and a QOS, as far as its lists say."""
    listed = (
        *_listed("account", account, partition, "AllowAccounts", "DenyAccounts"),
        *_listed("qos", qos, partition, "AllowQos", "DenyQos"),
    )
    return not listed


def _partition(partition: Partition) -> Iterator[Reason]:
    scope = f"partition {partition.name}"
    if partition.state != "UP":
        does = _CLOSED.get(partition.state, "is not up")
        message = f"Partition {partition.name} is {partition.state}: it {does}"
        yield Reason("closed", message, scope=scope, text=f"State={partition.state}")
    if partition.needs_reservation:
        message = f"Partition {partition.name} takes only jobs with a reservation"
        yield Reason("not-authorised", message, scope=scope, text="ReqResv=YES")


def _admission(
    question: Question, partition: Partition, settings: Settings
) -> Iterator[Reason]:
    """Hold account and QOS against the partition's lists (slurm.conf(5), AllowAccounts).

    Where limits are not enforced a job of the wrong account is taken and never starts.
    Which account a job gets that names none is known only where no accounts are kept.
    """
    if question.account or not settings.accounts_kept:
        yield from _listed(
            "account", question.account, partition, "AllowAccounts", "DenyAccounts"
        )
    if question.qos:
        yield from _listed("qos", question.qos, partition, "AllowQos", "DenyQos")


def _listed(
    noun: str, name: str, partition: Partition, allow: str, deny: str
) -> Iterator[Reason]:
    allowed, denied = partition.words.get(allow), partition.words.get(deny, frozenset())
    if (name in allowed) if allowed else (name not in denied):
        return
    only = (
        f"only for {noun} {', '.join(sorted(allowed))}" if allowed else f"not for {noun} {name}"
    )
    mine = f", not {name}" if allowed and name else ""
    message = f"Partition {partition.name} is {only}{mine}"
    yield Reason("not-authorised", message, asked=name, scope=noun)


def _node_count(question: Question, partition: Partition, members: int) -> Iterator[Reason]:
    """Hold the number of nodes against MinNodes and MaxNodes (slurm.conf(5))."""
    scope, field = f"partition {partition.name}", "/resources/nodes/min"
    limits = [limit for limit in (partition.max_nodes, members or None) if limit is not None]
    if limits and question.nodes > (most := min(limits)):
        message = f"{question.nodes} nodes are above the limit of {most}"
        yield Reason("limit-exceeded", message, field, question.nodes, most, scope=scope)
    elif question.nodes < partition.min_nodes:
        message = f"{question.nodes} nodes are below the minimum of {partition.min_nodes}"
        least = partition.min_nodes
        yield Reason("below-minimum", message, field, question.nodes, least, scope=scope)


def _amounts(
    task: Task,
    question: Question,
    partition: Partition,
    found: Fit,
    offered: Sequence[capacity.Slot],
) -> Iterator[Reason]:
    wanted, _ = effective(task.resources, question)
    asked = capacity.asked(msgspec.structs.replace(task, resources=wanted))
    terms = [term for term in asked if term.subject != "nodes"]
    if not found.shortfalls:
        # Nodes can be hidden (slurm.conf(5), PrivateData); then only the time is known.
        found = Fit(0, ())
    closed = () if found else tuple(_waiting_nodes(found))
    yield from closed
    if question.gpus:
        offered = tuple(sorted(offered, key=lambda slot: -(slot.bounds["gpus"].max or 0)))
    failures = capacity.Loop(offered).judge(terms).failures() if offered else [[]]
    if offered and all(failures):
        place = refusals.best_refusal(failures)
        for reason in refusals.reasons(offered[place], _of_the_asker(task, failures[place])):
            if reason.limit or not closed:
                yield _counted(_as_default(task, reason), found)
    elif question.nodes > len(found.shortfalls):
        return
    elif not found and not _only_states(found):
        yield _nothing_fits(partition, found)


def _of_the_asker(task: Task, terms: Sequence[capacity.Term]) -> Sequence[capacity.Term]:
    """Leave out a default memory per core where the cores themselves are too many."""
    subjects = {term.subject for term in terms}
    if task.resources.memory.min is not None or "cores" not in subjects:
        return terms
    return [term for term in terms if term.subject != "memory"]


def _as_default(task: Task, reason: Reason) -> Reason:
    """Say so where a limit is hit by what the partition gives without being asked."""
    name = reason.field.split("/")[2] if reason.field.startswith("/resources/") else ""
    if name not in ("memory", "duration") or getattr(task.resources, name).min is not None:
        return reason
    message = f"{reason.message}; the task asks for none, this is the partition's default"
    return msgspec.structs.replace(reason, message=message)


def _only_states(found: Fit) -> bool:
    able = [node for node, lacks in found.shortfalls if set(lacks) <= {node.unavailable}]
    return len(able) >= found.needed


def _waiting_nodes(found: Fit) -> Iterator[Reason]:
    """Name the nodes that would do if they were up."""
    down = [node for node, lacks in found.shortfalls if lacks == (node.unavailable,)]
    if down:
        names = ", ".join(f"{node.name} is {node.unavailable}" for node in down[:_NAMED])
        more = f" and {len(down) - _NAMED} more" if len(down) > _NAMED else ""
        yield Reason("closed", f"{names}{more} ({found.counts})", scope="node")


def _nothing_fits(partition: Partition, found: Fit) -> Reason:
    message = f"No node of partition {partition.name} has all of it: {found.counts}"
    return Reason("no-such-resource", message, scope="node")


def _counted(reason: Reason, found: Fit) -> Reason:
    if "duration" in reason.field or found:
        return reason
    return msgspec.structs.replace(reason, message=f"{reason.message} ({found.counts})")
