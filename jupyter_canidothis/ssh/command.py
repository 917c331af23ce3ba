"""What `LocalCommand` does here, on another host."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..command import OUTPUT_CAP, Completed, LocalCommand
from ..errors import ConfigurationError, PlatformError, PlatformTimeout
from .frames import Frame, Script
from .master import Master
from .trouble import ended, missing

__all__ = ["SshCommand"]

_LEAST: Final = 0.01
_TOGETHER: Final = 8
"""Commands of which a session is not too long: what they take adds up."""
_SESSIONS: Final = 4
"""Most sessions for one program at once; sshd_config(5), MaxSessions, allows 10 in all."""
_Key = tuple[
    asyncio.AbstractEventLoop, tuple[str, ...], tuple[tuple[str, str], ...], float, int
]


@dataclass
class _Batch:
    """Commands that go in one session."""

    commands: list[tuple[str, ...]] = field(default_factory=list)
    session: asyncio.Task[list[Frame]] | None = None
    waiting: int = 0


class SshCommand(LocalCommand):
    """Run commands on another host, through one connection that they share.

    Keys, names, jump hosts and known hosts are those of the user's own ssh
    configuration; nothing is ever asked on a terminal, and the check of host keys is
    never loosened. Commands that begin alike, by program and first argument, and are asked
    for at the same moment go in few sessions, one after the other: login shells take their
    time to start.

    Parameters
    ----------
    host
        A host or alias of the ssh configuration, ``user@host`` or ``ssh://user@host:port``.
    config
        Path of an ssh_config(5) file to use instead of the user's own; empty is none.
    here
        What runs ssh itself.

    Raises
    ------
    ConfigurationError
        The host is none that may stand on a command line.
    """

    def __init__(
        self, host: str, *, config: str = "", here: LocalCommand | None = None
    ) -> None:
        if not host or host.startswith("-") or not host.isprintable() or " " in host:
            raise ConfigurationError(
                f"ssh: {host[:80]!r} is not accepted; expected a host name, "
                "user@host or ssh://user@host:port"
            )
        self.host = host
        self._here = here or LocalCommand()
        self._master = Master(host, config)
        self._open: dict[_Key, _Batch] = {}

    def close(self) -> None:
        """End the connection; the end of this process does so too."""
        self._master.close()

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        deadline: float = 5.0,
        env: Mapping[str, str] | None = None,
        cap: int = OUTPUT_CAP,
    ) -> Completed:
        """Run one command on the other host to its end; see `LocalCommand.run`.

        Arguments reach the program as they are, whatever the login shell there is, and
        the other host ends the command when the deadline is over. The cap is for all
        commands of a session together.

        Raises
        ------
        PlatformNotAuthenticated
            The host does not take our key.
        PlatformUnreachable
            The host cannot be reached, is not the one we know, or lacks the command.
        PlatformTimeout
            Nothing came before the deadline.
        PlatformProtocolError
            It runs no commands, or printed more than the cap.
        """
        began = time.monotonic()
        if stdin:
            frame = (await self._session([argv], stdin, env or {}, deadline, cap))[0]
        else:
            frame = await self._among_others(tuple(argv), env or {}, deadline, cap)
        missing(self.host, argv[0], frame.returncode, frame.stderr)
        took = round((time.monotonic() - began) * 1000)
        return Completed(tuple(argv), frame.returncode, frame.stdout, frame.stderr, took)

    async def _among_others(
        self, argv: tuple[str, ...], env: Mapping[str, str], deadline: float, cap: int
    ) -> Frame:
        loop = asyncio.get_running_loop()
        key = (loop, argv[:2], tuple(env.items()), deadline, cap)
        batch = self._open.setdefault(key, _Batch())
        place = len(batch.commands)
        batch.commands.append(argv)
        batch.waiting += 1
        if batch.session is None:
            batch.session = loop.create_task(self._when_full(key, batch))
        try:
            return (await asyncio.shield(batch.session))[place]
        finally:
            batch.waiting -= 1
            if not batch.waiting and not batch.session.done():
                # Whoever comes now must not find a session that is about to end.
                self._close(key, batch)
                batch.session.cancel()
                with contextlib.suppress(asyncio.CancelledError, PlatformError):
                    await batch.session

    async def _when_full(self, key: _Key, batch: _Batch) -> list[Frame]:
        # Whoever asks at the same moment has done so after one turn of the loop.
        await asyncio.sleep(0)
        self._close(key, batch)
        _, _, env, deadline, cap = key
        size = max(_TOGETHER, -(-len(batch.commands) // _SESSIONS))
        sessions = [
            asyncio.ensure_future(
                self._session(batch.commands[n : n + size], b"", dict(env), deadline, cap)
            )
            for n in range(0, len(batch.commands), size)
        ]
        try:
            return [frame for frames in await asyncio.gather(*sessions) for frame in frames]
        finally:
            for each in sessions:
                each.cancel()
            await asyncio.gather(*sessions, return_exceptions=True)

    def _close(self, key: _Key, batch: _Batch) -> None:
        if self._open.get(key) is batch:
            del self._open[key]

    async def _session(
        self,
        commands: Sequence[Sequence[str]],
        stdin: bytes,
        env: Mapping[str, str],
        deadline: float,
        cap: int,
    ) -> list[Frame]:
        began = time.monotonic()
        await self._master.connect(deadline)
        left = max(deadline - (time.monotonic() - began), _LEAST)
        script = Script(commands)
        line = script.line({"LC_ALL": "C", **env}, left)
        try:
            done = await self._here.run(
                self._master.ssh(line), stdin=stdin, deadline=left, cap=cap
            )
        except PlatformTimeout as error:
            raise PlatformTimeout(
                f"{commands[0][0]} on {self.host} did not end within {deadline:g} s"
            ) from error
        frames = script.read(done.stdout, done.stderr)
        if frames is None or len(frames) < len(commands):
            raise ended(self.host, commands[0][0], done, started=frames is not None)
        return frames
