"""Make one request and get one answer, or one typed error, before a deadline."""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
import time
import zlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders
from tornado.iostream import UnsatisfiableReadError
from tornado.simple_httpclient import (
    HTTPStreamClosedError,
    HTTPTimeoutError,
    SimpleAsyncHTTPClient,
)

from ..credentials import Credential, Origin
from ..errors import (
    ConfigurationError,
    PlatformError,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from .addresses import AddressRefusedError, StrictResolver
from .response import Response

__all__ = ["BODY_CAP", "Transport"]

BODY_CAP: Final = 2**20
"""Largest answer read, in bytes, before and after decompression."""
LARGE_CAP: Final = 64 * 2**20
"""Largest body of a platform's own lists, where `BODY_CAP` is too small for them."""
HEADER_CAP: Final = 64 * 2**10
"""Largest block of response headers read, in bytes."""
MAX_CLIENTS: Final = 4096
"""Requests in flight; beyond it tornado queues, and the queue eats the deadline."""
SLICE: Final = 0.002
"""Seconds between two groups of starts."""
STARTS: Final = 64
"""Requests that start together.

A thousand at once starve the first answers (0.8 s instead of 0.2 s on two busy
cores); sixteen at a time take so long that healthy answers miss a 2 s deadline."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
IDENTIFYING: Final = frozenset({"authorization", "proxy-authorization", "cookie"})
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class _Pace:
    """Let a few requests start per slice; a busy loop stretches the slices."""

    def __init__(self) -> None:
        self._free = STARTS
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._ticking = False

    async def turn(self) -> None:
        """Wait until one more request may start."""
        loop = asyncio.get_running_loop()
        if not self._ticking:
            self._ticking = True
            loop.call_later(SLICE, self._tick, loop)
        if self._free:
            self._free -= 1
            return
        waiter = loop.create_future()
        self._waiting.append(waiter)
        await waiter

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self._free = STARTS
        while self._waiting and self._free:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                self._free -= 1
        self._ticking = self._free < STARTS
        if self._ticking:
            loop.call_later(SLICE, self._tick, loop)


def _client(*, strict: bool = False, cap: int = BODY_CAP) -> SimpleAsyncHTTPClient:
    return SimpleAsyncHTTPClient(
        force_instance=True,
        max_clients=MAX_CLIENTS,
        max_body_size=cap,
        max_header_size=HEADER_CAP,
        resolver=StrictResolver() if strict else None,
    )


@dataclass
class _Lane:
    """What belongs to one event loop."""

    open: SimpleAsyncHTTPClient = field(default_factory=_client)
    large: SimpleAsyncHTTPClient = field(default_factory=lambda: _client(cap=LARGE_CAP))
    strict: SimpleAsyncHTTPClient = field(default_factory=lambda: _client(strict=True))
    pace: _Pace = field(default_factory=_Pace)


@functools.cache
def _default_tls() -> ssl.SSLContext:
    # Building a context reads every root certificate (20 ms): once per process.
    return ssl.create_default_context()


class Transport:
    """The HTTP client; cheap to make, usable from any event loop.

    Parameters
    ----------
    tls
        Trust and client certificates; None trusts what the system trusts.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._lanes: dict[asyncio.AbstractEventLoop, _Lane] = {}

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        credential: Credential | None = None,
        deadline: float = 5.0,
        large: bool = False,
        strict: bool = False,
        moved: bool = False,
    ) -> Response:
        """Make one request.

        Parameters
        ----------
        url
            Absolute http or https address without user name.
        method
            One of `METHODS`.
        body
            Request body.
        headers
            Request headers.
        credential
            Secret to send; it goes to its own origin only.
        deadline
            Seconds until the whole answer must be here.
        large
            Take a body of up to `LARGE_CAP` bytes, from a configured address only.
        strict
            For addresses that come from a task or from another planner's
            answer: https only, public addresses only, no credentials.
        moved
            Return a redirect as the answer that it is, for a caller that can prove
            by a digest that what lies elsewhere is what it wants.

        Raises
        ------
        PlatformUnreachable
            No connection, or the address may not be asked.
        PlatformTimeout
            No whole answer before the deadline.
        PlatformProtocolError
            Redirect, too large, or not HTTP.
        ConfigurationError
            The credential cannot be used, or a header cannot be sent.
        """
        shown = _checked(url, strict=strict)
        named = {name.lower() for name in headers or ()}
        if strict and (credential is not None or named & IDENTIFYING):
            raise ValueError("a strict request carries no credential")
        sent = _sendable(
            {**(headers or {}), **(credential.reveal_for(url) if credential else {})}
        )
        lane = self._lane()
        asked_at = time.monotonic()
        await lane.pace.turn()
        left = deadline - (time.monotonic() - asked_at)
        if left <= 0:
            raise PlatformTimeout(f"{shown} could not be asked within {deadline:g} s")
        request = self._request(url, method, body, sent, left)
        client = lane.strict if strict else lane.large if large else lane.open
        got = await _exchange(client, request, shown, deadline)
        return _response(got, url, shown, credential, moved=moved)

    def _request(
        self, url: str, method: str, body: bytes | None, sent: HTTPHeaders, left: float
    ) -> HTTPRequest:
        return HTTPRequest(
            url,
            method=method,
            body=b"" if body is None and method in ("POST", "PUT", "PATCH") else body,
            headers=sent,
            connect_timeout=left,
            request_timeout=left,
            follow_redirects=False,
            decompress_response=False,
            user_agent="jupyter_canidothis",
            ssl_options=(self._tls or _default_tls()) if url.startswith("https:") else None,
        )

    def _lane(self) -> _Lane:
        loop = asyncio.get_running_loop()
        if loop not in self._lanes:
            for closed in [known for known in self._lanes if known.is_closed()]:
                del self._lanes[closed]
            self._lanes[loop] = _Lane()
        return self._lanes[loop]


