"""Read all that is known of a cluster, as far as the user may see it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeVar

import msgspec

from ...errors import PlatformError, PlatformNotAuthenticated, PlatformNotAuthorised
from ...evidence import Evidence, trim
from . import objects, reading
from .api import Api
from .cluster import Access, Cluster, Machine
from .quantity import spell
from .reading import Load

__all__ = ["survey"]

MOST_NODES: Final = 10_000
MOST_PODS: Final = 300_000
MOST_SMALL: Final = 2_000
"""Most quotas, limits, classes or queues."""
_RUNNING: Final = "spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed"
"""Pods that take something of a node; the server leaves out the others."""
_GROWING: Final = frozenset({"karpenter.sh", "cluster.x-k8s.io"})
"""API groups of controllers that add nodes."""
_KUEUE: Final = "kueue.x-k8s.io"

_T = TypeVar("_T")
_node: Final = msgspec.json.Decoder(objects.Node)
_pod: Final = msgspec.json.Decoder(objects.RunningPod)
_quota: Final = msgspec.json.Decoder(objects.Quota)
_limit: Final = msgspec.json.Decoder(objects.LimitRange)
_priority: Final = msgspec.json.Decoder(objects.PriorityClass)
_class: Final = msgspec.json.Decoder(objects.StorageClass)
_queue: Final = msgspec.json.Decoder(objects.LocalQueue)
_review: Final = msgspec.json.Decoder(objects.Review)


class _Version(msgspec.Struct, frozen=True):
    version: str = ""


class _Group(msgspec.Struct, frozen=True):
    name: str = ""
    preferred: _Version = msgspec.field(default=_Version(), name="preferredVersion")


class _Groups(msgspec.Struct, frozen=True):
    groups: list[_Group] | None = None


_groups: Final = msgspec.json.Decoder(_Groups)


class _Log:
    """What was read, and what was not shown."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.evidence: list[Evidence] = []
        self.complete = True

    def add(self, source: str, text: str) -> None:
        """Keep one piece of evidence."""
        self.evidence.append(Evidence("live-read", source, trim(text), self.at))


async def survey(
    api: Api, namespace: str, server: str, at: int, patience: float
) -> tuple[Cluster, tuple[Evidence, ...], bool]:
    """Read everything at once; what is not shown stays None.

    Parameters
    ----------
    api
        The connection.
    namespace
        Which namespace.
    server
        Address of the API server, for what is handed over.
    at
        Our time, in seconds since the Unix epoch.
    patience
        Seconds for the list of pods, which may be long; without it room now is unknown.

    Returns
    -------
    tuple
        The cluster, what it was read from, and whether nothing failed to be read.

    Raises
    ------
    PlatformError
        The server could not be asked at all.
    """
    log, inside = _Log(at), f"/api/v1/namespaces/{namespace}"
    access = await _access(api, namespace, log)

    def shown(path: str, decoder: msgspec.json.Decoder[_T]) -> Awaitable[list[_T] | None]:
        return _shown(log, path, lambda: _list(api, path, decoder))

    nodes, load, groups = await asyncio.gather(
        _shown(log, "/api/v1/nodes", lambda: _nodes(api)),
        _shown(log, "/api/v1/pods", lambda: asyncio.wait_for(_load(api), patience)),
        _shown(log, "/apis", lambda: api.get("/apis", _groups)),
    )
    quotas, limits, priorities, storage = await asyncio.gather(
        shown(f"{inside}/resourcequotas", _quota),
        shown(f"{inside}/limitranges", _limit),
        shown("/apis/scheduling.k8s.io/v1/priorityclasses", _priority),
        shown("/apis/storage.k8s.io/v1/storageclasses", _class),
    )
    listed = (groups.groups if groups else None) or ()
    known = {group.name: group.preferred.version for group in listed}
    machines = None if nodes is None else tuple(nodes)
    if machines is not None and load is not None:
        machines = reading.with_load(machines, load)
    cluster = Cluster(
        namespace,
        server,
        machines,
        pods_shown=load is not None,
        quotas=None if quotas is None else tuple(map(reading.read_quota, quotas)),
        limits=None
        if limits is None
        else tuple(i for each in limits for i in each.spec.limits or ()),
        priorities=None
        if priorities is None
        else {p.metadata.name: p.value for p in priorities},
        storage=None if storage is None else reading.read_storage(storage),
        access=access,
        grows=bool(_GROWING.intersection(known)),
    )
    if _KUEUE in known:
        path = f"/apis/{_KUEUE}/{known[_KUEUE]}/namespaces/{namespace}/localqueues"
        queues = await _shown(log, path, lambda: _list(api, path, _queue))
        cluster = replace(
            cluster, queues=None if queues is None else tuple(map(reading.read_queue, queues))
        )
    _describe(cluster, load, log)
    return cluster, tuple(log.evidence), log.complete


