"""Logins of registries, by reference to what the user set up for Docker or Podman.

Sources: "docker login" in the Docker documentation (``config.json``: ``auths``,
``credsStore``, ``credHelpers``), the credential helper protocol of
docker-credential-helpers, and containers-auth.json(5). A secret is read when a
registry wants it, and goes to that registry or its token service only.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from ..command import LocalCommand
from ..credentials import Credential, Origin
from ..errors import ConfigurationError, PlatformNotAuthenticated
from ..evidence import trim
from .reference import DOCKER_HUB, Reference

__all__ = ["HeldCredential", "Login", "Logins", "default_files"]

_HUB_KEY: Final = "https://index.docker.io/v1/"
"""What Docker Hub is called in every file and helper."""
_HELPER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_LARGEST: Final = 2**20
_TOKEN_USER: Final = "<token>"  # noqa: S105 - the protocol's word for "no user name"


@dataclass(frozen=True)
class HeldCredential(Credential):
    """A secret that is known already, for one origin; never shown, never kept."""

    secret: str = field(default="", repr=False)
    """What is sent."""

    def _from_environment(self) -> str:
        return self.secret


@dataclass(frozen=True)
class Login:
    """A user name and what proves it."""

    user: str
    """User name."""
    password: str = field(repr=False)
    """Password or access token."""
    source: str = ""
    """The file or helper that holds it, for evidence."""

    def basic(self, url: str) -> Credential:
        """Return the login as HTTP Basic (RFC 7617), for the origin of one address."""
        pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return HeldCredential(Origin.of(url), self.source, prefix="Basic ", secret=pair)


class _File(msgspec.Struct):
    auths: dict[str, Any] = {}
    credHelpers: dict[str, str] = {}  # noqa: N815 - the file's spelling
    credsStore: str = ""  # noqa: N815 - same


class _Helped(msgspec.Struct):
    Username: str
    Secret: str


def default_files(environ: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Return where Docker and Podman keep logins, the first that knows one wins."""
    env = os.environ if environ is None else environ
    places = [
        env.get("REGISTRY_AUTH_FILE", ""),
        f"{env['XDG_RUNTIME_DIR']}/containers/auth.json" if "XDG_RUNTIME_DIR" in env else "",
        "~/.config/containers/auth.json",
        f"{env.get('DOCKER_CONFIG') or '~/.docker'}/config.json",
    ]
    return tuple(Path(place).expanduser() for place in places if place)


class Logins:
    """What the user may log in to.

    Parameters
    ----------
    command
        Runs credential helpers.
    files
        Files in the form of Docker's ``config.json``; `default_files` when None.
    """

    def __init__(self, command: LocalCommand, files: Sequence[Path] | None = None) -> None:
        self._command = command
        self._files = default_files() if files is None else tuple(files)

    def knows(self, registry: str) -> bool:
        """Whether a file names this registry; a general store is not looked into."""
        return any(
            _host(key) == registry
            for _, file in self._read()
            for key in (*file.auths, *file.credHelpers)
        )

    async def find(self, reference: Reference, deadline: float) -> Login | None:
        """Return the login for an image; None without one.

        Raises
        ------
        ConfigurationError
            A file cannot be read.
        PlatformError
            A credential helper is missing, hangs or answers nonsense.
        """
        for path, file in self._read():
            if helper := _helper(file, reference.registry):
                login = await self._ask(helper, _server(reference.registry), deadline)
                if login is not None:
                    return login
            for key in _keys(reference):
                entry = file.auths.get(key)
                if isinstance(entry, dict) and entry:
                    return _stored(entry, f"{key} in {path}")
        return None

    def _read(self) -> list[tuple[Path, _File]]:
        found = []
        for path in self._files:
            try:
                with path.open("rb") as stream:
                    text = stream.read(_LARGEST)
            except OSError:
                # Absent is the rule; unreadable is the same to us, and to docker itself.
                continue
            try:
                found.append((path, msgspec.json.decode(text, type=_File)))
            except (msgspec.DecodeError, RecursionError) as error:
                # The decoder's words may repeat what stands there.
                raise ConfigurationError(f"{path} is not a login file of Docker") from error
        return found

    async def _ask(self, helper: str, server: str, deadline: float) -> Login | None:
        program = f"docker-credential-{helper}"
        done = await self._command.run(
            (program, "get"), stdin=server.encode(), deadline=deadline, cap=_LARGEST
        )
        if done.returncode != 0:
            if "not found" in done.stdout + done.stderr:
                return None
            said = trim(done.stderr.strip() or done.stdout.strip(), 200)
            raise PlatformNotAuthenticated(f"{program} gave no login: {said}")
        try:
            helped = msgspec.json.decode(done.stdout, type=_Helped)
        except (msgspec.DecodeError, RecursionError) as error:
            raise PlatformNotAuthenticated(f"{program} printed no login") from error
        return Login(_person(helped.Username), helped.Secret, program)


def _helper(file: _File, registry: str) -> str:
    own = {_host(key): name for key, name in file.credHelpers.items()}
    name = own.get(registry, file.credsStore)
    if name and not _HELPER.fullmatch(name):
        raise ConfigurationError(f"credHelpers: {trim(name, 80)!r} is no credential helper")
    return name


def _server(registry: str) -> str:
    return _HUB_KEY if registry == DOCKER_HUB else registry


def _host(key: str) -> str:
    host = key.removeprefix("https://").removeprefix("http://").partition("/")[0]
    return DOCKER_HUB if host == "index.docker.io" else host


def _keys(reference: Reference) -> list[str]:
    """Return under what an image's login may be filed, the closest first."""
    registry = reference.registry
    if registry == DOCKER_HUB:
        return [_HUB_KEY, "docker.io", "index.docker.io", "https://index.docker.io/v1"]
    parts = reference.repository.split("/")
    spaces = ["/".join((registry, *parts[:end])) for end in range(len(parts), 0, -1)]
    return [
        *spaces,
        registry,
        f"https://{registry}",
        f"http://{registry}",
        f"https://{registry}/",
    ]


def _person(name: str) -> str:
    if name == _TOKEN_USER:
        raise PlatformNotAuthenticated(
            "the login is an identity token, which only docker itself can use",
            hint="log in to the registry with an access token",
        )
    return name


def _stored(entry: Mapping[str, Any], source: str) -> Login | None:
    if entry.get("identitytoken"):
        _person(_TOKEN_USER)
    try:
        text = base64.b64decode(str(entry.get("auth", "")), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ConfigurationError(f"auths: {source} holds no login") from error
    user, colon, password = text.partition(":")
    return Login(user, password.rstrip("\0"), source) if colon else None
