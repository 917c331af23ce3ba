"""Read the JSON of slurmrestd, in its flat form (v0.0.38) and in its nested one (v0.0.42).

Source: the OpenAPI documents that slurmrestd itself serves at ``/openapi/v3``. What is
absent, unset or of another kind is read as not published, so that a version nobody
tried is read as far as it is understood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from .cluster import Node, Partition, Reservation, Waiting
from .reading import read_gpus, read_hosts, read_weights

__all__ = [
    "Jobs",
    "Nodes",
    "Partitions",
    "Reservations",
    "number",
    "read_nodes",
    "read_partitions",
    "read_queue",
    "read_reservations",
]

_NO_LIMIT: Final = 0xFFFF_FFFD
"""slurmrestd prints its "no value" and "infinite" as numbers from here on."""
_RESTRICTIONS: Final = {
    "AllowGroups": ("allowed_groups", "groups", "allowed"),
    "AllowAccounts": ("allowed_accounts", "accounts", "allowed"),
    "DenyAccounts": ("denied_accounts", "accounts", "deny"),
    "AllowQos": ("allowed_qos", "qos", "allowed"),
    "DenyQos": ("denied_qos", "qos", "deny"),
}
"""Word of scontrol(1) to the flat key, then the nested place."""


class _Node(msgspec.Struct):
    name: str = ""
    state: Any = ""
    state_flags: list[str] = []
    partitions: list[str] = []
    cpus: Any = 0
    effective_cpus: Any = None
    alloc_cpus: Any = 0
    threads: Any = 1
    real_memory: Any = 0
    specialized_memory: Any = 0
    alloc_memory: Any = 0
    gres: str | None = ""
    gres_used: str | None = ""


class _Reservation(msgspec.Struct):
    name: str = ""
    start_time: Any = None
    end_time: Any = None
    node_list: str | None = ""
    flags: list[str] = []


class _Job(msgspec.Struct):
    job_id: int = 0
    job_state: Any = ""
    partition: str = ""
    start_time: Any = None
    scheduled_nodes: str | None = None
    cpus: Any = 0
    state_reason: str | None = ""


class Partitions(msgspec.Struct):
    """Body of ``GET /slurm/{version}/partitions``."""

    partitions: list[dict[str, Any]]


class Nodes(msgspec.Struct):
    """Body of ``GET /slurm/{version}/nodes``; other keys are skipped unread."""

    nodes: list[_Node]


class Reservations(msgspec.Struct):
    """Body of ``GET /slurm/{version}/reservations``."""

    reservations: list[_Reservation]


class Jobs(msgspec.Struct):
    """Body of ``GET /slurm/{version}/jobs``."""

    jobs: list[_Job]


def number(value: object) -> int | None:
    """Read a number of either form; None where it is unset or without limit."""
    if isinstance(value, dict):
        if not value.get("set") or value.get("infinite"):
            return None
        value = value.get("number")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value < _NO_LIMIT else None


def _limit(value: object) -> int | None:
    """Read a limit of which 0 means that there is none."""
    return number(value) or None


def _at(record: Mapping[str, Any], *path: str) -> Any:
    """Return what lies at a nested place; None where nothing does."""
    found: Any = record
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _either(record: Mapping[str, Any], flat: str, *nested: str) -> Any:
    return record[flat] if flat in record else _at(record, *nested)


def _words(value: object) -> frozenset[str]:
    return frozenset(value.split(",")) - {""} if isinstance(value, str) else frozenset()


def _flags(value: object) -> frozenset[str]:
    found = [value] if isinstance(value, str) else value
    names = found if isinstance(found, Sequence) else ()
    return frozenset(str(name).upper() for name in names)


def _minutes(value: object) -> int | None:
    minutes = _limit(value)
    return None if minutes is None else minutes * 60


def read_partitions(body: Partitions) -> tuple[Partition, ...]:
    """Read the partitions, as far as the version publishes them."""
    return tuple(_partition(record) for record in body.partitions)


def _partition(record: Mapping[str, Any]) -> Partition:
    def get(flat: str, *nested: str) -> Any:
        return _either(record, flat, *nested)

    def memory(flat: str, group: str, per: str) -> int | None:
        return _limit(get(flat, group, f"partition_memory_per_{per}"))

    flags = _flags(record.get("flags"))
    return Partition(
        name=str(record.get("name", "")),
        record=msgspec.json.encode(record).decode(),
        state="+".join(sorted(_flags(get("state", "partition", "state")) or {"UNKNOWN"})),
        default="DEFAULT" in flags,
        max_time=_minutes(get("max_time_limit", "maximums", "time")),
        default_time=_minutes(get("default_time_limit", "defaults", "time")),
        default_memory_per_cpu=memory("default_memory_per_cpu", "defaults", "cpu"),
        default_memory_per_node=memory("default_memory_per_node", "defaults", "node"),
        max_memory_per_cpu=memory("maximum_memory_per_cpu", "maximums", "cpu"),
        max_memory_per_node=memory("maximum_memory_per_node", "maximums", "node"),
        max_cpus_per_node=_limit(get("maximum_cpus_per_node", "maximums", "cpus_per_node")),
        min_nodes=number(get("min nodes per job", "minimums", "nodes")) or 0,
        max_nodes=_limit(get("maximum_nodes_per_job", "maximums", "nodes")),
        exclusive=_at(record, "maximums", "oversubscribe", "jobs") == 0,
        root_only="ROOT_ONLY" in flags,
        needs_reservation="RESERVATION_REQUIRED" in flags,
        qos=_text(record.get("qos")) or _text(_at(record, "qos", "assigned")),
        weights=read_weights(_text(get("billing_weights", "tres", "billing_weights"))),
        words={
            word: names
            for word, (flat, *nested) in _RESTRICTIONS.items()
            if (names := _words(get(flat, *nested)))
        },
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def read_nodes(body: Nodes) -> tuple[Node, ...]:
    """Read the nodes."""
    return tuple(
        Node(
            name=node.name,
            partitions=frozenset(node.partitions),
            states=_flags(node.state) | _flags(node.state_flags),
            cpus=number(node.effective_cpus) or number(node.cpus) or 0,
            cpus_used=number(node.alloc_cpus) or 0,
            threads=number(node.threads) or 1,
            memory=(number(node.real_memory) or 0) - (number(node.specialized_memory) or 0),
            memory_used=number(node.alloc_memory) or 0,
            gpus=read_gpus(node.gres or ""),
            gpus_used=read_gpus(node.gres_used or ""),
        )
        for node in body.nodes
    )


def read_reservations(body: Reservations) -> tuple[Reservation, ...]:
    """Read the reservations."""
    found = []
    for each in body.reservations:
        start, end = number(each.start_time), number(each.end_time)
        if start is not None and end is not None:
            nodes = frozenset(read_hosts(each.node_list or ""))
            found.append(Reservation(each.name, start, end, nodes, frozenset(each.flags)))
    return tuple(found)


def read_queue(body: Jobs) -> tuple[Waiting, ...]:
    """Read the jobs that wait.

    The flat form does not say on which nodes a job is to start, so its start is of no
    use: the job counts as one of which there is no plan.
    """
    return tuple(
        Waiting(
            str(job.job_id),
            frozenset(job.partition.split(",")),
            _limit(job.start_time) if job.scheduled_nodes else None,
            frozenset(read_hosts(job.scheduled_nodes or "")),
            number(job.cpus) or 0,
            job.state_reason or "",
        )
        for job in body.jobs
        if "PENDING" in _flags(job.job_state)
    )
