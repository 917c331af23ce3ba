"""Keys of every platform that looks for images in registries."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..images.registry import RegistryRules
from .base import PlatformConfig

__all__ = ["ImageKeys"]


class ImageKeys(PlatformConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which registries may be asked, how, and with whose logins."""

    image: str = ""
    """Image for tasks that name none; without it they are refused."""
    registries: tuple[str, ...] = ()
    """Registries that may be asked though they lie in a private network."""
    plain_registries: tuple[str, ...] = ()
    """Registries that are asked over http."""
    token_services: Mapping[str, tuple[str, ...]] = {}
    """By registry: origins that issue tokens for it, beside its own."""
    login_files: tuple[str, ...] | None = None
    """Files with logins of registries; those of Docker and Podman when absent."""

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
