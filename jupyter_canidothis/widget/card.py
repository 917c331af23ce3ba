"""One platform in the widget: its answer, one-click changes, and what takes up its offer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import ipywidgets as widgets

from ..answer import Answer, Change
from ..evidence import trim
from ..platforms.base import Handover
from ..render import answer_html, handover_html, waiting_html

__all__ = ["Card"]

_FITTED: Final = {"width": "auto", "align_self": "flex-start"}


class Card(widgets.VBox):
    """What one platform says.

    Parameters
    ----------
    platform
        Its name.
    press
        Makes a change.
    """

    def __init__(self, platform: str, press: Callable[[Change], None]) -> None:
        self._platform = platform
        self._press = press
        self._answer: Answer | None = None
        self._text = widgets.HTML()
        super().__init__([self._text])

    def wait(self) -> None:
        """Show that the platform is asked; what it said before stays readable."""
        self._text.value = waiting_html(self._platform, self._answer)
        self.children = (self._text,)

    def show(self, answer: Answer, made: Handover | None) -> None:
        """Show an answer.

        Parameters
        ----------
        answer
            What it says.
        made
            What takes up its offer; None where there is nothing.
        """
        if answer is self._answer and len(self.children) > 1:
            return
        self._answer = answer
        self._text.value = answer_html(answer)
        buttons = [self._button(change) for change in answer.changes]
        self.children = (self._text, *buttons, *([self._hand_over(made)] if made else []))

    def _button(self, change: Change) -> widgets.Button:
        sure = "checked" if change.checked else "expected"
        message = trim(change.message)
        button = widgets.Button(
            description=f"{message} ({sure})",
            tooltip=f"Set {message} and ask again",
            layout=_FITTED,
        )
        button.on_click(lambda _: self._press(change))
        return button

    def _hand_over(self, made: Handover) -> widgets.VBox:
        text = widgets.HTML()
        button = widgets.Button(
            description=f"Show {made.name}",
            tooltip=f"What runs this on {self._platform}; nothing is sent",
            layout=_FITTED,
        )

        def turn(_: widgets.Button) -> None:
            text.value = "" if text.value else handover_html(self._platform, made)
            button.description = f"{'Hide' if text.value else 'Show'} {made.name}"

        button.on_click(turn)
        return widgets.VBox([button, text])
