"""``ivoa-execution.yaml``: a task as a file beside the code.

It is a bare ExecutionRequest of the IVOA Execution Broker (schema 1.0.7, which
measures memory and storage in whole GiB and knows no GPUs and no software).
What that schema lacks, and the exact amounts where it would round, stand under
the key ``canidothis`` in the words of the Execution Planner protocol, so that
nothing is lost when the file is read again. Other readers skip that key.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, NamedTuple

import msgspec
import yaml

from ..errors import RequestError
from ..evidence import trim
from ..resources import Range, Resources
from ..task import Data, Executable, Software, Task
from ..units import GIB, LARGEST, parse_duration, spell_duration
from .accepts import read_fields
from .reply import encode_task
from .strict_yaml import load
from .typed import convert

__all__ = ["FILE", "KEY", "Reading", "read_execution", "write_execution"]

FILE: Final = "ivoa-execution.yaml"
"""What the file is called."""
KEY: Final = "canidothis"
"""Where our own part stands."""
KINDS: Final = (
    "https://www.purl.org/ivoa.net/Calycopis-openapi/schema/v1.0/kinds/{family}/{name}.yaml"
)
"""How version 1.0.7 of the schema spells a kind."""
ENTRIES: Final = 200
"""Most entries of one list."""

_TYPES: Final = {
    "jupyter-notebook": "uri://jupyter-notebook",
    "docker-container": "uri://docker-container",
    "singularity-container": "uri://singularity-container",
}
"""The executables of the schema as task types; other types are their own kind."""
_KINDS: Final = {tasktype: name for name, tasktype in _TYPES.items()}
_UNITS: Final = {"cores": 1000, "memory": GIB, "disk": GIB}
"""What one of the schema's whole numbers stands for in ours."""

_Count = Annotated[int, msgspec.Meta(ge=0)] | None


class _Meta(msgspec.Struct):
    name: str = ""
    description: str = ""


class _Ends(msgspec.Struct):
    min: _Count = None
    max: _Count = None
    requested: _Ends | None = None
    """Where the first generations of the wire had the ends."""


class _Compute(msgspec.Struct):
    cores: _Ends = msgspec.field(default_factory=_Ends)
    memory: _Ends = msgspec.field(default_factory=_Ends)


class _Image(msgspec.Struct):
    locations: list[str] = []


class _Executable(msgspec.Struct):
    kind: str = ""
    meta: _Meta = msgspec.field(default_factory=_Meta)
    location: str = ""
    image: _Image = msgspec.field(default_factory=_Image)
    command: list[str | int | float] = []


class _Ivoa(msgspec.Struct):
    ivoid: str = ""


class _Data(msgspec.Struct):
    meta: _Meta = msgspec.field(default_factory=_Meta)
    location: str = ""
    ivoa: _Ivoa = msgspec.field(default_factory=_Ivoa)


class _Requested(msgspec.Struct):
    duration: str | int | None = None


class _Schedule(msgspec.Struct):
    requested: _Requested = msgspec.field(default_factory=_Requested)


class _Storage(msgspec.Struct):
    size: _Ends = msgspec.field(default_factory=_Ends)


class _Extra(msgspec.Struct):
    """What stands under `KEY`."""

    tasktype: str = ""
    taskinfo: dict[str, Any] = {}
    resources: dict[str, Any] = {}
    software: list[Software] = []
    data: list[Data] = []


class _Request(msgspec.Struct):
    executable: _Executable = msgspec.field(default_factory=_Executable)
    compute: _Compute = msgspec.field(default_factory=_Compute)
    storage: list[_Storage] = []
    data: list[_Data] = []
    schedule: _Schedule = msgspec.field(default_factory=_Schedule)
    canidothis: _Extra = msgspec.field(default_factory=_Extra)


class Reading(NamedTuple):
    """What such a file says."""

    task: Task
    notes: tuple[str, ...]
    """What it leaves open, in plain words."""


def read_execution(text: str, where: str = FILE) -> Reading:
    """Read such a file, of any generation of the broker's schema.

    Parameters
    ----------
    text
        YAML or JSON. A kind of executable that nobody knows becomes the task type,
        which every platform then answers with NO.
    where
        What to call it in an error.

    Raises
    ------
    RequestError
        Not YAML, or a field of the wrong type; names the field.
    """
    request = convert(load(text, where) or {}, _Request, where)
    extra = request.canidothis
    executable = _executable(request)
    said = read_fields({"tasktype": executable.type, "resources": extra.resources})
    resources = _resources(request, said.task.resources)
    resources.check()
    data, notes = _data(request)
    task = Task(
        executable,
        resources,
        software=tuple(extra.software[:ENTRIES]),
        data=data,
        name=trim(request.executable.meta.name, 200),
    )
    return Reading(task, notes)


def _executable(request: _Request) -> Executable:
    given, extra = request.executable, request.canidothis
    kind = given.kind.rpartition("/")[2].removesuffix(".yaml").removesuffix("-1.0")
    tasktype = extra.tasktype or _TYPES.get(kind) or given.kind or "uri://jupyter-notebook"
    ours = read_fields({"tasktype": tasktype, "taskinfo": extra.taskinfo}).task.executable
    return msgspec.structs.replace(
        ours,
        location=given.location or ours.location,
        image=next(iter(given.image.locations), "") or ours.image,
        command=tuple(str(word) for word in given.command[:ENTRIES]) or ours.command,
    )


