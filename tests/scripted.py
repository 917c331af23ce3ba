"""A platform of the tests: answers from one limit, or misbehaves as told."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from jupyter_canidothis.answer import Answer, Change, Edit, Knows, Offer, Reason, Verdict
from jupyter_canidothis.errors import PlatformUnreachable
from jupyter_canidothis.evidence import Evidence
from jupyter_canidothis.platforms.base import Edges, Platform, PlatformConfig, Snapshot
from jupyter_canidothis.platforms.registry import Entry, describe
from jupyter_canidothis.task import Executable, Range, Resources, Task

GIB = 2**30


class ScriptedConfig(PlatformConfig, frozen=True, kw_only=True):
    most_memory: int = 12 * GIB


class Scripted(Platform[ScriptedConfig, int]):
    """Accepts tasks up to `most_memory`; counts what is asked of it."""

    kind = "scripted"
    service_type = "uri://scripted"
    config_type = ScriptedConfig
    knows: ClassVar[tuple[Knows, ...]] = ("ever",)

    def __init__(self, config, edges=None):
        super().__init__(config, edges)
        self.asked = 0
        self.read = 0
        self.cancelled = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.broken: Exception | None = None
        self.unreadable = False
        self.ttl = 10.0

    async def snapshot(self, ask):
        self.read += 1
        if self.unreadable:
            raise PlatformUnreachable("connection refused")
        return Snapshot(self.config.most_memory, self.edges.clock(), self.ttl)

    async def ask(self, task, snapshot, ask):
        self.asked += 1
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.broken is not None:
            raise self.broken
        evidence = (Evidence("declared", "the test"),)
        if (task.resources.memory.min or 0) <= snapshot.content:
            offers = (Offer(self.service_type, evidence=(0,)),)
            return Answer(self.name, Verdict.YES, offers=offers, evidence=evidence)
        reason = Reason("limit-exceeded", "too much memory", evidence=(0,))
        return Answer(self.name, Verdict.NO, reasons=(reason,), evidence=evidence)

    def nearest(self, task, snapshot, ask):
        asked = task.resources.memory.min
        edit = Edit("/resources/memory/min", asked, snapshot.content)
        return (Change((edit,), "Memory less"),) if asked else ()


def entry(name="one", *, clock=None, **keys):
    """Make a usable planner entry."""
    config = ScriptedConfig(kind="scripted", name=name, **keys)
    edges = Edges(clock=clock) if clock else None
    platform = Scripted(config, edges)
    return Entry(describe(platform, "configured"), platform)


def notebook_task(memory=None, **ranges):
    """Make a notebook task."""
    resources = Resources(memory=Range(min=memory), **ranges)
    return Task(Executable("uri://jupyter-notebook", languages=("python",)), resources)
