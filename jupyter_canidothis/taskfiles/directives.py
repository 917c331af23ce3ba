"""A batch script to a task: what its ``#SBATCH`` or ``#$`` lines ask for.

Sources: sbatch(1), "OPTIONS"; qsub(1) of Grid Engine, "-pe" and "-l". Only what
changes a verdict is read. As on their command lines, the last of equal options
wins.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from ..errors import RequestError
from ..evidence import Evidence, trim
from ..resources import Gpu, Resources
from ..task import Executable, Task
from ..units import GIB, parse_count, parse_duration, parse_memory

__all__ = ["read_directives"]

_MARK: Final = re.compile(r"#(?P<system>SBATCH|\$)\s+(?P<options>\S.*)")
_SHORT: Final = {"n": "ntasks", "c": "cpus-per-task", "N": "nodes", "t": "time", "G": "gpus"}
_WANTED: Final = (
    *_SHORT.values(),
    "mem",
    "mem-per-cpu",
    "gres",
    "gpus-per-node",
    "ntasks-per-node",
    "tmp",
)
_GPUS: Final = re.compile(r"(?:(?P<model>[A-Za-z][\w.-]*):)?(?P<count>[0-9]+)")
_GRES: Final = re.compile(
    r"(?:^|,)(?:gres/)?gpu(?::(?P<model>[A-Za-z][\w.-]*))?(?::(?P<count>[0-9]+))?(?=,|$)"
)
_DAYS: Final = re.compile(r"(?P<days>[0-9]+)-(?P<hours>[0-9]+)")
_MIB: Final = GIB // 1024


class _Option(NamedTuple):
    value: str
    line: int
    text: str
    """The whole line."""


_Options = Mapping[str, _Option]


def read_directives(path: str, text: str) -> Task:
    """Describe a batch script; an option that cannot be read becomes a note."""
    slurm: dict[str, _Option] = {}
    grid_engine: dict[str, _Option] = {}
    for number, line, system, words in _lines(text):
        into, pairs = (
            (slurm, _slurm_options(words))
            if system == "SBATCH"
            else (grid_engine, _grid_engine_options(words))
        )
        into.update((key, _Option(value, number, line)) for key, value in pairs)
    found = _Found(path)
    if slurm:
        _read_slurm(slurm, found)
    else:
        _read_grid_engine(grid_engine, found)
    return Task(
        Executable("uri://batch-script", location=path, content=text),
        found.resources,
        evidence=found.evidence,
        notes=tuple(found.notes),
    )


def _lines(text: str) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield the directives; Slurm's end at the first command, Grid Engine's are anywhere."""
    begun = False
    for number, line in enumerate(text.splitlines(), 1):
        begun = begun or (bool(line.strip()) and not line.startswith("#"))
        match = _MARK.match(line)
        if match and not (begun and match["system"] == "SBATCH"):
            try:
                words = shlex.split(match["options"], comments=True)
            except ValueError:
                words = match["options"].split()
            yield number, line, match["system"], words


def _slurm_options(words: list[str]) -> Iterator[tuple[str, str]]:
    rest = iter(words)
    for word in rest:
        if word.startswith("--"):
            key, given, value = word[2:].partition("=")
            if key in _WANTED:
                yield key, value if given else next(rest, "")
        elif word.startswith("-") and word[1:2] in _SHORT:
            yield _SHORT[word[1]], word[2:].lstrip("=") or next(rest, "")


def _grid_engine_options(words: list[str]) -> Iterator[tuple[str, str]]:
    rest = iter(words)
    for word in rest:
        if word == "-pe":
            next(rest, "")
            yield "pe", next(rest, "")
        elif word == "-l":
            for one in next(rest, "").split(","):
                key, _, value = one.partition("=")
                yield key, value


class _Found:
    """What was read so far."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.resources = Resources()
        self.evidence: dict[str, tuple[Evidence, ...]] = {}
        self.notes: list[str] = []

    def read(self, option: _Option | None, parse: Callable[[str, str], int], none: int) -> int:
        """Return what an option says; `none` without it, or where it cannot be read."""
        if option is None:
            return none
        try:
            return parse(option.value, f"{self.path}, line {option.line}")
        except RequestError as error:
            self.notes.append(trim(error.message, 500))
            return none

    def ask(self, dimension: str, amount: int, *options: _Option | None) -> None:
        """Ask for this much because of these options; nothing without any."""
        given = [option for option in options if option is not None]
        if amount and given:
            self.resources = self.resources.replace(dimension, min=amount)
            self.evidence[f"resources.{dimension}"] = tuple(
                Evidence("declared", f"{self.path}, line {one.line}", trim(one.text, 300))
                for one in given
            )


def _megabytes(value: str, field: str) -> int:
    """Read memory as Slurm does: a bare number is MiB (sbatch(1), "--mem")."""
    return int(value) * _MIB if value.isdecimal() else parse_memory(value, field)


def _minutes(value: str, field: str) -> int:
    """Read a time as Slurm does: a bare number is minutes, ``2-12`` days and hours."""
    if value.isdecimal():
        return int(value) * 60
    if days := _DAYS.fullmatch(value):
        return int(days["days"]) * 86400 + int(days["hours"]) * 3600
    return parse_duration(value, field)


def _first(value: str, field: str) -> int:
    """Read the least of ``--nodes=2-4``."""
    return parse_count(value.partition("-")[0], field)


def _read_slurm(given: _Options, found: _Found) -> None:
    nodes = found.read(given.get("nodes"), _first, 1)
    per_node = given.get("ntasks-per-node")
    tasks = given.get("ntasks")
    count = found.read(tasks, parse_count, nodes * found.read(per_node, parse_count, 1))
    threads = given.get("cpus-per-task")
    cores = count * found.read(threads, parse_count, 1)
    found.ask("nodes", nodes, given.get("nodes"))
    found.ask("cores", cores * 1000, tasks, per_node, threads)
    each, by_core = given.get("mem"), given.get("mem-per-cpu")
    found.ask("memory", found.read(by_core, _megabytes, 0) * cores, by_core)
    found.ask("memory", found.read(each, _megabytes, 0) * nodes, each)
    found.ask("duration", found.read(given.get("time"), _minutes, 0), given.get("time"))
    found.ask("disk", found.read(given.get("tmp"), _megabytes, 0) * nodes, given.get("tmp"))
    for key, times, form in (
        ("gres", nodes, _GRES),
        ("gpus-per-node", nodes, _GPUS),
        ("gpus", 1, _GPUS),
    ):
        _read_gpus(given.get(key), times, form, found)


def _read_gpus(
    option: _Option | None, times: int, form: re.Pattern[str], found: _Found
) -> None:
    if option is None or (match := form.search(option.value)) is None:
        return
    found.ask("gpus", int(match["count"] or 1) * times, option)
    if match["model"]:
        gpu = Gpu(model=match["model"])
        found.resources = msgspec.structs.replace(found.resources, gpu=gpu)


def _read_grid_engine(given: _Options, found: _Found) -> None:
    slots = found.read(given.get("pe"), _first, 1)
    found.ask("cores", slots * 1000, given.get("pe"))
    for key in ("mem_free", "h_vmem"):
        # A consumable of a parallel job counts once for each slot (complex(5)).
        found.ask("memory", found.read(given.get(key), parse_memory, 0) * slots, given.get(key))
    found.ask("duration", found.read(given.get("h_rt"), parse_duration, 0), given.get("h_rt"))
    found.ask("gpus", found.read(given.get("gpu"), parse_count, 0), given.get("gpu"))
