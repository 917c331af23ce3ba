"""What the LimitRanges of a namespace fill into a pod and refuse.

Source: Kubernetes documentation, "Limit Ranges"; ``plugin/pkg/admission/limitranger``:
a container's limit and request are held against the maximum, its request against the
minimum, and a pod's sums likewise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ...answer import Reason
from .counting import field_of
from .needs import limits as limits_of
from .needs import requests
from .objects import Container, LimitItem, PodSpec, ResourceNeeds
from .quantity import Amounts, amounts, spell

__all__ = ["filled", "violations"]


def filled(spec: PodSpec, limits: Sequence[LimitItem]) -> PodSpec:
    """Return a pod with the defaults of its namespace in it."""
    for item in limits:
        if item.type != "Container":
            continue
        spec = msgspec.structs.replace(
            spec,
            containers=[_with(each, item) for each in spec.containers or ()],
            first=[_with(each, item) for each in spec.first or ()],
        )
    return spec


def _with(container: Container, item: LimitItem) -> Container:
    given = container.resources or ResourceNeeds()
    most = {**(item.default or {}), **(given.limits or {})}
    own = {**(given.limits or {}), **(given.requests or {})}
    asks = {**(item.request or {}), **own}
    resources = ResourceNeeds(requests=asks, limits=most)
    return msgspec.structs.replace(container, resources=resources)


def violations(spec: PodSpec, limits: Sequence[LimitItem]) -> Iterator[Reason]:
    """Yield every limit that a pod with its defaults filled in does not keep."""
    for item in limits:
        if item.type == "Pod":
            yield from _beyond(item, requests(spec), limits_of(spec))
        if item.type != "Container":
            continue
        for container in [*(spec.first or ()), *(spec.containers or ())]:
            given = container.resources or ResourceNeeds()
            yield from _beyond(item, amounts(given.requests), amounts(given.limits))


def _beyond(item: LimitItem, asks: Amounts, most: Amounts) -> Iterator[Reason]:
    what = item.type.lower()
    scope = f"limit per {what}"
    for name, limit in amounts(item.max).items():
        asked = max(asks.get(name, 0), most.get(name, 0))
        if asked > limit:
            sides = f"{spell(name, asked)} is above the limit of {spell(name, limit)}"
            told = f"{name} {sides} per {what}"
            yield Reason("limit-exceeded", told, field_of(name), asked, limit, scope=scope)
    for name, least in amounts(item.min).items():
        asked = asks.get(name, 0)
        if asked < least:
            sides = f"{spell(name, asked)} is below the minimum of {spell(name, least)}"
            field = field_of(name).replace("/min", "/max")
            told = f"{name} {sides} per {what}"
            yield Reason("below-minimum", told, field, asked, least, scope=scope)
