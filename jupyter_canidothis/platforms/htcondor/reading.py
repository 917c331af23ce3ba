"""From what `probe` prints to a `Pool`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from ...command import Completed
from ...errors import (
    PlatformError,
    PlatformNotAuthenticated,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformUnreachable,
)
from ...evidence import trim
from .pool import AMOUNTS, Closed, Pool, Room, Schedd, Shape, vendor_of

__all__ = ["HINT", "parse", "read_pool"]

HINT: Final = "pip install 'jupyter_canidothis[htcondor]'"

Facts = Mapping[str, str]

_OWN: Final = frozenset({"name", "machine", "state", "activity", "clockmin", "clockday"})
"""What tells a slot from others like it, unless an expression names it."""
_QUIET: Final[Mapping[str, str]] = {
    "LoadAvg": "0.0",
    "CondorLoadAvg": "0.0",
    "TotalLoadAvg": "0.0",
    "TotalCondorLoadAvg": "0.0",
    "KeyboardIdle": "86400",
    "ConsoleIdle": "86400",
    "CpuBusy": "false",
    "NumDynamicSlots": "0",
    "TotalJobRunTime": "0",
}
"""An empty slot that nobody sits at; START may ask for that (HTCondor manual, policy)."""
_VOLATILE: Final = frozenset(name.lower() for name in _QUIET)
_WORD: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')


class _Report(msgspec.Struct):
    """What `probe` prints."""

    slots: list[dict[str, str]] = []
    cut: bool = False
    schedds: list[dict[str, str]] = []
    negotiators: list[dict[str, str]] = []
    params: dict[str, str] = {}
    version: str = ""
    trouble: str = ""
    said: str = ""


def parse(facts: Mapping[str, str]) -> Any:
    """Return an ad in HTCondor's own form (`classad2.ClassAd`).

    Raises
    ------
    PlatformUnreachable
        The library is not installed.
    PlatformProtocolError
        That is no ad.
    """
    try:
        import classad2
    except ImportError as error:
        raise PlatformUnreachable(
            "HTCondor's Python bindings are not installed", hint=HINT
        ) from error
    text = "".join(f"{name} = {value}\n" for name, value in facts.items())
    try:
        return classad2.parseOne(text, classad2.ParserType.Old)
    except classad2.ClassAdException as error:
        raise PlatformProtocolError("the collector sent an ad that cannot be read") from error


def read_pool(done: Completed) -> tuple[Pool, bool]:
    """Read a pool, and whether all of it was read.

    Raises
    ------
    PlatformError
        The pool could not be read; the kind of error says why.
    """
    if done.returncode != 0:
        raise PlatformProtocolError(
            f"HTCondor's library broke (status {done.returncode}) on what the pool sent"
        )
    try:
        report = msgspec.json.decode(done.stdout.strip().rpartition("\n")[2], type=_Report)
    except msgspec.DecodeError as error:
        raise PlatformProtocolError("what was read of the pool is no report") from error
    if report.trouble:
        raise _trouble(report, done.stderr)
    pool = Pool(
        shapes=_shapes(report.slots),
        schedds=tuple(_schedd(facts) for facts in report.schedds),
        negotiator=bool(report.negotiators),
        cycle=_cycle(report.negotiators),
        params=report.params,
        version=trim(report.version, 100),
    )
    return pool, not report.cut


def _trouble(report: _Report, stderr: str) -> PlatformError:
    """Say which trouble there was, by the words of the library's log."""
    if report.trouble == "missing":
        return PlatformUnreachable("HTCondor's Python bindings are not installed", hint=HINT)
    lines = [line.partition(" ")[2].partition(" ")[2] for line in stderr.splitlines()]
    words = trim(lines[-1] if lines else report.said, 200)
    if "DENIED" in stderr:
        return PlatformNotAuthorised(f"the collector does not let you read: {words}")
    if _LOGIN.search(stderr):
        return PlatformNotAuthenticated(
            f"the collector wants a login: {words}", hint="name a token folder in `tokens`"
        )
    return PlatformUnreachable(
        f"the collector does not answer: {words}", hint="check `collector`; try again later"
    )


_LOGIN: Final = re.compile(r"AUTHENTICATE:\d+|SECMAN:20(04|07|09)")
"""Codes of failed logins: no common method, no session, no credential."""


def _cycle(negotiators: Iterable[Facts]) -> int | None:
    periods = [_number(facts, "LastNegotiationCyclePeriod0") for facts in negotiators]
    return max((int(period) for period in periods if period), default=None)


def _schedd(facts: Facts) -> Schedd:
    most = _number(facts, "MaxJobsRunning")
    return Schedd(
        name=_text(facts, "Name"),
        most_running=None if most is None else int(most),
        running=int(_number(facts, "TotalRunningJobs") or 0),
        waiting=int(_number(facts, "TotalIdleJobs") or 0),
    )


