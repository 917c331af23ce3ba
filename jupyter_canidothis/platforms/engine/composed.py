"""A Compose file on one engine: every service by itself, and all together."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from ...answer import Code, Reason
from ...compose.files import Source
from ...compose.services import Application, Service
from ...credentials import Origin
from ...errors import RequestError
from ...evidence import Evidence, trim
from ...task import Executable, Task
from ...transport import Transport
from ...units import format_cores, format_memory
from ..base import Handover
from .answering import Found
from .endpoint import Endpoint
from .looking import Look, Looker
from .reading import Info
from .state import State

__all__ = [
    "COMPOSE",
    "Host",
    "compose_script",
    "compose_source",
    "judged",
    "unreadable",
    "with_images",
]

COMPOSE: Final = "uri://docker-compose"
FIELD: Final = "/executable/content"
_MOST_IMAGES: Final = 16
_WEB: Final = ("http://", "https://")


class Host(NamedTuple):
    """What the services are held against."""

    state: State
    """The engine."""
    cores_checked: bool
    """Whether it refuses a limit of cores above what its host has (dockerd does)."""
    local: bool
    """Whether it runs on this very host."""


class _Complaint(NamedTuple):
    code: Code
    message: str


async def compose_source(
    executable: Executable, http: Transport, origins: tuple[str, ...], deadline: float
) -> Source:
    """Return a task's Compose file: by value, by path here, or from an allowed origin.

    Raises
    ------
    RequestError
        It cannot be read, or may not be fetched.
    PlatformError
        It could not be fetched.
    """
    place, text = executable.location, executable.content
    if text and (not place or place.startswith(_WEB)):
        return await asyncio.to_thread(Source, text)
    if not place.startswith(_WEB):
        return await asyncio.to_thread(lambda: Source.at(Path(place).expanduser(), text))
    try:
        origin = str(Origin.of(place))
    except ValueError as error:
        raise RequestError("composefile", place, "an address") from error
    if origin not in {one.rstrip("/") for one in origins}:
        allowed = ", ".join(origins) or "none is configured in compose_origins"
        raise RequestError("composefile", place, f"an address of an allowed origin ({allowed})")
    got = (await http.fetch(place, deadline=deadline)).require_ok()
    return await asyncio.to_thread(Source, got.body.decode(errors="replace"))


def unreadable(error: RequestError) -> Found:
    """Say what is wrong with a file; nobody can tell what it would need."""
    told = Reason("invalid-request", error.message, FIELD, scope="composefile", evidence=(0,))
    source = Evidence("declared", "Compose file", trim(error.field, 200))
    return Found(unsure=(told,), evidence=(source,))


def judged(application: Application, host: Host, *, root: Path = Path("/")) -> Found:
    """Hold every service, and their sum, against an engine's host.

    What a service reserves is what it needs; without that, its limit is.
    """
    against = []
    for service in application.services:
        if told := list(_complaints(service, host, root)):
            words = "; ".join(one.message for one in told)
            against.append(_reason(told[0].code, f"Service {service.name}: {words}"))
    if not against:
        against += [_reason("limit-exceeded", one) for one in _together(application, host)]
    unsure = [_reason("not-published", text) for text in _doubts(application, host)]
    return Found(tuple(against), tuple(unsure), (_evidence(application),))


def _complaints(service: Service, host: Host, root: Path) -> Iterator[_Complaint]:
    info, gpus = host.state.info, host.state.gpus
    most = format_memory(info.MemTotal)
    cores = max(service.cores, service.cores_limit if host.cores_checked else 0)
    if cores > info.NCPU * 1000:
        told = f"cores {format_cores(cores)} above the {info.NCPU} of this host"
        yield _Complaint("limit-exceeded", told)
    if service.last_core >= info.NCPU:
        told = f"cpuset names core {service.last_core}, and this host has {info.NCPU}"
        yield _Complaint("no-such-resource", told)
    if service.memory > info.MemTotal:
        told = f"memory {format_memory(service.memory)} above this host's {most}"
        yield _Complaint("limit-exceeded", told)
    if gpus.number is not None and service.gpus > gpus.number:
        yield _Complaint(
            "no-such-resource", f"GPUs {service.gpus} asked, there are {gpus.number}"
        )
    if service.runtime and host.cores_checked and service.runtime not in (info.Runtimes or {}):
        yield _Complaint("no-such-resource", f"there is no runtime {trim(service.runtime, 80)}")
    for device in service.devices if host.local else ():
        if not (root / device.lstrip("/")).exists():
            yield _Complaint("no-such-resource", f"there is no device {trim(device, 80)}")


def _together(application: Application, host: Host) -> Iterator[str]:
    info, gpus = host.state.info, host.state.gpus
    cores = sum(one.cores * one.replicas for one in application.services)
    memory = sum(one.memory * one.replicas for one in application.services)
    wanted = sum(one.gpus * one.replicas for one in application.services)
    if cores > info.NCPU * 1000:
        yield f"All services together need {format_cores(cores)}, this host has {info.NCPU}"
    if memory > info.MemTotal:
        most = format_memory(info.MemTotal)
        yield f"All services together need {format_memory(memory)}, this host has {most}"
    if gpus.number is not None and wanted > gpus.number:
        yield f"All services together need {wanted} GPUs, this host has {gpus.number}"


def _doubts(application: Application, host: Host) -> Iterator[str]:
    for service in application.services:
        if service.gpus and host.state.gpus.number is None:
            yield f"Service {service.name}: the engine does not publish how many GPUs it has"
        if service.devices and not host.local:
            yield f"Service {service.name}: the engine does not publish its devices"
        if service.built:
            yield f"Service {service.name}: its image is built from source, which may fail"


def _evidence(application: Application) -> Evidence:
    lines = [
        f"{one.name}: {one.replicas} x "
        f"{format_cores(one.cores) if one.cores else 'any cores'}, "
        f"{format_memory(one.memory) if one.memory else 'any memory'}, GPUs {one.gpus}"
        for one in application.services
    ]
    lines += [f"{name}: not started, its profiles are not active" for name in application.idle]
    return Evidence("declared", "Compose file, services", trim("\n".join(lines)))


def _reason(code: Code, message: str) -> Reason:
    return Reason(code, trim(message, 500), FIELD, scope="host", evidence=(0,))


async def with_images(
    found: Found, application: Application, looker: Looker, info: Info, deadline: float
) -> Found:
    """Add what is known of the images of all services.

    Raises
    ------
    PlatformError
        The engine itself could not be asked.
    """
    wanted = {
        (one.image, one.platform): one.name
        for one in reversed(application.services)
        if one.image and not one.built
    }
    looks = [
        Look(image, info, f"services.{name}.image", platform)
        for (image, platform), name in list(wanted.items())[:_MOST_IMAGES]
    ]
    if len(wanted) > _MOST_IMAGES:
        told = f"Only {_MOST_IMAGES} of {len(wanted)} images were looked for"
        found = found._replace(unsure=(*found.unsure, _reason("not-published", told)))
    views = await asyncio.gather(*(looker.look(one, deadline) for one in looks))
    for look, view in zip(looks, views, strict=True):
        against = tuple(_of_service(one, look) for one in view.against)
        unsure = tuple(_of_service(one, look) for one in view.unsure)
        found = found.beside(Found(against, unsure, view.evidence, view.pull))
    return found


def _of_service(reason: Reason, look: Look) -> Reason:
    service = look.field.removeprefix("services.").removesuffix(".image")
    message = f"Service {service}: {reason.message}"
    return msgspec.structs.replace(reason, message=message, field=FIELD)


def compose_script(kind: str, endpoint: Endpoint, task: Task) -> Handover:
    """Return the file itself, and the command that starts it.

    Raises
    ------
    RequestError
        The file is neither here nor by value.
    """
    executable = task.executable
    name, content = "compose.yml", executable.content
    if not content:
        if executable.location.startswith(_WEB):
            raise RequestError("composefile", executable.location, "a file here, or by value")
        path = Path(executable.location).expanduser()
        try:
            name, content = path.name, path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RequestError("composefile", executable.location, "a readable file") from error
    command = shlex.join((kind, *endpoint.options, "compose", "--file", name, "up"))
    return Handover(content, name, command)
