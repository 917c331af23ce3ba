"""Images of pods, looked for in their registries and remembered for a while."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from ...errors import ConfigurationError, RequestError
from ...evidence import Evidence, trim
from ...images.architecture import Architecture
from ...images.logins import Logins
from ...images.reference import Reference
from ...images.registry import Registry
from ...images.sighting import Sight, see
from ..base import Edges
from ..image_keys import ImageKeys
from .cluster import Cluster
from .job import PLACEHOLDER
from .objects import Container, PodSpec

__all__ = ["MOST", "Images", "Seen", "containers", "host_of", "names"]

MOST: Final = 16
"""Most images of one task that are looked for."""
_TTL: Final = 120.0
_ABSENT_TTL: Final = 10.0
"""One that is missing may be pushed at any moment."""
_KEPT: Final = 256
_UNSEEN: Final = frozenset({"not-authenticated", "not-authorised"})


class Seen(NamedTuple):
    """What is known of one image."""

    sight: Sight
    """What its registry says."""
    reference: Reference | None = None
    """Its name; None where that is no name of an image."""
    by_login: bool = False
    """Whether only a login of ours showed it."""


def containers(spec: PodSpec) -> Iterator[Container]:
    """Yield all containers of a pod whose images are asked for."""
    for container in (*(spec.first or ()), *(spec.containers or ())):
        if container.image and container.image != PLACEHOLDER:
            yield container


def names(specs: Iterable[PodSpec]) -> list[str]:
    """Return every image once, in the order in which pods name them."""
    return list(dict.fromkeys(each.image for spec in specs for each in containers(spec)))


def host_of(cluster: Cluster) -> Architecture:
    """Return what most nodes are: for that an image of several architectures is sized."""
    ((os, name), _), *_ = cluster.kinds.most_common(1) or [(("", ""), 0)]
    return Architecture.of(os, name or "amd64")


class Images:
    """Looks for images in registries.

    Parameters
    ----------
    edges
        The way out.
    keys
        Which registries may be asked, and with whose logins.
    """

    def __init__(self, edges: Edges, keys: ImageKeys) -> None:
        self._clock = edges.clock
        self._open = Registry(edges.http, Logins(edges.command, ()), keys.rules)
        self._logins = Logins(edges.command, keys.files)
        self._own = Registry(edges.http, self._logins, keys.rules)
        self._kept: OrderedDict[str, tuple[float, Seen]] = OrderedDict()

    def seen(self, wanted: Iterable[str]) -> dict[str, Seen]:
        """Return what was seen a moment ago."""
        kept = ((name, self._kept.get(name)) for name in wanted)
        now = self._clock()
        return {name: each[1] for name, each in kept if each and each[0] >= now}

    async def look(
        self, wanted: Iterable[str], host: Architecture, until: float
    ) -> Mapping[str, Seen]:
        """Look for images, all at once; none that cannot be seen is an error.

        Parameters
        ----------
        wanted
            As pods spell them; no more than `MOST` are looked for.
        host
            What they shall run on.
        until
            On the monotonic clock.
        """
        listed = list(wanted)[:MOST]
        known = self.seen(listed)
        missing = [name for name in listed if name not in known]
        found = await asyncio.gather(*(self._look(name, host, until) for name in missing))
        for name, seen in zip(missing, found, strict=True):
            if seen.sight.code in (None, "image-missing"):
                lasts = _ABSENT_TTL if seen.sight.facts is None else _TTL
                self._kept[name] = self._clock() + lasts, seen
                self._kept.move_to_end(name)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return {**known, **dict(zip(missing, found, strict=True))}

    async def _look(self, name: str, host: Architecture, until: float) -> Seen:
        try:
            reference = Reference.parse(name, "image")
        except RequestError as error:
            said = Evidence("declared", "image", trim(name, 200))
            return Seen(Sight(None, "image-missing", error.message, (said,)))
        # Without a login first: what everybody may pull, the cluster may pull too.
        first = await see(self._open, reference, host, _left(until))
        settled = first.facts is not None or first.code == "image-missing"
        if settled or not (first.code in _UNSEEN or self._knows(reference)):
            return Seen(first, reference)
        second = await see(self._own, reference, host, _left(until))
        if second.facts is None:
            return Seen(second, reference)
        return Seen(second, reference, by_login=True)

    def _knows(self, reference: Reference) -> bool:
        """Whether a registry that is not asked without a login is one of the user's own."""
        try:
            return self._logins.knows(reference.registry)
        except ConfigurationError:
            # Asking says what is wrong with the file.
            return True


def _left(until: float) -> float:
    return max(0.1, until - time.monotonic())
