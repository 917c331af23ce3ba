"""Docker, on this host or another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .adapter import EnginePlatform
from .client import Got
from .config import EngineConfig
from .endpoint import Endpoint, docker_endpoint, docker_is_set_up
from .gpus import Gpus, docker_gpus
from .reading import Info
from .state import State

__all__ = ["Docker"]

_LEAST_CORES: Final = 10
"""``Range of CPUs is from 0.01``, says dockerd."""
_LEAST_MEMORY: Final = 6 * 2**20
"""``Minimum memory limit allowed is 6MB``, says dockerd."""


class Docker(EnginePlatform):
    """A Docker engine."""

    kind = "docker"
    service_type = "uri://docker"

    @classmethod
    def discover(cls) -> Sequence[Mapping[str, Any]]:
        """Return the engine that the user chose by environment or context; not asked."""
        return ({"kind": cls.kind, "name": "Docker"},) if docker_is_set_up() else ()

    @staticmethod
    def find(config: EngineConfig) -> Endpoint:
        """See `docker_endpoint`."""
        return docker_endpoint(config)

    def gpus(self, info: Info) -> Gpus:
        """See `docker_gpus`."""
        return docker_gpus(info, local=self.endpoint.local, root=self.root)

    async def read(self, deadline: float) -> tuple[State, tuple[Got, ...]]:
        """Read ``/info`` and the running containers."""
        info, listed = await self.client.get(("/info", "/containers/json"), deadline)
        read = info.read(Info)
        running = await self.running(listed, deadline)
        state = State(
            read,
            running,
            self.gpus(read),
            least_cores=_LEAST_CORES,
            least_memory=_LEAST_MEMORY,
        )
        return state, (info,)
