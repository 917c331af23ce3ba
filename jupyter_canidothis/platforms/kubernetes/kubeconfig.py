"""The user's kubeconfig, read offline: which contexts there are, and the current one.

Source: Kubernetes documentation, "Organizing Cluster Access Using kubeconfig Files":
``KUBECONFIG`` lists files, the first that names something wins; else ``~/.kube/config``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...errors import PlatformMisconfigured, RequestError
from ...wire import strict_yaml

__all__ = [
    "ACCOUNT",
    "Context",
    "contexts",
    "current",
    "default_paths",
    "in_cluster",
    "own_namespace",
    "read",
]

ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where Kubernetes mounts a pod's own service account."""


@dataclass(frozen=True)
class Context:
    """One context of a kubeconfig."""

    name: str
    """Its name."""
    namespace: str
    """Its namespace; ``default`` where it names none."""


def default_paths() -> tuple[Path, ...]:
    """Return the files that kubectl would read, existing ones only."""
    listed = os.environ.get("KUBECONFIG", "")
    paths = [Path(part).expanduser() for part in listed.split(os.pathsep) if part]
    return tuple(
        path for path in paths or [Path("~/.kube/config").expanduser()] if path.is_file()
    )


def in_cluster() -> bool:
    """Whether this process runs in a pod with a service account."""
    return bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and (ACCOUNT / "token").is_file()


def own_namespace() -> str:
    """Return the namespace of the pod in which this process runs."""
    try:
        return (ACCOUNT / "namespace").read_text().strip() or "default"
    except OSError:
        return "default"


def read(path: Path) -> dict[str, Any]:
    """Read one file.

    Raises
    ------
    PlatformMisconfigured
        It cannot be read, or is no kubeconfig; never repeats what is in it.
    """
    try:
        document = strict_yaml.load(path.read_text(encoding="utf-8"), "kubeconfig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not text"
        raise PlatformMisconfigured(f"the kubeconfig {path} cannot be read: {why}") from error
    except RequestError as error:
        where = error.field.removeprefix("kubeconfig").lstrip(", ") or "as a whole"
        raise PlatformMisconfigured(
            f"the kubeconfig {path} is broken: {where}: expected {error.accepted}"
        ) from error
    if not isinstance(document, dict):
        raise PlatformMisconfigured(f"the kubeconfig {path} is broken: expected a mapping")
    for part in ("clusters", "contexts", "users"):
        entries = document.get(part) or []
        if not isinstance(entries, list) or not all(_named(entry) for entry in entries):
            raise PlatformMisconfigured(
                f"the kubeconfig {path} is broken: {part}: expected a list of named entries"
            )
    return document


def _named(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("name"), str)


def current(documents: list[dict[str, Any]]) -> str:
    """Return the name of the current context; empty when there is none."""
    named = (document.get("current-context") for document in documents)
    return next((name for name in named if isinstance(name, str) and name), "")


def contexts(documents: list[dict[str, Any]]) -> dict[str, Context]:
    """Return all contexts by name; the first file that names one wins."""
    found: dict[str, Context] = {}
    for document in documents:
        for entry in document.get("contexts") or []:
            inside = entry.get("context")
            namespace = inside.get("namespace") if isinstance(inside, dict) else None
            name = entry["name"]
            found.setdefault(name, Context(name, str(namespace or "default")))
    return found
