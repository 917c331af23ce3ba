"""The protocol between the planner and an adapter.

An adapter is asked; it never submits, holds, reserves or creates anything
while it answers. It returns an `Answer`, or raises a `PlatformError`, which
the planner turns into CANNOT_TELL.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Generic, NamedTuple, TypeVar

import msgspec

from ..answer import Answer, Change, Knows, Offer
from ..command import LocalCommand
from ..errors import ConfigurationError
from ..evidence import Evidence
from ..task import Task
from ..transport import Transport
from .kernelspecs import installed_specs

__all__ = [
    "Ask",
    "Asker",
    "Edges",
    "Handover",
    "Platform",
    "PlatformConfig",
    "Snapshot",
    "Word",
]

Word = Annotated[str, msgspec.Meta(pattern=r"^(?!-)\S*\Z")]
"""What becomes one word of a command line or script: no blanks, no new lines, no option."""


class PlatformConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys that every entry of ``c.CanIDoThis.platforms`` may have."""

    kind: str
    """Which adapter."""
    name: Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\Z")] = ""
    """Unique name to show, one line; the kind when empty."""
    users: tuple[str, ...] = ()
    """Only these users may use it; empty admits everyone."""
    groups: tuple[str, ...] = ()
    """Only members of these groups may use it (or the users above)."""
    timeout: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Seconds this platform may take to answer; None is the planner's default."""


@dataclass(frozen=True)
class Asker:
    """On whose behalf the platforms are asked."""

    name: str = ""
    """User name as the door knows it; empty when nobody is logged in."""
    groups: frozenset[str] = frozenset()
    """Groups of the user, as the door knows them."""


@dataclass(frozen=True)
class Ask:
    """The circumstances of one ask."""

    asker: Asker = Asker()
    """On whose behalf."""
    deadline: float = 5.0
    """Seconds until the planner gives up on this platform."""
    plan_id: str = ""
    """Id of the plan this ask belongs to."""
    via: tuple[str, ...] = ()
    """Ids of the plans, of this and other planners, that led to this ask."""


class Handover(NamedTuple):
    """What takes up an offer; nothing is submitted without the user's own act."""

    content: str
    """Text of the script or manifest."""
    name: str
    """File name to save it under."""
    command: str
    """Command line that submits the saved file."""


@dataclass(frozen=True)
class Edges:
    """Everything an adapter may touch outside the process; replaced in tests."""

    http: Transport = field(default_factory=Transport)
    command: LocalCommand = field(default_factory=LocalCommand)
    clock: Callable[[], float] = time.time
    kernel_specs: Callable[[], Awaitable[Mapping[str, Any]]] = installed_specs
    """Kernel specs by name, in the form of ``get_all_specs`` of jupyter_client."""


ConfigT = TypeVar("ConfigT", bound=PlatformConfig)
ContentT = TypeVar("ContentT")


@dataclass(frozen=True)
class Snapshot(Generic[ContentT]):
    """What a platform published at one moment."""

    content: ContentT
    """In the adapter's own terms."""
    taken_at: float
    """Seconds since the Unix epoch."""
    ttl: float
    """Seconds for which it may be used without saying so."""
    complete: bool = True
    """False when something could not be read; then no bare NO rests on it."""
    evidence: tuple[Evidence, ...] = ()
    """Commands, URLs and files it was read from."""


class Platform(ABC, Generic[ConfigT, ContentT]):
    """One configured platform of one kind.

    Class attributes say what a kind can ever know; the planner and the doors
    read these and never the name of the kind.
    """

    kind: ClassVar[str]
    """The kind's name in configuration and answers."""
    service_type: ClassVar[str]
    """Service type URI of its offers."""
    config_type: ClassVar[type[PlatformConfig]] = PlatformConfig
    """Which keys its configuration may have."""
    knows: ClassVar[tuple[Knows, ...]]
    """What this kind can ever know."""
    task_types: ClassVar[tuple[str, ...]] = ()
    """Task types it can run; empty when that depends on its configuration."""
    reserves: ClassVar[bool] = False
    """Whether asking may hold something on the other side."""
    needs_login: ClassVar[bool] = False
    """Whether it has to know who asks."""
    here: ClassVar[bool] = False
    """Whether it runs tasks in the very server that asks; its endpoint is that server's."""
    cheap: ClassVar[bool] = False
    """Whether `probe` may be called again and again without anybody's wish."""
    together: ClassVar[bool] = False
    """Whether `ask_together` answers for all platforms of this kind in one pass."""

    def __init__(self, config: ConfigT, edges: Edges | None = None) -> None:
        self.config = config
        self.name = config.name or config.kind
        self.edges = edges or Edges()

    @classmethod
    def configure(
        cls, entry: Mapping[str, Any], edges: Edges | None = None
    ) -> Platform[Any, Any]:
        """Build a platform from one entry of the configuration.

        Raises
        ------
        ConfigurationError
            Names the key that is wrong.
        """
        try:
            config: Any = msgspec.convert(dict(entry), cls.config_type)
        except msgspec.ValidationError as error:
            raise ConfigurationError(str(error).replace("$", "entry")) from error
        return cls(config, edges)

    @classmethod
    def discover(cls) -> Sequence[Mapping[str, Any]]:
        """Return configuration entries for what this machine knows of, offline."""
        return ()

    def admits(self, asker: Asker) -> bool:
        """Whether the configuration lets this user use the platform."""
        if not self.config.users and not self.config.groups:
            return True
        return asker.name in self.config.users or bool(
            asker.groups.intersection(self.config.groups)
        )

    @abstractmethod
    async def snapshot(self, ask: Ask) -> Snapshot[ContentT]:
        """Read limits, capacity and software; cached by the planner.

        Raises
        ------
        PlatformError
            It could not be read.
        """

    @abstractmethod
    async def ask(self, task: Task, snapshot: Snapshot[ContentT], ask: Ask) -> Answer:
        """Ask about one task, read-only.

        Raises
        ------
        PlatformError
            It could not be asked.
        """

    def estimate(self, task: Task, snapshot: Snapshot[ContentT], ask: Ask) -> Answer | None:
        """Judge from the snapshot alone, at once; None where only asking can tell.

        What a slider shows while it moves; the planner marks it as an estimate.
        """
        return None

    async def probe(self, task: Task, snapshot: Snapshot[ContentT], ask: Ask) -> Answer:
        """Ask about one of many variants of a task, read-only, as cheaply as can be.

        The verdict, and that of now, are those of `ask`; the rest may be less. What a
        search for the nearest YES asks.

        Raises
        ------
        PlatformError
            It could not be asked.
        """
        return await self.ask(task, snapshot, ask)

    @classmethod
    def ask_together(cls, platforms: Sequence[Any], task: Task, ask: Ask) -> list[Answer]:
        """Answer for many platforms of this kind at once, without waiting for anything.

        Only asked where `together` says so; each answer equals that of `ask`, and a
        refusal already has its changes, as far as there are any.
        """
        raise TypeError(f"{cls.kind} platforms are asked one by one")

    def handover(self, task: Task, offer: Offer) -> Handover | None:
        """Return what would run the task as one offer of this platform says.

        Raises
        ------
        RequestError
            The task does not say what to run.
        """
        return None

    def nearest(self, task: Task, snapshot: Snapshot[ContentT], ask: Ask) -> tuple[Change, ...]:
        """Return expected changes, smallest first, that published limits suggest.

        The planner asks again to check them, except those that are marked checked
        because the verdict itself rests on nothing but these limits.
        """
        return ()
