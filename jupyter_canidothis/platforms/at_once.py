"""Several questions to one platform at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

__all__ = ["together"]

_T = TypeVar("_T")


async def together(
    work: Sequence[Coroutine[Any, Any, _T]], beside: Coroutine[Any, Any, None] | None = None
) -> list[_T]:
    """Wait for all; the first that fails, or what runs beside, cancels the others."""
    tasks = [asyncio.ensure_future(each) for each in work]
    guard = [] if beside is None else [asyncio.ensure_future(beside)]
    try:
        await asyncio.gather(*tasks, *guard)
        return [each.result() for each in tasks]
    finally:
        for each in (*tasks, *guard):
            each.cancel()
        await asyncio.gather(*tasks, *guard, return_exceptions=True)
