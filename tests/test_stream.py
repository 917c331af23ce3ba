from __future__ import annotations

import asyncio
from itertools import chain

import msgspec
from scripted import entry, notebook_task

from jupyter_canidothis import stream
from jupyter_canidothis.planner import Planner


async def kinds(planner):
    plan = planner.plan(notebook_task())
    chunks = [chunk async for chunk in stream.batches(plan, planner.arrivals(plan))]
    return [[msgspec.json.decode(ln)["type"] for ln in c.splitlines()] for c in chunks]


async def test_the_head_comes_first_and_the_summary_last():
    lines = list(chain(*await kinds(Planner([entry("a"), entry("b")]))))

    assert lines == ["plan", "answer", "answer", "summary"]


async def test_a_plan_without_platforms_is_a_head_and_a_summary():
    assert list(chain(*await kinds(Planner([])))) == ["plan", "summary"]


async def test_silence_is_broken_by_a_line_that_says_we_are_alive(monkeypatch):
    monkeypatch.setattr(stream, "KEEP_ALIVE", 0.01)
    slow = entry("slow")
    slow.platform.gate.clear()
    planner = Planner([slow])
    plan = planner.plan(notebook_task())
    seen = []
    async for chunk in stream.batches(plan, planner.arrivals(plan)):
        seen.append(msgspec.json.decode(chunk.splitlines()[0])["type"])
        if seen[-1] == "alive":
            slow.platform.gate.set()

    assert seen[0] == "plan"
    assert "alive" in seen


async def test_many_answers_at_once_are_gathered_into_few_chunks():
    chunks = await kinds(Planner([entry(f"p{n}") for n in range(200)]))

    assert sum(len(chunk) for chunk in chunks) == 202
    assert len(chunks) < 20


async def test_leaving_the_stream_cancels_every_outstanding_ask():
    slow = entry("slow")
    slow.platform.gate.clear()
    planner = Planner([slow])
    plan = planner.plan(notebook_task())
    chunks = stream.batches(plan, planner.arrivals(plan))
    await chunks.__anext__()
    reading = asyncio.ensure_future(chunks.__anext__())
    while not slow.platform.asked:
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await chunks.aclose()

    assert slow.platform.cancelled == 1
