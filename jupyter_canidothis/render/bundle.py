"""A plan that shows itself: what the magic returns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from ..answer import Answer, Plan, Verdict
from .html import plan_html
from .text import plan_text

__all__ = ["MIME", "ShownPlan", "show"]

MIME: Final = "application/vnd.ivoa.execution-plan+json"
"""Media type of a plan in a notebook; ``application/json`` would replace the table."""


class ShownPlan(Plan, frozen=True, omit_defaults=True):
    """A plan with the manners of a notebook object."""

    def __iter__(self) -> Iterator[Answer]:
        """Yield the answers in order of arrival."""
        return iter(self.answers)

    def __str__(self) -> str:
        """Return the plan as the table that a notebook shows."""
        return plan_text(self)

    @property
    def accepted(self) -> tuple[Answer, ...]:
        """The answers that say YES."""
        return tuple(answer for answer in self.answers if answer.verdict is Verdict.YES)

    def to_json(self) -> str:
        """Return the plan in its one JSON form."""
        return msgspec.json.encode(self).decode()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {
            "text/plain": plan_text(self),
            "text/html": plan_html(self),
            MIME: msgspec.to_builtins(self),
        }


def show(plan: Plan) -> ShownPlan:
    """Return the plan as one that shows itself."""
    return ShownPlan(**{name: getattr(plan, name) for name in plan.__struct_fields__})
