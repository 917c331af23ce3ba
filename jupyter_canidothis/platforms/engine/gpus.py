"""Which GPUs an engine can give to a container, as far as anybody says.

Sources: Docker Engine API ``/info`` (Runtimes; GenericResources; DiscoveredDevices
from 1.50), "Container Device Interface" specification for the files in ``/etc/cdi`` and
``/var/run/cdi``. Neither engine checks GPUs before it starts a container.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from ...errors import RequestError
from ...wire import strict_yaml
from .reading import Info

__all__ = ["Gpus", "docker_gpus", "generic_gpus", "podman_gpus"]

_VENDORS: Final = {"nvidia.com": "nvidia", "amd.com": "amd", "intel.com": "intel"}
_NODES: Final = ("dev/nvidiactl", "dev/kfd", "dev/dri/renderD128")
_CDI: Final = ("etc/cdi", "var/run/cdi")


class Gpus(NamedTuple):
    """What is known of an engine's GPUs."""

    number: int | None
    """How many; None when nobody says."""
    vendors: frozenset[str] | None
    """Of which makers; None when nobody says."""
    source: str
    """Where that was read."""
    text: str
    """What stands there."""


def docker_gpus(info: Info, *, local: bool, root: Path = Path("/")) -> Gpus:
    """Read the GPUs of a Docker engine; a runtime alone does not say how many."""
    ids = [one.ID for one in info.DiscoveredDevices or () if one.Source == "cdi"]
    if found := _of_cdi(ids, "GET /info, DiscoveredDevices"):
        return found
    if count := generic_gpus(info.GenericResources):
        text = json.dumps(info.GenericResources)
        return Gpus(count, None, "GET /info, GenericResources", text)
    runtimes = sorted(info.Runtimes or {})
    if "nvidia" in runtimes:
        text = f"{', '.join(runtimes)}: the number of GPUs is not published"
        return Gpus(None, frozenset({"nvidia"}), "GET /info, Runtimes", text)
    if local and (node := _node(root)):
        return Gpus(None, None, node, "is there, but the engine does not publish it")
    text = f"Runtimes {', '.join(runtimes)}; no generic resource, no CDI device"
    return Gpus(0, None, "GET /info", text)


def podman_gpus(*, local: bool, root: Path = Path("/")) -> Gpus:
    """Read the GPUs of a Podman engine, which gives what CDI files name."""
    if not local:
        return Gpus(None, None, "GET /info", "Podman publishes no GPU over its API")
    ids, read = [], []
    for folder in _CDI:
        for path in sorted((root / folder).glob("*")):
            if path.suffix in {".json", ".yaml", ".yml"}:
                ids += _names(path)
                read.append(str(path))
    where = ", ".join(read) or " and ".join(f"/{folder}" for folder in _CDI)
    if found := _of_cdi(ids, where):
        return found
    if node := _node(root):
        return Gpus(None, None, node, "is there, but no CDI file names it")
    return Gpus(0, None, where, "no CDI device")


def _node(root: Path) -> str:
    return next((f"/{node}" for node in _NODES if (root / node).exists()), "")


def _of_cdi(ids: Iterable[str], source: str) -> Gpus | None:
    """Count devices: by number where they are numbered, for UUIDs name them again."""
    gpus = [one.partition("=") for one in ids if "/gpu=" in one]
    names = {(kind, name) for kind, _, name in gpus if name != "all"}
    numbered = {pair for pair in names if pair[1].isdigit()}
    if not names:
        return None
    vendors = {_VENDORS.get(kind.partition("/")[0], "") for kind, _ in names}
    known = None if "" in vendors else frozenset(vendors)
    text = ", ".join(sorted(f"{kind}={name}" for kind, name in names))
    return Gpus(len(numbered or names), known, source, text)


def generic_gpus(published: Iterable[dict[str, Any]] | None) -> int:
    """Count the GPUs among generic resources of an engine or a Swarm node."""
    return sum(_generic(one) for one in published or ())


def _generic(resource: dict[str, Any]) -> int:
    for form in ("NamedResourceSpec", "DiscreteResourceSpec"):
        spec = resource.get(form)
        if isinstance(spec, dict) and "gpu" in str(spec.get("Kind", "")).lower():
            value = spec.get("Value")
            return value if isinstance(value, int) else 1
    return 0


def _names(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
        spec = json.loads(text) if path.suffix == ".json" else strict_yaml.load(text, str(path))
    except (OSError, ValueError, RequestError):
        return []
    if not isinstance(spec, dict) or not isinstance(spec.get("devices"), list):
        return []
    devices = [one for one in spec["devices"] if isinstance(one, dict)]
    return [f"{spec.get('kind', '')}={one.get('name', '')}" for one in devices]
