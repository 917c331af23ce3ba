"""Requests to one API server: bounded, and none that changes anything."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

import msgspec

from ...errors import (
    PlatformError,
    PlatformMisconfigured,
    PlatformNotAuthenticated,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from ...evidence import trim
from .login import Login
from .objects import Items, Status
from .refusal import Refusal

__all__ = ["Api"]

PAGE: Final = 500
"""Items on one page of a list, as kubectl asks for them."""
BODY_CAP: Final = 64 * 2**20
"""Largest answer read, in bytes."""
REVIEWS: Final = "selfsubjectaccessreviews"
_OK: Final = range(200, 300)
_BUSY: Final = 429
_UNKNOWN: Final = 401
_FORBIDDEN: Final = 403
_BROKEN: Final = 500

_T = TypeVar("_T")
_status: Final = msgspec.json.Decoder(Status)


class Api:
    """One connection to an API server; use as ``async with``.

    Parameters
    ----------
    login
        Whom to be.
    deadline
        Seconds for each request.
    """

    def __init__(self, login: Login, deadline: float) -> None:
        self._login = login
        self._deadline = deadline
        self._session: Any = None

    async def __aenter__(self) -> Api:  # noqa: PYI034 - Self is not in Python 3.10
        import aiohttp

        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        for setting in (await self._login.configuration.auth_settings()).values():
            headers[setting["key"]] = setting["value"]
        tls = self._login.tls
        connector = aiohttp.TCPConnector(ssl=True if tls is None else tls)
        # Proxies and .netrc as for the client library itself.
        self._session = aiohttp.ClientSession(
            connector=connector, headers=headers, trust_env=True
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def get(self, path: str, decoder: msgspec.json.Decoder[_T]) -> _T:
        """Read one object.

        Raises
        ------
        PlatformError
            It could not be read.
        """
        status, body = await self._request("GET", path, None)
        if status not in _OK:
            raise _trouble(status, body, path)
        return _decoded(decoder, body, path)

    async def items(
        self, path: str, decoder: msgspec.json.Decoder[_T], *, most: int, where: str = ""
    ) -> AsyncIterator[_T]:
        """Read a list page by page; a page is forgotten before the next one comes.

        Parameters
        ----------
        path
            Of the list.
        decoder
            Of one item.
        most
            Most items read.
        where
            A field selector.

        Raises
        ------
        PlatformError
            It could not be read, or is longer than that.
        """
        pages: msgspec.json.Decoder[Items] = msgspec.json.Decoder(Items)
        query, seen = {"limit": str(PAGE), **({"fieldSelector": where} if where else {})}, 0
        while True:
            page = await self.get(f"{path}?{urlencode(query)}", pages)
            seen += len(page.items or ())
            if seen > most:
                raise PlatformProtocolError(f"{path} holds more than {most} items")
            for item in page.items or ():
                yield _decoded(decoder, item, path)
            if not page.metadata.next:
                return
            query["continue"] = page.metadata.next

    async def review(
        self, attributes: Mapping[str, str], decoder: msgspec.json.Decoder[_T]
    ) -> _T:
        """Ask whether the user may do something; this creates nothing."""
        group = "authorization.k8s.io/v1"
        body = {
            "apiVersion": group,
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": dict(attributes)},
        }
        path = f"/apis/{group}/{REVIEWS}"
        status, answer = await self._request("POST", path, msgspec.json.encode(body))
        if status not in _OK:
            raise _trouble(status, answer, path)
        return _decoded(decoder, answer, path)

    async def dry_run(self, path: str, document: Mapping[str, Any]) -> bytes | Refusal:
        """Have an object created without creating it (``dryRun=All``).

        Returns
        -------
        bytes or Refusal
            The object as it would be, or why it would not be.

        Raises
        ------
        PlatformError
            The server could not be asked.
        """
        body = msgspec.json.encode(document)
        status, answer = await self._request("POST", f"{path}?dryRun=All", body)
        if status in _OK:
            return answer
        if status in (_UNKNOWN, _BUSY) or status >= _BROKEN:
            raise _trouble(status, answer, path)
        return Refusal(status, _words(answer))

    async def _request(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        import aiohttp

        configuration = self._login.configuration
        options: dict[str, Any] = {
            "allow_redirects": False,
            "timeout": aiohttp.ClientTimeout(total=self._deadline),
        }
        further = {
            "data": body,
            "proxy": configuration.proxy,
            "server_hostname": configuration.tls_server_name,
        }
        options.update({key: value for key, value in further.items() if value})
        try:
            async with self._session.request(
                method, self._login.server + path, **options
            ) as answer:
                return answer.status, await _read(answer.content)
        except asyncio.TimeoutError as error:
            raise PlatformTimeout(
                f"the API server did not answer within {self._deadline:g} s"
            ) from error
        except aiohttp.ClientError as error:
            raise _unreachable(error) from error
        except ValueError as error:
            raise PlatformMisconfigured(
                "the address of the API server is no address"
            ) from error


async def _read(stream: Any) -> bytes:
    body = bytearray()
    async for chunk in stream.iter_any():
        body += chunk
        if len(body) > BODY_CAP:
            raise PlatformProtocolError(
                f"the API server's answer is larger than {BODY_CAP} bytes"
            )
    return bytes(body)


def _decoded(decoder: msgspec.json.Decoder[_T], body: bytes | msgspec.Raw, path: str) -> _T:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        place = path.partition("?")[0]
        raise PlatformProtocolError(f"{place}: the answer is not Kubernetes's own") from error


def _words(body: bytes) -> str:
    try:
        return _status.decode(body).message
    except msgspec.DecodeError:
        return trim(body[:300].decode(errors="replace"))


def _trouble(status: int, body: bytes, path: str) -> PlatformError:
    """Return the error of an HTTP status that no refusal of a dry run has."""
    said, place = trim(_words(body), 200), path.partition("?")[0]
    if status == _UNKNOWN:
        return PlatformNotAuthenticated(
            "Kubernetes does not know you: 401 Unauthorized",
            hint="the token or client certificate may have ended; log in again",
        )
    if status == _FORBIDDEN:
        return PlatformNotAuthorised(f"Kubernetes does not show you {place}: {said}")
    if status == _BUSY or status >= _BROKEN:
        return PlatformUnreachable(f"the API server is in trouble: HTTP {status}: {said}")
    if status in range(300, 400):
        return PlatformProtocolError(f"the API server sends us elsewhere: HTTP {status}")
    return PlatformProtocolError(f"{place}: HTTP {status}: {said}")


def _unreachable(error: Exception) -> PlatformError:
    """Say why there is no connection; certificates have words of their own."""
    cause = getattr(error, "certificate_error", None) or error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = cause.verify_message or "it is not trusted"
        return PlatformUnreachable(f"the API server's certificate is refused: {why}")
    if isinstance(cause, ssl.SSLError):
        return PlatformUnreachable(f"no TLS connection to the API server: {cause.reason}")
    if isinstance(cause, ConnectionRefusedError):
        return PlatformUnreachable("the API server's port is closed: connection refused")
    return PlatformUnreachable(f"no connection to the API server: {type(error).__name__}")
