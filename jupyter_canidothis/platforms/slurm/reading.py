"""Read the text of ``scontrol`` and ``squeue``.

The ``key=value`` text is the same from 22.05 to 24.11, while both JSON forms
differ between versions and 22.05's ``scontrol`` has none at all.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final

from ...errors import PlatformProtocolError, RequestError
from ...units import parse_duration
from .cluster import Node, Partition, Reservation, Settings, Waiting

__all__ = [
    "QUEUE_FORMAT",
    "read_gpus",
    "read_hosts",
    "read_moment",
    "read_nodes",
    "read_partitions",
    "read_queue",
    "read_reservations",
    "read_settings",
    "read_weights",
]

QUEUE_FORMAT: Final = "%i|%P|%S|%Y|%C|%r"
"""For squeue(1): job, partitions, expected start and nodes, cores, reason; nothing personal."""

_GRES: Final = re.compile(r"gpu(?::([A-Za-z0-9_.\-]+))??(?::no_consume)?:([0-9]+)(?=[(,]|$)")
_WEIGHT: Final = re.compile(r"([^=]+)=([0-9]*\.?[0-9]+)([KMGTP]?)", re.IGNORECASE)
_UNITS: Final = {unit: 2 ** (10 * power) for power, unit in enumerate("KMGTP", 1)}
_MEMORY: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([KMGTP]?)")
_OPEN: Final = frozenset({"", "(null)", "N/A", "n/a", "NONE", "None", "ALL", "UNLIMITED", "0"})
_HOST_LIMIT: Final = 100_000
_SKEW: Final = 2.0  # Slurm prints whole seconds, so less than two of them is no skew


class _Record:
    """One ``key=value`` line; reads only the keys that are asked for.

    Values with blanks in them (comments, reasons) come last and end at the blank.
    """

    def __init__(self, line: str) -> None:
        self.line = line
        self._text = f" {line} "

    def get(self, key: str, default: str = "") -> str:
        """Return the first value of a key."""
        place = self._text.find(f" {key}=")
        if place < 0:
            return default
        start = place + len(key) + 2
        return self._text[start : self._text.index(" ", start)]


def _records(text: str, first: str) -> Iterator[_Record]:
    """Yield each record that begins with a key, on one line (``-o``) or several."""
    record = ""
    for line in (*text.splitlines(), f"{first}="):
        if line.startswith(f"{first}="):
            if record.startswith(f"{first}="):
                yield _Record(record)
            record = line
        else:
            record += f" {line.strip()}"


def _count(value: str) -> int | None:
    """Read a limit; None where there is none."""
    if value in _OPEN or not value.isdigit():
        return None
    return int(value)


@lru_cache(maxsize=4096)
def _words(value: str) -> frozenset[str]:
    return frozenset() if value in _OPEN else frozenset(value.split(","))


def _seconds(value: str) -> int | None:
    if value in _OPEN:
        return None
    try:
        return parse_duration(value)
    except RequestError as error:
        raise PlatformProtocolError(f"scontrol printed {value!r} for a duration") from error


def read_moment(text: str) -> float | None:
    """Read a time as Slurm prints it; None for ``Unknown`` and ``N/A``.

    Slurm prints local time, and a zone only when ``SLURM_TIME_FORMAT`` asks for it
    (scontrol(1), ENVIRONMENT VARIABLES); without one it is this host's own.

    Returns
    -------
    float | None
        Seconds since the Unix epoch.
    """
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        try:
            return time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%S"))
        except (ValueError, OverflowError):
            return None
    return moment.timestamp()


def read_partitions(text: str) -> tuple[Partition, ...]:
    """Read ``scontrol -o show partition`` (scontrol(1), PARTITIONS)."""
    return tuple(_partition(found) for found in _records(text, "PartitionName"))


def _partition(found: _Record) -> Partition:
    restricted = {
        key: words
        for key in ("AllowGroups", "AllowAccounts", "DenyAccounts", "AllowQos", "DenyQos")
        if (words := _words(found.get(key)))
    }
    return Partition(
        name=found.get("PartitionName"),
        record=found.line,
        state=found.get("State", "UP"),
        default=found.get("Default") == "YES",
        max_time=_seconds(found.get("MaxTime")),
        default_time=_seconds(found.get("DefaultTime")),
        default_memory_per_cpu=_count(found.get("DefMemPerCPU")),
        default_memory_per_node=_count(found.get("DefMemPerNode")),
        max_memory_per_cpu=_count(found.get("MaxMemPerCPU")),
        max_memory_per_node=_count(found.get("MaxMemPerNode")),
        max_cpus_per_node=_count(found.get("MaxCPUsPerNode")),
        min_nodes=_count(found.get("MinNodes")) or 0,
        max_nodes=_count(found.get("MaxNodes")),
        exclusive=found.get("OverSubscribe").startswith("EXCLUSIVE"),
        root_only=found.get("RootOnly") == "YES",
        needs_reservation=found.get("ReqResv") == "YES",
        qos="".join(_words(found.get("QoS"))),
        weights=read_weights(found.get("TRESBillingWeights")),
        words=restricted,
    )


def read_weights(value: str) -> dict[str, float]:
    """Read ``CPU=1.0,Mem=0.25G,GRES/gpu=2.0`` (slurm.conf(5), TRESBillingWeights)."""
    found: dict[str, float] = {}
    for word in _words(value):
        item = _WEIGHT.fullmatch(word)
        if item is not None:
            tres, weight, unit = item[1].lower(), float(item[2]), item[3].upper()
            base = _UNITS["M"] if tres == "mem" else 1
            found[tres] = weight / (_UNITS[unit] / base) if unit else weight
    return found


def read_nodes(text: str) -> tuple[Node, ...]:
    """Read ``scontrol -d -o show node`` (scontrol(1), NODES)."""
    return tuple(_node(found) for found in _records(text, "NodeName"))


def _node(found: _Record) -> Node:
    reserved = _count(found.get("MemSpecLimit")) or 0
    return Node(
        name=found.get("NodeName"),
        partitions=_words(found.get("Partitions")),
        states=_states(found.get("State", "UNKNOWN")),
        cpus=_count(found.get("CPUEfctv") or found.get("CPUTot")) or 0,
        cpus_used=_count(found.get("CPUAlloc")) or 0,
        threads=_count(found.get("ThreadsPerCore")) or 1,
        memory=(_count(found.get("RealMemory")) or 0) - reserved,
        memory_used=_count(found.get("AllocMem")) or 0,
        gpus=read_gpus(found.get("Gres")),
        gpus_used=read_gpus(found.get("GresUsed")),
    )


@lru_cache(maxsize=1024)
def _states(text: str) -> frozenset[str]:
    """Split a node state; ``*`` is the short mark of a node that does not respond."""
    flags = set(re.findall(r"[A-Z_]+", text))
    if "*" in text:
        flags.add("NOT_RESPONDING")
    return frozenset(flags)


def read_gpus(text: str) -> dict[str, int]:
    """Read ``gpu:a100:2(S:0-1),gpu:4`` (slurm.conf(5), Gres)."""
    counts: dict[str, int] = {}
    for kind, count in _GRES.findall(text):
        counts[kind] = counts.get(kind, 0) + int(count)
    return {kind: count for kind, count in counts.items() if count}


def read_reservations(text: str) -> tuple[Reservation, ...]:
    """Read ``scontrol -o show reservation`` (scontrol(1), RESERVATIONS)."""
    found = []
    for record in _records(text, "ReservationName"):
        start = read_moment(record.get("StartTime"))
        end = read_moment(record.get("EndTime"))
        if start is not None and end is not None:
            nodes = frozenset(read_hosts(record.get("Nodes")))
            flags = _words(record.get("Flags"))
            found.append(Reservation(record.get("ReservationName"), start, end, nodes, flags))
    return tuple(found)


def read_hosts(text: str) -> Iterator[str]:
    """Spell out a host list such as ``n[1-3,7],gpu01`` (scontrol(1), show hostnames)."""
    if text in _OPEN:
        return
    for part in re.findall(r"[^,\[]+(?:\[[^\]]*\][^,\[]*)?", text):
        head, bracket, rest = part.partition("[")
        if not bracket:
            yield head
            continue
        numbers, _, tail = rest.partition("]")
        for piece in numbers.split(","):
            low, _, high = piece.partition("-")
            if not low.isdigit() or not (high or low).isdigit():
                continue
            last = min(int(high or low), int(low) + _HOST_LIMIT)
            for number in range(int(low), last + 1):
                yield f"{head}{number:0{len(low)}d}{tail}"


def read_queue(text: str) -> tuple[Waiting, ...]:
    """Read ``squeue -h -t PENDING -o QUEUE_FORMAT`` (squeue(1), --format)."""
    width = QUEUE_FORMAT.count("|")
    rows = (line.split("|", width) for line in text.splitlines() if line.count("|") >= width)
    return tuple(
        Waiting(
            job,
            frozenset(partitions.split(",")),
            read_moment(start),
            frozenset(read_hosts(nodes)),
            _count(cpus) or 0,
            reason,
        )
        for job, partitions, start, nodes, cpus, reason in rows
    )


def read_settings(text: str, clock: float) -> Settings:
    """Read ``scontrol show config``.

    Parameters
    ----------
    text
        What it printed.
    clock
        Our own time when it was printed, in seconds since the Unix epoch.

    Raises
    ------
    PlatformProtocolError
        It is not what ``scontrol show config`` prints.
    """
    head = re.match(r"Configuration data as of (\S+)", text)
    if head is None:
        raise PlatformProtocolError("scontrol show config printed something else")
    pairs = (line.partition("=") for line in text.splitlines())
    found = {key.strip(): value.strip() for key, _, value in pairs}
    moment = read_moment(head.group(1))
    skew = 0.0 if moment is None else moment - clock
    return Settings(
        cluster=found.get("ClusterName", ""),
        version=found.get("SLURM_VERSION", ""),
        enforce=found.get("EnforcePartLimits", "NO").upper(),
        accounting=_words(found.get("AccountingStorageEnforce", "").lower()) - {"none"},
        defaults=Partition(
            "",
            "",
            default_memory_per_cpu=_count(found.get("DefMemPerCPU", "")),
            default_memory_per_node=_count(found.get("DefMemPerNode", "")),
            max_memory_per_cpu=_count(found.get("MaxMemPerCPU", "")),
            max_memory_per_node=_count(found.get("MaxMemPerNode", "")),
        ),
        accounts_kept=found.get("AccountingStorageType", "").endswith("/slurmdbd"),
        tracked=_words(found.get("AccountingStorageTRES", "").lower()),
        billed_by_most=_billed_by_most(found),
        half_life=_seconds(found.get("PriorityDecayHalfLife", "")) or None,
        usage_reset=found.get("PriorityUsageResetPeriod", "NONE") not in ("NONE", ""),
        memory_counted="MEMORY" in found.get("SelectTypeParameters", "").upper(),
        skew=skew if abs(skew) >= _SKEW else 0.0,
    )


def _billed_by_most(found: Mapping[str, str]) -> bool | None:
    """Read the flag MAX_TRES; only ``priority/multifactor`` shows its flags."""
    if "PriorityFlags" not in found:
        return None
    return "MAX_TRES" in _words(found["PriorityFlags"].upper())
