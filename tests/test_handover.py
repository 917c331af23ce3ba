from __future__ import annotations

import pytest
from scripted import GIB, Scripted, entry, notebook_task

from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.handover import hand_over
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.base import Handover

MADE = Handover("#!/bin/bash\n", "demo.sbatch", "sbatch demo.sbatch")


async def test_the_best_platform_that_hands_over_does(monkeypatch):
    monkeypatch.setattr(
        Scripted, "handover", lambda self, task, offer: MADE if self.name == "b" else None
    )
    planner = Planner([entry("a"), entry("b")])

    assert hand_over(planner, await planner.ask(notebook_task())) == ("b", MADE)


async def test_without_a_yes_there_is_nothing_to_hand_over():
    planner = Planner([entry("a")])
    with pytest.raises(RequestError, match="--script"):
        hand_over(planner, await planner.ask(notebook_task(64 * GIB)))
