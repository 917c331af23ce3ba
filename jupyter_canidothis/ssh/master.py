"""One master connection to a host (ssh_config(5), ControlMaster), which commands share."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..errors import PlatformTimeout, PlatformUnreachable
from .trouble import no_connection

__all__ = ["Master"]

_PERSIST: Final = 60
"""Seconds for which an idle connection is kept; it never outlives this process."""
_POLL: Final = 0.01
_LEAVE: Final = 2.0
"""Seconds that the end of a connection may take when this process ends."""
_LONGEST: Final = 60
"""Longest folder for temporary files that leaves room for a socket (unix(7): 108 in all)."""
_OPTIONS: Final = (
    "BatchMode=yes",
    "ClearAllForwardings=yes",
    "EscapeChar=none",
    "ForwardAgent=no",
    "ForwardX11=no",
    "LogLevel=ERROR",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "RequestTTY=no",
    "ServerAliveCountMax=2",
    "ServerAliveInterval=5",
)
"""Laid over the user's own configuration: nothing is asked, forwarded or run beside."""


class Master:
    """The connection to one host; made when it is first needed, and again when it broke.

    Parameters
    ----------
    host
        As the command line of ssh(1) takes it.
    config
        Path of the ssh_config(5) file to use instead of the user's own; empty is none.
    """

    def __init__(self, host: str, config: str) -> None:
        self._host = host
        self._config = ("-F", str(Path(config).expanduser())) if config else ()
        self._folder: Path | None = None
        self._starting = threading.Lock()
        self._end = _nothing_to_end

    def close(self) -> None:
        """End the connection; the end of this process does so too."""
        self._end()

    def ssh(self, *arguments: str) -> tuple[str, ...]:
        """Return the command line that runs something through the connection."""
        return (*self._options("ControlMaster=no"), "--", self._host, *arguments)

    async def connect(self, deadline: float) -> None:
        """Make the connection unless it stands.

        Raises
        ------
        PlatformError
            It cannot be made before the deadline; the kind says why.
        """
        if self._stands():
            return
        ends = time.monotonic() + deadline
        while not self._starting.acquire(blocking=False):
            # Another thread may be at it, so this is no lock of one event loop.
            await asyncio.sleep(_POLL)
            if time.monotonic() > ends:
                raise self._silent(deadline)
        try:
            if not self._stands():
                await self._start(deadline, ends)
        finally:
            self._starting.release()

    async def _start(self, deadline: float, ends: float) -> None:
        log = self._private() / "log"
        self._socket().unlink(missing_ok=True)
        patience = f"ConnectTimeout={math.ceil(deadline)}"
        argv = self._options("ControlMaster=yes", f"ControlPersist={_PERSIST}", patience)
        # The master keeps its streams open, so they are a file and no pipe to wait for.
        with log.open("wb") as stream:
            try:
                process = subprocess.Popen(  # noqa: ASYNC220 - forks at once, waits for nothing
                    [*argv, "-N", "--", self._host],
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=stream,
                    env={**os.environ, "LC_ALL": "C"},
                    start_new_session=True,
                )
            except OSError as error:
                raise PlatformUnreachable(
                    f"cannot run ssh: {error.strerror}", hint="install the OpenSSH client"
                ) from error
        try:
            while process.poll() is None and time.monotonic() < ends:  # noqa: ASYNC110 - no event
                await asyncio.sleep(_POLL)
        finally:
            late = process.poll() is None
            if late:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if late:
            raise self._silent(deadline)
        if process.returncode != 0:
            raise no_connection(self._host, log.read_text(errors="replace"))

    def _silent(self, deadline: float) -> PlatformTimeout:
        return PlatformTimeout(
            f"{self._host} does not answer ssh within {deadline:g} s",
            hint=f"try: ssh {self._host}",
        )

    def _stands(self) -> bool:
        """Whether the master answers; one that is gone leaves its socket behind."""
        if self._folder is None:
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_POLL)
            return probe.connect_ex(str(self._socket())) == 0

    def _options(self, *more: str) -> tuple[str, ...]:
        found = ["ssh", *self._config]
        for option in (*_OPTIONS, f"ControlPath={self._socket()}", *more):
            found += ["-o", option]
        return tuple(found)

    def _socket(self) -> Path:
        return self._private() / "s"

    def _private(self) -> Path:
        """Return the folder of this connection; nobody else may look into it."""
        # A server that runs for weeks may see its temporary files swept away.
        if self._folder is None or not self._folder.is_dir():
            self._end()
            short = None if len(tempfile.gettempdir()) <= _LONGEST else "/tmp"  # noqa: S108 - private
            self._folder = Path(tempfile.mkdtemp("", "ssh-", short))
            ssh = self._options("ControlMaster=no")
            # Called when this is collected, when the process ends, or by hand.
            self._end = weakref.finalize(self, _leave, ssh, self._host, self._folder)
        return self._folder


def _nothing_to_end() -> None:
    """Stand for the end of a connection that was never made."""


def _leave(ssh: Sequence[str], host: str, folder: Path) -> None:
    if (folder / "s").exists():
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(
                [*ssh, "-O", "exit", "--", host],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=_LEAVE,
            )
    shutil.rmtree(folder, ignore_errors=True)
