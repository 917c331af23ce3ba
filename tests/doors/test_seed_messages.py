"""The note's messages through the whole planner, over platforms as it describes them."""

import json
from pathlib import Path

import pytest

from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.declared import Declared
from jupyter_canidothis.platforms.registry import Entry, describe
from jupyter_canidothis.ranking import best_first
from jupyter_canidothis.wire import accepts

RECORDED = sorted((Path(__file__).parent.parent / "recorded" / "accepts").glob("*.json"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_every_message_of_the_note_is_answered_from_configuration(path):
    exchange = json.loads(path.read_text(encoding="utf-8"))
    platforms = [Declared.configure(entry) for entry in exchange["platforms"]]
    planner = Planner(
        [Entry(describe(platform, "configured"), platform) for platform in platforms]
    )
    request = exchange["request"]
    question = accepts.decode(
        request["method"],
        request.get("content_type", ""),
        request.get("query", ""),
        request.get("body", "").encode(),
    )
    plan = await planner.ask(question.task)
    _, body = accepts.encode(question, best_first(plan.answers))
    assert body.decode() == exchange["reply"]
