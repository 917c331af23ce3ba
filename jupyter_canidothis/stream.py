"""A plan as chunks of lines: gathered for a screen frame, never silent for long."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Final

from .answer import Answer, Plan
from .planner import summarise
from .wire.plan import AliveLine, AnswerLine, Line, PlanLine, SummaryLine, encode_line

__all__ = ["COALESCE", "KEEP_ALIVE", "batches"]

COALESCE: Final = 0.016
"""Seconds for which lines are gathered before they are sent: one screen frame."""
KEEP_ALIVE: Final = 25.0
"""Seconds of silence after which a line says that we are still here."""


async def batches(plan: Plan, answers: AsyncIterator[Answer]) -> AsyncIterator[bytes]:
    """Turn answers into chunks of an ``application/x-ndjson`` stream.

    Parameters
    ----------
    plan
        The head, sent first.
    answers
        From `Planner.answers`; closed when this iteration is left.

    Yields
    ------
    bytes
        One or more whole lines.
    """
    started = time.monotonic()
    arrived: asyncio.Queue[Answer | None] = asyncio.Queue()
    gathered: list[Answer] = []
    yield encode_line(PlanLine(plan))
    filling = asyncio.ensure_future(_fill(arrived, answers))
    try:
        over = False
        sent = 0.0
        while not over:
            batch = await _batch(arrived, sent + COALESCE)
            sent = time.monotonic()
            over = bool(batch) and batch[-1] is None
            fresh = [answer for answer in batch if answer is not None]
            gathered += fresh
            lines: list[Line] = [AnswerLine(plan.id, answer) for answer in fresh]
            if over:
                took = round((time.monotonic() - started) * 1000)
                lines.append(SummaryLine(plan.id, summarise(gathered, took)))
            yield b"".join(encode_line(line) for line in lines or [AliveLine()])
    finally:
        filling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await filling


async def _fill(arrived: asyncio.Queue[Answer | None], answers: AsyncIterator[Answer]) -> None:
    """Move answers into a queue; None says that there are no more."""
    try:
        async for answer in answers:
            arrived.put_nowait(answer)
    finally:
        arrived.put_nowait(None)
        await answers.aclose()  # type: ignore[attr-defined]  # an async generator


async def _batch(
    arrived: asyncio.Queue[Answer | None], not_before: float
) -> list[Answer | None]:
    """Return what arrived together, or nothing after a long silence."""
    try:
        batch = [await asyncio.wait_for(arrived.get(), KEEP_ALIVE)]
    except asyncio.TimeoutError:
        return []
    await asyncio.sleep(max(0.0, not_before - time.monotonic()) if batch[-1] else 0)
    while not arrived.empty():
        batch.append(arrived.get_nowait())
    return batch
