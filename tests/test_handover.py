from __future__ import annotations

import pytest
from scripted import GIB, Scripted, entry, notebook_task

from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.handover import hand_over, how_to_send
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.base import Handover

MADE = Handover("#!/bin/bash\n", "demo.sbatch", "sbatch demo.sbatch")


async def test_the_best_platform_that_hands_over_does(monkeypatch):
    monkeypatch.setattr(
        Scripted, "handover", lambda self, task, offer: MADE if self.name == "b" else None
    )
    planner = Planner([entry("a"), entry("b")])

    assert hand_over(planner, await planner.ask(notebook_task())) == ("b", MADE)


async def test_a_platform_may_be_chosen(monkeypatch):
    monkeypatch.setattr(Scripted, "handover", lambda self, task, offer: MADE)
    planner = Planner([entry("a"), entry("b")])

    plan = await planner.ask(notebook_task())
    assert [hand_over(planner, plan, name)[0] for name in ("", "a", "b")] == ["a", "a", "b"]


async def test_a_chosen_platform_that_has_nothing_to_hand_over_is_named(monkeypatch):
    monkeypatch.setattr(
        Scripted, "handover", lambda self, task, offer: MADE if self.name == "a" else None
    )
    planner = Planner([entry("a"), entry("b")])

    plan = await planner.ask(notebook_task())
    for name in ("b", "nosuch"):
        with pytest.raises(RequestError, match=f"platform: '{name}'.*YES say a, b"):
            hand_over(planner, plan, name)


def test_what_to_do_with_it_is_one_line():
    said = how_to_send("b", MADE)
    assert said == "for b: save it as demo.sbatch, then sbatch demo.sbatch"


async def test_without_a_yes_there_is_nothing_to_hand_over():
    planner = Planner([entry("a")])
    with pytest.raises(RequestError, match="platform: "):
        hand_over(planner, await planner.ask(notebook_task(64 * GIB)))
