"""References to secrets, each bound to one origin.

A credential holds the name of an environment variable or the path of a file,
never the secret itself; the secret is read when a request is made and goes
into that request only, and only when the request goes to the credential's own
scheme, host and port.
"""

from __future__ import annotations

import logging
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from .errors import ConfigurationError

__all__ = ["Credential", "Origin"]

SECRET_LIMIT: Final = 64 * 2**10
"""Largest secret read from a file, in bytes; a request header cannot be larger."""
REDACTED: Final = "[redacted]"

_log = logging.getLogger(__name__)
_PORTS: Final = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where a credential may go (RFC 6454: scheme, host and port)."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """Read the origin of an absolute http or https URL.

        Raises
        ------
        ValueError
            It has none; the message does not repeat the URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("not an absolute http or https address")
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
        return cls(parts.scheme, parts.hostname, port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


@dataclass(frozen=True)
class Credential:
    """A secret by reference, for one origin.

    Exactly one of ``token_env`` and ``token_file`` is set; see `Credential.bind`.
    """

    origin: Origin
    """The only place the secret may go."""
    token_env: str = ""
    """Environment variable that holds the secret."""
    token_file: str = ""
    """File that holds the secret; read at each use, so that it may rotate."""
    header: str = "Authorization"
    """Request header that carries it."""
    prefix: str = "Bearer "
    """What stands before the secret in that header."""
    _seen: set[str] = field(default_factory=set, repr=False, compare=False)

    @classmethod
    def bind(
        cls,
        url: str,
        *,
        token_env: str = "",
        token_file: str = "",
        header: str = "Authorization",
        prefix: str = "Bearer ",
    ) -> Credential | None:
        """Bind a reference to the origin of a configured address.

        Returns
        -------
        Credential or None
            None when no reference is given.

        Raises
        ------
        ConfigurationError
            Both references are given, or the address has no origin.
        """
        if not token_env and not token_file:
            return None
        if token_env and token_file:
            raise ConfigurationError("token_env and token_file: give one of them, not both")
        try:
            origin = Origin.of(url)
        except ValueError as error:
            raise ConfigurationError(f"url: {error}") from error
        return cls(origin, token_env, token_file, header, prefix)

    def reveal_for(self, url: str) -> dict[str, str]:
        """Return the request header with the secret, for the credential's own origin only.

        Raises
        ------
        ConfigurationError
            The address is of another origin, or the secret cannot be read.
        """
        try:
            origin: Origin | None = Origin.of(url)
        except ValueError:
            origin = None
        if origin != self.origin:
            raise ConfigurationError(
                f"the credential of {self.origin} is never sent to another origin",
                hint="give each platform its own token_env or token_file",
            )
        return {self.header: self.prefix + self._read()}

    def redact(self, text: str) -> str:
        """Return the text without any secret that this credential has revealed."""
        for secret in self._seen:
            for spelling in (secret, quote(secret, safe="")):
                text = text.replace(spelling, REDACTED)
        return text

    def _read(self) -> str:
        secret = self._from_file() if self.token_file else self._from_environment()
        place = f"file {self.token_file}" if self.token_file else f"variable {self.token_env}"
        if not secret:
            raise ConfigurationError(f"the token in {place} is empty")
        if not secret.isascii() or not secret.isprintable():
            raise ConfigurationError(
                f"the token in {place} holds a character that no header may hold"
            )
        self._seen.add(secret)
        return secret

    def _from_environment(self) -> str:
        try:
            return os.environ[self.token_env].strip()
        except KeyError as error:
            raise ConfigurationError(
                f"environment variable {self.token_env} is not set",
                hint="set it where the Jupyter server or kernel is started",
            ) from error

    def _from_file(self) -> str:
        path = Path(self.token_file).expanduser()
        try:
            with path.open("rb") as file:
                # A token mounted into a container is world-readable there, so this only warns.
                if os.fstat(file.fileno()).st_mode & stat.S_IROTH and not self._seen:
                    _log.warning("other users of this machine can read token file %s", path)
                content = file.read(SECRET_LIMIT + 1)
        except OSError as error:
            raise ConfigurationError(
                f"cannot read token file {path}: {error.strerror}"
            ) from error
        if len(content) > SECRET_LIMIT:
            raise ConfigurationError(f"token file {path} is larger than {SECRET_LIMIT} bytes")
        return content.decode(errors="replace").strip()
