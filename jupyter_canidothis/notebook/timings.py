"""How long cells ran, from what front ends write into their metadata.

Keys: JupyterLab's ``recordTiming`` (``execution``), papermill (``duration``),
and the ExecuteTime extension (``start_time``, ``end_time``).
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timezone
from typing import Final

from .cells import Cell, mapping

__all__ = ["cell_seconds"]

_PAIRS: Final = (
    ("execution", "iopub.execute_input", "shell.execute_reply"),
    ("execution", "shell.execute_reply.started", "shell.execute_reply"),
    ("execution", "iopub.execute_input", "iopub.status.idle"),
    ("ExecuteTime", "start_time", "end_time"),
)
_LONGEST: Final = 366 * 86400


def cell_seconds(cell: Cell) -> float | None:
    """Return how long a cell ran when last run, in seconds, or None."""
    if not cell.metadata:
        return None
    duration = mapping(cell.metadata.get("papermill")).get("duration")
    if isinstance(duration, (int, float)):
        return _plausible(float(duration))
    for key, first, last in _PAIRS:
        times = mapping(cell.metadata.get(key))
        start, end = _moment(times.get(first)), _moment(times.get(last))
        if start and end:
            return _plausible((end - start).total_seconds())
    return None


def _plausible(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) and 0 <= seconds < _LONGEST else None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    # Python 3.10 reads three or six digits of a fraction and no "Z".
    text = re.sub(r"\.(\d+)", lambda m: "." + m[1][:6].ljust(6, "0"), value)
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
