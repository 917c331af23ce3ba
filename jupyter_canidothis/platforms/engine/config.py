"""Keys of the entries of container engines."""

from __future__ import annotations

from ...errors import ConfigurationError
from ..image_keys import ImageKeys

__all__ = ["EngineConfig"]


class EngineConfig(ImageKeys, frozen=True, kw_only=True, forbid_unknown_fields=True):
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
    uws: str = ""
    """Address of a UWS service that runs containers on this engine."""
    compose_origins: tuple[str, ...] = ()
    """Origins from which a Compose file may be fetched: ``https://example.org``."""

    def __post_init__(self) -> None:
        if self.host and self.context:
            raise ConfigurationError("host and context: give one of them, not both")
        if bool(self.tls_cert) != bool(self.tls_key):
            raise ConfigurationError("tls_cert and tls_key: give both or neither")
