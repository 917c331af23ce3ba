"""Podman, by the service behind its socket."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from .adapter import EnginePlatform
from .client import Got
from .config import EngineConfig
from .endpoint import Endpoint, podman_endpoint
from .gpus import Gpus, podman_gpus
from .reading import Info
from .state import State

__all__ = ["Podman"]


class _Store(msgspec.Struct):
    graphRootAllocated: int = 0  # noqa: N815 - the wire's spelling
    graphRootUsed: int = 0  # noqa: N815 - same


class _Host(msgspec.Struct):
    cgroupControllers: list[str] | None = None  # noqa: N815 - same


class _Libpod(msgspec.Struct):
    store: _Store = msgspec.field(default_factory=_Store)
    host: _Host = msgspec.field(default_factory=_Host)


class Podman(EnginePlatform):
    """A Podman engine."""

    kind = "podman"
    service_type = "uri://podman"
    distribution = False

    @classmethod
    def discover(cls) -> Sequence[Mapping[str, Any]]:
        """Return the engine that the user chose by ``CONTAINER_HOST``; not asked."""
        chosen = os.environ.get("CONTAINER_HOST")
        return ({"kind": cls.kind, "name": "Podman"},) if chosen else ()

    @staticmethod
    def find(config: EngineConfig) -> Endpoint:
        """See `podman_endpoint`."""
        return podman_endpoint(config)

    def gpus(self, info: Info) -> Gpus:  # noqa: ARG002 - Podman lists runtimes it does not have
        """See `podman_gpus`."""
        return podman_gpus(local=self.endpoint.local, root=self.root)

    async def read(self, deadline: float) -> tuple[State, tuple[Got, ...]]:
        """Read both forms of ``info`` and the running containers."""
        paths = ("/info", "/containers/json", "/v4.0.0/libpod/info")
        info, listed, own = await self.client.get(paths, deadline)
        libpod = own.read(_Libpod) if own.ok else _Libpod()
        read = _enforcing(info.read(Info), libpod.host.cgroupControllers)
        running = await self.running(listed, deadline)
        store = libpod.store
        disk = max(0, store.graphRootAllocated - store.graphRootUsed)
        known = disk if store.graphRootAllocated else None
        state = State(read, running, self.gpus(read), disk=known)
        return state, (info, own)


def _enforcing(info: Info, controllers: list[str] | None) -> Info:
    """Return ``/info`` with the limits that Podman can set, and not only its kernel.

    Without root these are the controllers that systemd delegates (podman-info(1),
    cgroupControllers); a limit of any other one is an error of the runtime.
    """
    if controllers is None:
        return info
    return msgspec.structs.replace(
        info,
        MemoryLimit=info.MemoryLimit and "memory" in controllers,
        CpuCfsQuota=info.CpuCfsQuota and "cpu" in controllers,
    )
