"""The Kubernetes adapter: one namespace of one cluster, as one user."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

import msgspec

from ...answer import Answer, Change, Knows, Offer, Reason, Verdict
from ...errors import PlatformError, PlatformMisconfigured, RequestError
from ...evidence import Evidence
from ...task import TASK_TYPES, Task
from ..base import Ask, Edges, Handover, Platform, PlatformConfig, Snapshot
from . import handover, kubeconfig
from .case import Case
from .chart import Rendered, render
from .cluster import Cluster
from .gpus import Chosen, chosen
from .job import Settings, documents
from .judging import judge
from .objects import PodSpec
from .offering import nearest
from .work import Work, read_work

__all__ = ["Kubernetes", "KubernetesConfig"]

_TTL: Final = 10.0
_PATIENT: Final = 20.0
"""A list that takes long to read is used so many times longer."""
_LONGEST_TTL: Final = 300.0
_SHARE: Final = 0.8
"""Part of the deadline for one request, so that we report its silence and not the planner."""
_CHART: Final = "uri://kubernetes-helm"
_NOTEBOOK: Final = "uri://jupyter-notebook"
_SCRIPT: Final = "uri://batch-script"
_CONTAINER: Final = "uri://docker-container"


class KubernetesConfig(PlatformConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of an entry of kind ``kubernetes``."""

    kubeconfig: str = ""
    """Path of the kubeconfig; ``KUBECONFIG`` or ``~/.kube/config`` when empty."""
    context: str = ""
    """Context of the kubeconfig; the current one when empty."""
    namespace: str = ""
    """Namespace; that of the context when empty."""
    image: str = ""
    """Image for notebooks and scripts that name none; without it they are refused."""
    tolerations: tuple[dict[str, str | int], ...] = ()
    """Taints that the pods bear, as Kubernetes spells them."""
    node_selector: dict[str, str] = msgspec.field(default_factory=dict)
    """Labels that the nodes have to have."""
    priority_class: str = ""
    """PriorityClass of the pods."""
    service_account: str = ""
    """ServiceAccount of the pods."""
    queue: str = ""
    """LocalQueue of Kueue that Jobs go to."""
    chart_origins: tuple[str, ...] = ()
    """Origins from which charts may be fetched, e.g. ``https://charts.example.org``."""
    charts: dict[str, str] = msgspec.field(default_factory=dict)
    """Rendered manifest of a chart (a path) by the chart's location."""
    grows: bool = False
    """Whether the cluster adds nodes by itself, so that today's nodes refuse nothing."""


