"""What came back from one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec

from ..errors import (
    PlatformNotAuthenticated,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformRateLimited,
    PlatformUnreachable,
)
from . import challenge

__all__ = ["Response"]


@dataclass(frozen=True)
class Response:
    """A complete answer, whatever its status."""

    status: int
    """HTTP status."""
    headers: Mapping[str, str]
    """Response headers."""
    body: bytes
    """The whole body, decoded, at most `BODY_CAP` bytes."""
    url: str
    """Where it came from: scheme, host, port and path, without the query."""

    def header(self, name: str) -> str:
        """Return a response header whatever its case, or an empty text."""
        return next((v for k, v in self.headers.items() if k.lower() == name.lower()), "")

    def require_ok(self) -> Response:
        """Return this answer when its status is 2xx.

        Raises
        ------
        PlatformNotAuthenticated
            401 or 407; the message shows the challenge, which is never followed.
        PlatformNotAuthorised
            403.
        PlatformRateLimited
            429: it was asked too often.
        PlatformUnreachable
            5xx: it cannot answer now.
        PlatformProtocolError
            Any other status.
        """
        if HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES:
            return self
        if self.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED):
            raise PlatformNotAuthenticated(
                self._login(), hint="configure token_env or token_file"
            )
        if self.status == HTTPStatus.FORBIDDEN:
            raise PlatformNotAuthorised(f"{self.url} answered 403: not authorised")
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise PlatformRateLimited(f"{self.url} cannot answer now: HTTP {self.status}")
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PlatformUnreachable(f"{self.url} cannot answer now: HTTP {self.status}")
        raise PlatformProtocolError(f"{self.url} answered HTTP {self.status}")

    def _login(self) -> str:
        wanted = challenge.describe(self.header("WWW-Authenticate"))
        if not wanted:
            return f"{self.url} wants a login"
        return f"{self.url}: this platform wants a login from {wanted}"

    def json(self) -> Any:
        """Return the body of a 2xx answer, read strictly as JSON.

        Raises
        ------
        PlatformError
            As `require_ok`, or the body is not JSON: HTML, cut off, NaN, or
            nested beyond what can be read.
        """
        self.require_ok()
        if self.body.lstrip()[:1] == b"<":
            raise PlatformProtocolError(f"{self.url} answered HTML or XML instead of JSON")
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise PlatformProtocolError(
                f"{self.url} answered something that is not JSON: {_why(error)}"
            ) from error


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deep"
    return "not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
