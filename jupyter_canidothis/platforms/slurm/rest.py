"""A cluster read through slurmrestd(8), by GET alone.

There is no dry run over REST: a job that is posted with ``TEST_NOW_ONLY`` is really
submitted. So nothing is ever posted, and verdicts are arithmetic.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from ...credentials import Credential, Origin
from ...errors import (
    ConfigurationError,
    PlatformNotAuthenticated,
    PlatformProtocolError,
    PlatformUnreachable,
)
from ...evidence import Evidence, trim
from ...transport import Response
from ..base import Ask, Edges, Snapshot
from . import rest_reading as reading
from .cluster import Cluster, Settings
from .conf_reading import Conf, read_conf
from .rest_trouble import raise_for_trouble

__all__ = ["TRIED", "Published", "Rest"]

_Body = TypeVar("_Body")

TRIED: Final = ("v0.0.42", "v0.0.38")
"""Versions of the API of which real answers were recorded, the better one first."""
_TTL: Final = 10.0
_SHARE: Final = 0.8
"""Part of the deadline for one request, so that we report its silence and not the planner."""
_LIARS_LEAD: Final = 1.0
"""Seconds for other requests to say what is wrong, once ping said that the controller is
down: 24.11 says so too when it does not accept the token."""
_USER: Final = "X-SLURM-USER-NAME"
_TOKEN: Final = "X-SLURM-USER-TOKEN"  # noqa: S105 - the name of a header
_CONF_LIMIT: Final = 2**20


class _Claims(msgspec.Struct):
    """What of a token's claims is of use (RFC 7519; slurm.conf(5), AuthAltParameters)."""

    exp: float | None = None
    sun: str = ""


@dataclass(frozen=True)
class Published(Cluster):
    """What REST, and a copy of slurm.conf, say of a cluster."""

    base: str = ""
    """Address of the API, with its version."""
    conf: Conf | None = None
    """The copy; None where there is none."""

    @property
    def tried(self) -> bool:
        """Whether real answers of this version of the API were recorded."""
        return self.base.endswith(TRIED)


