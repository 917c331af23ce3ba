"""Container engines: Docker, Podman and Docker Swarm, over one API."""

from .docker import Docker
from .podman import Podman
from .swarm import Swarm

__all__ = ["Docker", "Podman", "Swarm"]