def _checked(url: str, *, strict: bool) -> str:
    """Return the address as it may be shown: without its query."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise PlatformUnreachable(
            "the address holds a character that no address may hold",
            hint="percent-encode it; write a host name in its xn-- form",
        )
    try:
        origin, parts = Origin.of(url), urlsplit(url)
    except ValueError as error:
        raise PlatformUnreachable("not an absolute http or https address") from error
    if "@" in parts.netloc:
        raise PlatformUnreachable(
            f"the address of {origin} holds a user name or password",
            hint="use token_env or token_file",
        )
    if strict and origin.scheme != "https":
        raise PlatformUnreachable(f"{origin} is not asked: https only")
    return f"{origin}{parts.path}"


def _sendable(headers: Mapping[str, str]) -> HTTPHeaders:
    sent = HTTPHeaders({"Accept-Encoding": "identity"})
    for name, value in headers.items():
        if not (name + value).isascii() or not (name + value).isprintable():
            raise ConfigurationError(
                f"header {name!r} holds a line break or a character that no header may hold"
            )
        sent[name] = value
    return sent


async def _exchange(
    client: SimpleAsyncHTTPClient, request: HTTPRequest, shown: str, deadline: float
) -> HTTPResponse:
    started: list[str] = []
    request.header_callback = started.append
    if request.method not in METHODS:
        raise ValueError(f"method {request.method} is not one of {', '.join(sorted(METHODS))}")
    fetching = client.fetch(request, raise_error=False)
    fetching.add_done_callback(_settle)
    try:
        # An asker who leaves must not cancel the future that tornado still fills:
        # it would log that as a mistake. The request ends at its own deadline.
        return await asyncio.shield(fetching)
    except HTTPTimeoutError as error:
        raise PlatformTimeout(f"{shown} did not answer within {deadline:g} s") from error
    except HTTPStreamClosedError as error:
        raise _broken(shown, started, client.max_body_size or BODY_CAP) from error
    except AddressRefusedError as error:
        raise PlatformUnreachable(
            f"{shown} is not asked: it is not a public address"
        ) from error
    except OSError as error:
        raise PlatformUnreachable(f"{shown} cannot be reached: {_why(error)}") from error
    except UnsatisfiableReadError as error:
        raise PlatformProtocolError(
            f"{shown} answered more than {HEADER_CAP} bytes of headers"
        ) from error
    except (HTTPClientError, ValueError) as error:
        # tornado reports a malformed message or host name as one of these.
        raise PlatformProtocolError(f"{shown} does not answer in HTTP") from error


def _settle(fetching: asyncio.Future[HTTPResponse]) -> None:
    """Take note of a result that nobody may be waiting for any more."""
    if not fetching.cancelled():
        fetching.exception()


def _why(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "its name is not known here"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason or 'no common protocol'})"
    return error.strerror or type(error).__name__


def _broken(shown: str, started: list[str], cap: int) -> PlatformError:
    if not started:
        return PlatformProtocolError(f"{shown} closed the connection without an HTTP answer")
    lengths = [line for line in started if line.lower().startswith("content-length:")]
    if any(text.strip().isdigit() and int(text) > cap for _, text in map(_split, lengths)):
        return PlatformProtocolError(f"{shown} answered more than {cap} bytes")
    return PlatformProtocolError(
        f"{shown} answered more than {cap} bytes, or broke off in the middle"
    )


def _split(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value[:20]


def _response(
    got: HTTPResponse, url: str, shown: str, credential: Credential | None, *, moved: bool
) -> Response:
    if not moved and got.code in REDIRECTS and (target := got.headers.get("Location")):
        raise PlatformProtocolError(
            f"{shown} redirects to {_target(url, target)}; redirects are not followed",
            hint="configure the address that it redirects to, if you trust it",
        )
    body = _plain(got.body, got.headers.get("Content-Encoding", ""), shown)
    received = {name: got.headers[name] for name in got.headers}
    if credential is not None:
        # A platform that echoes our own token must not put it on the screen.
        body = credential.redact(body.decode("latin-1")).encode("latin-1")
        received = {name: credential.redact(value) for name, value in received.items()}
    return Response(got.code, received, body, shown)


def _target(url: str, location: str) -> str:
    try:
        return str(Origin.of(urljoin(url, location)))
    except ValueError:
        return "something that is not an http address"


def _plain(body: bytes, encoding: str, shown: str) -> bytes:
    """Undo gzip within the cap; some proxies compress without being asked."""
    if encoding.strip().lower() in ("", "identity"):
        return body
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise PlatformProtocolError(f"{shown} answered in an encoding that was not asked for")
    try:
        plain = zlib.decompressobj(31).decompress(body, BODY_CAP + 1)
    except zlib.error as error:
        raise PlatformProtocolError(f"{shown} answered broken gzip") from error
    if len(plain) > BODY_CAP:
        raise PlatformProtocolError(f"{shown} answered more than {BODY_CAP} bytes")
    return plain
