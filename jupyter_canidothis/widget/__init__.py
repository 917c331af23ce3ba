"""The widget: sliders and live answers, composed of stock ipywidgets.

It knows no rule about what is acceptable: it edits the task, asks the planner,
and shows what comes back with the words of `render`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import ipywidgets as widgets
import msgspec

from .. import changes
from ..answer import Answer, Change, Plan, Verdict
from ..errors import CanIDoThisError
from ..handover import hand_over
from ..planner import Planner
from ..platforms.base import Handover
from ..ranking import best_first
from ..render import (
    best_change,
    folded_html,
    plan_text,
    state_words,
    task_name,
)
from ..resources import Resources
from ..task import Task
from .asking import Asking
from .card import Card
from .controls import Controls

__all__ = ["CanIDoThis"]


def _own_notebook() -> Task:
    from IPython.core.getipython import get_ipython

    from ..here import describe_here

    shell = get_ipython()
    return describe_here(None, shell.user_ns if shell is not None else {})


class CanIDoThis(widgets.VBox):
    """Sliders for a task and every platform's answer to it.

    It asks in the background. Beneath it lies the plan as a table, folded, for `nbconvert`,
    GitHub and other readers without widgets.

    Parameters
    ----------
    task
        The task to start from; this kernel's own notebook when None.
    planner
        Whom to ask; the configured one when None.
    platforms
        Only these platforms; all when empty.
    """

    def __init__(
        self,
        task: Task | None = None,
        planner: Planner | None = None,
        platforms: Sequence[str] = (),
    ) -> None:
        if planner is None:
            from ..config import load_planner

            planner = load_planner()
        task = _own_notebook() if task is None else task
        self._planner = planner
        self._platforms = tuple(platforms)
        self._before: list[Task] = []
        self._cards: dict[str, Card] = {}
        self._stored: Any = None
        self._asking = Asking(planner, self._show)
        self.plan: Plan | None = None
        """The last plan, filled as answers arrive."""
        self.task = task
        """The task as the sliders stand."""
        self._status = widgets.Label("")
        self._gain = widgets.HTML("")
        self._answers = widgets.VBox()
        self._controls = Controls(task.resources, self._moved, self._say)
        heading = widgets.HTML(f"<h3>Can I run {escape(task_name(task))}?</h3>")
        parts = [heading, *self._controls.rows, self._buttons(), self._gain, self._answers]
        super().__init__(parts)
        self.replan()

    def _buttons(self) -> widgets.HBox:
        ask = widgets.Button(description="Plan", button_style="primary", tooltip="Ask again")
        ask.on_click(lambda _: self.replan())
        self._undo = widgets.Button(
            description="Undo", disabled=True, tooltip="Undo the change"
        )
        self._undo.on_click(lambda _: self.undo())
        return widgets.HBox([ask, self._undo, self._status])

    def apply(self, change: Change) -> None:
        """Make a change, show it on the sliders, and ask again."""
        self._before.append(self.task)
        self._set(changes.apply(self.task, change))
        self._controls.focus(change.edits[0].field)

    def undo(self) -> None:
        """Take the last change back and ask again."""
        if self._before:
            self._set(self._before.pop())

    def replan(self) -> None:
        """Ask all platforms; an older question that is still open is dropped."""
        try:
            self._asking.start(self.task, self._platforms)
        except CanIDoThisError as error:
            self._say(error.message)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until every platform answered.

        Parameters
        ----------
        seconds
            At most; as long as it takes when None.

        Returns
        -------
        bool
            Whether all did.
        """
        return self._asking.wait(seconds)

    def _set(self, task: Task) -> None:
        self.task = task
        self._controls.show(task.resources)
        self._undo.disabled = not self._before
        self.replan()

    def _moved(self, resources: Resources) -> None:
        self.task = msgspec.structs.replace(self.task, resources=resources)
        self.replan()

    def _say(self, sentence: str) -> None:
        self._status.value = sentence

    def _show(self, plan: Plan) -> None:
        self.plan = plan
        done = "Done. " if plan.summary else ""
        self._say(f"{done}{state_words(plan)}")
        gain = best_change(plan) if plan.answers else ""
        self._gain.value = f"<p>{escape(gain)}</p>" if gain else ""
        cards = tuple(self._arranged(plan))
        if cards != self._answers.children:
            self._answers.children = cards
        if plan.summary is not None and self._stored is not None:
            self._stored.update(self._static(), raw=True)

    def _arranged(self, plan: Plan) -> Iterator[Card]:
        """Yield a card for each platform, those that did not answer yet last."""
        for answer in best_first(plan.answers):
            card = self._card(answer.platform)
            card.show(answer, self._handed(plan, answer))
            yield card
        answered = {answer.platform for answer in plan.answers}
        for info in plan.platforms:
            if info.name not in answered:
                card = self._card(info.name)
                card.wait()
                yield card

    def _card(self, platform: str) -> Card:
        if platform not in self._cards:
            self._cards[platform] = Card(platform, self.apply)
        return self._cards[platform]

    def _handed(self, plan: Plan, answer: Answer) -> Handover | None:
        if answer.verdict is not Verdict.YES:
            return None
        try:
            return hand_over(self._planner, plan, answer.platform)[1]
        except CanIDoThisError:
            # It runs no scripts, or the task does not say what to run.
            return None

    def _ipython_display_(self) -> None:
        """Show the widget, and beneath it the plan for readers that have no widgets."""
        from IPython.display import display

        bundle: dict[str, Any] = self._repr_mimebundle_() or {}
        name = task_name(self.task)
        display({**bundle, "text/plain": f"Can I run {name}? (sliders)"}, raw=True)
        self._stored = display(self._static(), raw=True, display_id=True)
        # The cell ends with the plan, so that whoever stores the notebook stores it.
        self.wait()
        if self._stored is not None:
            self._stored.update(self._static(), raw=True)

    def _static(self) -> dict[str, str]:
        if self.plan is None:
            return {"text/plain": self._status.value}
        return {"text/plain": plan_text(self.plan), "text/html": folded_html(self.plan)}
