"""Which nodes hold an image already, and whether that is enough.

Source: Kubernetes documentation, "Images" (``imagePullPolicy`` and its default), and the
API reference, ``NodeStatus.images``: a kubelet names its largest images only.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...images.reference import DOCKER_HUB, Reference
from .cluster import Machine
from .objects import Container

__all__ = ["always_pulled", "held", "never_pulled"]


def always_pulled(container: Container) -> bool:
    """Whether the registry is asked whenever the container starts."""
    if container.policy:
        return container.policy == "Always"
    last = container.image.rpartition("/")[2]
    return "@" not in last and (":" not in last or last.endswith(":latest"))


def never_pulled(container: Container) -> bool:
    """Whether only an image that its node holds is used."""
    return container.policy == "Never"


def held(reference: Reference, machines: Iterable[Machine]) -> list[Machine]:
    """Return the nodes that say they hold an image."""
    names = _spellings(reference)
    return [each for each in machines if not names.isdisjoint(each.images)]


def _spellings(reference: Reference) -> frozenset[str]:
    """Return how kubelets may name an image: Docker's leaves out Docker Hub."""
    mark = f"@{reference.digest}" if reference.digest else f":{reference.tag}"
    path = reference.repository
    found = {f"{reference.registry}/{path}{mark}"}
    if reference.registry == DOCKER_HUB:
        found |= {f"{path}{mark}", f"{path.removeprefix('library/')}{mark}"}
    return frozenset(found)
