from __future__ import annotations

import asyncio
import sys
import time

import psutil
import pytest

from jupyter_canidothis.command import LocalCommand
from jupyter_canidothis.errors import (
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)


async def test_a_command_gives_its_output_status_and_line():
    code = "import sys; print(sys.stdin.read()); print('no', file=sys.stderr); sys.exit(3)"
    done = await LocalCommand().run([sys.executable, "-c", code], stdin=b"hello")

    assert (done.returncode, done.stdout, done.stderr) == (3, "hello\n", "no\n")
    assert done.line.startswith(sys.executable)


async def test_arguments_never_meet_a_shell():
    done = await LocalCommand().run(["echo", "$(id); `id` && x"])

    assert done.stdout == "$(id); `id` && x\n"


async def test_a_missing_command_is_unreachable_and_says_what_to_do():
    with pytest.raises(PlatformUnreachable, match="cannot run nosuchcommand") as caught:
        await LocalCommand().run(["nosuchcommand"])

    assert "PATH" in caught.value.hint


async def test_a_hanging_command_is_killed_with_its_children_at_the_deadline():
    started = time.monotonic()
    with pytest.raises(PlatformTimeout, match="did not end within"):
        await LocalCommand().run(["sh", "-c", "sleep 987.5 & sleep 987.5"], deadline=0.2)

    assert time.monotonic() - started < 3
    left = [p for p in psutil.process_iter(["cmdline"]) if "987.5" in (p.info["cmdline"] or [])]
    assert not left


async def test_a_cancelled_ask_kills_its_command():
    asking = asyncio.ensure_future(LocalCommand().run(["sleep", "986.5"], deadline=60))
    while not _running("986.5"):
        await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert not _running("986.5")


async def test_a_command_cancelled_while_it_starts_is_ended_too():
    asking = asyncio.ensure_future(LocalCommand().run(["sleep", "985.5"], deadline=60))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert not _running("985.5")


def _running(word):
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if word in (process.info["cmdline"] or [])
        and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


async def test_endless_output_is_cut_off():
    with pytest.raises(PlatformProtocolError, match="more than 100000 bytes"):
        await LocalCommand().run(["yes"], cap=100_000)


async def test_commands_speak_english():
    done = await LocalCommand().run(["sh", "-c", "echo $LC_ALL"])

    assert done.stdout == "C\n"
