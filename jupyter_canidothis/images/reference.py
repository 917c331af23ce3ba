"""Read the name of a container image.

Source: the grammar of ``reference`` in the distribution project, and the defaults
of the Docker command line: ``docker.io``, ``library/`` and ``latest``.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ..errors import RequestError

__all__ = ["DOCKER_HUB", "Reference"]

DOCKER_HUB: Final = "docker.io"
_HUB_NAMES: Final = frozenset({DOCKER_HUB, "index.docker.io", "registry-1.docker.io"})
_LONGEST: Final = 1024
_HOST: Final = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?"
)
_PATH: Final = re.compile(
    r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
)
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_ACCEPTED: Final = (
    'an image such as "ubuntu:24.04" or "quay.io/jupyter/scipy-notebook@sha256:…"'
)


class Reference(NamedTuple):
    """An image by its full name."""

    registry: str
    """Host, with its port where that is not 443: ``docker.io``, ``localhost:5000``."""
    repository: str
    """Path in the registry: ``library/ubuntu``."""
    tag: str
    """``latest`` where neither tag nor digest is given; empty beside a lone digest."""
    digest: str = ""
    """``sha256:…`` where the image is named by its content."""

    @classmethod
    def parse(cls, text: str, field: str = "image") -> Reference:
        """Read an image name as ``docker pull`` does.

        Raises
        ------
        RequestError
            It is not the name of an image.
        """
        rest, at, digest = text.strip().partition("@")
        head, slash, tail = rest.partition("/")
        named = slash and (
            "." in head or ":" in head or head == "localhost" or head != head.lower()
        )
        registry, path = (head, tail) if named else (DOCKER_HUB, rest)
        last = path.rpartition("/")[2]
        tag = last.partition(":")[2]
        repository = path[: len(path) - len(tag) - 1] if ":" in last else path
        if registry in _HUB_NAMES:
            registry = DOCKER_HUB
            repository = repository if "/" in repository else f"library/{repository}"
        good = (
            len(text) <= _LONGEST
            and _HOST.fullmatch(registry)
            and _PATH.fullmatch(repository)
            and (_TAG.fullmatch(tag) if ":" in last else True)
            and (_DIGEST.fullmatch(digest) if at else True)
        )
        if not good:
            raise RequestError(field, text, _ACCEPTED)
        return cls(registry, repository, tag or ("" if digest else "latest"), digest)

    @property
    def wanted(self) -> str:
        """What the registry is asked for: the digest where there is one, else the tag."""
        return self.digest or self.tag

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.registry}/{self.repository}{tag}{digest}"
