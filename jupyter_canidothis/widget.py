"""The widget: sliders and live answers, composed of stock ipywidgets.

It knows no rule about what is acceptable: it edits the task, asks the planner,
and shows what comes back with the words of `render`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Any, Final, NamedTuple

import ipywidgets as widgets
import msgspec
from jupyter_core.utils import run_sync

from . import changes
from .answer import Answer, Change, Plan
from .errors import CanIDoThisError
from .planner import Planner
from .ranking import best_first, summarise
from .render import answer_html, best_change, headline, task_name
from .task import Task
from .units import GIB

__all__ = ["CanIDoThis"]


_BOX: Final = {"width": "9em", "flex": "0 0 auto"}
_NARROW: Final = {"description_width": "4em"}


def _own_notebook() -> Task:
    from IPython.core.getipython import get_ipython

    from .here import describe_here

    shell = get_ipython()
    return describe_here(None, shell.user_ns if shell is not None else {})


class _Control(NamedTuple):
    """How one dimension is shown as a slider."""

    dimension: str
    label: str
    unit: int
    """Internal units in one step of the slider."""
    most: int


_CONTROLS: Final = (
    _Control("cores", "Cores", 1000, 128),
    _Control("memory", "Memory, GiB", GIB, 512),
    _Control("duration", "Duration, min", 60, 2880),
    _Control("gpus", "GPUs", 1, 8),
)


class CanIDoThis(widgets.VBox):
    """Sliders for a task and every platform's answer to it.

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
            from .config import load_planner

            planner = load_planner()
        task = _own_notebook() if task is None else task
        self._planner = planner
        self._platforms = tuple(platforms)
        self._before: list[Task] = []
        self._asking: asyncio.Task[None] | None = None
        self.plan: Plan | None = None
        """The last plan, filled as answers arrive."""
        self.task = task
        """The task as the sliders stand."""
        name = escape(task_name(task))
        self._status = widgets.Label("")
        self._gain = widgets.HTML("")
        self._answers = widgets.VBox()
        self._setting = False
        self._ends: dict[tuple[str, str], Any] = {}
        rows = [self._row(control) for control in _CONTROLS]
        ask = widgets.Button(description="Plan", button_style="primary", tooltip="Ask again")
        ask.on_click(lambda _: self.replan())
        self._undo = widgets.Button(
            description="Undo", disabled=True, tooltip="Undo the change"
        )
        self._undo.on_click(lambda _: self.undo())
        buttons = widgets.HBox([ask, self._undo, self._status])
        heading = widgets.HTML(f"<h3>Can I run {name}?</h3>")
        super().__init__([heading, *rows, buttons, self._gain, self._answers])
        self.replan()

    def _row(self, control: _Control) -> widgets.HBox:
        slider = widgets.IntSlider(
            min=0,
            max=control.most,
            description=control.label,
            continuous_update=False,
            readout=False,
            layout=widgets.Layout(flex="1 1 auto", min_width="12em"),
        )
        slider.style.description_width = "7em"
        # ipywidgets gives its sliders no accessible name; the paired boxes have one.
        least = widgets.BoundedIntText(
            min=0, max=10**6, description="at least", layout=_BOX, style=_NARROW
        )
        most = widgets.Text(
            description="up to",
            placeholder="open",
            continuous_update=False,
            layout=_BOX,
            style=_NARROW,
        )
        widgets.link((least, "value"), (slider, "value"))
        self._ends[control.dimension, "min"] = least
        self._ends[control.dimension, "max"] = most
        self._show_amounts(control)
        for end, box in (("min", least), ("max", most)):
            box.observe(partial(self._moved, control, end), "value")
        return widgets.HBox([slider, least, most])

    def _show_amounts(self, control: _Control) -> None:
        asked = getattr(self.task.resources, control.dimension)
        least, most = (self._ends[control.dimension, end] for end in ("min", "max"))
        least.value = -(-(asked.min or 0) // control.unit)
        most.value = "" if asked.max is None else str(asked.max // control.unit)

    def _moved(self, control: _Control, end: str, change: dict[str, Any]) -> None:
        if self._setting:
            return
        text = str(change["new"]).strip()
        try:
            amount = int(text) * control.unit if text else None
            ends = {end: amount or None} if end == "min" else {end: amount}
            resources = self.task.resources.replace(control.dimension, **ends)
            resources.check()
        except (ValueError, CanIDoThisError) as error:
            self._status.value = f"{control.label}: {text!r} is not accepted ({error})"
            return
        self.task = msgspec.structs.replace(self.task, resources=resources)
        self.replan()

    def apply(self, change: Change) -> None:
        """Make a change, show it on the sliders, and ask again."""
        self._before.append(self.task)
        self._set(changes.apply(self.task, change))

    def undo(self) -> None:
        """Take the last change back and ask again."""
        if self._before:
            self._set(self._before.pop())

    def _set(self, task: Task) -> None:
        self.task = task
        self._setting = True
        try:
            for control in _CONTROLS:
                self._show_amounts(control)
        finally:
            self._setting = False
        self._undo.disabled = not self._before
        self.replan()

    def replan(self) -> None:
        """Ask all platforms; an older question that is still open is dropped."""
        if self._asking is not None:
            self._asking.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            run_sync(self._ask)()
        else:
            self._asking = loop.create_task(self._ask())

    async def _ask(self) -> None:
        try:
            plan = self._planner.plan(self.task, self._platforms)
        except CanIDoThisError as error:
            self._status.value = error.message
            return
        self._answers.children = ()
        self._gain.value = ""
        self.plan = plan
        answers: list[Answer] = []
        self._status.value = f"Planning, {len(plan.platforms)} platforms"
        async for answer in self._planner.answers(plan):
            answers.append(answer)
            self._arrived(plan, answers)
        if self.plan is not None and self.plan.id == plan.id:
            self.plan = msgspec.structs.replace(self.plan, summary=summarise(answers, 0))
            self._status.value = f"Done. {headline(self.plan)}"

    def _arrived(self, plan: Plan, answers: Sequence[Answer]) -> None:
        if self.plan is None or self.plan.id != plan.id:
            return
        self.plan = msgspec.structs.replace(plan, answers=tuple(answers))
        self._answers.children = [self._card(answer) for answer in best_first(answers)]
        self._gain.value = f"<p>{escape(best_change(self.plan))}</p>"
        self._status.value = f"{len(answers)} of {len(plan.platforms)} answered"

    def _card(self, answer: Answer) -> widgets.VBox:
        parts: list[Any] = [widgets.HTML(answer_html(answer))]
        parts += [self._button(change, self.apply) for change in answer.changes]
        return widgets.VBox(parts)

    def _button(self, change: Change, press: Callable[[Change], None]) -> widgets.Button:
        sure = "checked" if change.checked else "expected"
        button = widgets.Button(
            description=f"{change.message} ({sure})",
            tooltip=f"Set {change.message} and ask again",
            layout=widgets.Layout(width="auto"),
        )
        button.on_click(lambda _: press(change))
        return button
