"""How a platform is: its snapshot, read afresh, and how that went."""

from __future__ import annotations

import asyncio
import time

import msgspec

from . import unasked
from .answer import Look
from .errors import PlatformError
from .platforms.base import Ask
from .platforms.registry import Entry
from .snapshots import Snapshots

__all__ = ["look_at"]


async def look_at(entry: Entry, snapshots: Snapshots, ask: Ask) -> Look:
    """Read a platform's snapshot afresh.

    Parameters
    ----------
    entry
        The platform, usable or not.
    snapshots
        Where it is kept for the questions that follow.
    ask
        On whose behalf, and for how long it may take.
    """
    platform, name = entry.platform, entry.info.name
    if platform is None:
        return Look(name, unasked.misconfigured(entry).reasons[0])
    if not platform.admits(ask.asker):
        return Look(name, unasked.not_admitted(platform).reasons[0])
    started = time.monotonic()
    problem: PlatformError | None
    snapshot = None
    try:
        snapshot, problem = await asyncio.wait_for(
            snapshots.get(platform, ask, afresh=True), ask.deadline
        )
    except asyncio.TimeoutError:
        problem = unasked.silent(ask.deadline)
    except PlatformError as error:
        problem = error
    look = Look(
        name,
        unasked.failed(platform, problem).reasons[0] if problem else None,
        took=round((time.monotonic() - started) * 1000),
    )
    if snapshot is None:
        return look
    return msgspec.structs.replace(
        look,
        complete=snapshot.complete,
        at=int(snapshot.taken_at),
        ttl=int(snapshot.ttl),
        evidence=snapshot.evidence,
    )
