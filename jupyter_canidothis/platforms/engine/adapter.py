"""What Docker and Podman have in common: one API, read and never written to."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections import OrderedDict
from pathlib import Path
from typing import Any, ClassVar, Final

import msgspec

from ...answer import Answer, Change, Knows, Offer, Reason, Verdict
from ...compose.services import read
from ...errors import ConfigurationError, PlatformError, RequestError
from ...evidence import Evidence
from ...images.labels import contents
from ...images.logins import Logins
from ...images.reference import Reference
from ...images.registry import Registry
from ...task import Task
from ..base import Ask, Edges, Handover, Platform, PlatformConfig, Snapshot
from ..capacity import Loop, asked
from ..refusals import nearest
from .answering import Found, Way, answer
from .client import EngineClient, Got
from .composed import (
    COMPOSE,
    Host,
    compose_script,
    compose_source,
    judged,
    unreadable,
    with_images,
)
from .config import EngineConfig
from .endpoint import Endpoint
from .gpus import Gpus
from .looking import Look, Looker, View
from .needs import missing, source
from .reading import Info, Listed, Running
from .script import run_script
from .state import TASK_TYPES, State, room

__all__ = ["EnginePlatform", "Misconfigured"]

_TTL: Final = 5.0
_SHARE: Final = 0.8
"""Part of the deadline for reading, so that we report the engine's silence ourselves."""
_MOST_RUNNING: Final = 256
"""Most running containers whose limits are read."""
_LOOK_TTL: Final = 60.0
"""Seconds for which what was seen of an image is good for an estimate."""
_LOOKS: Final = 64
CONTAINER: Final = "uri://docker-container"
NOTEBOOK: Final = "uri://jupyter-notebook"
_RUNS = Evidence(
    "declared",
    "the adapter of container engines",
    "runs containers, notebooks in images, Compose",
)


