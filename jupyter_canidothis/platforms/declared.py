"""Limits that an administrator wrote down, for a place that cannot be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, ClassVar, Final, NamedTuple, TypeVar

import msgspec

from ..answer import Answer, Change, Knows, Offer, Reason, Start, Verdict
from ..errors import ConfigurationError, RequestError
from ..evidence import Evidence, trim
from ..resources import DIMENSIONS, Range
from ..task import Task
from ..units import parse_memory
from .base import Ask, Edges, Platform, PlatformConfig, Snapshot
from .bitmaps import positions
from .capacity import GPU_MEMORY, Index, Slot, Tally, asked
from .cliffs import Cliffs, subjects
from .crowd import Crowd
from .hours import Hours, parse_hours, parse_timezone
from .refusals import closest_refusal, granted, nearest, reasons

__all__ = ["Declared", "DeclaredConfig", "DeclaredGpus", "DeclaredResources", "Interface"]

Quantity = int | float | str | None
ReadT = TypeVar("ReadT")

_TTL: Final = 3600.0
"""Seconds for which what is written down is used without saying its age."""


class DeclaredResources(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Least and greatest amounts, as numbers or in any spelling of `units`."""

    mincores: Quantity = None
    """Least cores a task has to use."""
    maxcores: Quantity = None
    """Most cores."""
    minmemory: Quantity = None
    """Least memory."""
    maxmemory: Quantity = None
    """Most memory."""
    minduration: Quantity = None
    """Shortest run."""
    maxduration: Quantity = None
    """Longest run."""
    minstartup: Quantity = None
    """Shortest time from asking to running."""
    maxstartup: Quantity = None
    """Longest time from asking to running."""
    mingpus: Quantity = None
    """Least GPUs."""
    maxgpus: Quantity = None
    """Most GPUs."""
    mindisk: Quantity = None
    """Least disk space."""
    maxdisk: Quantity = None
    """Most disk space."""
    minnodes: Quantity = None
    """Least hosts."""
    maxnodes: Quantity = None
    """Most hosts."""


