"""Ask a registry about an image; nothing is pulled.

Source: the OCI distribution specification 1.1 ("Pulling manifests", "Pulling blobs")
and "Token authentication specification" of the distribution project. The only blob
read is an image's configuration, which its digest proves.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import urlencode, urljoin

import msgspec

from ..credentials import Credential, Origin
from ..errors import (
    PlatformNotAuthenticated,
    PlatformProtocolError,
    PlatformTimeout,
)
from ..evidence import Evidence, trim
from ..transport import Response, Transport
from ..transport.challenge import Challenge, parse
from .architecture import Architecture, fitting
from .facts import ImageFacts
from .logins import HeldCredential, Login, Logins
from .manifests import (
    ACCEPT,
    Config,
    Manifest,
    check_digest,
    decode_config,
    decode_manifest,
)
from .reference import DOCKER_HUB, Reference

__all__ = ["Registry", "RegistryRules"]

_HUB_HOST: Final = "registry-1.docker.io"
_REALMS: Final[Mapping[str, frozenset[str]]] = {
    DOCKER_HUB: frozenset({"https://auth.docker.io"}),
    "registry.gitlab.com": frozenset({"https://gitlab.com"}),
    "nvcr.io": frozenset({"https://authn.nvidia.com"}),
}
"""Token services of well-known registries that are not on the registry's own origin."""
_PUBLIC: Final = frozenset(
    {
        DOCKER_HUB,
        "gcr.io",
        "ghcr.io",
        "mcr.microsoft.com",
        "nvcr.io",
        "public.ecr.aws",
        "quay.io",
        "registry.gitlab.com",
        "registry.k8s.io",
    }
)
"""Registries whose anonymous tokens are fetched without anybody configuring them."""
_NOT_FOUND: Final = 404
_UNAUTHORIZED: Final = 401
_MOVED: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class RegistryRules:
    """What an administrator says of registries."""

    trusted: frozenset[str] = frozenset()
    """Hosts that may be asked though their addresses are private."""
    plain: frozenset[str] = frozenset()
    """Hosts that are asked over http, as dockerd's ``insecure-registries``."""
    realms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By registry: more origins that may issue tokens for it."""

    def base(self, registry: str) -> str:
        """Return the address of a registry.

        Loopback is asked over http, as dockerd does by default.
        """
        host = _HUB_HOST if registry == DOCKER_HUB else registry
        plain = registry in self.plain or (registry in self.trusted and _is_loopback(registry))
        return f"{'http' if plain else 'https'}://{host}"

    def binds(self, registry: str, realm: str) -> bool:
        """Whether a token service may be asked on behalf of a registry."""
        try:
            origin = Origin.of(realm)
        except ValueError:
            return False
        known = _REALMS.get(registry, frozenset()) | self.realms.get(registry, frozenset())
        return origin == Origin.of(self.base(registry)) or str(origin) in known


def _is_loopback(registry: str) -> bool:
    host = Origin.of(f"http://{registry}").host
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Token(msgspec.Struct):
    token: str = ""
    access_token: str = ""


class _Got(NamedTuple):
    manifest: Manifest
    digest: str
    evidence: Evidence


class Registry:
    """Registries of the version 2 API.

    Parameters
    ----------
    http
        The client.
    logins
        What the user is logged in to.
    rules
        What may be asked, and how.
    """

    def __init__(self, http: Transport, logins: Logins, rules: RegistryRules) -> None:
        self._http = http
        self._logins = logins
        self._rules = rules

    async def look(
        self, reference: Reference, host: Architecture, deadline: float
    ) -> ImageFacts | None:
        """Return what a registry knows of an image; None when it does not have it.

        Parameters
        ----------
        reference
            The image.
        host
            What it shall run on: which image of an index to size.
        deadline
            Seconds for everything.

        Raises
        ------
        PlatformError
            It could not be asked: 401, 403, 429, silence, nonsense.
        ConfigurationError
            A login file cannot be read.
        """
        visit = _Visit(self._http, self._logins, self._rules, reference, deadline)
        top = await visit.manifest(reference.wanted)
        if top is None:
            return None
        chosen, built = top, tuple[Architecture, ...]()
        if top.manifest.manifests is not None:
            by_architecture = _by_architecture(top.manifest)
            built = tuple(by_architecture)
            best = fitting(built, host)
            inner = await visit.manifest(by_architecture[best]) if best else None
            if inner is None:
                return _facts(reference, top, None, built, None)
            chosen = inner
        told = await visit.config(chosen.manifest)
        if told is not None and not built:
            built = (Architecture.of(told[0].os, told[0].architecture, told[0].variant),)
        return _facts(reference, top, chosen, built, told)


def _by_architecture(index: Manifest) -> dict[Architecture, str]:
    """Return the digests of an index; of several for one architecture, the first."""
    pairs = [(one.architecture, one.digest) for one in index.manifests or ()]
    return {arch: digest for arch, digest in reversed(pairs) if arch is not None}


def _facts(
    reference: Reference,
    top: _Got,
    chosen: _Got | None,
    built: tuple[Architecture, ...],
    told: tuple[Config, Evidence] | None,
) -> ImageFacts:
    config = told[0] if told else None
    read = (top, chosen) if chosen and chosen is not top else (top,)
    return ImageFacts(
        name=str(reference),
        digest=top.digest,
        built=built,
        layers=chosen.manifest.pulled if chosen else None,
        contents=tuple(config.rootfs.diff_ids) if config and config.rootfs else (),
        labels=config.labels if config else {},
        evidence=(*(one.evidence for one in read), *(told[1:] if told else ())),
    )


class _Visit:
    """The requests about one image, with one login and one deadline."""

    def __init__(
        self,
        http: Transport,
        logins: Logins,
        rules: RegistryRules,
        reference: Reference,
        deadline: float,
    ) -> None:
        self._http = http
        self._logins = logins
        self._rules = rules
        self._reference = reference
        self._until = time.monotonic() + deadline
        base = rules.base(reference.registry)
        self._root = f"{base}/v2/{reference.repository}"
        self._credential: Credential | None = None
        # What a stranger's task names is asked only where everybody may ask.
        self._strict = not (
            reference.registry in rules.trusted | rules.plain | _PUBLIC
            or logins.knows(reference.registry)
        )

    async def manifest(self, wanted: str) -> _Got | None:
        """Return an index or a manifest; None when there is none."""
        url = f"{self._root}/manifests/{wanted}"
        got = await self._get(url, {"Accept": ACCEPT})
        if got.status == _NOT_FOUND:
            return None
        got.require_ok()
        if ":" in wanted:
            check_digest(got.body, wanted, got.url)
        read = decode_manifest(got.body, got.url)
        digest = wanted if ":" in wanted else trim(got.header("Docker-Content-Digest"), 200)
        text = trim(got.body.decode(errors="replace"))
        return _Got(read, digest, _evidence(got, text))

    async def config(self, manifest: Manifest) -> tuple[Config, Evidence] | None:
        """Return the configuration of an image; None when it lies out of reach."""
        if manifest.config is None:
            return None
        digest = manifest.config.digest
        got = await self._get(f"{self._root}/blobs/{digest}", {})
        if got.status in _MOVED:
            # Blobs lie in object stores. The digest proves what comes from there, and
            # nothing of ours goes there.
            target = urljoin(got.url, got.header("Location"))
            got = await self._http.fetch(target, deadline=self._left(), strict=True)
        if got.status == _NOT_FOUND:
            return None
        got.require_ok()
        check_digest(got.body, digest, got.url)
        config = decode_config(got.body, got.url)
        # Its environment may hold a secret: only what was read is shown.
        return config, _evidence(got, trim(msgspec.json.encode(config).decode(), 1000))

    async def _get(self, url: str, headers: Mapping[str, str]) -> Response:
        got = await self._once(url, headers)
        if got.status != _UNAUTHORIZED or self._credential is not None:
            return got
        self._credential = await self._log_in(got)
        return await self._once(url, headers)

    async def _once(self, url: str, headers: Mapping[str, str]) -> Response:
        credential = self._credential
        return await self._http.fetch(
            url,
            headers=headers,
            credential=credential,
            deadline=self._left(),
            strict=self._strict,
            moved=True,
        )

    async def _log_in(self, refused: Response) -> Credential:
        """Return what a registry's challenge asks for, where it may be had."""
        challenges = {
            one.scheme.lower(): one for one in parse(refused.header("WWW-Authenticate"))
        }
        login = await self._logins.find(self._reference, self._left())
        # Whoever has a login there knows the place.
        self._strict = self._strict and login is None
        if "bearer" in challenges and not self._strict:
            return await self._token(challenges["bearer"], login, refused)
        if "basic" in challenges and login is not None:
            return login.basic(refused.url)
        refused.require_ok()
        raise PlatformNotAuthenticated(f"{refused.url} wants a login")

    async def _token(
        self, challenge: Challenge, login: Login | None, refused: Response
    ) -> Credential:
        realm = challenge.parameters.get("realm", "")
        if not self._rules.binds(self._reference.registry, realm):
            refused.require_ok()
        scope = f"repository:{self._reference.repository}:pull"
        service = challenge.parameters.get("service", "")
        query = urlencode({"service": service, "scope": scope} if service else {"scope": scope})
        got = await self._http.fetch(
            f"{realm}{'&' if '?' in realm else '?'}{query}",
            credential=login.basic(realm) if login else None,
            deadline=self._left(),
        )
        try:
            read = msgspec.convert(got.json(), _Token)
        except msgspec.ValidationError as error:
            raise PlatformProtocolError(f"{got.url} answered no token") from error
        secret = read.token or read.access_token
        if not secret:
            raise PlatformProtocolError(f"{got.url} answered no token")
        return HeldCredential(
            Origin.of(refused.url), f"token of {Origin.of(realm)}", secret=secret
        )

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise PlatformTimeout(f"{self._root} did not answer in time")
        return left


def _evidence(got: Response, text: str) -> Evidence:
    return Evidence("live-read", f"GET {got.url}", text, int(time.time()))
