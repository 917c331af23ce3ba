"""What starting and stopping daemons takes, whatever the platform."""

from __future__ import annotations

import os
import signal
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Final, TypeVar

import psutil

__all__ = ["PATH", "Daemons", "DemoError", "end", "free_ports", "until"]

PATH: Final = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"
"""Where daemons are looked for: beyond the PATH of ordinary users too."""
_POLL_SECONDS: Final = 0.05

DaemonsT = TypeVar("DaemonsT", bound="Daemons")


class DemoError(RuntimeError):
    """The demo platform cannot be started; the message says what to do."""


class Daemons(ABC):
    """A platform that is started and stopped as a whole; a context of its own."""

    @abstractmethod
    def start(self) -> None:
        """Start every daemon and wait until the platform can be asked."""

    @abstractmethod
    def stop(self) -> None:
        """End every daemon; harmless when there is none."""

    def __enter__(self: DaemonsT) -> DaemonsT:  # noqa: PYI019 - Self needs Python 3.11
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


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
