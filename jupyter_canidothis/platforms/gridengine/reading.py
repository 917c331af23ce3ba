"""What qconf(1), qstat(1), qhost(1) and qquota(1) print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from ...errors import PlatformProtocolError
from .amounts import read_count, read_memory, read_seconds
from .cluster import Asker, Complex, Environment, Host, Instance, Queue, Rule, Usage

__all__ = [
    "read_asker",
    "read_calendar",
    "read_capacity",
    "read_complexes",
    "read_environment",
    "read_hosts",
    "read_instances",
    "read_interval",
    "read_lists",
    "read_names",
    "read_pairs",
    "read_queues",
    "read_quotas",
    "read_usage",
    "read_waiting",
]

_COLUMNS: Final = 7
_LIMIT: Final = re.compile(r"\b(name|users|projects|pes|queues|hosts)\s+(\{[^}]*\}|\S+)")
_USED: Final = re.compile(r"^(\S+)\s+([^\s=]+)=([^\s/]+)/\S+\s*(.*)$")


def _table(text: str) -> dict[str, str]:
    """Return ``key value`` lines; a backslash at the end continues one."""
    rows = (line.split(None, 1) for line in _joined(text))
    return {row[0]: row[1].strip() if len(row) > 1 else "" for row in rows if row}


def _joined(text: str) -> list[str]:
    return re.sub(r"\s*\\\s*\n\s*", " ", text).splitlines()


def read_names(text: str) -> tuple[str, ...]:
    """Read a list of names, one a line; what is none of them is left out."""
    return tuple(line for line in text.split("\n") if re.fullmatch(r"[\w.@+-]+", line))


def read_queues(text: str) -> tuple[Queue, ...]:
    """Read ``qconf -sq '*'``: one queue after the other, each from its ``qname`` on."""
    found: list[dict[str, str]] = []
    for line in _joined(text):
        key, _, value = line.partition(" ")
        if key == "qname":
            found.append({})
        if found and key:
            found[-1][key] = value.strip()
    return tuple(Queue(values["qname"], values) for values in found)


def read_complexes(text: str) -> dict[str, Complex]:
    """Read ``qconf -sc`` (complex(5)): name, shortcut, type, relop, requestable, consumable."""
    rows = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {
        row[0]: Complex(row[0], row[2], row[4].upper() != "NO", row[5].upper(), row[6])
        for row in rows
        if len(row) >= _COLUMNS
    }


def read_environment(text: str) -> Environment | None:
    """Read ``qconf -sp NAME`` (sge_pe(5))."""
    values = _table(text)
    if "pe_name" not in values:
        return None
    return Environment(
        values["pe_name"],
        read_count(values.get("slots", "")) or 0,
        values.get("allocation_rule", ""),
        _listed(values.get("user_lists", "")),
        _listed(values.get("xuser_lists", "")),
    )


def _listed(text: str) -> frozenset[str]:
    words = text.replace(",", " ").split()
    return frozenset(word for word in words if word != "NONE")


def read_lists(text: str) -> dict[str, frozenset[str]]:
    """Read ``qconf -su A,B``: access lists, with a blank line between two."""
    found = (_table(part) for part in re.split(r"\n\s*\n", text))
    return {
        values["name"]: _listed(values.get("entries", ""))
        for values in found
        if "ACL" in values.get("type", "")
    }


def read_calendar(text: str) -> tuple[str, str]:
    """Read ``qconf -scal NAME`` (calendar_conf(5)): year and week."""
    values = _table(text)
    return values.get("year", "NONE"), values.get("week", "NONE")


def read_interval(text: str) -> int | None:
    """Read the scheduler's interval from ``qconf -ssconf`` (sched_conf(5))."""
    return read_seconds(_table(text).get("schedule_interval", ""))


def read_capacity(text: str) -> dict[str, str]:
    """Read ``complex_values`` of ``qconf -se HOST`` (host_conf(5))."""
    return read_pairs(_table(text).get("complex_values", ""))


def read_pairs(text: str) -> dict[str, str]:
    """Read ``a=1,b=2``."""
    pairs = (word.partition("=") for word in re.split(r"[,\s]+", text))
    return {name: value for name, separator, value in pairs if separator}


