"""What is known of an image, and of what is inside it."""

from __future__ import annotations

import msgspec

from ..evidence import Evidence
from .architecture import Architecture

__all__ = ["Contents", "ImageFacts", "Layer"]


class Layer(msgspec.Struct, frozen=True):
    """One layer as it is pulled."""

    digest: str
    """Of the compressed layer."""
    size: int
    """Compressed bytes."""


class ImageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An image that exists."""

    name: str
    """Full name."""
    digest: str = ""
    """Of its manifest or index."""
    built: tuple[Architecture, ...] = ()
    """What it is built for; empty when nobody says."""
    layers: tuple[Layer, ...] | None = None
    """What is pulled for the host that was asked for; None when nobody says."""
    contents: tuple[str, ...] = ()
    """Digests of the unpacked layers, bottom first (``rootfs.diff_ids``)."""
    labels: dict[str, str] = {}
    """Its labels."""
    here: bool = False
    """Whether the engine that was asked holds it already."""
    evidence: tuple[Evidence, ...] = ()
    """Where this was read."""

    @property
    def size(self) -> int | None:
        """Compressed bytes of all layers."""
        return None if self.layers is None else sum(layer.size for layer in self.layers)


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What a notebook finds in an image."""

    languages: frozenset[str] | None
    """Languages with a kernel, lower case; None when nobody says."""
    packages: frozenset[str] | None
    """Canonical names of installed packages; None when nobody says."""
    complete: bool
    """Whether a package that is not named is certainly not there."""
    source: str
    """Who says so."""