def _resources(request: _Request, exact: Resources) -> Resources:
    compute = request.compute
    sizes = [one.size for one in request.storage]
    whole = {"cores": compute.cores, "memory": compute.memory, "disk": _sum(sizes)}
    for name, ends in whole.items():
        asked = ends.requested or ends
        beside: Range = getattr(exact, name)
        both = Range(_amount(asked.min, beside.min, name), _amount(asked.max, beside.max, name))
        if both:
            exact = exact.replace(name, min=both.min, max=both.max)
    duration = request.schedule.requested.duration
    if duration is not None:
        seconds = parse_duration(duration, "schedule.requested.duration")
        exact = exact.replace("duration", min=seconds)
    return exact


def _amount(whole: int | None, exact: int | None, name: str) -> int | None:
    """Prefer the exact amount, unless somebody changed the whole one beside it."""
    if whole is None or (exact is not None and _whole(exact, name) == whole):
        return exact
    amount = whole * _UNITS[name]
    if amount > LARGEST:
        accepted = f"at most {LARGEST // _UNITS[name]}"
        raise RequestError(f"compute.{name}", whole, accepted)
    return amount


def _whole(amount: int, name: str) -> int:
    """Round up to what the schema can say."""
    return -(-amount // _UNITS[name])


def _sum(sizes: list[_Ends]) -> _Ends:
    ends = [one.requested or one for one in sizes[:ENTRIES]]
    lows = [one.min for one in ends if one.min is not None]
    highs = [one.max for one in ends if one.max is not None]
    return _Ends(sum(lows) if lows else None, sum(highs) if highs else None)


def _data(request: _Request) -> tuple[tuple[Data, ...], tuple[str, ...]]:
    known = {one.location: one for one in request.canidothis.data[:ENTRIES]}
    found, notes = [], []
    for one in request.data[:ENTRIES]:
        location = one.location or one.ivoa.ivoid
        if location:
            found.append(known.get(location, Data(location)))
        else:
            name = trim(one.meta.name or one.meta.description or "data", 200)
            notes.append(f"{FILE} leaves open where {name} comes from")
    return tuple(found), tuple(notes)


def write_execution(task: Task) -> str:
    """Write a task as such a file; evidence and notes stay behind.

    Parameters
    ----------
    task
        Any task.
    """
    request = {
        "executable": _write_executable(task),
        "compute": _write_compute(task.resources),
        "storage": _write_storage(task.resources.disk),
        "data": [
            _component("data", "simple-data-resource", location=one.location)
            for one in task.data
        ],
        "schedule": _write_schedule(task.resources.duration),
        KEY: _write_rest(task),
    }
    kept = {key: value for key, value in request.items() if value}
    return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=96)


def _component(family: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"kind": KINDS.format(family=family, name=kind), **fields}


def _write_executable(task: Task) -> dict[str, Any]:
    executable = task.executable
    name = _KINDS.get(executable.type)
    written: dict[str, Any] = (
        _component("executable", name) if name else {"kind": executable.type}
    )
    if task.name:
        written["meta"] = {"name": task.name}
    if executable.location:
        written["location"] = executable.location
    if name == "docker-container":
        if executable.image:
            written["image"] = {"locations": [executable.image]}
        if executable.command:
            written["command"] = list(executable.command)
    return written


def _write_ends(asked: Range, name: str) -> dict[str, int]:
    ends = {"min": asked.min, "max": asked.max}
    return {end: _whole(amount, name) for end, amount in ends.items() if amount is not None}


def _write_compute(resources: Resources) -> dict[str, Any]:
    amounts = {
        name: _write_ends(getattr(resources, name), name) for name in ("cores", "memory")
    }
    asked = {name: ends for name, ends in amounts.items() if ends}
    return _component("compute", "simple-compute-resource", **asked) if asked else {}


def _write_storage(disk: Range) -> list[dict[str, Any]]:
    size = _write_ends(disk, "disk")
    return [_component("storage", "simple-storage-resource", size=size)] if size else []


def _write_schedule(duration: Range) -> dict[str, Any]:
    if duration.min is None:
        return {}
    # ISO 8601 writes the same letters in capitals, for hours, minutes and seconds.
    return {"requested": {"duration": f"PT{spell_duration(duration.min).upper()}"}}


def _write_rest(task: Task) -> dict[str, Any]:
    """Write what the schema has no field for."""
    executable = msgspec.structs.replace(task.executable, location="")
    if executable.type == "uri://docker-container":
        executable = msgspec.structs.replace(executable, image="", command=())
    fields = encode_task(Task(executable, _unsaid(task.resources)))
    software = [msgspec.structs.replace(one, evidence=()) for one in task.software]
    data = [msgspec.structs.replace(one, evidence=()) for one in task.data]
    written = {
        "taskinfo": fields.get("taskinfo", {}),
        "resources": fields.get("resources", {}),
        "software": msgspec.to_builtins(software),
        "data": msgspec.to_builtins([one for one in data if one != Data(one.location)]),
    }
    return {key: value for key, value in written.items() if value}


def _unsaid(resources: Resources) -> Resources:
    """Keep the amounts that the schema cannot say, or not exactly."""
    for name, unit in _UNITS.items():
        asked: Range = getattr(resources, name)
        ends = {"min": asked.min, "max": asked.max}
        exact = {end: None for end, amount in ends.items() if amount and amount % unit == 0}
        resources = resources.replace(name, **exact)
    return resources.replace("duration", min=None)
