"""What one queue on one host has for a job: in total, and at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .amounts import read_amount, read_memory, read_seconds
from .cluster import Cluster, Host, Instance, Queue
from .question import MIB, Question
from .quota import applying, left, most
from .reading import read_pairs

__all__ = ["Limits", "idle", "lacks", "limits"]

_TIMES: Final = ("h_rt", "s_rt")
"""Both end a job; after the second it gets a moment's notice (queue_conf(5))."""
_VIRTUAL: Final = ("h_vmem", "s_vmem")
"""Limits of a queue that hold for each slot, whatever the job asks by (queue_conf(5))."""


@dataclass(frozen=True)
class Limits:
    """Amounts for the whole job; None is not limited, or not published."""

    slots: int
    """Slots."""
    memory: int | None
    """Bytes."""
    gpus: int | None
    """GPUs."""
    seconds: int | None
    """Run time."""


def _least(amounts: Iterable[float | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return int(min(known)) if known else None


def limits(put: Question, queue: Queue, instance: Instance, cluster: Cluster) -> Limits:
    """Return what an instance has in total for a job of so many slots."""
    host = cluster.hosts.get(instance.host)
    has = None if host is None else host.capacity
    rules = list(applying(cluster, queue.name, instance.host, put.pe))
    environment = cluster.environments.get(put.pe)
    slots = (
        instance.slots,
        None if has is None else read_amount(has.get("slots", "")),
        None if environment is None else environment.slots,
        *(most(rule, "slots") for rule in rules),
    )
    memory = (
        *_memory(put, queue, instance, host),
        *(most(rule, put.names.memory) for rule in rules),
    )
    gpus = (
        _gpus(put, queue, instance, has),
        *(most(rule, put.names.gpu) for rule in rules),
    )
    return Limits(
        max(_least(slots) or 0, 0),
        _whole(_least(memory), put, put.names.memory_counted, MIB),
        _whole(_least(gpus), put, put.names.gpu_counted, 1),
        _least(read_seconds(queue.value(name, instance.host)) for name in _TIMES),
    )


def idle(put: Question, queue: Queue, instance: Instance, cluster: Cluster) -> Limits:
    """Return what an instance has left of it at this moment."""
    total = limits(put, queue, instance, cluster)
    place = queue.name, instance.host
    rules = list(applying(cluster, *place, put.pe))
    free = instance.free
    slots = (
        total.slots,
        instance.slots - instance.used,
        read_amount(free.get("slots", "")),
        *(left(rule, "slots", *place) for rule in rules),
    )
    memory = (
        total.memory,
        read_amount(free.get(put.names.memory, "")),
        *(left(rule, put.names.memory, *place) for rule in rules),
    )
    gpus = (
        total.gpus,
        read_amount(free.get(put.names.gpu, "")),
        *(left(rule, put.names.gpu, *place) for rule in rules),
    )
    return Limits(max(_least(slots) or 0, 0), _least(memory), _least(gpus), total.seconds)


def _memory(
    put: Question, queue: Queue, instance: Instance, host: Host | None
) -> tuple[int | None, ...]:
    """Return the memory of host and queue, and what the queue's limits give all slots."""
    name = put.names.memory
    held = tuple(
        None if limit is None else limit * put.slots
        for limit in (
            read_memory(queue.value(each, instance.host)) for each in _VIRTUAL if each != name
        )
    )
    if put.names.memory_counted == "NO":
        # Where nobody counts, no job gets more than the host measures in total.
        measured = name in ("mem_free", "virtual_free", "mem_total")
        own_limit = read_memory(queue.value(name, instance.host))
        return (host.memory if measured and host is not None else None, own_limit, *held)
    has = None if host is None or host.capacity is None else host.capacity.get(name, "")
    per_slot = read_memory(queue.value(name, instance.host))
    own = read_pairs(queue.value("complex_values", instance.host)).get(name, "")
    return (
        read_memory(has or ""),
        read_memory(own),
        *held,
        None if per_slot is None else per_slot * put.times(put.names.memory_counted),
    )


def _gpus(
    put: Question, queue: Queue, instance: Instance, has: Mapping[str, str] | None
) -> float | None:
    name = put.names.gpu
    if not name:
        return 0
    if has is None:
        return None
    own = read_pairs(queue.value("complex_values", instance.host)).get(name, "")
    # A queue may give what its host does not count (queue_conf(5), complex_values).
    found = [read_amount(text) for text in (own, has.get(name, "")) if text]
    return _least(found) if found else 0


def _whole(total: int | None, put: Question, counted: str, unit: int) -> int | None:
    """Round down to what equal requests of all slots can reach."""
    if total is None:
        return None
    step = unit * put.times(counted)
    return max(total // step * step, 0)


def lacks(put: Question, has: Limits, adjective: str = "") -> Iterator[str]:
    """Yield what a job would miss there, in words.

    Parameters
    ----------
    put
        The job.
    has
        What there is.
    adjective
        Before each noun: ``idle`` for what is left now.
    """
    word = f"{adjective} " if adjective else ""
    if put.slots > has.slots:
        yield f"too few {word}slots"
    if has.memory is not None and put.all_memory > has.memory:
        yield f"too little {word}memory"
    if has.gpus is not None and put.all_gpus > has.gpus:
        yield f"too few {word}GPUs" if has.gpus else f"no {word}GPU"
    if has.seconds is not None and (put.seconds or 0) > has.seconds:
        yield "too short a time limit"
