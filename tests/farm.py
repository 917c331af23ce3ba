"""Loopback servers that answer as told, byte for byte, and remember what they were sent."""

from __future__ import annotations

import asyncio
import contextlib


class Farm:
    """Servers on ports of the system's choice; all gone when the block ends."""

    def __init__(self):
        self.received = {}
        self._servers = []
        self._talks = set()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        for server in self._servers:
            server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def serve(self, talk, *, patient=True, **options):
        """Start one server, which hears the question out if it is patient; return its port."""

        async def connected(reader, writer):
            self._talks.add(asyncio.current_task())
            try:
                with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                    if patient:
                        self.received[port] += await head_and_body(reader)
                    await talk(reader, writer)
            finally:
                writer.close()
                with contextlib.suppress(OSError, asyncio.CancelledError):
                    await writer.wait_closed()

        server = await asyncio.start_server(connected, "127.0.0.1", 0, **options)
        port = server.sockets[0].getsockname()[1]
        self.received[port] = b""
        self._servers.append(server)
        return port


async def head_and_body(reader):
    with contextlib.suppress(asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [
            line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
        ]
        size = int(lengths[0].split(b":")[1]) if lengths else 0
        return head + await reader.readexactly(size)
    return b""


def says(raw):
    """Send these bytes and close."""

    async def talk(reader, writer):
        writer.write(raw)
        await writer.drain()

    return talk


def answers(body=b"{}", status="200 OK", **headers):
    """Send a well-formed answer."""
    lines = {"Content-Type": "application/json", "Content-Length": len(body), **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return says(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)


def says_and_hangs(raw):
    """Send these bytes, then nothing until the other side gives up."""

    async def talk(reader, writer):
        writer.write(raw)
        await writer.drain()
        await reader.read()

    return talk


def says_for_ever(raw, again, pause=0.0):
    """Send these bytes, then the others again and again."""

    async def talk(reader, writer):
        writer.write(raw)
        while not writer.is_closing():
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(pause)

    return talk


def resets(raw):
    """Send these bytes, then reset the connection."""

    async def talk(reader, writer):
        writer.write(raw)
        await writer.drain()
        writer.transport.abort()

    return talk