def _number(facts: Facts, name: str) -> float | None:
    try:
        return float(facts.get(name, ""))
    except ValueError:
        return None


def _text(facts: Facts, name: str) -> str:
    match = _WORD.fullmatch(facts.get(name, "").strip())
    return trim(match[1], 200) if match else ""


def _shapes(slots: Iterable[Facts]) -> tuple[Shape, ...]:
    alike: dict[tuple[Any, ...], tuple[Facts, list[Room]]] = {}
    for facts in slots:
        if _text(facts, "SlotType") == "Dynamic":
            continue
        empty = _emptied(facts)
        _, rooms = alike.setdefault(_signature(empty, facts), (empty, []))
        rooms.append(_room(facts))
    shapes = [_shape(empty, tuple(rooms)) for empty, rooms in alike.values()]
    # The largest first, so that a limit that is named is the greatest there is.
    return tuple(sorted(shapes, key=lambda shape: shape.total, reverse=True))


def _room(facts: Facts) -> Room:
    free = tuple(_number(facts, name) or 0 for name in AMOUNTS)
    whole = facts.get("PartitionableSlot", "").lower() != "true"
    claimed = whole and _text(facts, "State") not in {"Unclaimed", "Owner", "Matched", ""}
    return Room(_text(facts, "Name"), free, claimed, facts)


def _emptied(facts: Facts) -> dict[str, str]:
    """Return a slot's ad as it will be once nothing runs on it.

    What a partitionable slot has given away is missing from its amounts; its
    ``TotalSlot`` amounts are what it began with (HTCondor manual, machine ClassAd
    attributes).
    """
    empty = {name: _QUIET.get(name, value) for name, value in facts.items()}
    resources = _WORD.fullmatch(facts.get("MachineResources", ""))
    for name in {*AMOUNTS, *(resources[1].split() if resources else ())}:
        if (total := facts.get(f"TotalSlot{name}")) is not None:
            empty[name] = total
    gpus = sorted(name for name, value in facts.items() if _is_gpu(name, value))
    if gpus:
        broken = _text(facts, "OfflineGPUs")
        working = [name for name in gpus if name[5:].replace("_", "-") not in broken]
        empty["AvailableGPUs"] = "{ " + ",".join(working) + " }"
    if not _closed(facts):
        empty["State"], empty["Activity"] = '"Unclaimed"', '"Idle"'
    return empty


def _is_gpu(name: str, value: str) -> bool:
    return name.startswith("GPUs_") and value.lstrip().startswith("[")


def _signature(empty: Facts, facts: Facts) -> tuple[Any, ...]:
    rules = f"{facts.get('Start', '')} {facts.get('Requirements', '')}".lower()
    telling = (
        (name, value)
        for name, value in sorted(empty.items())
        if (key := name.lower()) not in _VOLATILE
        and not key.startswith(("assigned", "gpus_gpu", "availablegpus"))
        and (key not in _OWN or key in rules)
    )
    return (*telling, ("", _closed(facts)))


def _closed(facts: Facts) -> Closed:
    if facts.get("Offline", "").lower() == "true":
        return "offline"
    if _text(facts, "State") != "Drained":
        return ""
    # condor_defrag(8) drains whole machines all the time, and opens them again when they
    # are empty; so may whoever drains one on which jobs still run (condor_drain(1)).
    passing = _text(facts, "DrainReason").startswith("Defrag")
    return "draining" if passing or _text(facts, "Activity") == "Retiring" else "drained"


def _shape(empty: Facts, rooms: tuple[Room, ...]) -> Shape:
    gpus = [value for name, value in empty.items() if _is_gpu(name, value)]
    models = [match[1] for gpu in gpus if (match := _MODEL.search(gpu))]
    models += [name] if (name := _text(empty, "GPUs_DeviceName")) else []
    sizes = [int(match[1]) for gpu in gpus if (match := _MEMORY.search(gpu))]
    if size := _number(empty, "GPUs_GlobalMemoryMb"):
        sizes.append(int(size))
    return Shape(
        ad=parse(empty),
        facts={name.lower(): value for name, value in empty.items()},
        total=tuple(_number(empty, name) or 0 for name in AMOUNTS),
        rooms=rooms,
        closed=_closed(rooms[0].facts),
        gpu_models=frozenset(trim(model, 100) for model in models),
        gpu_vendors=frozenset(vendor_of(model) for model in models),
        gpu_memory=min(sizes, default=None),
    )


_MODEL: Final = re.compile(r'\bDeviceName = "([^"\\]*)"')
_MEMORY: Final = re.compile(r"\bGlobalMemoryMb = (\d+)")
