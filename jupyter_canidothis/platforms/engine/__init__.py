"""Container engines: Docker, Podman and Docker Swarm, over one API."""

from .docker import Docker
from .podman import Podman

__all__ = ["Docker", "Podman"]
