"""What a notebook shows while a magic waits for slow platforms."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from .answer import Plan
from .render import plan_html, plan_text

__all__ = ["Waiting"]

PATIENCE: Final = 1.0
"""Seconds without anything to see; most plans are complete by then."""


class Waiting:
    """Shows a plan as it fills up, and takes that away again at the end.

    Only what lasts longer than `PATIENCE` is shown, in one output of its own.
    """

    def __init__(self) -> None:
        self._plan: Plan | None = None
        self._handle: Any = None
        self._turn = threading.Lock()
        self._timer = threading.Timer(PATIENCE, self._begin)

    @contextmanager
    def showing(self) -> Iterator[None]:
        """Let `show` show; what it showed is gone at the end."""
        self._timer.start()
        try:
            yield
        finally:
            self._timer.cancel()
            with self._turn:
                self._plan = None
                if self._handle is not None:
                    self._handle.update({"text/plain": ""}, raw=True)

    def show(self, plan: Plan) -> None:
        """Show this stage."""
        with self._turn:
            self._plan = plan
            if self._handle is not None:
                self._handle.update(_bundle(plan), raw=True)

    def _begin(self) -> None:
        from IPython.display import display

        with self._turn:
            if self._plan is not None:
                self._handle = display(_bundle(self._plan), raw=True, display_id=True)


def _bundle(plan: Plan) -> dict[str, str]:
    return {"text/plain": plan_text(plan), "text/html": plan_html(plan)}
