"""What starting and stopping daemons takes, whatever the platform."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Final

import psutil

__all__ = ["PATH", "DemoError", "end", "free_ports", "until"]

PATH: Final = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"
"""Where daemons are looked for: beyond the PATH of ordinary users too."""
_POLL_SECONDS: Final = 0.05


class DemoError(RuntimeError):
    """The demo platform cannot be started; the message says what to do."""


def until(done: Callable[[], bool], seconds: float) -> bool:
    """Poll until something is so; False when it was not in time."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback that nobody listens on at this moment."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def end(find: Callable[[], list[psutil.Process]], how: signal.Signals) -> bool:
    """Signal what is found and wait until nothing is; zombies count as gone."""
    for process in find():
        with suppress(psutil.Error):
            process.send_signal(how)
    return until(lambda: not find(), seconds=5)
