"""What the services of a Compose file need (Compose Specification, services and deploy)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from ..errors import RequestError
from ..units import LARGEST, parse_cores, parse_count, parse_memory
from .files import Source, load_services

__all__ = ["Application", "Service", "read"]

_BYTES: Final = re.compile(r"([0-9]*\.?[0-9]+)\s*([bkmgt])b?", re.IGNORECASE)
_GPU_DEVICES: Final = ("/dev/nvidia", "/dev/kfd", "/dev/dri")
_ALL: Final = 1
"""What "all GPUs" needs at least."""
_CPUSET: Final = re.compile(r"[0-9]{1,6}(?:-[0-9]{1,6})?(?:,[0-9]{1,6}(?:-[0-9]{1,6})?)*")


class Service(NamedTuple):
    """One service, with what each of its containers needs."""

    name: str
    image: str
    """Empty when it is only built."""
    built: bool
    """Whether its image is built from source."""
    replicas: int
    cores_limit: int
    """Milli-cores; 0 without one, as for all amounts here."""
    cores_reserved: int
    memory_limit: int
    memory_reserved: int
    gpus: int
    last_core: int
    """Greatest number in ``cpuset``; -1 without one."""
    platform: str
    runtime: str
    devices: tuple[str, ...]
    """Paths of devices on the host."""

    @property
    def cores(self) -> int:
        """What it has to have: what is reserved, else its limit."""
        return self.cores_reserved or self.cores_limit

    @property
    def memory(self) -> int:
        """What it has to have: what is reserved, else its limit."""
        return self.memory_reserved or self.memory_limit


class Application(NamedTuple):
    """What ``compose up`` would start."""

    services: tuple[Service, ...]
    """Those that are enabled."""
    idle: tuple[str, ...]
    """Names of those whose profiles are not active."""


def read(source: Source) -> Application:
    """Read a Compose file.

    Raises
    ------
    RequestError
        It is not as the specification has it; names service and key.
    """
    profiles = set(source.variables.get("COMPOSE_PROFILES", "").split(",")) - {""}
    services, idle = [], []
    for name, tree in load_services(source).items():
        field = f"{source.name}: services.{name}"
        wanted = tree.get("profiles") or []
        if not isinstance(wanted, list):
            raise RequestError(f"{field}.profiles", wanted, "a list of names")
        if wanted and not profiles.intersection(map(str, wanted)) and "*" not in profiles:
            idle.append(name)
        else:
            services.append(_service(name, tree, field))
    if not services:
        raise RequestError(
            f"{source.name}: services", list(idle), "at least one enabled service"
        )
    return Application(tuple(services), tuple(idle))


def _service(name: str, tree: Mapping[str, Any], field: str) -> Service:
    image, built = tree.get("image") or "", bool(tree.get("build"))
    if not isinstance(image, str) or not (image or built):
        raise RequestError(f"{field}.image", image, "an image, or build")
    deploy = _part(tree, "deploy", field)
    resources = _part(deploy, "resources", f"{field}.deploy")
    where = f"{field}.deploy.resources"
    limits = _part(resources, "limits", where)
    reserved = _part(resources, "reservations", where)
    cores, memory = _Reader(parse_cores), _Reader(_memory)
    devices = _devices(tree, field)
    return Service(
        name=name,
        image=image,
        built=built,
        replicas=_replicas(tree, deploy, field),
        cores_limit=cores.first((limits, "cpus", f"{where}.limits"), (tree, "cpus", field)),
        cores_reserved=cores.first((reserved, "cpus", f"{where}.reservations")),
        memory_limit=memory.first(
            (limits, "memory", f"{where}.limits"), (tree, "mem_limit", field)
        ),
        memory_reserved=memory.first(
            (reserved, "memory", f"{where}.reservations"), (tree, "mem_reservation", field)
        ),
        gpus=_gpus(tree, reserved, devices, field),
        last_core=_last_core(tree.get("cpuset"), f"{field}.cpuset"),
        platform=str(tree.get("platform") or ""),
        runtime=str(tree.get("runtime") or ""),
        devices=tuple(one for one in devices if one.startswith("/")),
    )


class _Reader(NamedTuple):
    """Reads an amount from the first place that has it."""

    parse: Callable[[object, str], int]

    def first(self, *places: tuple[Mapping[str, Any], str, str]) -> int:
        """Return the amount, or 0."""
        for tree, key, field in places:
            if (value := tree.get(key)) is not None:
                return self.parse(value, f"{field}.{key}")
        return 0


def _part(tree: Mapping[str, Any], key: str, field: str) -> Mapping[str, Any]:
    value = tree.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RequestError(f"{field}.{key}", value, "a mapping")
    return value


def _memory(value: object, field: str) -> int:
    """Read a byte value: in the specification ``kb`` is 1024 bytes, like ``k``."""
    if isinstance(value, str) and (match := _BYTES.fullmatch(value.strip())):
        prefix = match[2].upper()
        return parse_memory(match[1] + ("" if prefix == "B" else prefix), field)
    return parse_memory(value, field)


def _replicas(tree: Mapping[str, Any], deploy: Mapping[str, Any], field: str) -> int:
    if (count := deploy.get("replicas")) is not None:
        return parse_count(count, f"{field}.deploy.replicas")
    if (count := tree.get("scale")) is not None:
        return parse_count(count, f"{field}.scale")
    return 1


def _devices(tree: Mapping[str, Any], field: str) -> list[str]:
    listed = tree.get("devices") or []
    if not isinstance(listed, list):
        raise RequestError(f"{field}.devices", listed, "a list")
    named = [one.get("source") if isinstance(one, dict) else one for one in listed]
    found = [one.partition(":")[0] for one in named if isinstance(one, str) and one]
    if len(found) < len(named):
        raise RequestError(f"{field}.devices", listed, 'devices such as "/dev/fuse:/dev/fuse"')
    return found


def _gpus(
    tree: Mapping[str, Any], reserved: Mapping[str, Any], devices: list[str], field: str
) -> int:
    """Count the GPUs that are asked for in any of the four ways there are."""
    where = f"{field}.deploy.resources.reservations.devices"
    requests = reserved.get("devices") or []
    if not isinstance(requests, list):
        raise RequestError(where, requests, "a list")
    count = sum(_requested(one, where) for one in requests)
    short = tree.get("gpus")
    if short == "all":
        count += _ALL
    elif isinstance(short, list):
        count += sum(_requested(one, f"{field}.gpus", gpu=True) for one in short)
    elif short is not None:
        raise RequestError(f"{field}.gpus", short, '"all", or a list of devices')
    named = sum("/gpu=" in one for one in devices)
    nodes = any(one.startswith(_GPU_DEVICES) for one in devices)
    return min(count + named or int(nodes), LARGEST)


def _requested(entry: Any, field: str, *, gpu: bool = False) -> int:
    if not isinstance(entry, dict):
        raise RequestError(field, entry, "a mapping with capabilities")
    if not gpu and "gpu" not in str(entry.get("capabilities", "")):
        return 0
    if isinstance(ids := entry.get("device_ids"), list):
        return len(ids)
    count = entry.get("count", "all")
    return _ALL if count in ("all", -1) else parse_count(count, f"{field}.count")


def _last_core(value: Any, field: str) -> int:
    if value is None or value == "":
        return -1
    if not _CPUSET.fullmatch(str(value)):
        raise RequestError(field, value, 'cores such as "0-3" or "0,1"')
    return max(int(number) for number in re.findall(r"[0-9]+", str(value)))
