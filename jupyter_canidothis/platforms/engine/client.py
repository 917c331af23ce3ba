"""Read an engine by docker-py, which knows sockets, TLS and ssh; it only ever GETs.

docker-py blocks, so it runs in a thread. It reads whole answers without a bound, so
answers are streamed here and cut off at the cap and at the deadline.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from ...errors import (
    ConfigurationError,
    PlatformError,
    PlatformNotAuthenticated,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from ...evidence import Evidence, trim
from .endpoint import Endpoint

__all__ = ["ANSWER_CAP", "EngineClient", "Got"]

_T = TypeVar("_T")

ANSWER_CAP: Final = 8 * 2**20
"""Largest answer read, in bytes; a thousand containers list in about two."""
_CHUNK: Final = 64 * 2**10
_API: Final = "1.41"
"""Any version keeps docker-py from asking for one; addresses carry none."""
_REFUSED: Final = {401: PlatformNotAuthenticated, 403: PlatformNotAuthorised}
_SERVER_ERROR: Final = 500


class Got(NamedTuple):
    """One answer of the engine."""

    path: str
    status: int
    body: bytes
    at: int

    @property
    def ok(self) -> bool:
        """Whether it is what was asked for."""
        return self.status == 200  # noqa: PLR2004 - HTTP's OK

    @property
    def message(self) -> str:
        """The engine's own words where it refused."""
        try:
            said = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            said = self.body.decode(errors="replace")
        text = said.get("message", "") if isinstance(said, dict) else said
        return trim(str(text), 300)

    def read(self, kind: type[_T]) -> _T:
        """Return the answer in the form that is expected.

        Raises
        ------
        PlatformError
            The engine refused, or this is something else.
        """
        if not self.ok:
            failed = f"GET {self.path} answered HTTP {self.status}: {self.message}"
            if self.status >= _SERVER_ERROR:
                raise PlatformUnreachable(failed)
            raise _REFUSED.get(self.status, PlatformProtocolError)(failed)
        try:
            return msgspec.json.decode(self.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            said = trim(str(error), 200)
            raise PlatformProtocolError(f"GET {self.path} answered nonsense: {said}") from error

    def evidence(self, text: str | None = None) -> Evidence:
        """Return what was read, for an answer."""
        shown = self.body[:8192].decode(errors="replace") if text is None else text
        return Evidence("live-read", f"GET {self.path}", trim(shown), self.at)


class EngineClient:
    """One engine, read-only.

    Parameters
    ----------
    endpoint
        Where it is.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    async def get(self, paths: Sequence[str], deadline: float) -> list[Got]:
        """Read some addresses one after the other, over one connection.

        Raises
        ------
        PlatformError
            The engine could not be asked.
        ConfigurationError
            The library or a certificate is missing.
        """
        work = asyncio.to_thread(self._read, tuple(paths), time.monotonic() + deadline)
        try:
            # The thread gives up by itself; this is for a name or an ssh that hangs.
            return await asyncio.wait_for(work, deadline)
        except asyncio.TimeoutError as error:
            raise self._silent() from error

    def _silent(self) -> PlatformTimeout:
        return PlatformTimeout(f"the engine at {self.endpoint.host} did not answer in time")

    def _read(self, paths: tuple[str, ...], until: float) -> list[Got]:
        def work() -> list[Got]:
            client = self._connect(until)
            try:
                return [self._one(client, path, until) for path in paths]
            finally:
                client.close()

        return self._guarded(work)

    def _connect(self, until: float) -> Any:
        try:
            from docker import APIClient
            from docker.tls import TLSConfig
        except ImportError as error:
            raise ConfigurationError(
                "Docker and Podman need the package docker",
                hint="pip install jupyter_canidothis[containers]",
            ) from error
        end = self.endpoint
        if end.local:
            _knock(end.host.removeprefix("unix://"), max(0.01, until - time.monotonic()))
        tls: Any = False
        if end.ca or end.cert:
            pair = (end.cert, end.key) if end.cert else None
            tls = TLSConfig(client_cert=pair, ca_cert=end.ca or None, verify=True)
        left = max(0.01, until - time.monotonic())
        client = APIClient(base_url=end.host, version=_API, timeout=left, tls=tls)
        # Else REQUESTS_CA_BUNDLE would outrank the authority that is configured, and a
        # proxy or a .netrc could come between us and the engine.
        client.trust_env = False
        return client

    def _one(self, client: Any, path: str, until: float) -> Got:
        left = until - time.monotonic()
        if left <= 0:
            raise self._silent()
        with client.get(
            f"{client.base_url}{path}", stream=True, timeout=left, allow_redirects=False
        ) as answer:
            body = bytearray()
            for chunk in answer.iter_content(_CHUNK):
                body += chunk
                if len(body) > ANSWER_CAP:
                    raise PlatformProtocolError(
                        f"GET {path} answered more than {ANSWER_CAP} bytes"
                    )
                if time.monotonic() > until:
                    raise self._silent()
            return Got(
                path.partition("?")[0], answer.status_code, bytes(body), int(time.time())
            )

    def _guarded(self, work: Callable[[], _T]) -> _T:
        """Turn what goes wrong below into our own errors."""
        import requests
        import urllib3

        try:
            return work()
        except (PlatformError, ConfigurationError):
            raise
        except (requests.Timeout, TimeoutError, urllib3.exceptions.TimeoutError) as error:
            raise self._silent() from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise self._broken(error) from error
        except Exception as error:
            # docker-py and paramiko have many roots of errors; none may pass as ours.
            raise PlatformUnreachable(
                f"the engine at {self.endpoint.host} cannot be reached: "
                f"{type(error).__name__}: {trim(str(error), 200)}"
            ) from error

    def _broken(self, error: BaseException) -> PlatformError:
        host, cause = self.endpoint.host, _root(error)
        if isinstance(cause, PermissionError):
            return PlatformNotAuthorised(
                f"the engine at {host} may not be used: permission denied",
                hint="the socket of an engine is as good as root; ask who administers it",
            )
        if isinstance(cause, FileNotFoundError):
            return PlatformUnreachable(
                f"there is no engine at {host}", hint="is it started, and is host right?"
            )
        told = getattr(cause, "strerror", None) or type(cause).__name__
        return PlatformUnreachable(f"the engine at {host} cannot be reached: {told}")


def _knock(path: str, left: float) -> None:
    """Connect once by ourselves: docker-py leaves a socket open where that fails."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(left)
        probe.connect(path)


def _root(error: BaseException) -> BaseException:
    """Return the operating system's error inside those of two libraries."""
    seen = error
    for _ in range(8):
        inner = [one for one in seen.args if isinstance(one, BaseException)]
        reason = getattr(seen, "reason", None)
        if isinstance(reason, BaseException):
            inner.append(reason)
        if not inner:
            break
        seen = inner[-1]
    return seen
