"""What every batch system answers about a task of a type that it does not run."""

from __future__ import annotations

from typing import Any

from ..answer import Answer, Reason, Verdict
from ..evidence import Evidence, trim
from ..task import TASK_TYPES, Task
from .base import Platform

__all__ = ["unsupported"]


def unsupported(platform: Platform[Any, Any], system: str, task: Task) -> Answer:
    """Refuse a task.

    Parameters
    ----------
    platform
        Who is asked.
    system
        What people call such a system.
    task
        The task as asked.
    """
    types = ", ".join(TASK_TYPES[uri] for uri in platform.task_types)
    reason = Reason(
        "kind-unsupported",
        f"{system} runs {types}, as batch jobs",
        "/executable/type",
        asked=trim(task.executable.type, 200),
        limit=types,
        evidence=(0,),
    )
    evidence = (Evidence("declared", f"what the {system} adapter supports"),)
    at = int(platform.edges.clock())
    return Answer(
        platform.name,
        Verdict.NO,
        Verdict.NO,
        reasons=(reason,),
        evidence=evidence,
        kind=platform.kind,
        at=at,
    )
