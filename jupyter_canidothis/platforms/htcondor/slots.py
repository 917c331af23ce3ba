"""Shapes of slots as limits for the common judge, START's own limits on amounts included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ...resources import Range
from ..capacity import GPU_MEMORY, Slot
from .job import Job
from .matching import fits
from .pool import KIB, MIB, Shape

__all__ = ["limits", "reachable"]

_NAMES: Final = ("cores", "memory", "disk", "gpus")
_UNITS: Final = (1000, MIB, KIB, 1)
_LEAST: Final = (1, 1, 1, 0)
_LONGEST: Final = 366 * 24 * 3600

Point = tuple[int, ...]


def limits(put: Job, shape: Shape) -> Slot:
    """Return what a slot of a shape may be asked for, near what this job asks.

    Where a START expression looks at amounts, the edge between yes and no is found by
    halving, one amount after the other, from a point that the slot takes.
    """
    return reachable(put, shape) or _slot(shape, {})


def reachable(put: Job, shape: Shape) -> Slot | None:
    """Return the same; None where no smaller amount makes the slot take such a job."""
    # What each GPU has to be is a word of its own below.
    put = replace(put, gpu=None)
    total = tuple(int(amount) for amount in shape.total)
    found = _found(put, shape, total)
    if found is None or any(
        (found[name].min or 0) > asked * unit
        for name, asked, unit in zip(_NAMES, put.amounts, _UNITS, strict=True)
        if name in found
    ):
        return None
    return _slot(shape, found)


def _slot(shape: Shape, found: dict[str, Range]) -> Slot:
    bounds = {
        name: Range(max=int(most) * unit)
        for name, most, unit in zip(_NAMES, shape.total, _UNITS, strict=True)
    }
    # A vanilla job runs on one slot (condor_submit(1)).
    bounds["nodes"] = Range(max=1)
    if not shape.total[-1]:
        bounds["gpus"] = Range(0, 0)
    if shape.gpu_memory is not None:
        bounds[GPU_MEMORY] = Range(max=shape.gpu_memory * MIB)
    known = {"gpu model": shape.gpu_models, "gpu vendor": shape.gpu_vendors}
    accepts = known if shape.gpu_models else {}
    return Slot(name="slots", scope="slot", bounds={**bounds, **found}, accepts=accepts)


def _found(put: Job, shape: Shape, total: Point) -> dict[str, Range] | None:
    """Return the ranges that START leaves of the totals, and of the run time."""
    base = tuple(map(min, put.amounts, total))
    seconds = put.seconds

    def takes(amounts: Point, time: int | None = seconds) -> bool:
        return fits(put.having(amounts, time), shape)

    if takes(base) and takes(total):
        return {}
    start = next((point for point in _starts(base, total) if takes(point)), None)
    if start is None:
        short = 1 if put.duration else None
        if put.seconds is None or not takes(base, short):
            return None
        start, seconds = base, short
    bounds = {}
    for place, (name, unit) in enumerate(zip(_NAMES, _UNITS, strict=True)):
        most, least = total[place], min(_LEAST[place], total[place])

        def tried(amount: int, place: int = place) -> bool:
            return takes((*start[:place], amount, *start[place + 1 :]), seconds)

        high = _edge(start[place], most, tried)
        low = _edge(start[place], least, tried) if start[place] > base[place] else None
        bounds[name] = Range(low * unit if low else None, high * unit)
    if put.duration and put.seconds is not None:
        high = _edge(seconds or 1, _LONGEST, lambda time: takes(start, time))
        if high < _LONGEST:
            bounds["duration"] = Range(max=high)
    return bounds


def _starts(base: Point, total: Point) -> list[Point]:
    """Return points that a slot may take, from what is asked to everything it has."""
    least = tuple(map(min, _LEAST, total))
    found = [base]
    for place in range(len(base)):
        found += [
            (*base[:place], other, *base[place + 1 :]) for other in (least[place], total[place])
        ]
    return [*found, least, total]


def _edge(taken: int, end: int, takes: Callable[[int], bool]) -> int:
    """Return the amount nearest to one end that is taken, given one that is."""
    if taken == end or takes(end):
        return end
    while abs(end - taken) > 1:
        middle = (taken + end) // 2
        if takes(middle):
            taken = middle
        else:
            end = middle
    return taken
