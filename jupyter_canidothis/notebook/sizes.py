"""How large remote data are, by asking their servers (HEAD, RFC 9110 section 9.3.2).

This leaves the machine, so it happens only where the caller hands in an HTTP
client. Addresses come from the notebook: https and public addresses only, no
credentials, no redirects, a short deadline, and only for what names a file.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

import msgspec

from ..errors import PlatformError
from ..evidence import Evidence
from ..task import Data, Task
from ..transport import Transport
from ..units import LARGEST
from .places import is_file_name

__all__ = ["ASKED_CAP", "with_remote_sizes"]

ASKED_CAP: Final = 20
"""How many addresses are asked."""
DEADLINE: Final = 2.0
"""Seconds that each may take."""


async def with_remote_sizes(task: Task, http: Transport) -> Task:
    """Return the task with the sizes that servers tell of its remote files."""
    asked = [one for one in task.data if _may_be_asked(one)][:ASKED_CAP]
    sizes = await asyncio.gather(*(_size(one.location, http) for one in asked))
    found = dict(zip((one.location for one in asked), sizes, strict=True))
    return msgspec.structs.replace(
        task, data=tuple(_sized(one, found.get(one.location)) for one in task.data)
    )


def _may_be_asked(one: Data) -> bool:
    return (
        one.network
        and one.size is None
        and one.location.startswith("https://")
        and is_file_name(one.location)
    )


async def _size(url: str, http: Transport) -> int | None:
    try:
        response = await http.fetch(url, method="HEAD", deadline=DEADLINE, strict=True)
    except PlatformError:
        return None
    length = response.header("Content-Length")
    told = response.status == 200 and length.isascii() and length.isdigit()  # noqa: PLR2004 - OK
    return int(length[:20]) if told and int(length[:20]) <= LARGEST else None


def _sized(one: Data, size: int | None) -> Data:
    if size is None:
        return one
    told = Evidence("live-read", f"HEAD {one.location}", f"{size} bytes", at=round(time.time()))
    return msgspec.structs.replace(one, size=size, evidence=(*one.evidence, told))
