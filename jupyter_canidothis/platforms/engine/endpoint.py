"""Which engine is meant: configured, or what the user's own tools would talk to.

Sources: "Docker contexts" and "Use the Docker command line" (environment variables)
of the Docker documentation; podman(1), CONTAINER_HOST. Nothing is probed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ...errors import ConfigurationError
from .config import EngineConfig

__all__ = ["Endpoint", "docker_endpoint", "docker_is_set_up", "podman_endpoint"]

_DOCKER_SOCKET: Final = "unix:///var/run/docker.sock"
_PODMAN_SOCKET: Final = "unix:///run/podman/podman.sock"
_SCHEMES: Final = ("unix://", "tcp://", "ssh://", "npipe://")


@dataclass(frozen=True)
class Endpoint:
    """An engine's address, and how to trust it."""

    host: str
    """``unix://``, ``tcp://``, ``ssh://`` or ``npipe://``."""
    options: tuple[str, ...]
    """What the engine's own command line needs to reach it."""
    ca: str = ""
    cert: str = ""
    key: str = ""

    @property
    def local(self) -> bool:
        """Whether it runs on this very host, so that our files and devices are its own."""
        return self.host.startswith("unix://")


def docker_endpoint(config: EngineConfig, environ: Mapping[str, str] | None = None) -> Endpoint:
    """Return the engine of an entry: its own address or context, else the user's.

    Raises
    ------
    ConfigurationError
        The address or context cannot be used.
    """
    env = os.environ if environ is None else environ
    if config.host:
        return _configured(config, "docker")
    if not config.context and env.get("DOCKER_HOST"):
        return _of_environment(env)
    name = config.context or env.get("DOCKER_CONTEXT") or _current_context(env)
    if name in ("", "default"):
        return Endpoint(_DOCKER_SOCKET, ())
    return _of_context(name)


def docker_is_set_up(environ: Mapping[str, str] | None = None) -> bool:
    """Whether the user chose an engine, by environment or by ``docker context use``."""
    env = os.environ if environ is None else environ
    chosen = env.get("DOCKER_CONTEXT") or _current_context(env)
    return bool(env.get("DOCKER_HOST")) or chosen not in ("", "default")


def podman_endpoint(config: EngineConfig, environ: Mapping[str, str] | None = None) -> Endpoint:
    """Return the engine of an entry: its own address, else the user's.

    Raises
    ------
    ConfigurationError
        The address cannot be used.
    """
    env = os.environ if environ is None else environ
    if config.context:
        raise ConfigurationError("context: Podman has none; give host")
    if config.host:
        found = _configured(config, "podman")
    elif host := env.get("CONTAINER_HOST", ""):
        found = Endpoint(_scheme(host, "CONTAINER_HOST"), ("--remote", "--url", host))
    elif runtime := env.get("XDG_RUNTIME_DIR", ""):
        found = Endpoint(f"unix://{runtime}/podman/podman.sock", ())
    else:
        found = Endpoint(_PODMAN_SOCKET, ())
    if found.host.startswith("ssh://"):
        raise ConfigurationError(
            "host: a Podman engine is not reached over ssh",
            hint="forward its socket with ssh -L and give that as unix:///path",
        )
    return found


def _configured(config: EngineConfig, program: str) -> Endpoint:
    host = _scheme(config.host, "host")
    options = ("--remote", "--url", host) if program == "podman" else ("--host", host)
    if config.tls_ca or config.tls_cert:
        tls = (
            "--tlscacert",
            config.tls_ca,
            "--tlscert",
            config.tls_cert,
            "--tlskey",
            config.tls_key,
        )
        options = ("--tlsverify", *tls, *options)
    return Endpoint(host, options, config.tls_ca, config.tls_cert, config.tls_key)


def _scheme(host: str, key: str) -> str:
    if not host.startswith(_SCHEMES):
        raise ConfigurationError(
            f"{key}: {host!r} is no engine; expected one of {', '.join(_SCHEMES)}…"
        )
    if urlsplit(host).password is not None:
        raise ConfigurationError(
            f"{key}: the address holds a password", hint="use keys or certificates"
        )
    return host


def _of_environment(env: Mapping[str, str]) -> Endpoint:
    host = _scheme(env["DOCKER_HOST"], "DOCKER_HOST")
    if not env.get("DOCKER_TLS_VERIFY"):
        return Endpoint(host, ())
    folder = Path(env.get("DOCKER_CERT_PATH") or "~/.docker").expanduser()
    ca, cert, key = (str(folder / name) for name in ("ca.pem", "cert.pem", "key.pem"))
    return Endpoint(host, (), ca, cert, key)


def _current_context(env: Mapping[str, str]) -> str:
    path = Path(env.get("DOCKER_CONFIG") or "~/.docker").expanduser() / "config.json"
    try:
        read: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    name = read.get("currentContext", "") if isinstance(read, dict) else ""
    return name if isinstance(name, str) else ""


def _of_context(name: str) -> Endpoint:
    try:
        from docker.context import ContextAPI
        from docker.errors import DockerException
    except ImportError as error:
        raise _no_library() from error
    try:
        context = ContextAPI.get_context(name)
    except (DockerException, OSError, ValueError, KeyError) as error:
        raise ConfigurationError(f"context: {name!r} cannot be read") from error
    if context is None or not context.Host:
        raise ConfigurationError(
            f"context: there is no Docker context {name!r}", hint="docker context ls names them"
        )
    host, tls = _scheme(str(context.Host), "context"), context.TLSConfig
    if tls is None:
        return Endpoint(host, ("--context", name))
    cert, key = tls.cert or ("", "")
    ca = tls.ca_cert if isinstance(tls.ca_cert, str) else ""
    return Endpoint(host, ("--context", name), ca, cert, key)


def _no_library() -> ConfigurationError:
    return ConfigurationError(
        "Docker and Podman need the package docker",
        hint="pip install jupyter_canidothis[containers]",
    )
