"""Requests and replies of a panel: estimates, maps, and what takes up an offer."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from ..answer import Answer, Summary
from ..errors import RequestError
from ..resources import DIMENSIONS, Amount
from ..task import Task
from .typed import decode_into

__all__ = [
    "MOST_STEPS",
    "Estimate",
    "EstimateRequest",
    "HandedOver",
    "HandoverRequest",
    "Map",
    "MapAxis",
    "MapRequest",
    "decode_map_request",
]

MOST_STEPS: Final = 24
"""Most values along one axis of a map."""

_FIELD: Final = f"^/resources/({'|'.join(DIMENSIONS)})/(min|max)$"

Field = Annotated[str, msgspec.Meta(pattern=_FIELD)]
Steps = Annotated[tuple[Amount, ...], msgspec.Meta(min_length=1, max_length=MOST_STEPS)]


class EstimateRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question to what is known already; no platform is read or asked."""

    task: Task
    """What somebody wants to run."""
    platforms: tuple[str, ...] = ()
    """Names of the platforms to judge; empty is all."""
    id: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """The asker's own mark; comes back with the reply."""


class Estimate(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known already."""

    id: str
    """As in the request."""
    answers: tuple[Answer, ...] = ()
    """None of a platform that was not read before or has to be asked."""
    summary: Summary = Summary()
    """What these answers come to."""


class MapAxis(msgspec.Struct, frozen=True):
    """One amount of a task, at several values."""

    field: Field
    """JSON pointer into the task, e.g. ``/resources/memory/min``."""
    values: Steps
    """In the field's unit; at most 24."""


class MapRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A task at all values of two amounts."""

    task: Task
    """What somebody wants to run; the rest of it stays as it is."""
    across: MapAxis
    """From left to right."""
    up: MapAxis
    """From bottom to top."""
    platforms: tuple[str, ...] = ()
    """Names of the platforms to judge; empty is all."""


class Map(msgspec.Struct, frozen=True, omit_defaults=True):
    """How many platforms would accept a task at each pair of values, by estimate."""

    yes: tuple[tuple[int | None, ...], ...]
    """A row for each value of ``up``, a count for each of ``across``; None was not reached."""
    judged: tuple[str, ...] = ()
    """Who was judged."""
    unknown: tuple[str, ...] = ()
    """Who was not read before, or has to be asked."""
    complete: bool = True
    """False when time ran out before every pair was judged."""


class HandoverRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A wish for what takes up an offer; nothing is submitted."""

    task: Task
    """What somebody wants to run."""
    platform: str = ""
    """Where; the best platform when empty."""


class HandedOver(msgspec.Struct, frozen=True):
    """What takes up an offer, once somebody sends it."""

    platform: str
    """Whose offer."""
    content: str
    """Text of the script or manifest."""
    name: str
    """File name to save it under."""
    command: str
    """Command line that submits the saved file."""


def decode_map_request(body: bytes) -> MapRequest:
    """Read a request for a map.

    Raises
    ------
    RequestError
        Names the field; the same one on both axes included.
    """
    request = decode_into(MapRequest, body)
    request.task.resources.check()
    if request.across.field == request.up.field:
        raise RequestError("up.field", request.up.field, "another field than across has")
    return request
