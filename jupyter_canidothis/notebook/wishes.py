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
from ..units import parse_pair
from ..wire.execution import FILE, KEY, read_execution
from .cells import Notebook, mapping
from .installs import Install, read_requirement

__all__ = ["Wishes", "read_wishes"]

UPWARDS: Final = 4
"""How many folders up from the notebook `FILE` is looked for, at most to its repository's."""
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
        try:
            _wish(wishes, name, _range(name, value, f"{source}.resources.{name}"), source)
        except RequestError as error:
            wishes.notes.append(trim(error.message, 500))
    for one in _texts(given.get("software")):
        if install := read_requirement(one):
            wishes.installs.append((install, Evidence("declared", source, trim(one, 200))))
    for one in _texts(given.get("data")):
        wishes.data.append((one, Evidence("declared", source)))


def _wish(wishes: Wishes, name: str, asked: Range, source: str) -> None:
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
        task, notes = read_execution(path.read_text(encoding="utf-8", errors="replace"))
    except (RequestError, OSError) as error:
        reason = error.message if isinstance(error, RequestError) else "it cannot be read"
        wishes.notes.append(trim(f"{FILE} is left out: {reason}", 500))
        return
    for name, asked in task.resources:
        _wish(wishes, name, asked, FILE)
    for one in task.software:
        said = Evidence("declared", FILE, trim(f"{one.name}{one.version}", 200))
        wishes.installs.append((Install(one.name, one.version, one.manager), said))
    wishes.data += [(one.location, Evidence("declared", FILE)) for one in task.data]
    wishes.notes += notes


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


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        yield from (one for one in value[:LIST_CAP] if isinstance(one, str))