class DeclaredGpus(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What GPUs there are."""

    vendors: tuple[str, ...] | None = None
    """``nvidia``, ``amd``, ``intel``."""
    models: tuple[str, ...] | None = None
    """Product names; a task's model matches inside them."""
    memory: Quantity = None
    """Memory of the largest one."""


class Interface(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of several ways to use the platform."""

    servicetype: str
    """Service type URI."""
    name: str = ""
    """What to call it."""
    endpoint: str = ""
    """Where it is."""
    serviceinfo: dict[str, Any] = msgspec.field(default_factory=dict)
    """What else a client needs to know; no secrets."""
    resources: DeclaredResources = DeclaredResources()
    """Limits that differ from those of the platform."""


class DeclaredConfig(PlatformConfig, frozen=True, kw_only=True):
    """Keys of an entry of kind ``declared``; a limit that is absent is not known."""

    tasktypes: tuple[str, ...]
    """Task type URIs it runs."""
    servicetype: str = ""
    """Service type URI; needed unless there are interfaces."""
    endpoint: str = ""
    """Where it is."""
    serviceinfo: dict[str, Any] = msgspec.field(default_factory=dict)
    """What else a client needs to know; no secrets."""
    resources: DeclaredResources = DeclaredResources()
    """Limits."""
    interfaces: tuple[Interface, ...] = ()
    """Several ways to use it, best first."""
    languages: tuple[str, ...] | None = None
    """Languages of notebooks it runs."""
    kernels: tuple[str, ...] | None = None
    """Kernel specs it has."""
    images: tuple[str, ...] | None = None
    """Shell patterns of the container images it accepts."""
    gpus: DeclaredGpus = DeclaredGpus()
    """What its GPUs are."""
    hours: str = ""
    """When it is open, such as ``Mon-Fri 08:00-18:00``; see `hours.parse_hours`."""
    timezone: str = "UTC"
    """Time zone of the hours, such as ``Europe/Rome``."""
    declared: date | None = None
    """When the administrator wrote this down."""


class _Way(NamedTuple):
    """One interface, ready to be offered."""

    slot: Slot
    service_type: str
    service_info: dict[str, Any]
    evidence: tuple[Evidence]
    """What of the declaration makes this way refuse."""


class Declared(Platform[DeclaredConfig, tuple[Slot, ...]]):
    """A place known only by what its administrator wrote down.

    What is not written down refuses nothing, and nothing tells how full it is.
    """

    kind = "declared"
    service_type = ""
    """As configured, per entry."""
    config_type: ClassVar[type[PlatformConfig]] = DeclaredConfig
    knows: ClassVar[tuple[Knows, ...]] = ("ever",)
    together = True

    def __init__(self, config: DeclaredConfig, edges: Edges | None = None) -> None:
        super().__init__(config, edges)
        if not config.tasktypes:
            raise ConfigurationError(f"{self.name}: tasktypes: at least one is needed")
        if not config.servicetype and not config.interfaces:
            raise ConfigurationError(f"{self.name}: servicetype: needed unless interfaces are")
        self._ways = _ways(config, self.name)
        self.slots = tuple(way.slot for way in self._ways)
        self.judge = Index(self.slots)
        self._cliffs = Cliffs(self.judge)
        self._hours = _hours(config, self.name)
        self._evidence = (_evidence(config, config.interfaces),)

    async def snapshot(self, ask: Ask) -> Snapshot[tuple[Slot, ...]]:  # noqa: ARG002 - same for all
        """Return what is written down."""
        now = self.edges.clock()
        return Snapshot(self.slots, now, _TTL, evidence=self._evidence)

    async def ask(self, task: Task, snapshot: Snapshot[tuple[Slot, ...]], ask: Ask) -> Answer:
        """Judge a task against what is written down."""
        return self.estimate(task, snapshot, ask)

    def estimate(self, task: Task, snapshot: Snapshot[tuple[Slot, ...]], ask: Ask) -> Answer:  # noqa: ARG002 - what is written down stays
        """Judge as `ask` does: what is written down is all there is to ask."""
        terms = asked(task)
        return self._answer(task, self.judge.judge(terms).tally(), subjects(terms))

    @classmethod
    def ask_together(
        cls,
        platforms: Sequence[Declared],
        task: Task,
        ask: Ask,  # noqa: ARG003 - same for all
    ) -> list[Answer]:
        """Judge a task against many entries with one index over all of them."""
        terms = asked(task)
        tallies, about = _crowd(tuple(platforms)).judge(terms), subjects(terms)
        return [
            platform._answer(task, tally, about)  # noqa: SLF001 - of this very class
            for platform, tally in zip(platforms, tallies, strict=True)
        ]

    def nearest(
        self,
        task: Task,
        snapshot: Snapshot[tuple[Slot, ...]],  # noqa: ARG002 - what is written down stays
        ask: Ask,  # noqa: ARG002 - same for all
    ) -> tuple[Change, ...]:
        """Return the smallest edits that fit what is written down, which is all there is."""
        return nearest(task, self.judge.judge(asked(task)).tally(), checked=True)

    def _answer(self, task: Task, tally: Tally, about: tuple[str, ...]) -> Answer:
        """Return the answer that follows from what each slot does not meet."""
        now = self.edges.clock()
        if tally.accepting:
            return self._accepted(task, tally, about, now)
        best = closest_refusal(tally)
        closest = self._ways[best]
        return Answer(
            platform=self.name,
            kind=self.kind,
            verdict=Verdict.NO,
            now=Verdict.NO,
            reasons=reasons(closest.slot, tally.failing(best), (0,)),
            changes=nearest(task, tally, checked=True),
            cliffs=self._cliffs.of(tally, about),
            evidence=closest.evidence,
            at=int(now),
        )

    def _accepted(self, task: Task, tally: Tally, about: tuple[str, ...], now: float) -> Answer:
        opening = self._hours.opens(now) if self._hours else None
        start = _start(opening, now) if opening else None
        return Answer(
            platform=self.name,
            kind=self.kind,
            verdict=Verdict.YES,
            now=Verdict.NO if opening else Verdict.CANNOT_TELL,
            offers=tuple(
                [_offer(self._ways[place], task, start) for place in positions(tally.accepting)]
            ),
            reasons=(self._closed(opening),) if opening else (),
            cliffs=self._cliffs.of(tally, about),
            evidence=self._evidence,
            at=int(now),
        )

    def _closed(self, opening: datetime) -> Reason:
        return Reason(
            code="closed",
            message=f"Closed now; open {self.config.hours}; opens {_moment(opening)}",
            limit=self.config.hours,
            scope="platform",
            evidence=(0,),
        )


@lru_cache(maxsize=4)
def _crowd(platforms: tuple[Declared, ...]) -> Crowd:
    """Return one judge of many platforms; a new configuration has new ones."""
    return Crowd([platform.judge for platform in platforms])


def _offer(way: _Way, task: Task, start: Start | None) -> Offer:
    resources, filled = granted(way.slot, task.resources)
    return Offer(
        service_type=way.service_type,
        name=way.slot.name,
        service_info=way.service_info,
        resources=resources,
        filled=filled,
        start=start,
        evidence=(0,),
    )


def _start(opening: datetime, now: float) -> Start:
    return Start(
        earliest=max(0, int(opening.timestamp() - now)),
        basis=f"it opens {_moment(opening)}; how long it takes then is not published",
        evidence=(0,),
    )


def _moment(moment: datetime) -> str:
    return moment.strftime("%a %d %b %H:%M %Z")


def _evidence(config: DeclaredConfig, interfaces: Sequence[Interface]) -> Evidence:
    """Show what is declared, of the interfaces only these."""
    source = "declared by the administrator"
    if config.declared:
        source += f" on {config.declared.isoformat()}"
    written = {
        key: getattr(config, key)
        for key in ("tasktypes", "resources", "languages", "kernels", "images", "gpus", "hours")
    }
    written["interfaces"] = [
        {"name": way.name or way.servicetype, "resources": way.resources} for way in interfaces
    ]
    told = {key: value for key, value in msgspec.to_builtins(written).items() if value}
    return Evidence(
        how="declared", source=source, text=trim(msgspec.json.encode(told).decode())
    )


def _reading(name: str, read: Callable[[], ReadT]) -> ReadT:
    """Read a value of an entry; what cannot be read names the platform and the key."""
    try:
        return read()
    except RequestError as error:
        raise ConfigurationError(f"{name}: {error.message}") from error


def _hours(config: DeclaredConfig, name: str) -> Hours | None:
    if not config.hours:
        return None
    zone = _reading(name, lambda: parse_timezone(config.timezone))
    return _reading(name, lambda: parse_hours(config.hours, zone))


def _ways(config: DeclaredConfig, name: str) -> tuple[_Way, ...]:
    interfaces = config.interfaces or (
        Interface(
            servicetype=config.servicetype,
            endpoint=config.endpoint,
            serviceinfo=config.serviceinfo,
        ),
    )
    return tuple(
        _Way(
            _slot(config, interface, name),
            interface.servicetype,
            _service_info(config, interface),
            (_evidence(config, (interface,) if config.interfaces else ()),),
        )
        for interface in interfaces
    )


def _slot(config: DeclaredConfig, interface: Interface, name: str) -> Slot:
    bounds, accepts = _bounds(config, interface, name), _accepts(config)
    gpus = bounds.get("gpus")
    if gpus is not None and gpus.max == 0:
        # Where there is none, what they would be is nothing to judge by.
        bounds.pop(GPU_MEMORY, None)
        accepts = {key: words for key, words in accepts.items() if not key.startswith("gpu ")}
    return Slot(
        name=interface.name,
        scope="interface" if config.interfaces else "platform",
        bounds=bounds,
        accepts=accepts,
    )


def _accepts(config: DeclaredConfig) -> dict[str, frozenset[str]]:
    lower = None if config.languages is None else [word.lower() for word in config.languages]
    words = {
        "task type": config.tasktypes,
        "language": lower,
        "kernel": config.kernels,
        "image": config.images,
        "gpu vendor": config.gpus.vendors,
        "gpu model": config.gpus.models,
    }
    return {category: frozenset(who) for category, who in words.items() if who is not None}


def _service_info(config: DeclaredConfig, interface: Interface) -> dict[str, Any]:
    info = dict(interface.serviceinfo)
    if interface.endpoint:
        info["endpoint"] = interface.endpoint
    if config.languages is not None:
        info["languages"] = list(config.languages)
    return info


def _bounds(config: DeclaredConfig, interface: Interface, name: str) -> dict[str, Range]:
    bounds = {}
    for dimension in DIMENSIONS.values():
        ends = []
        for end in ("min", "max"):
            key = f"{end}{dimension.name}"
            amount = getattr(interface.resources, key)
            if amount is None:
                amount = getattr(config.resources, key)
            ends.append(_amount(name, f"resources.{key}", amount, dimension.parse))
        low, high = ends
        if low is not None and high is not None and low > high:
            raise ConfigurationError(
                f"{name}: resources.min{dimension.name} is above resources.max{dimension.name}"
            )
        if low is not None or high is not None:
            bounds[dimension.name] = Range(low, high)
    memory = _amount(name, "gpus.memory", config.gpus.memory, parse_memory)
    if memory is not None:
        bounds[GPU_MEMORY] = Range(None, memory)
    return bounds


def _amount(
    name: str, key: str, value: Quantity, parse: Callable[[object, str], int]
) -> int | None:
    return None if value is None else _reading(name, lambda: parse(value, key))
