"""Docker Swarm: every node by itself, since a container runs on one node.

Source: Docker Engine API, ``/nodes`` and ``/tasks``; "Swarm mode" of the Docker
documentation: the scheduler places by reservations, accepts a service that fits nowhere,
and lets it wait with ``no suitable node``.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import ClassVar, Final, NamedTuple

import msgspec

from ...answer import Answer, Change, Knows, Offer, Reason, Start, Verdict
from ...errors import ConfigurationError, RequestError
from ...evidence import Evidence
from ...images.architecture import Architecture, fitting
from ...images.logins import Logins
from ...images.registry import Registry
from ...task import Task
from ..base import Ask, Edges, Handover, Platform, PlatformConfig, Snapshot
from ..capacity import Judge, Loop, Slot, asked, judge_for
from ..cliffs import cliffs
from ..refusals import best_refusal, granted, nearest, reasons
from .adapter import Misconfigured
from .answering import shifted
from .client import EngineClient
from .config import EngineConfig
from .endpoint import docker_endpoint
from .looking import FIELD, Look, Looker, View
from .reading import Info
from .swarm_nodes import TASK_TYPES, Listed, Node, Placed, nodes_of

__all__ = ["Swarm", "SwarmState"]

_TTL: Final = 5.0
_SHARE: Final = 0.8
_NODES, _TASKS, _TYPES = range(3)
_RUNS: Final = Evidence(
    "declared", "the adapter of Docker Swarm", "runs containers as services"
)


class SwarmState(NamedTuple):
    """What a manager publishes."""

    info: Info
    nodes: tuple[Node, ...]


class Swarm(Platform[EngineConfig, SwarmState]):
    """A Docker Swarm, asked at one of its managers."""

    kind = "swarm"
    service_type = "uri://docker-swarm"
    config_type: ClassVar[type[PlatformConfig]] = EngineConfig
    knows: ClassVar[tuple[Knows, ...]] = ("ever", "now", "image")
    task_types = TASK_TYPES

    def __init__(self, config: EngineConfig, edges: Edges | None = None) -> None:
        super().__init__(config, edges)
        self.endpoint = docker_endpoint(config)
        self.client = EngineClient(self.endpoint)
        registry = Registry(
            self.edges.http, Logins(self.edges.command, config.files), config.rules
        )
        self.looker = Looker(self.client, registry, distribution=True)

    async def snapshot(self, ask: Ask) -> Snapshot[SwarmState]:
        """Read nodes and what is reserved on them.

        Raises
        ------
        PlatformError
            It could not be read, or this engine is no manager.
        """
        deadline = ask.deadline * _SHARE
        try:
            (told,) = await self.client.get(("/info",), deadline)
            info = told.read(Info)
            if not info.Swarm.ControlAvailable:
                raise Misconfigured(
                    f"the engine at {self.endpoint.host} manages no Swarm",
                    hint="name one of its managers as host",
                )
            nodes, tasks = await self.client.get(("/nodes", "/tasks"), deadline)
        except ConfigurationError as error:
            raise Misconfigured(error.message, hint=error.hint) from error
        read = nodes_of(nodes.read(list[Listed]), tasks.read(list[Placed]))
        whole = "\n".join(map(str, read)) or "no node"
        evidence = (nodes.evidence(whole), tasks.evidence("reservations per node"), _RUNS)
        return Snapshot(SwarmState(info, read), self.edges.clock(), _TTL, evidence=evidence)

    async def ask(self, task: Task, snapshot: Snapshot[SwarmState], ask: Ask) -> Answer:
        """Judge every node, then look for the image."""
        view = View()
        if task.executable.type in TASK_TYPES and task.executable.image:
            look = Look(task.executable.image, snapshot.content.info)
            try:
                view = await self.looker.look(look, ask.deadline)
            except ConfigurationError as error:
                raise Misconfigured(error.message, hint=error.hint) from error
        return self._answer(task, snapshot, view)

    def estimate(self, task: Task, snapshot: Snapshot[SwarmState], ask: Ask) -> Answer | None:  # noqa: ARG002
        """Judge from the snapshot, unless it depends on an image."""
        return None if task.executable.image else self._answer(task, snapshot, View())

    def nearest(
        self,
        task: Task,
        snapshot: Snapshot[SwarmState],
        ask: Ask,  # noqa: ARG002 - the protocol's
    ) -> tuple[Change, ...]:
        """Return the smallest edits that fit a node."""
        judge = _judge(snapshot.content.nodes)
        return nearest(task, judge.judge(asked(task)).tally()) if judge.slots else ()

    def handover(self, task: Task, offer: Offer) -> Handover | None:
        """Return the script that starts a service of one container.

        Raises
        ------
        RequestError
            The task names no image.
        """
        image = task.executable.image
        if not image:
            raise RequestError("executable.image", image, "an image to run")
        words = ("docker", *self.endpoint.options, "service", "create", "--detach")
        line = shlex.join(
            (
                *words,
                "--restart-condition=none",
                *_reserving(offer),
                image,
                *task.executable.command,
            )
        )
        return Handover(f"#!/bin/sh\nexec {line}\n", "service.sh", "sh service.sh")

    def _answer(self, task: Task, snapshot: Snapshot[SwarmState], view: View) -> Answer:
        nodes = snapshot.content.nodes
        built = view.facts.built if view.facts else ()
        able = tuple(one for one in nodes if one.ready and _runs(one, built))
        against = tuple(one for one in view.against if one.code != "arch-mismatch")
        told = (*_refusals(task, nodes, able), *shifted(against, len(snapshot.evidence)))
        draft = Answer(
            self.name,
            Verdict.NO,
            Verdict.NO,
            reasons=told,
            evidence=(*snapshot.evidence, *view.evidence),
            cliffs=cliffs(_judge(able).judge(asked(task)).tally()) if able else (),
            kind=self.kind,
            at=int(self.edges.clock()),
        )
        if told:
            return draft
        unsure = (*shifted(view.unsure, len(snapshot.evidence)), *_unpublished(task))
        if view.facts and view.facts.here and len(nodes) > 1:
            unsure = (*unsure, _ELSEWHERE)
        if unsure:
            return msgspec.structs.replace(
                draft, verdict=Verdict.CANNOT_TELL, now=Verdict.CANNOT_TELL, reasons=unsure
            )
        busy = _busy(task, able)
        offers = tuple(
            self._offer(task, node, room=not busy)
            for node in able
            if _fits(task, node, free=False)
        )
        now = Verdict.NO if busy else Verdict.YES
        return msgspec.structs.replace(
            draft, verdict=Verdict.YES, now=now, reasons=busy, offers=offers[:1]
        )

    def _offer(self, task: Task, node: Node, *, room: bool) -> Offer:
        resources, filled = granted(node.slot(free=False), task.resources)
        start = Start(0, None, "a node has room now; it pulls the image first", (_TASKS,))
        return Offer(
            service_type=self.service_type,
            service_info={"endpoint": self.endpoint.host},
            resources=resources,
            filled=filled,
            start=start if room else None,
            evidence=(_NODES, _TASKS),
        )


_ELSEWHERE: Final = Reason(
    "not-published",
    "The manager holds this image; whether other nodes can get it is not known",
    FIELD,
    scope="node",
    evidence=(_NODES,),
)


def _judge(nodes: Sequence[Node]) -> Judge:
    return judge_for([one.slot(free=False) for one in nodes if one.ready])


def _runs(node: Node, built: Sequence[Architecture]) -> bool:
    return not built or fitting(built, node.architecture) is not None


def _fits(task: Task, node: Node, *, free: bool) -> bool:
    return bool(Loop([node.slot(free=free)]).accepting(asked(task)))


def _refusals(task: Task, nodes: Sequence[Node], able: Sequence[Node]) -> tuple[Reason, ...]:
    """Say why no node takes it; what a node lacks, or that none of its kind works."""
    if task.executable.type not in TASK_TYPES:
        slot = Slot(accepts={"task type": frozenset(TASK_TYPES)})
        (wrong,) = Loop([slot]).judge(asked(task)).failures()
        return reasons(slot, wrong, (_TYPES,))
    if not any(one.ready for one in nodes):
        message = "No node of this Swarm takes work"
        return (Reason("closed", message, scope="node", evidence=(_NODES,)),)
    if not able:
        kinds = ", ".join(sorted({str(one.architecture) for one in nodes if one.ready}))
        message = f"The image is not built for any node; nodes are {kinds}"
        return (Reason("arch-mismatch", message, FIELD, scope="node", evidence=(_NODES,)),)
    slots = [one.slot(free=False) for one in able]
    failures = judge_for(slots).judge(asked(task)).failures()
    best = best_refusal(failures)
    return reasons(slots[best], failures[best], (_NODES,))


def _busy(task: Task, able: Sequence[Node]) -> tuple[Reason, ...]:
    """Say what reservations leave too little of, on the node that comes closest."""
    slots = [one.slot(free=True) for one in able]
    failures = judge_for(slots).judge(asked(task)).failures()
    best = best_refusal(failures)
    return reasons(slots[best], failures[best], (_TASKS,), free=True)


def _unpublished(task: Task) -> tuple[Reason, ...]:
    wanted = task.resources
    fields = [("disk/min", bool(wanted.disk.min)), ("gpu/model", wanted.gpu is not None)]
    return tuple(
        Reason(
            "not-published",
            f"A Swarm does not publish the {field.partition('/')[0].upper()} of its nodes",
            f"/resources/{field}",
            scope="node",
            evidence=(_NODES,),
        )
        for field, asks in fields
        if asks
    )


def _reserving(offer: Offer) -> list[str]:
    wanted = offer.resources
    words = []
    if wanted.cores.min:
        words += [f"--reserve-cpu={wanted.cores.min / 1000:g}"]
    if wanted.memory.min:
        words += [f"--reserve-memory={wanted.memory.min}"]
    if wanted.gpus.min:
        words += [f"--generic-resource=gpu={wanted.gpus.min}"]
    return words
