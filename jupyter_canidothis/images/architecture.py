"""Processor architectures, in one spelling.

Docker says ``x86_64`` and ``aarch64`` of itself, Podman ``amd64`` and ``arm64``, image
indexes write Go's names with a variant. What runs on what follows the platform vectors
of containerd, by which Docker chooses from an index: ``386`` on ``amd64``, every 32-bit
``arm`` on ``arm64``, and lower variants on higher ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

__all__ = ["Architecture", "fitting"]

_NAMES: Final = {
    "x86_64": ("amd64", ""),
    "x86-64": ("amd64", ""),
    "i386": ("386", ""),
    "i686": ("386", ""),
    "aarch64": ("arm64", ""),
    "armv8l": ("arm", "v8"),
    "armv7l": ("arm", "v7"),
    "armhf": ("arm", "v7"),
    "armv6l": ("arm", "v6"),
    "armel": ("arm", "v6"),
}
_DEFAULT_VARIANTS: Final = {"amd64": "v1", "arm64": "v8", "arm": "v7"}


class Architecture(NamedTuple):
    """What an image is built for, or a host is."""

    os: str
    """``linux``, ``windows``."""
    name: str
    """Go's name: ``amd64``, ``arm64``."""
    variant: str = ""
    """``v7``, ``v8``; empty for the default of that name."""

    @classmethod
    def of(cls, os: str, name: str, variant: str = "") -> Architecture:
        """Return the one spelling of an architecture."""
        plain, implied = _NAMES.get(name.lower(), (name.lower(), ""))
        variant = (variant or implied).lower()
        if variant and not variant.startswith("v"):
            variant = f"v{variant}"
        if variant == _DEFAULT_VARIANTS.get(plain):
            variant = ""
        return cls(os.lower() or "linux", plain, variant)

    @classmethod
    def parse(cls, text: str) -> Architecture:
        """Read ``linux/arm64/v8`` or ``arm64`` (``--platform`` of ``docker run``)."""
        parts = text.split("/")
        if len(parts) == 1:
            return cls.of("linux", parts[0])
        return cls.of(parts[0], parts[1], "/".join(parts[2:]))

    @property
    def level(self) -> int:
        """The variant as a number, of its default where none is given."""
        digits = (self.variant or _DEFAULT_VARIANTS.get(self.name, "v0"))[1:].partition(".")[0]
        return int(digits) if digits.isdigit() else 0

    def runs(self, image: Architecture) -> bool:
        """Whether a host of this architecture runs an image without emulation."""
        if self.os != image.os:
            return False
        if self.name == image.name:
            return image.level <= self.level
        return (self.name, image.name) in {("amd64", "386"), ("arm64", "arm")}

    def __str__(self) -> str:
        return "/".join(part for part in self if part)


def fitting(built: Iterable[Architecture], host: Architecture) -> Architecture | None:
    """Return which of several architectures a host runs best, or None."""
    able = [one for one in built if host.runs(one)]
    return max(able, key=lambda one: (one.name == host.name, one.level), default=None)
