"""The kernel specs installed here, as jupyter_client finds them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

__all__ = ["installed_specs"]


async def installed_specs() -> Mapping[str, Any]:
    """Return every kernel spec by name, as ``KernelSpecManager.get_all_specs`` does.

    This is where ``nbconvert``, ``nbclient`` and a server without another manager look.
    """
    return await asyncio.to_thread(_read)


def _read() -> Mapping[str, Any]:
    from jupyter_client.kernelspec import KernelSpecManager

    specs: Mapping[str, Any] = KernelSpecManager().get_all_specs()
    return specs
