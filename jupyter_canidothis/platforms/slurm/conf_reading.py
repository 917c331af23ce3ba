"""Read a copy of slurm.conf(5): settings that slurmrestd does not publish."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from .cluster import Partition, Settings

__all__ = ["Conf", "read_conf"]

_PAIR = re.compile(r"([A-Za-z]\w*)\s*=\s*(\"[^\"]*\"|\S*)")


@dataclass(frozen=True)
class Conf:
    """What was written down of one cluster."""

    settings: Settings
    """Cluster-wide settings."""
    partitions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Keys of each partition, in small letters."""
    hooks: str = ""
    """Plugins that may change or refuse a job (``JobSubmitPlugins``)."""
    whole: bool = True
    """False where it includes other files, which are not read."""

    def completed(self, partition: Partition) -> Partition:
        """Return a partition with what only its line in this file says."""
        keys = self.partitions.get(partition.name, {})
        return replace(
            partition,
            default=partition.default or _yes(keys, "default"),
            exclusive=partition.exclusive
            or _get(keys, "oversubscribe").upper().startswith("EXCLUSIVE"),
            root_only=partition.root_only or _yes(keys, "rootonly"),
            needs_reservation=partition.needs_reservation or _yes(keys, "reqresv"),
        )


def read_conf(text: str) -> Conf:
    """Read the text of slurm.conf(5); keys are the same in any case."""
    found: dict[str, str] = {}
    defaults: dict[str, str] = {}
    partitions: dict[str, Mapping[str, str]] = {}
    whole = True
    for line in _lines(text):
        pairs = {key.lower(): value.strip('"') for key, value in _PAIR.findall(line)}
        if re.match(r"include\s", line, re.IGNORECASE):
            whole = False
        elif pairs.get("partitionname", "").upper() == "DEFAULT":
            defaults |= pairs
        elif "partitionname" in pairs:
            partitions |= {
                name: {**defaults, **pairs} for name in pairs["partitionname"].split(",")
            }
        elif not {"nodename", "nodeset"} & pairs.keys():
            found |= pairs
    return Conf(_settings(found), partitions, _get(found, "jobsubmitplugins"), whole)


def _lines(text: str) -> Iterator[str]:
    for line in re.sub(r"\\[ \t]*\n", " ", text).splitlines():
        plain = re.sub(r"(?<!\\)#.*", "", line).strip()
        if plain:
            yield plain


def _settings(found: Mapping[str, str]) -> Settings:
    enforced = frozenset(_get(found, "accountingstorageenforce").lower().split(","))
    return Settings(
        cluster=_get(found, "clustername"),
        enforce=_get(found, "enforcepartlimits").upper() or "NO",
        accounting=enforced - {"", "none", "0"},
        defaults=Partition(
            "",
            "",
            default_memory_per_cpu=_count(found, "defmempercpu"),
            default_memory_per_node=_count(found, "defmempernode"),
            max_memory_per_cpu=_count(found, "maxmempercpu"),
            max_memory_per_node=_count(found, "maxmempernode"),
        ),
        accounts_kept=_get(found, "accountingstoragetype").endswith("/slurmdbd"),
        memory_counted="MEMORY" in _get(found, "selecttypeparameters").upper(),
    )


def _get(found: Mapping[str, str], key: str) -> str:
    return found.get(key, "")


def _yes(found: Mapping[str, str], key: str) -> bool:
    return _get(found, key).upper() == "YES"


def _count(found: Mapping[str, str], key: str) -> int | None:
    value = _get(found, key)
    return int(value) if value.isdigit() and int(value) else None
