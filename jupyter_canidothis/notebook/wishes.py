"""What the author says a notebook needs; it wins over everything that was seen.

Two places: the notebook's own metadata, and an ``ivoa-execution.yaml`` beside
it (the Execution Broker's ExecutionRequest, stored next to the code). The
metadata key is ``canidothis``::

    "canidothis": {
      "resources": {"cores": "4:8", "memory": "16G", "duration": "2h", "gpus": 1,
                    "disk": {"min": "10G", "max": "100G"}},
      "software": ["astropy>=6"],
      "data": ["https://example.org/catalogue.fits"]
    }

Every amount is written as in `jupyter_canidothis.units`; all keys are optional.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..errors import RequestError
from ..evidence import Evidence, trim
from ..resources import DIMENSIONS, Range
from ..units import GIB, parse_cores, parse_duration, parse_pair
from ..wire.strict_yaml import load
from .cells import Notebook, mapping
from .installs import Install, read_requirement

__all__ = ["Wishes", "read_wishes"]

KEY: Final = "canidothis"
"""Key of the notebook's metadata."""
FILE: Final = "ivoa-execution.yaml"
"""File beside the notebook, or at the root of its repository."""
UPWARDS: Final = 4
"""How many folders up from the notebook the file is looked for."""
LIST_CAP: Final = 200
"""Most entries read of one list."""


@dataclass
class Wishes:
    """What the author asks for."""

    resources: dict[str, Range] = field(default_factory=dict)
    """By dimension."""
    evidence: dict[str, Evidence] = field(default_factory=dict)
    """Where each range is written."""
    installs: list[tuple[Install, Evidence]] = field(default_factory=list)
    data: list[tuple[str, Evidence]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What is written there and cannot be read, or is left open."""


def read_wishes(notebook: Notebook, folder: Path | None) -> Wishes:
    """Read both places; the metadata win over the file."""
    wishes = Wishes()
    _read_file(wishes, folder)
    _read_metadata(wishes, mapping(notebook.metadata.get(KEY)))
    return wishes


def _read_metadata(wishes: Wishes, given: Mapping[str, Any]) -> None:
    source = f"notebook metadata: {KEY}"
    for name, value in mapping(given.get("resources")).items():
        if name not in DIMENSIONS:
            wishes.notes.append(
                f"{source}.resources.{trim(str(name), 40)} is not known;"
                f" known are {', '.join(DIMENSIONS)}"
            )
            continue
        field_name = f"{source}.resources.{name}"
        _wish(wishes, name, lambda: _range(name, value, field_name), source)  # noqa: B023
    for one in _texts(given.get("software")):
        if install := read_requirement(one):
            wishes.installs.append((install, Evidence("declared", source, trim(one, 200))))
    for one in _texts(given.get("data")):
        wishes.data.append((one, Evidence("declared", source)))


def _wish(wishes: Wishes, name: str, read: Any, source: str) -> None:
    try:
        asked: Range = read()
    except RequestError as error:
        wishes.notes.append(trim(error.message, 500))
        return
    if asked:
        wishes.resources[name] = asked
        wishes.evidence[name] = Evidence(
            "declared", source, f"the author asks for {_shown(name, asked)}"
        )


def _shown(name: str, asked: Range) -> str:
    spell = DIMENSIONS[name].format
    low = spell(asked.min) if asked.min is not None else ""
    high = spell(asked.max) if asked.max is not None else ""
    if low and high:
        return low if low == high else f"{low} to {high}"
    return f"at least {low}" if low else f"at most {high}"


def _range(name: str, value: object, where: str) -> Range:
    parse = DIMENSIONS[name].parse
    if isinstance(value, Mapping):
        ends = [value.get(end) for end in ("min", "max")]
        low, high = (None if end is None else parse(end, where) for end in ends)
        if low is not None and high is not None and low > high:
            raise RequestError(where, dict(value), "a minimum that is not above the maximum")
        return Range(low, high)
    return Range(*parse_pair(value, parse, where))


def _read_file(wishes: Wishes, folder: Path | None) -> None:
    path = _file(folder)
    if path is None:
        return
    try:
        request = mapping(load(path.read_text(encoding="utf-8", errors="replace"), FILE))
    except (RequestError, OSError) as error:
        reason = error.message if isinstance(error, RequestError) else "it cannot be read"
        wishes.notes.append(trim(f"{FILE} is left out: {reason}", 500))
        return
    compute, schedule = mapping(request.get("compute")), mapping(request.get("schedule"))
    cores, memory = mapping(compute.get("cores")), mapping(compute.get("memory"))
    duration = mapping(schedule.get("requested")).get("duration")
    _wish(
        wishes,
        "cores",
        lambda: _ends(cores, lambda n: parse_cores(n, f"{FILE} compute.cores")),
        FILE,
    )
    _wish(wishes, "memory", lambda: _ends(memory, _gibibytes), FILE)
    if duration is not None:
        _wish(
            wishes,
            "duration",
            lambda: Range(min=parse_duration(duration, f"{FILE} duration")),
            FILE,
        )
    _read_data(wishes, request)


def _file(folder: Path | None) -> Path | None:
    here = folder.absolute() if folder else None
    for level in [here, *here.parents][:UPWARDS] if here else ():
        try:
            if (level / FILE).is_file():
                return level / FILE
        except OSError:
            return None
        if (level / ".git").exists():
            return None
    return None


def _ends(given: Mapping[str, Any], parse: Any) -> Range:
    """Read ``{min, max}``, also below ``requested`` as older versions of the wire had it."""
    given = mapping(given.get("requested")) or given
    low, high = (
        None if given.get(end) is None else parse(given[end]) for end in ("min", "max")
    )
    return Range(low, high)


def _gibibytes(value: object) -> int:
    """Read memory of an ExecutionRequest, a whole number of GiB."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < GIB:
        raise RequestError(f"{FILE} compute.memory", value, "a whole number of GiB")
    return value * GIB


def _read_data(wishes: Wishes, request: Mapping[str, Any]) -> None:
    listed = request.get("data")
    for one in listed[:LIST_CAP] if isinstance(listed, list) else ():
        fields = mapping(one)
        meta = mapping(fields.get("meta"))
        location = fields.get("location") or mapping(fields.get("ivoa")).get("ivoid")
        name = trim(str(meta.get("name") or meta.get("description") or "data"), 200)
        if isinstance(location, str):
            wishes.data.append((location, Evidence("declared", FILE, name)))
        else:
            wishes.notes.append(f"{FILE} leaves open where {name} comes from")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        yield from (one for one in value[:LIST_CAP] if isinstance(one, str))
