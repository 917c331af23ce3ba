"""The only way to run a command of a platform, here or over ssh.

Argument lists only, never a shell; every run has a deadline and an output cap;
the child gets its own process group and ``LC_ALL=C``, and dies with the ask.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from .errors import PlatformProtocolError, PlatformTimeout, PlatformUnreachable

__all__ = ["OUTPUT_CAP", "Completed", "LocalCommand"]

_T = TypeVar("_T")

OUTPUT_CAP: Final = 64 * 2**20
"""Most output read from one stream of a command, in bytes."""
_GRACE: Final = 1.0
"""Seconds for a killed command to let go of its pipes."""


@dataclass(frozen=True)
class Completed:
    """A command that ended by itself."""

    argv: tuple[str, ...]
    """What was run."""
    returncode: int
    """Exit status; negative when a signal ended it."""
    stdout: str
    """Standard output, decoded as UTF-8 with replacement."""
    stderr: str
    """Standard error, likewise."""
    took: int
    """Milliseconds from start to end."""

    @property
    def line(self) -> str:
        """The command line, for evidence."""
        return " ".join(self.argv)


class LocalCommand:
    """Run commands on this host."""

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        deadline: float = 5.0,
        env: Mapping[str, str] | None = None,
        cap: int = OUTPUT_CAP,
    ) -> Completed:
        """Run one command to its end.

        Parameters
        ----------
        argv
            Program and arguments.
        stdin
            What the program reads.
        deadline
            Seconds until it is killed with everything it started.
        env
            Variables set on top of this process's own.
        cap
            Most bytes read from each output stream.

        Raises
        ------
        PlatformUnreachable
            The program does not exist or may not be run.
        PlatformTimeout
            It did not end before the deadline.
        PlatformProtocolError
            It printed more than the cap.
        """
        started = time.monotonic()
        try:
            process = await _start(argv, {**os.environ, "LC_ALL": "C", **(env or {})})
        except OSError as error:
            raise PlatformUnreachable(
                f"cannot run {argv[0]}: {error.strerror}",
                hint=f"check that {argv[0]} is installed and on PATH",
            ) from error
        try:
            out, err = await asyncio.wait_for(_talk(process, stdin, cap), deadline)
        except asyncio.TimeoutError as error:
            raise PlatformTimeout(f"{argv[0]} did not end within {deadline:g} s") from error
        finally:
            await _to_the_end(asyncio.ensure_future(_reap(process)))
        took = round((time.monotonic() - started) * 1000)
        return Completed(
            tuple(argv),
            process.returncode or 0,
            out.decode(errors="replace"),
            err.decode(errors="replace"),
            took,
        )


async def _start(argv: Sequence[str], env: Mapping[str, str]) -> asyncio.subprocess.Process:
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=env,
            start_new_session=True,
        )
    )
    try:
        return await _to_the_end(starting)
    except asyncio.CancelledError:
        # Cancelled between fork and here, nobody would hold the child to end it.
        if starting.exception() is None:
            await _to_the_end(asyncio.ensure_future(_reap(starting.result())))
        raise


async def _to_the_end(work: asyncio.Future[_T]) -> _T:
    """Wait for work that must not be left half done; a cancellation comes after it."""
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        while not work.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(work)
        raise


async def _talk(
    process: asyncio.subprocess.Process, stdin: bytes, cap: int
) -> tuple[bytes, bytes]:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise PlatformUnreachable("the command has no standard streams")
    reads = [
        asyncio.ensure_future(_read(stream, cap)) for stream in (process.stdout, process.stderr)
    ]
    fed = asyncio.ensure_future(_feed(process.stdin, stdin))
    try:
        await asyncio.gather(*reads, fed)
    finally:
        # What one of them raised must leave no other behind at the same stream.
        for each in (*reads, fed):
            each.cancel()
        await asyncio.gather(*reads, fed, return_exceptions=True)
    await process.wait()
    return reads[0].result(), reads[1].result()


async def _feed(writer: asyncio.StreamWriter, data: bytes) -> None:
    # A program may end without reading what it is given; that is not our failure.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        if data:
            writer.write(data)
            await writer.drain()
        writer.close()
        await writer.wait_closed()


async def _read(reader: asyncio.StreamReader, cap: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := await reader.read(65536):
        size += len(chunk)
        if size > cap:
            raise PlatformProtocolError(f"the command printed more than {cap} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


async def _reap(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    # asyncio reports the end only once both pipes are read to theirs; something
    # that left the process group may hold them open, so this wait is bounded too.
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(_drain(process), _GRACE)


async def _drain(process: asyncio.subprocess.Process) -> None:
    for reader in (process.stdout, process.stderr):
        while reader is not None and await reader.read(2**20):
            pass
    await process.wait()
