"""The last snapshot of each platform, kept for as long as it says it is good."""

from __future__ import annotations

from typing import Any, Final

from .errors import PlatformError
from .flights import Flights
from .platforms.base import Ask, Asker, Platform, Snapshot

__all__ = ["MOST_KEPT", "Snapshots"]

MOST_KEPT: Final = 4096
"""Most snapshots kept; the oldest goes first."""


class Snapshots:
    """A cache of snapshots, one for each platform and asker."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Asker], Snapshot[Any]] = {}
        self._flights: Flights[Snapshot[Any]] = Flights()

    def kept(self, platform: Platform[Any, Any], asker: Asker) -> Snapshot[Any] | None:
        """Return the last snapshot, however old; None when there is none."""
        return self._kept.get((platform.name, asker))

    async def get(
        self, platform: Platform[Any, Any], ask: Ask, *, afresh: bool = False
    ) -> tuple[Snapshot[Any], PlatformError | None]:
        """Return a snapshot that is still good, or the last one with what went wrong.

        Parameters
        ----------
        platform
            Whose.
        ask
            On whose behalf, and for how long it may take.
        afresh
            Read it again even when the last one is still good.

        Returns
        -------
        tuple
            The snapshot, and None, or the reason why it is an old one.

        Raises
        ------
        PlatformError
            It could not be read and there is none from before.
        """
        key = (platform.name, ask.asker)
        kept = self._kept.get(key)
        good = kept is not None and platform.edges.clock() - kept.taken_at <= kept.ttl
        if kept is not None and good and not afresh:
            return kept, None
        try:
            fresh = await self._flights.join(key, lambda: platform.snapshot(ask))
        except PlatformError as error:
            if kept is None:
                raise
            return kept, error
        self._kept.pop(key, None)
        self._kept[key] = fresh
        while len(self._kept) > MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        return fresh, None
