"""The same question asked twice at once is asked once.

Everybody who joins gets the one result; the work is cancelled when the last of
them has left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Flights"]

T = TypeVar("T")


class Flights(Generic[T]):
    """Work in flight by key; keys of different event loops never meet."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight[T]] = {}

    async def join(self, key: Hashable, start: Callable[[], Awaitable[T]]) -> T:
        """Await the work of this key, starting it when nobody has yet.

        Parameters
        ----------
        key
            What makes two questions the same.
        start
            Starts the work; called at most once while it is in flight.
        """
        place = (id(asyncio.get_running_loop()), key)
        flight = self._flights.get(place)
        if flight is None:
            flight = self._flights[place] = _Flight(asyncio.ensure_future(start()))
            flight.work.add_done_callback(lambda _: self._forget(place, flight))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.work)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.work.done():
                # Out of the table at once: who asks from now on starts afresh
                # instead of joining work that is being cancelled.
                self._forget(place, flight)
                flight.work.cancel()

    def _forget(self, place: Hashable, flight: _Flight[T]) -> None:
        if self._flights.get(place) is flight:
            del self._flights[place]


class _Flight(Generic[T]):
    def __init__(self, work: asyncio.Future[T]) -> None:
        self.work = work
        self.waiting = 0
