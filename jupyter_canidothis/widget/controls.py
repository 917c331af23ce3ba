"""Sliders and boxes for the amounts that a task asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

import ipywidgets as widgets

from ..errors import CanIDoThisError
from ..resources import Resources
from ..units import GIB

__all__ = ["Controls"]

_BOX: Final = {"width": "9em", "flex": "0 0 auto"}
_NARROW: Final = {"description_width": "4em"}


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


class Controls:
    """A row for each amount.

    Parameters
    ----------
    resources
        What they show at first.
    moved
        Gets the resources when a person moved a control.
    refused
        Gets a sentence when what a person typed is no amount.
    """

    def __init__(
        self,
        resources: Resources,
        moved: Callable[[Resources], None],
        refused: Callable[[str], None],
    ) -> None:
        self._resources = resources
        self._moved = moved
        self._refused = refused
        self._setting = False
        self._ends: dict[tuple[str, str], Any] = {}
        self.rows = [self._row(control) for control in _CONTROLS]
        """One for each amount."""

    def show(self, resources: Resources) -> None:
        """Set the controls without telling anybody."""
        self._resources = resources
        self._setting = True
        try:
            for control in _CONTROLS:
                self._show(control)
        finally:
            self._setting = False

    def focus(self, field: str) -> None:
        """Move the keyboard to the control of a field such as ``/resources/memory/min``."""
        _, _, place = field.partition("/resources/")
        dimension, _, end = place.partition("/")
        if box := self._ends.get((dimension, end)):
            box.focus()

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
            min=0,
            max=10**6,
            description="at least",
            tooltip=f"{control.label}: at least",
            layout=_BOX,
            style=_NARROW,
        )
        most = widgets.Text(
            description="up to",
            tooltip=f"{control.label}: up to",
            placeholder="open",
            continuous_update=False,
            layout=_BOX,
            style=_NARROW,
        )
        _pair(slider, least)
        self._ends[control.dimension, "min"] = least
        self._ends[control.dimension, "max"] = most
        self._show(control)
        for end, box in (("min", least), ("max", most)):
            box.observe(partial(self._typed, control, end), "value")
        return widgets.HBox([slider, least, most])

    def _show(self, control: _Control) -> None:
        asked = getattr(self._resources, control.dimension)
        least, most = (self._ends[control.dimension, end] for end in ("min", "max"))
        least.value = -(-(asked.min or 0) // control.unit)
        most.value = "" if asked.max is None else str(asked.max // control.unit)

    def _typed(self, control: _Control, end: str, change: dict[str, Any]) -> None:
        if self._setting:
            return
        text = str(change["new"]).strip()
        try:
            amount = int(text) * control.unit if text else None
            ends = {end: amount or None} if end == "min" else {end: amount}
            resources = self._resources.replace(control.dimension, **ends)
            resources.check()
        except (ValueError, CanIDoThisError) as error:
            self._refused(f"{control.label}: {text!r} is not accepted ({error})")
            return
        self._resources = resources
        self._moved(resources)


def _pair(slider: widgets.IntSlider, box: widgets.BoundedIntText) -> None:
    """Let a slider follow its box beyond its own end, which a plain link would cut."""

    def follow(change: dict[str, Any]) -> None:
        slider.max = max(slider.max, change["new"])
        slider.value = change["new"]

    def lead(change: dict[str, Any]) -> None:
        box.value = change["new"]

    box.observe(follow, "value")
    slider.observe(lead, "value")