def read_asker(text: str) -> Asker:
    """Read the output of id(1)."""
    user = re.search(r"uid=\d+\(([^)]*)\)", text)
    groups = re.search(r"groups=(\S+)", text)
    names = re.findall(r"\(([^)]*)\)", groups.group(1)) if groups else []
    return Asker(user.group(1) if user else "", frozenset(names))


def _xml(text: str, program: str) -> ET.Element:
    # Nothing that Grid Engine prints declares entities, and these could be bombs.
    if "<!" in text:
        raise PlatformProtocolError(f"{program} printed XML with declarations")
    try:
        return ET.fromstring(text)  # noqa: S314 - see above
    except ET.ParseError as error:
        raise PlatformProtocolError(f"{program} printed something else than XML") from error


def read_instances(text: str) -> tuple[Instance, ...]:
    """Read ``qstat -xml -f -F``: every queue on every host, with its state.

    Raises
    ------
    PlatformProtocolError
        It is no XML, or not that of qstat.
    """
    root = _xml(text, "qstat")
    if root.tag != "job_info":
        raise PlatformProtocolError("qstat printed the XML of another command")
    return tuple(_instance(each) for each in root.iter("Queue-List"))


def _instance(element: ET.Element) -> Instance:
    def number(tag: str) -> int:
        return read_count(element.findtext(tag) or "") or 0

    queue, _, host = (element.findtext("name") or "").partition("@")
    free = {
        each.get("name", ""): each.text or ""
        for each in element.iter("resource")
        if each.get("type", "").endswith("c")
    }
    return Instance(
        queue,
        host,
        number("slots_total"),
        number("slots_used") + number("slots_resv"),
        (element.findtext("state") or "").strip(),
        free,
    )


def read_waiting(text: str) -> int:
    """Count the jobs that ``qstat -s p -u '*'`` lists, below its two lines of head."""
    return sum(line.strip()[:1].isdigit() for line in text.splitlines())


def read_hosts(text: str) -> dict[str, Host]:
    """Read ``qhost -xml -F``; what is left of consumables is what an idle host has.

    Raises
    ------
    PlatformProtocolError
        It is no XML, or not that of qhost.
    """
    root = _xml(text, "qhost")
    if root.tag != "qhost":
        raise PlatformProtocolError("qhost printed the XML of another command")
    return {each.get("name", ""): _host(each) for each in root.iter("host")}


def _host(element: ET.Element) -> Host:
    memory = next(
        (e.text or "" for e in element.iter("hostvalue") if e.get("name") == "mem_total"), ""
    )
    counted = {
        each.get("name", ""): each.text or ""
        for each in element.iter("resourcevalue")
        if each.get("dominance", "").endswith("c")
    }
    return Host(element.get("name", ""), read_memory(memory), counted)


def read_quotas(text: str) -> tuple[tuple[Rule, ...], ...]:
    """Read ``qconf -srqs`` (sge_resource_quota(5)): the sets that are enabled."""
    parts = re.findall(r"^\{(.*?)^\}", text, re.DOTALL | re.MULTILINE)
    return tuple(rules for part in parts if (rules := _set(part)))


def _set(text: str) -> tuple[Rule, ...]:
    lines = [line.strip() for line in _joined(text)]
    values = _table("\n".join(line for line in lines if not line.startswith("limit")))
    if values.get("enabled", "").upper() not in ("TRUE", "1"):
        return ()
    limits = [line[len("limit") :] for line in lines if line.startswith("limit")]
    return tuple(_rules(values.get("name", ""), limits))


def _rules(name: str, limits: list[str]) -> Iterator[Rule]:
    for number, line in enumerate(limits, 1):
        whom, _, what = line.rpartition(" to ")
        filters = dict(_LIMIT.findall(_close(whom)))
        own = filters.pop("name", str(number))
        yield Rule(f"{name}/{own}", filters, read_pairs(what))


def _close(text: str) -> str:
    """Drop the blanks after commas, so that every list is one word."""
    return re.sub(r",\s+", ",", text)


def read_usage(text: str) -> dict[str, tuple[Usage, ...]]:
    """Read ``qquota``: what is used of each rule's resources, by the rule's name."""
    found: dict[str, tuple[Usage, ...]] = {}
    for line in text.splitlines():
        if row := _USED.match(line):
            rule, resource, used, whom = row.groups()
            usage = Usage(resource, used, dict(_LIMIT.findall(whom)))
            found[rule] = (*found.get(rule, ()), usage)
    return found