class EnginePlatform(Platform[EngineConfig, State]):
    """One container engine."""

    config_type: ClassVar[type[PlatformConfig]] = EngineConfig
    knows: ClassVar[tuple[Knows, ...]] = ("ever", "now", "software", "image")
    task_types = TASK_TYPES
    distribution: ClassVar[bool] = True
    """Whether the engine tells what it sees in a registry."""

    def __init__(
        self, config: EngineConfig, edges: Edges | None = None, *, root: Path = Path("/")
    ) -> None:
        super().__init__(config, edges)
        self.root = root
        self.endpoint = self.find(config)
        self.client = EngineClient(self.endpoint)
        logins = Logins(self.edges.command, config.files)
        registry = Registry(self.edges.http, logins, config.rules)
        self.looker = Looker(self.client, registry, distribution=self.distribution, root=root)
        self._looks: OrderedDict[bytes, tuple[float, Found]] = OrderedDict()

    @staticmethod
    @abstractmethod
    def find(config: EngineConfig) -> Endpoint:
        """Return the engine that an entry means."""

    @abstractmethod
    def gpus(self, info: Info) -> Gpus:
        """Return what is known of its GPUs."""

    @abstractmethod
    async def read(self, deadline: float) -> tuple[State, tuple[Got, ...]]:
        """Return what the engine publishes, and the answers behind it, ``/info`` first."""

    async def snapshot(self, ask: Ask) -> Snapshot[State]:
        """Read the engine, its running containers and their limits.

        Raises
        ------
        PlatformError
            It could not be read.
        """
        try:
            state, got = await self.read(ask.deadline * _SHARE)
        except ConfigurationError as error:
            raise Misconfigured(error.message, hint=error.hint) from error
        gpus = Evidence("live-read", state.gpus.source, state.gpus.text)
        info, *others = got
        shown = info.evidence(msgspec.json.encode(state.info).decode())
        evidence = (shown, state.evidence(), gpus, _RUNS)
        further = tuple(one.evidence() for one in others)
        return Snapshot(state, self.edges.clock(), _TTL, evidence=(*evidence, *further))

    async def running(self, listed: Got, deadline: float) -> tuple[Running, ...]:
        """Return the limits of running containers; one that just ended is left out."""
        ids = [one.Id for one in listed.read(list[Listed])][:_MOST_RUNNING]
        got = await self.client.get([f"/containers/{one}/json" for one in ids], deadline)
        return tuple(one.read(Running) for one in got if one.ok)

    async def ask(self, task: Task, snapshot: Snapshot[State], ask: Ask) -> Answer:
        """Judge the task by ``/info``, then look for its image."""
        found = Found()
        if task.executable.type in TASK_TYPES:
            found = await self._look(task, snapshot.content, ask.deadline)
            self._remember(task, found)
        return self._answer(task, snapshot, found)

    def estimate(self, task: Task, snapshot: Snapshot[State], ask: Ask) -> Answer | None:  # noqa: ARG002
        """Judge from the snapshot, and from what was seen of the image a moment ago."""
        executable = task.executable
        bare = executable.type == CONTAINER and not executable.image
        if bare or executable.type not in TASK_TYPES:
            return self._answer(task, snapshot, Found())
        at, found = self._looks.get(_subject(task), (0.0, None))
        if found is None or self.edges.clock() - at > _LOOK_TTL:
            return None
        return self._answer(task, snapshot, found)

    def nearest(self, task: Task, snapshot: Snapshot[State], ask: Ask) -> tuple[Change, ...]:  # noqa: ARG002
        """Return the smallest edits that fit the engine's host."""
        return nearest(task, Loop([room(snapshot.content)]).judge(asked(task)).tally())

    def handover(self, task: Task, offer: Offer) -> Handover | None:
        """Return the script that runs the task in a container with the offer's limits."""
        if task.executable.type == COMPOSE:
            return compose_script(self.kind, self.endpoint, task)
        return run_script(self.kind, self.endpoint, self.with_image(task), offer)

    def with_image(self, task: Task) -> Task:
        """Return a notebook that names no image with the one that is configured."""
        executable = task.executable
        if executable.type != NOTEBOOK or executable.image or not self.config.image:
            return task
        return msgspec.structs.replace(
            task, executable=msgspec.structs.replace(executable, image=self.config.image)
        )

    def _answer(self, task: Task, snapshot: Snapshot[State], found: Found) -> Answer:
        way = Way(self.service_type, self._where())
        if self.config.uws:
            way = Way("uri://docker-uws", {"endpoint": self.config.uws})
        at = int(self.edges.clock())
        no = Answer(self.name, Verdict.NO, Verdict.NO, kind=self.kind, at=at)
        return answer(task, snapshot, found, way, no)

    def _where(self) -> dict[str, Any]:
        info: dict[str, Any] = {"endpoint": self.endpoint.host}
        return {**info, "image": self.config.image} if self.config.image else info

    def _remember(self, task: Task, found: Found) -> None:
        self._looks[_subject(task)] = self.edges.clock(), found
        while len(self._looks) > _LOOKS:
            self._looks.popitem(last=False)

    async def _look(self, task: Task, state: State, deadline: float) -> Found:
        """Find out what is to be known of the task's image."""
        if task.executable.type == COMPOSE:
            return await self._compose(task, state, deadline)
        executable = self.with_image(task).executable
        if not executable.image:
            return _IMAGELESS if executable.type == NOTEBOOK else Found()
        try:
            view = await self.looker.look(Look(executable.image, state.info), deadline)
        except ConfigurationError as error:
            raise Misconfigured(error.message, hint=error.hint) from error
        found = Found(view.against, view.unsure, view.evidence, view.pull)
        if executable.type != NOTEBOOK or view.facts is None:
            return found
        return found.beside(_inside(task, view))

    async def _compose(self, task: Task, state: State, deadline: float) -> Found:
        """Find out whether every service of a Compose file fits, and its image runs."""
        executable = task.executable
        if not executable.content and not executable.location:
            return Found()
        try:
            source = await compose_source(
                executable, self.edges.http, self.config.compose_origins, deadline / 2
            )
            application = await asyncio.to_thread(read, source)
        except RequestError as error:
            return unreadable(error)
        host = Host(state, cores_checked=self.distribution, local=self.endpoint.local)
        fits = judged(application, host, root=self.root)
        return await with_images(fits, application, self.looker, state.info, deadline)


class Misconfigured(PlatformError):
    """A configuration that only shows its mistake when it is used."""

    code = "misconfigured"


_IMAGELESS = Found(
    against=(
        Reason(
            "image-missing",
            "A notebook runs here in an image, and it names none",
            "/executable/image",
            scope="engine",
            evidence=(0,),
        ),
    ),
    evidence=(Evidence("declared", "configuration", "no image for notebooks"),),
)


def _subject(task: Task) -> bytes:
    """Return what of a task its images depend on."""
    return msgspec.json.encode((task.executable, [one.name for one in task.software]))


def _inside(task: Task, view: View) -> Found:
    if view.facts is None:
        return Found()
    held = contents(Reference.parse(view.facts.name), view.facts.labels)
    against, unsure = missing(task, held, 0)
    return Found(tuple(against), tuple(unsure), (source(held, sorted(view.facts.labels)),))
