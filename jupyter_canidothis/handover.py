"""From a plan to what takes up its best offer."""

from __future__ import annotations

from .answer import Plan, Verdict
from .errors import RequestError
from .planner import Planner
from .platforms.base import Handover
from .ranking import best_first

__all__ = ["hand_over"]


def hand_over(planner: Planner, plan: Plan) -> tuple[str, Handover]:
    """Return the best platform that hands over, and what it hands over.

    Parameters
    ----------
    planner
        Who was asked.
    plan
        What they said.

    Raises
    ------
    RequestError
        No platform that says YES has something to hand over, or the task does
        not say what to run.
    """
    platforms = {entry.info.name: entry.platform for entry in planner.entries}
    for answer in best_first(plan.answers):
        platform = platforms.get(answer.platform)
        if answer.verdict is not Verdict.YES or platform is None:
            continue
        made = platform.handover(plan.task, answer.offers[0])
        if made is not None:
            return answer.platform, made
    raise RequestError(
        "--script", "a script", "a plan in which a platform that runs scripts says YES"
    )
