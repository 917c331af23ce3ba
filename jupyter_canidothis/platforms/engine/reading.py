"""What an engine publishes of itself (Docker Engine API 1.41 to 1.51, ``/info`` and on)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from ...images.architecture import Architecture as Arch

__all__ = ["Details", "Image", "Info", "Listed", "Running", "SwarmState"]

_NANO: Final = 1_000_000
"""NanoCPUs in one milli-core."""


class SwarmState(msgspec.Struct, frozen=True):
    """``/info`` Swarm."""

    LocalNodeState: str = "inactive"
    ControlAvailable: bool = False


class _Device(msgspec.Struct, frozen=True):
    Source: str = ""
    ID: str = ""


class Info(msgspec.Struct, frozen=True):
    """``/info``; Podman answers in the same form."""

    NCPU: int
    MemTotal: int
    Architecture: str = ""
    OSType: str = "linux"
    OperatingSystem: str = ""
    Name: str = ""
    ServerVersion: str = ""
    Runtimes: dict[str, Any] | None = None
    DefaultRuntime: str = ""
    GenericResources: list[dict[str, Any]] | None = None
    DiscoveredDevices: list[_Device] | None = None
    MemoryLimit: bool = True
    CpuCfsQuota: bool = True
    CgroupVersion: str = ""
    Swarm: SwarmState = SwarmState()

    @property
    def host(self) -> Arch:
        """What the engine's host is, in the one spelling."""
        return Arch.of(self.OSType, self.Architecture)


class _DeviceRequest(msgspec.Struct, frozen=True):
    Count: int = 0
    DeviceIDs: list[str] | None = None


class _HostConfig(msgspec.Struct, frozen=True):
    Memory: int = 0
    NanoCpus: int = 0
    CpuQuota: int = 0
    CpuPeriod: int = 0
    DeviceRequests: list[_DeviceRequest] | None = None


class Listed(msgspec.Struct, frozen=True):
    """One line of ``/containers/json``."""

    Id: str


class Running(msgspec.Struct, frozen=True):
    """``/containers/{id}/json`` of a running container."""

    Name: str = ""
    HostConfig: _HostConfig = _HostConfig()

    @property
    def cores(self) -> int:
        """Its limit in milli-cores; 0 without one."""
        host = self.HostConfig
        if host.NanoCpus > 0:
            return host.NanoCpus // _NANO
        if host.CpuQuota > 0:
            return host.CpuQuota * 1000 // (host.CpuPeriod or 100_000)
        return 0

    @property
    def memory(self) -> int:
        """Its limit in bytes; 0 without one."""
        return max(0, self.HostConfig.Memory)


class _RootFs(msgspec.Struct, frozen=True):
    Layers: list[str] | None = None


class _Inside(msgspec.Struct, frozen=True):
    Labels: dict[str, str] | None = None


class Image(msgspec.Struct, frozen=True):
    """``/images/{name}/json``: an image that the engine holds."""

    Id: str = ""
    RepoDigests: list[str] | None = None
    Architecture: str = ""
    Os: str = "linux"
    Variant: str = ""
    Size: int = 0
    RootFS: _RootFs = _RootFs()
    Config: _Inside | None = None

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return (self.Config.Labels or {}) if self.Config else {}


class _Descriptor(msgspec.Struct, frozen=True):
    digest: str = ""


class _Platform(msgspec.Struct, frozen=True):
    architecture: str = ""
    os: str = ""
    variant: str = ""


class Details(msgspec.Struct, frozen=True):
    """``/distribution/{name}/json``: what the engine sees of an image in its registry."""

    Descriptor: _Descriptor = _Descriptor()
    Platforms: list[_Platform] | None = None

    @property
    def built(self) -> tuple[Arch, ...]:
        """What it is built for."""
        named = (one for one in self.Platforms or () if one.architecture not in ("", "unknown"))
        return tuple(
            dict.fromkeys(Arch.of(one.os, one.architecture, one.variant) for one in named)
        )
