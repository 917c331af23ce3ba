"""A platform whose every word tries to be more than text, and one that takes scripts."""

from __future__ import annotations

import asyncio
from pathlib import Path

from scripted import GIB, Scripted, ScriptedConfig, entry

from jupyter_canidothis.answer import Answer, Change, Cliff, Edit, Offer, Reason, Verdict
from jupyter_canidothis.evidence import Evidence
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.base import Handover
from jupyter_canidothis.platforms.registry import Entry, describe

ATTACK = (
    '<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>'
    "</pre></code></details>'\"><svg onload=window.attacked=1> \u202eevil"
)


class Hostile(Scripted):
    """Says NO in words that a browser must not run."""

    async def ask(self, task, snapshot, ask):
        return Answer(
            self.name,
            Verdict.NO,
            reasons=(Reason("refused", ATTACK, text=ATTACK, scope=ATTACK, evidence=(0,)),),
            changes=(Change((Edit("/resources/memory/min", 1, GIB),), ATTACK, checked=True),),
            cliffs=(Cliff("/resources/memory/min", GIB, ATTACK),),
            evidence=(Evidence("live-read", ATTACK, ATTACK, 1_795_000_000),),
        )


class Batch(Scripted):
    """Takes notebooks as scripts, and hands over words that a browser must not run."""

    async def ask(self, task, snapshot, ask):
        return Answer(self.name, Verdict.YES, offers=(Offer(self.service_type, ATTACK),))

    def handover(self, task, offer):
        return Handover(f"#!/bin/sh\n# {ATTACK}\n", "job.sh", f"sbatch job.sh # {ATTACK}")


class Slow(Scripted):
    """Says nothing before a file exists."""

    gate = Path()

    async def ask(self, task, snapshot, ask):
        while not self.gate.exists():
            await asyncio.sleep(0.05)
        return await super().ask(task, snapshot, ask)


def planner():
    """Return a planner of platforms with hostile words, and of a friendly one."""
    return Planner([entry("hub"), _entry(Hostile, f"Hostile {ATTACK}"), _entry(Batch, "Batch")])


def slow_planner(gate):
    """Return a planner of a platform that answers at once, and of one that waits."""
    waiting = _entry(Slow, "Slow")
    waiting.platform.gate = Path(gate)
    return Planner([entry("hub"), waiting], deadline=100, platform_deadline=100)


def _entry(kind, name):
    platform = kind(ScriptedConfig(kind="scripted", name=name))
    return Entry(describe(platform, "configured"), platform)