class Kubernetes(Platform[KubernetesConfig, Cluster]):
    """One namespace of a cluster."""

    kind = "kubernetes"
    service_type = "uri://kubernetes"
    config_type = KubernetesConfig
    knows: ClassVar[tuple[Knows, ...]] = ("ever", "now")

    def __init__(self, config: KubernetesConfig, edges: Edges | None = None) -> None:
        super().__init__(config, edges)
        self._login: Any = None
        self._place = kubeconfig.Context("", "default")
        self._settings = Settings(
            config.image,
            config.tolerations,
            config.node_selector,
            config.priority_class,
            config.service_account,
            config.queue,
        )
        self._accepted = (_CONTAINER, _CHART, *((_NOTEBOOK, _SCRIPT) if config.image else ()))

    @classmethod
    def discover(cls) -> Sequence[Mapping[str, Any]]:
        """Find the current context of the user's kubeconfig, or a service account; offline."""
        try:
            found = [kubeconfig.read(path) for path in kubeconfig.default_paths()]
        except PlatformError:
            # Broken, but there: asking it says what is wrong.
            return ({"kind": cls.kind, "name": "Kubernetes"},)
        context = kubeconfig.contexts(found).get(kubeconfig.current(found))
        if context is not None:
            name = f"Kubernetes ({context.name}, {context.namespace})"
            return ({"kind": cls.kind, "name": name, "context": context.name},)
        if kubeconfig.in_cluster():
            return ({"kind": cls.kind, "name": "Kubernetes (this cluster)"},)
        return ()

    async def snapshot(self, ask: Ask) -> Snapshot[Cluster]:
        """Read access, nodes, pods, quotas, limits and classes, as far as they are shown."""
        from .surveying import survey

        began = self.edges.clock()
        async with await self._connect(ask) as api:
            namespace = self.config.namespace or self._place.namespace
            server = self._login.server
            patience = ask.deadline * _SHARE * _SHARE
            read = await survey(api, namespace, server, int(began), patience)
        cluster, evidence, complete = read
        if self.config.grows:
            cluster = replace(cluster, grows=True)
        took = self.edges.clock() - began
        ttl = min(max(_TTL, took * _PATIENT), _LONGEST_TTL)
        return Snapshot(cluster, self.edges.clock(), ttl, complete=complete, evidence=evidence)

    async def ask(self, task: Task, snapshot: Snapshot[Cluster], ask: Ask) -> Answer:
        """Have everything created by a dry run, and hold it against quotas and nodes."""
        from .trying import try_all

        if (refused := self._unsupported(task)) is not None:
            return refused
        cluster = snapshot.content
        try:
            chart = await self._render(task, cluster, ask)
            work, gpus = self._work(task, cluster, chart)
        except (RequestError, PlatformError) as error:
            return self._cannot(error, snapshot)
        async with await self._connect(ask) as api:
            tried = work if work.objects else self._probe(task, cluster)
            trials = await try_all(api, tried, cluster.namespace)
        case = self._case(task, snapshot, work)
        case.trials, case.chart, case.gpus = trials, chart, gpus
        return judge(case)

    def estimate(
        self,
        task: Task,
        snapshot: Snapshot[Cluster],
        ask: Ask,  # noqa: ARG002 - the protocol's
    ) -> Answer | None:
        """Judge by quotas, limits and nodes alone; None for a chart: that is rendered first."""
        if (refused := self._unsupported(task)) is not None:
            return refused
        if task.executable.type == _CHART:
            return None
        work, gpus = self._work(task, snapshot.content, None)
        case = self._case(task, snapshot, work)
        case.gpus = gpus
        return judge(case)

    def handover(self, task: Task, offer: Offer) -> Handover | None:
        """Return the manifest, or the values of the chart, that asks for what was answered."""
        if task.executable.type == _CHART:
            return handover.install(task, offer)
        return handover.apply(task, offer, self._settings)

    def nearest(
        self,
        task: Task,
        snapshot: Snapshot[Cluster],
        ask: Ask,  # noqa: ARG002 - the protocol's
    ) -> tuple[Change, ...]:
        """Return changes that nodes, quotas and limits suggest; a chart is not changed."""
        if task.executable.type not in self._accepted or task.executable.type == _CHART:
            return ()
        cluster = snapshot.content

        def pod(changed: Task) -> PodSpec:
            work, _ = self._work(changed, cluster, None)
            return work.parts[0].batch.spec

        return nearest(task, pod, cluster)

    async def _connect(self, ask: Ask) -> Any:
        """Log in where the last login has ended, and open a connection."""
        # The client library takes half a second to import, which must hold up nobody.
        login = await asyncio.to_thread(_load)
        deadline = ask.deadline * _SHARE
        if self._login is None or self._login.ends <= self.edges.clock():
            await self._log_in(login, deadline)
        from .api import Api

        return Api(self._login, deadline)

    async def _log_in(self, login: Any, deadline: float) -> None:
        paths = self._paths()
        if not paths and not self.config.context and kubeconfig.in_cluster():
            self._login = login.log_in_here()
            self._place = kubeconfig.Context("", kubeconfig.own_namespace())
        elif not paths:
            raise PlatformMisconfigured(
                "there is no kubeconfig", hint="set KUBECONFIG, or the key kubeconfig"
            )
        else:
            place = self._context(paths)
            command = self.edges.command
            self._login = await login.log_in(paths, place.name, command, deadline)
            self._place = place

    def _paths(self) -> tuple[Path, ...]:
        if self.config.kubeconfig:
            parts = self.config.kubeconfig.split(os.pathsep)
            return tuple(Path(part).expanduser() for part in parts if part)
        return kubeconfig.default_paths()

    def _context(self, paths: Sequence[Path]) -> kubeconfig.Context:
        found = [kubeconfig.read(path) for path in paths]
        name = self.config.context or kubeconfig.current(found)
        if not name:
            raise PlatformMisconfigured("the kubeconfig names no current context")
        return kubeconfig.contexts(found).get(name) or kubeconfig.Context(name, "default")

    def _unsupported(self, task: Task) -> Answer | None:
        """Refuse a type that this platform does not run."""
        if task.executable.type in self._accepted:
            return None
        types = ", ".join(TASK_TYPES[uri] for uri in self._accepted)
        told = f"This platform runs {types}"
        if task.executable.type in (_NOTEBOOK, _SCRIPT):
            if task.executable.image:
                return None
            told = "No image is configured in which notebooks and scripts would run"
        asked = task.executable.type[:200]
        reason = Reason(
            "kind-unsupported", told, "/executable/type", asked, types, evidence=(0,)
        )
        source = Evidence("declared", "what the Kubernetes adapter supports")
        now = int(self.edges.clock())
        return Answer(
            self.name, Verdict.NO, Verdict.NO, reasons=(reason,), evidence=(source,),
            kind=self.kind, at=now,
        )  # fmt: skip

    async def _render(self, task: Task, cluster: Cluster, ask: Ask) -> Rendered | None:
        if task.executable.type != _CHART:
            return None
        return await render(
            task,
            cluster.namespace,
            self.edges,
            declared=self.config.charts,
            origins=self.config.chart_origins,
            deadline=ask.deadline * _SHARE,
        )

    def _work(
        self, task: Task, cluster: Cluster, chart: Rendered | None
    ) -> tuple[Work, Chosen]:
        if task.executable.type == _CHART:
            where = "the chart"
            return read_work(chart.documents if chart else (), where), Chosen()
        task.resources.check()
        gpus = chosen(task, cluster.machines)
        access = cluster.access
        pod_only = access["pods"].allowed and not access["jobs"].allowed
        kind = "Pod" if pod_only else "Job"
        made = documents(task, gpus, self._settings, "canidothis", kind)
        return read_work(made, "the task"), gpus

    def _probe(self, task: Task, cluster: Cluster) -> Work:
        """Return a pod that stands for any, where only the type of a task is known."""
        bare = msgspec.structs.replace(
            task,
            executable=msgspec.structs.replace(task.executable, type=_CONTAINER),
            resources=type(task.resources)(),
        )
        return self._work(bare, cluster, None)[0]

    def _case(self, task: Task, snapshot: Snapshot[Cluster], work: Work) -> Case:
        return Case(
            self.name,
            task,
            work,
            snapshot.content,
            self.edges.clock(),
            list(snapshot.evidence),
            context=self._place.name,
            queue=self.config.queue,
        )

    def _cannot(
        self, error: RequestError | PlatformError, snapshot: Snapshot[Cluster]
    ) -> Answer:
        """Say why a chart could not be looked at; the cluster itself is not to blame."""
        field = (
            "/" + error.field.replace(".", "/")
            if isinstance(error, RequestError)
            else "/executable/location"
        )
        message = f"{error.message}; {error.hint}" if error.hint else error.message
        reason = Reason(error.code, message, field, evidence=(0,))  # type: ignore[arg-type]
        return Answer(
            self.name, Verdict.CANNOT_TELL, reasons=(reason,), evidence=snapshot.evidence,
            kind=self.kind, at=int(self.edges.clock()),
        )  # fmt: skip


def _load() -> Any:
    """Import what logs in, with the client library that it needs."""
    from . import login

    login.ready()
    return login
