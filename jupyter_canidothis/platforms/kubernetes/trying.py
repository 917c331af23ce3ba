"""Dry runs of everything that a task comes down to: each object, and one pod of each kind."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ...errors import PlatformError
from .api import Api
from .objects import Pod, PodSpec
from .refusal import Refusal
from .work import Part, Work, path_of

__all__ = ["MOST_TRIED", "Trial", "try_all"]

MOST_TRIED: Final = 60
"""Most objects of one task that are tried; a chart of more is told so."""
_AT_ONCE: Final = 8
_pod: Final = msgspec.json.Decoder(Pod)


class _Kind(msgspec.Struct, frozen=True):
    name: str = ""
    kind: str = ""
    namespaced: bool = True


class _Kinds(msgspec.Struct, frozen=True):
    resources: list[_Kind] | None = None


_kinds: Final = msgspec.json.Decoder(_Kinds)


@dataclass(frozen=True)
class Trial:
    """One dry run."""

    what: str
    """What was to be created: ``pod``, or ``Deployment/web``."""
    source: str
    """The request."""
    refusal: Refusal | None
    """Why not; None when it was accepted."""
    part: Part | None = None
    """Whose pod it was."""
    spec: PodSpec | None = None
    """The pod with everything filled in."""


async def try_all(api: Api, work: Work, namespace: str) -> list[Trial]:
    """Have everything created without creating it, some at a time.

    Raises
    ------
    PlatformError
        The server could not be asked.
    """
    gate = asyncio.Semaphore(_AT_ONCE)
    room = max(0, MOST_TRIED - len(work.parts))
    tasks = [
        *(
            _start(_try_pod(api, gate, part, work, namespace))
            for part in work.parts[:MOST_TRIED]
        ),
        *(_start(_try_object(api, gate, each, namespace)) for each in work.objects[:room]),
    ]
    try:
        return [trial for trial in await asyncio.gather(*tasks) if trial is not None]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _start(work: Coroutine[Any, Any, Trial | None]) -> asyncio.Task[Trial | None]:
    return asyncio.ensure_future(work)


async def _try_pod(
    api: Api, gate: asyncio.Semaphore, part: Part, work: Work, namespace: str
) -> Trial | None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    metadata = {**part.template["metadata"], "generateName": "canidothis-"}
    document = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": _without_made(part.template["spec"], work, part),
    }
    async with gate:
        said = await api.dry_run(path, document)
    what = f"a pod of {part.batch.name}" if part.batch.name else "the pod"
    source = f"POST {path}?dryRun=All"
    if isinstance(said, Refusal):
        return Trial(what, source, said, part)
    return Trial(what, source, None, part, _pod.decode(said).spec)


def _without_made(spec: Mapping[str, Any], work: Work, part: Part) -> dict[str, Any]:
    """Leave out what the task itself makes first and the dry run cannot find."""
    kept = dict(spec)
    if ("ServiceAccount", str(kept.get("serviceAccountName"))) in work.made:
        kept.pop("serviceAccountName")
        kept.pop("serviceAccount", None)
    if ("PriorityClass", str(kept.get("priorityClassName"))) in work.made:
        kept.pop("priorityClassName")
    if part.batch.name.startswith(("Job", "CronJob")) and kept.get("restartPolicy") is None:
        kept["restartPolicy"] = "Never"
    return kept


async def _try_object(
    api: Api, gate: asyncio.Semaphore, document: Mapping[str, Any], namespace: str
) -> Trial | None:
    """Try one object; one that is there already is none that could be refused."""
    metadata = dict(document["metadata"])
    where = str(metadata.get("namespace") or namespace)
    label = f"{document['kind']}/{metadata.get('name', '')}".rstrip("/")
    async with gate:
        path = path_of(document, where) or await _found(api, document, where)
        if not path:
            unknown = Refusal(
                404, f"no matches for kind {document['kind']} in {document['apiVersion']}"
            )
            return Trial(label, f"GET /apis/{document['apiVersion']}", unknown)
        said = await api.dry_run(path, document)
    source = f"POST {path}?dryRun=All"
    if isinstance(said, Refusal):
        return None if said.status == 409 else Trial(label, source, said)  # noqa: PLR2004 - HTTP
    return Trial(label, source, None)


async def _found(api: Api, document: Mapping[str, Any], namespace: str) -> str:
    """Ask the API where a kind that is not built in is created; empty when nowhere."""
    version = str(document["apiVersion"])
    root = "/api/v1" if version == "v1" else f"/apis/{version}"
    try:
        kinds = await api.get(root, _kinds)
    except PlatformError:
        return ""
    for each in kinds.resources or ():
        if each.kind == document["kind"] and "/" not in each.name:
            place = f"/namespaces/{namespace}" if each.namespaced else ""
            return f"{root}{place}/{each.name}"
    return ""
