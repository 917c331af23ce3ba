"""Keys of the entries of container engines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...errors import ConfigurationError
from ...images.registry import RegistryRules
from ..base import PlatformConfig

__all__ = ["EngineConfig"]


class EngineConfig(PlatformConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of an entry of kind ``docker``, ``podman`` or ``swarm``."""

    host: str = ""
    """Address of the engine: ``unix:///path``, ``tcp://host:2376``, ``ssh://user@host``."""
    context: str = ""
    """A Docker context instead of an address."""
    tls_ca: str = ""
    """File with the certificate authority of a ``tcp`` engine."""
    tls_cert: str = ""
    """File with our certificate for it."""
    tls_key: str = ""
    """File with the key of that certificate."""
    image: str = ""
    """Image in which notebooks run; without one only notebooks that name an image do."""
    uws: str = ""
    """Address of a UWS service that runs containers on this engine."""
    registries: tuple[str, ...] = ()
    """Registries that may be asked though they lie in a private network."""
    plain_registries: tuple[str, ...] = ()
    """Registries that are asked over http."""
    token_services: Mapping[str, tuple[str, ...]] = {}
    """By registry: origins that issue tokens for it, beside its own."""
    login_files: tuple[str, ...] | None = None
    """Files with logins of registries; those of Docker and Podman when absent."""
    compose_origins: tuple[str, ...] = ()
    """Origins from which a Compose file may be fetched: ``https://example.org``."""

    def __post_init__(self) -> None:
        if self.host and self.context:
            raise ConfigurationError("host and context: give one of them, not both")
        if bool(self.tls_cert) != bool(self.tls_key):
            raise ConfigurationError("tls_cert and tls_key: give both or neither")

    @property
    def rules(self) -> RegistryRules:
        """What may be asked of registries."""
        return RegistryRules(
            trusted=frozenset(self.registries),
            plain=frozenset(self.plain_registries),
            realms={name: frozenset(origins) for name, origins in self.token_services.items()},
        )

    @property
    def files(self) -> tuple[Path, ...] | None:
        """Login files, or None for the usual ones."""
        if self.login_files is None:
            return None
        return tuple(Path(path).expanduser() for path in self.login_files)
