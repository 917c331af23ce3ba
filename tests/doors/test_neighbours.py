"""Really misbehaving servers as platforms: none of them touches the answer of another."""

from __future__ import annotations

import time

from farm import Farm, answers, resets, says_and_hangs, says_for_ever
from scripted import notebook_task

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.config import CanIDoThis

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HUGE = HEAD + b"Content-Length: 104857600\r\n\r\n"
NEIGHBOURS = {
    "silent": (says_and_hangs(b""), "timed-out"),
    "html": (answers(b"<html>please log in</html>", content_type="text/html"), "bad-answer"),
    "truncated": (answers(b'{"reponseword": "YE'), "bad-answer"),
    "huge": (says_for_ever(HUGE, b"x" * 65536), "bad-answer"),
    "elsewhere": (
        answers(b"", "302 Found", location="https://elsewhere.example.org/"),
        "bad-answer",
    ),
    "locked": (answers(b"", "401 Unauthorized"), "not-authenticated"),
    "forbidden": (answers(b"", "403 Forbidden"), "not-authorised"),
    "broken": (answers(b"oops", "500 Internal Server Error"), "unreachable"),
    "reset": (resets(HEAD), "bad-answer"),
}


async def test_every_kind_of_bad_neighbour_is_its_own_cannot_tell():
    good = {
        "kind": "declared",
        "name": "good",
        "tasktypes": ["uri://jupyter-notebook"],
        "servicetype": "uri://jupyter-hub",
    }
    platforms = [good, {"kind": "planner", "name": "down", "url": "http://127.0.0.1:9/x"}]
    started = time.monotonic()
    async with Farm() as farm:
        for name, (talk, _) in NEIGHBOURS.items():
            url = f"http://127.0.0.1:{await farm.serve(talk)}/canidothis"
            platforms.append({"kind": "planner", "name": name, "url": url, "timeout": 0.5})
        planner = CanIDoThis(platforms=platforms, discover=False).planner()
        arrived = [a async for a in planner.answers(planner.plan(notebook_task()))]

    by_name = {answer.platform: answer for answer in arrived}
    assert arrived[0].platform == "good"
    assert by_name.pop("good").verdict is Verdict.YES
    assert {answer.verdict for answer in by_name.values()} == {Verdict.CANNOT_TELL}
    found = {name: answer.reasons[0].code for name, answer in by_name.items()}
    assert found == {name: code for name, (_, code) in NEIGHBOURS.items()} | {
        "down": "unreachable"
    }
    assert time.monotonic() - started < 4
