"""Read what a registry serves: indexes, manifests and image configurations.

Sources: the OCI image specification 1.1 (image-index, manifest, config) and "Image
Manifest Version 2, Schema 2" of Docker, which agree in all that is read here.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final, TypeVar

import msgspec

from ..errors import PlatformProtocolError
from ..evidence import trim
from .architecture import Architecture
from .facts import Layer

__all__ = [
    "ACCEPT",
    "Config",
    "Descriptor",
    "Manifest",
    "check_digest",
    "decode_config",
    "decode_manifest",
]

_T = TypeVar("_T")

_READABLE: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
ACCEPT: Final = ", ".join(_READABLE)
"""What we can read, for the Accept header."""


class _Platform(msgspec.Struct):
    architecture: str = ""
    os: str = ""
    variant: str = ""


class Descriptor(msgspec.Struct):
    """Something in the registry, by its content."""

    digest: str
    size: int = 0
    mediaType: str = ""  # noqa: N815 - the wire's spelling
    platform: _Platform | None = None

    @property
    def architecture(self) -> Architecture | None:
        """What it is built for; None for attestations and other company of images."""
        one = self.platform
        if one is None or not one.architecture or one.architecture == "unknown":
            return None
        return Architecture.of(one.os, one.architecture, one.variant)


class Manifest(msgspec.Struct):
    """An index (with ``manifests``) or one image (with ``layers``)."""

    manifests: list[Descriptor] | None = None
    config: Descriptor | None = None
    layers: list[Descriptor] | None = None
    schemaVersion: int = 2  # noqa: N815 - the wire's spelling

    @property
    def pulled(self) -> tuple[Layer, ...]:
        """The layers of one image."""
        return tuple(Layer(one.digest, one.size) for one in self.layers or ())


class _Inside(msgspec.Struct):
    Labels: dict[str, str] | None = None


class _RootFs(msgspec.Struct):
    diff_ids: list[str] = []


class Config(msgspec.Struct):
    """The configuration of one image."""

    architecture: str = ""
    os: str = ""
    variant: str = ""
    config: _Inside | None = None
    rootfs: _RootFs | None = None

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return (self.config.Labels or {}) if self.config else {}


def decode_manifest(body: bytes, where: str) -> Manifest:
    """Read an index or a manifest.

    Raises
    ------
    PlatformProtocolError
        It is neither.
    """
    read = _decode(body, Manifest, where)
    if read.manifests is None and (read.config is None or read.layers is None):
        what = (
            "a manifest of the outdated schema 1" if read.schemaVersion == 1 else "no manifest"
        )
        raise PlatformProtocolError(f"{where} answered {what}")
    if any(one.size < 0 for one in (*(read.layers or ()), *(read.manifests or ()))):
        raise PlatformProtocolError(f"{where} answered a manifest with a negative size")
    return read


def decode_config(body: bytes, where: str) -> Config:
    """Read the configuration of an image.

    Raises
    ------
    PlatformProtocolError
        It is none.
    """
    return _decode(body, Config, where)


def _decode(body: bytes, kind: type[_T], where: str) -> _T:
    if body.lstrip()[:1] == b"<":
        raise PlatformProtocolError(f"{where} answered HTML or XML instead of JSON")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        said = trim(str(error), 200)
        raise PlatformProtocolError(f"{where} answered no manifest: {said}") from error


def check_digest(body: bytes, digest: str, where: str) -> None:
    """Make sure that something is what it was asked for by its content.

    Raises
    ------
    PlatformProtocolError
        It is something else.
    """
    algorithm, _, wanted = digest.partition(":")
    if algorithm not in ("sha256", "sha512"):
        raise PlatformProtocolError(f"{where} names a digest of unknown kind")
    if not hmac.compare_digest(hashlib.new(algorithm, body).hexdigest(), wanted):
        raise PlatformProtocolError(f"{where} answered something else than {digest}")
