"""From a plan to what takes up its best offer, or that of a chosen platform."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .answer import Answer, Plan, Verdict
from .errors import RequestError
from .planner import Planner
from .platforms.base import Handover, Platform
from .ranking import best_first

__all__ = ["hand_over", "how_to_send"]


def hand_over(planner: Planner, plan: Plan, platform: str = "") -> tuple[str, Handover]:
    """Return the best platform that hands over, and what it hands over.

    Parameters
    ----------
    planner
        Who was asked.
    plan
        What they said.
    platform
        Only this one; the best when empty.

    Raises
    ------
    RequestError
        No platform that says YES has something to hand over, or not this one, or the
        task does not say what to run.
    """
    for answer, able in _accepting(planner, plan):
        if platform not in ("", answer.platform):
            continue
        made = able.handover(plan.task, answer.offers[0])
        if made is not None:
            return answer.platform, made
    accepted = "a platform that runs scripts and says YES"
    if able_names := [answer.platform for answer, _ in _accepting(planner, plan)]:
        accepted += f"; YES say {', '.join(able_names)}"
    raise RequestError("platform", platform or "any", accepted)


def how_to_send(platform: str, made: Handover) -> str:
    """Return what a person does with what was handed over, in one line."""
    return f"for {platform}: save it as {made.name}, then {made.command}"


def _accepting(planner: Planner, plan: Plan) -> Iterator[tuple[Answer, Platform[Any, Any]]]:
    """Yield who says YES, best first."""
    platforms = {entry.info.name: entry.platform for entry in planner.entries}
    for answer in best_first(plan.answers):
        platform = platforms.get(answer.platform)
        if answer.verdict is Verdict.YES and answer.offers and platform is not None:
            yield answer, platform
