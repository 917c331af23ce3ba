"""A plan as chunks of lines: gathered for a screen frame, never silent for long."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Final

from .answer import Answer, Plan
from .ranking import summarise
from .wire.plan import AliveLine, AnswerLine, Line, PlanLine, SummaryLine, encode_lines

__all__ = ["COALESCE", "KEEP_ALIVE", "batches"]

COALESCE: Final = 0.016
"""Seconds for which lines are gathered before they are sent: one screen frame."""
KEEP_ALIVE: Final = 25.0
"""Seconds of silence after which a line says that we are still here."""


_Arrived = asyncio.Queue[Sequence[Answer] | None]


async def batches(
    plan: Plan, arrivals: AsyncGenerator[Sequence[Answer], None]
) -> AsyncIterator[bytes]:
    """Turn answers into chunks of an ``application/x-ndjson`` stream.

    Parameters
    ----------
    plan
        The head, sent first.
    arrivals
        From `Planner.arrivals`; closed when this iteration is left.

    Yields
    ------
    bytes
        One or more whole lines.
    """
    started, sent = time.monotonic(), 0.0
    arrived: _Arrived = asyncio.Queue()
    gathered: list[Answer] = []
    lines: list[Line] = [PlanLine(plan)]
    filling = asyncio.ensure_future(_fill(arrived, arrivals))
    try:
        # One turn of the loop: what needs no waiting goes out with the head.
        await asyncio.sleep(0)
        over, answers = _here(arrived)
        while True:
            gathered += answers
            lines += [AnswerLine(plan.id, answer) for answer in answers]
            if over:
                took = round((time.monotonic() - started) * 1000)
                lines.append(SummaryLine(plan.id, summarise(gathered, took)))
            yield encode_lines(lines or [AliveLine()])
            if over:
                return
            lines = []
            over, answers = await _next(arrived, sent + COALESCE)
            sent = time.monotonic()
    finally:
        filling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await filling


async def _fill(arrived: _Arrived, arrivals: AsyncGenerator[Sequence[Answer], None]) -> None:
    """Move answers into a queue; None says that there are no more."""
    try:
        async for answers in arrivals:
            arrived.put_nowait(answers)
    finally:
        arrived.put_nowait(None)
        await arrivals.aclose()


def _here(arrived: _Arrived) -> tuple[bool, list[Answer]]:
    """Take what has arrived: whether that is the end, and the answers."""
    over = False
    answers: list[Answer] = []
    while not arrived.empty():
        some = arrived.get_nowait()
        over = some is None
        answers += some or []
    return over, answers


async def _next(arrived: _Arrived, not_before: float) -> tuple[bool, list[Answer]]:
    """Wait for what arrives together, or for a long silence."""
    try:
        first = await asyncio.wait_for(arrived.get(), KEEP_ALIVE)
    except asyncio.TimeoutError:
        return False, []
    if first is None:
        return True, []
    await asyncio.sleep(max(0.0, not_before - time.monotonic()))
    over, answers = _here(arrived)
    return over, [*first, *answers]