class Rest:
    """One slurmrestd.

    Parameters
    ----------
    url
        Its address, without ``/slurm``.
    edges
        The way out.
    user
        User name; that of the token when empty.
    token_env, token_file
        Where the token is.
    conf
        Path of a copy of slurm.conf; empty is none.

    Raises
    ------
    ConfigurationError
        One of them cannot be used.
    """

    def __init__(
        self,
        url: str,
        edges: Edges,
        *,
        user: str = "",
        token_env: str = "",
        token_file: str = "",
        conf: str = "",
    ) -> None:
        try:
            Origin.of(url)
        except ValueError as error:
            raise ConfigurationError(f"url: {error}") from error
        self._url = url.rstrip("/")
        self._edges = edges
        self._user = user
        self._conf = conf
        self._version = ""
        self._credential = Credential.bind(
            url, token_env=token_env, token_file=token_file, header=_TOKEN, prefix=""
        )

    async def snapshot(self, ask: Ask) -> Snapshot[Cluster]:
        """Read partitions, nodes, reservations and queue, all at once.

        Raises
        ------
        PlatformError
            It could not be read.
        """
        deadline = ask.deadline * _SHARE
        headers = self._identity()
        base = f"{self._url}/slurm/{await self._offered(headers, deadline)}"
        paths = ("partitions", "nodes", "reservations", "jobs", "diag")
        got = await self._read([f"{base}/{path}" for path in paths], headers, deadline)
        partitions, nodes, reservations, jobs, diag = got
        clock = self._edges.clock()
        conf = self._copy()
        settings = conf.settings if conf is not None else _UNKNOWN
        found = reading.read_partitions(_decoded(partitions, reading.Partitions))
        content = Published(
            replace(settings, version=_release(diag), skew=_skew(diag, clock)),
            tuple(map(conf.completed, found)) if conf is not None else found,
            reading.read_nodes(_decoded(nodes, reading.Nodes)),
            reading.read_reservations(_decoded(reservations, reading.Reservations)),
            reading.read_queue(_decoded(jobs, reading.Jobs)),
            base=base,
            conf=conf,
        )
        evidence = [_seen(response, clock) for response in (partitions, nodes)]
        if conf is not None:
            evidence.append(Evidence("declared", f"copy of slurm.conf: {self._conf}"))
        evidence += [_seen(response, clock) for response in (reservations, jobs)]
        return Snapshot(content, clock, _TTL, evidence=tuple(evidence))

    def _identity(self) -> dict[str, str]:
        """Return the header that says who asks, and look whether the token still holds."""
        if self._credential is None:
            return {_USER: self._user} if self._user else {}
        try:
            token = self._credential.reveal_for(self._url)[_TOKEN]
        except ConfigurationError as error:
            raise PlatformNotAuthenticated(error.message, hint=error.hint) from error
        claims = _claims(token)
        if claims.exp is not None and claims.exp < self._edges.clock():
            raise PlatformNotAuthenticated(
                f"the token for {self._url} has expired",
                hint="make a new one with: scontrol token lifespan=86400",
            )
        user = self._user or claims.sun
        return {_USER: user} if user else {}

    async def _offered(self, headers: Mapping[str, str], deadline: float) -> str:
        """Return which version of the API to speak; asked once."""
        if not self._version:
            response = await self._get(f"{self._url}/openapi/v3", headers, deadline)
            paths = _decoded(response, _OpenApi).paths
            offered = set(re.findall(r"/slurm/(v[0-9.]+)/partitions", " ".join(paths)))
            known = [version for version in TRIED if version in offered]
            other = sorted(offered, key=lambda version: [*map(int, version[1:].split("."))])
            if not (known or other):
                raise PlatformProtocolError(
                    f"{self._url} is no slurmrestd that shows a cluster",
                    hint="it needs the OpenAPI plugin slurmctld (slurmrestd(8), -s)",
                )
            self._version = (known or other[-1:])[0]
        return self._version

    async def _read(
        self, urls: Sequence[str], headers: Mapping[str, str], deadline: float
    ) -> list[Response]:
        """Get everything at once; what fails first, and says why, ends it."""
        ping = f"{urls[0].rpartition('/')[0]}/ping"
        works = [asyncio.ensure_future(self._get(url, headers, deadline)) for url in urls]
        guard = asyncio.ensure_future(self._ping(ping, headers, deadline))
        try:
            await asyncio.gather(*works, guard)
            return [work.result() for work in works]
        except _DownError as error:
            await asyncio.wait(works, timeout=_LIARS_LEAD, return_when=asyncio.FIRST_EXCEPTION)
            for work in works:
                if work.done() and (better := work.exception()) is not None:
                    raise better from error
            raise
        finally:
            for each in (*works, guard):
                each.cancel()
            await asyncio.gather(*works, guard, return_exceptions=True)

    async def _ping(self, url: str, headers: Mapping[str, str], deadline: float) -> None:
        pings = _decoded(await self._get(url, headers, deadline), _Pings).pings
        if not any("UP" in (ping.get("ping"), ping.get("pinged")) for ping in pings):
            raise _DownError(
                "slurmrestd answers, but the Slurm controller does not", hint="try again later"
            )

    async def _get(self, url: str, headers: Mapping[str, str], deadline: float) -> Response:
        response = await self._edges.http.fetch(
            url,
            headers={**headers, "Accept": "application/json"},
            credential=self._credential,
            deadline=deadline,
            large=True,
        )
        raise_for_trouble(response)
        return response

    def _copy(self) -> Conf | None:
        if not self._conf:
            return None
        try:
            with Path(self._conf).expanduser().open(errors="replace") as file:
                return read_conf(file.read(_CONF_LIMIT))
        except OSError as error:
            raise PlatformUnreachable(
                f"cannot read {self._conf}: {error.strerror}",
                hint="conf names a copy of the cluster's slurm.conf on this host",
            ) from error


class _DownError(PlatformUnreachable):
    """Ping says that no controller answers; another request may know better."""


class _OpenApi(msgspec.Struct):
    paths: dict[str, msgspec.Raw] = {}


class _Pings(msgspec.Struct):
    pings: list[dict[str, Any]] = []


class _Diag(msgspec.Struct):
    statistics: dict[str, Any] = {}
    meta: dict[str, Any] = {}


_UNKNOWN: Final = Settings(enforce="", accounts_kept=True)
"""Without a copy of slurm.conf nobody says what is enforced, nor whether accounts are kept."""


def _decoded(response: Response, kind: type[_Body]) -> _Body:
    try:
        return msgspec.json.decode(response.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PlatformProtocolError(
            f"{response.url} answered something that is not slurmrestd's"
        ) from error


def _seen(response: Response, clock: float) -> Evidence:
    text = trim(response.body.decode(errors="replace"))
    return Evidence("live-read", f"GET {response.url}", text, int(clock))


def _release(response: Response) -> str:
    meta = _decoded(response, _Diag).meta
    # Older versions write the key large.
    slurm = meta.get("slurm") or meta.get("Slurm")
    release = slurm.get("release") if isinstance(slurm, dict) else None
    return release if isinstance(release, str) else ""


def _skew(response: Response, clock: float) -> float:
    """Return how far the controller's clock is ahead; less than two seconds is nothing."""
    moment = reading.number(_decoded(response, _Diag).statistics.get("req_time"))
    skew = 0.0 if moment is None else moment - clock
    return skew if abs(skew) >= _LEAST_SKEW else 0.0


_LEAST_SKEW: Final = 2.0


def _claims(token: str) -> _Claims:
    """Read the claims of a JSON Web Token; nothing where it is none."""
    part = token.split(".")[1] if token.count(".") == 2 else ""  # noqa: PLR2004 - RFC 7519
    try:
        return msgspec.json.decode(
            base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)), type=_Claims
        )
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError):
        return _Claims()