async def _access(api: Api, namespace: str, log: _Log) -> dict[str, Access]:
    """Ask whether the user may create pods and jobs; the first words to the server."""
    found = {}
    for name, group in (("pods", ""), ("jobs", "batch")):
        attributes = {
            "namespace": namespace,
            "verb": "create",
            "resource": name,
            "group": group,
        }
        said = (await api.review(attributes, _review)).status
        found[name] = Access(said.allowed, trim(said.reason, 200))
    told = "; ".join(
        f"create {name}: {'allowed' if each.allowed else 'not allowed'} {each.reason}".strip()
        for name, each in found.items()
    )
    source = "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    log.add(source, f"namespace {namespace}: {told}")
    return found


async def _shown(log: _Log, what: str, read: Callable[[], Awaitable[_T]]) -> _T | None:
    """Read something; None when the user may not see it, or it could not be read."""
    try:
        return await read()
    except PlatformNotAuthenticated:
        raise
    except PlatformNotAuthorised as error:
        log.add(f"GET {what}", error.message)
    except asyncio.TimeoutError:
        log.complete = False
        log.add(f"GET {what}", "not read to its end in time")
    except PlatformError as error:
        log.complete = False
        log.add(f"GET {what}", error.message)
    return None


async def _list(api: Api, path: str, decoder: msgspec.json.Decoder[_T]) -> list[_T]:
    return [each async for each in api.items(path, decoder, most=MOST_SMALL)]


async def _nodes(api: Api) -> list[Machine]:
    found = api.items("/api/v1/nodes", _node, most=MOST_NODES)
    return [reading.read_machine(each) async for each in found]


async def _load(api: Api) -> Load:
    load = Load()
    async for pod in api.items("/api/v1/pods", _pod, most=MOST_PODS, where=_RUNNING):
        load.add(pod)
    return load


def _describe(cluster: Cluster, load: Load | None, log: _Log) -> None:
    """Keep what was read as evidence, in few words."""
    if cluster.machines is not None:
        shown = [_line(machine.name, machine.allocatable) for machine in cluster.machines[:40]]
        log.add("GET /api/v1/nodes", f"{len(cluster.machines)} nodes\n" + "\n".join(shown))
    if load is not None:
        log.add(f"GET /api/v1/pods?fieldSelector={_RUNNING}", f"{load.count} pods")
    for quota in cluster.quotas or ():
        told = _line(f"{quota.name} hard", quota.hard) + "\n" + _line("used", quota.used)
        log.add("GET resourcequotas", told)
    for item in cluster.limits or ():
        told = msgspec.json.encode(item).decode()
        log.add("GET limitranges", told)
    for queue in cluster.queues or ():
        state = "active" if queue.active else f"not active: {queue.why}"
        log.add(
            "GET localqueues",
            f"{queue.name} of {queue.cluster_queue}: {state}, {queue.pending} wait",
        )


def _line(name: str, sizes: object) -> str:
    listed = sizes.items() if isinstance(sizes, dict) else ()
    return f"{name}: " + ", ".join(f"{key}={spell(key, amount)}" for key, amount in listed)
