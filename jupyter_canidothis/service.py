"""What the HTTP door answers with: the planner, in a server's terms.

Imported at the first request, so that a server starts as fast with this
extension as without.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import time
from collections.abc import AsyncIterator, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import ensure_async, to_os_path
from tornado.httputil import HTTPServerRequest
from tornado.web import HTTPError

from . import schemas
from .answer import Answer
from .config import load_planner
from .errors import CanIDoThisError, NotebookError, RequestError
from .handover import hand_over
from .maps import draw
from .notebook.kernel import ELSEWHERE, LiveKernel, from_replies
from .notebook.live import describe_live
from .notebook.messages import questions
from .planner import Planner
from .platforms.base import Asker, Edges
from .platforms.kernelspecs import installed_specs
from .ranking import best_first, summarise
from .stream import batches
from .wire import accepts, live
from .wire import plan as wire
from .wire.via import DEADLINE, VIA, read_deadline, read_via
from .wire.vosi import capabilities

__all__ = ["Service"]


class Service:
    """Answers the questions that the routes carry in.

    Parameters
    ----------
    server
        The server whose configuration, kernels and notebooks these are.
    """

    def __init__(self, server: ServerApp) -> None:
        self._server = server

    @cached_property
    def planner(self) -> Planner:
        """The planner of this server's configuration."""
        return load_planner(self._server.config, Edges(kernel_specs=self._kernel_specs))

    async def _kernel_specs(self) -> Mapping[str, Any]:
        """Return the kernels that this server would start on this machine."""
        if self._server.gateway_config.gateway_enabled:
            # Its kernels run elsewhere; here is what this machine has.
            return await installed_specs()
        # The manager may be another one than Jupyter's own, and slow, as conda's is.
        manager = self._server.kernel_spec_manager
        specs: Mapping[str, Any] = await asyncio.to_thread(manager.get_all_specs)
        return specs

    async def accepts(
        self, asked: HTTPServerRequest, body: bytes, user: Any
    ) -> tuple[str, bytes]:
        """Answer in the Execution Planner protocol of 2021.

        Parameters
        ----------
        asked
            The request, whose body was read apart.
        body
            Its body.
        user
            Who asks, as the server knows them.

        Returns
        -------
        tuple
            Media type and body.
        """
        headers = asked.headers
        media = headers.get("Content-Type", "")
        question = accepts.decode(asked.method or "GET", media, asked.query, body)
        answers = []
        if question.known:
            plan = await self.planner.ask(
                question.task,
                asker=self._asker(user),
                via=read_via(headers.get(VIA, "")),
                deadline=read_deadline(headers.get(DEADLINE, "")),
            )
            server = f"{asked.protocol}://{asked.host}{self._server.base_url}"
            answers = [self._reachable(a, server) for a in best_first(plan.answers)]
        return accepts.encode(question, answers, accept=headers.get("Accept", ""))

    def plan(self, headers: Mapping[str, str], body: bytes, user: Any) -> AsyncIterator[bytes]:
        """Answer in our own stream: chunks of whole lines.

        Raises
        ------
        RequestError
            At once, before the first line.
        """
        question = wire.decode_plan_request(body)
        plan = self.planner.plan(question.task, question.platforms)
        arrivals = self.planner.arrivals(
            plan,
            asker=self._asker(user),
            via=read_via(headers.get(VIA, "")),
            deadline=question.timeout,
        )
        return batches(plan, arrivals)

    async def nearest(self, headers: Mapping[str, str], body: bytes, user: Any) -> bytes:
        """Search for the nearest YES of one platform.

        Raises
        ------
        RequestError
            The question cannot be understood, or there is no such platform.
        """
        question = wire.decode_nearest_request(body)
        found = await self.planner.nearest(
            question.task,
            question.platform,
            asker=self._asker(user),
            via=read_via(headers.get(VIA, "")),
        )
        return msgspec.json.encode(found)

    def estimate(self, body: bytes, user: Any) -> bytes:
        """Say at once what is known already; no platform is read or asked.

        Raises
        ------
        RequestError
            Names the field.
        """
        question = live.decode_estimate_request(body)
        started = time.monotonic()
        answers = self.planner.estimate(question.task, question.platforms, self._asker(user))
        took = round((time.monotonic() - started) * 1000)
        summary = summarise(answers, took)
        return msgspec.json.encode(live.Estimate(question.id, tuple(answers), summary))

    async def map(self, body: bytes, user: Any) -> bytes:
        """Say how many platforms would accept a task as two of its amounts vary.

        Raises
        ------
        RequestError
            Names the field.
        """
        wanted = live.decode_map_request(body)
        asker = self._asker(user)
        # Some hundred judgements: the server answers others meanwhile.
        drawn = await asyncio.to_thread(draw, self.planner, wanted, asker)
        return msgspec.json.encode(drawn)

    async def handover(self, body: bytes, user: Any) -> bytes:
        """Ask once more, and return what takes up the offer; nothing is submitted.

        Raises
        ------
        RequestError
            Names the field; a platform that has nothing to hand over included.
        """
        wanted = live.decode_handover_request(body)
        names = (wanted.platform,) if wanted.platform else ()
        plan = await self.planner.ask(wanted.task, names, asker=self._asker(user))
        platform, made = hand_over(self.planner, plan, wanted.platform)
        return msgspec.json.encode(live.HandedOver(platform, *made))

    async def describe(self, body: bytes) -> bytes:
        """Describe a notebook as the front end holds it, or as it lies on disk.

        Raises
        ------
        RequestError
            The kernel is not one of this server's.
        NotebookError
            There is no such notebook, or it cannot be read.
        """
        request = wire.decode_describe_request(body)
        notebook = request.notebook
        if notebook is None:
            if not request.path:
                raise RequestError("path", "", "the path of a notebook, or its content")
            notebook = await self._read(request.path)
        task = await describe_live(
            notebook,
            path=request.path,
            folder=self._folder(request.path),
            **self._kernel(request.kernel_id, request.kernel_replies),
        )
        return msgspec.json.encode(task)

    def questions(self, kernel_id: str) -> bytes:
        """Say what a front end is to ask a kernel, if only it can reach it.

        Raises
        ------
        RequestError
            The kernel is not one of this server's.
        """
        asked = {} if self._reaches(self._running(kernel_id)) else questions()
        return msgspec.json.encode(wire.KernelQuestions(**asked))

    def platforms(self) -> bytes:
        """Say what is known of each platform before it is asked."""
        return msgspec.json.encode(
            {"platforms": [entry.info for entry in self.planner.entries]}
        )

    def schema(self) -> bytes:
        """Return the published JSON Schema."""
        return schemas.read(schemas.SCHEMA)

    def openapi(self) -> bytes:
        """Return the published OpenAPI document."""
        return schemas.read(schemas.OPENAPI)

    def capabilities(self, here: str) -> bytes:
        """Return the VOSI capabilities of the service at this URL."""
        return capabilities(here)

    def problem(self, error: CanIDoThisError) -> bytes:
        """Return what a caller reads of an error."""
        return msgspec.json.encode(wire.problem_of(error))

    def _reachable(self, answer: Answer, server: str) -> Answer:
        """Give the offers of this very server its own address."""
        here = {e.info.name for e in self.planner.entries if e.platform and e.platform.here}
        if answer.platform not in here:
            return answer
        offers = tuple(
            msgspec.structs.replace(
                offer, service_info={"endpoint": server, **offer.service_info}
            )
            for offer in answer.offers
        )
        return msgspec.structs.replace(answer, offers=offers)

    def _asker(self, user: Any) -> Asker:
        # A server whose identity provider knows no names invents a new one for
        # each token request; who holds its token or password is its owner.
        if type(self._server.identity_provider) in (IdentityProvider, PasswordIdentityProvider):
            return self._owner
        groups = getattr(user, "hub_user", None) or {}
        return Asker(user.username, frozenset(groups.get("groups", ())))

    @cached_property
    def _owner(self) -> Asker:
        name = getpass.getuser()
        try:
            import grp
        except ImportError:  # Windows has no groups of this kind
            return Asker(name)
        names = {entry.gr_gid: entry.gr_name for entry in grp.getgrall()}
        ids = os.getgrouplist(name, os.getgid())
        return Asker(name, frozenset(names[number] for number in ids if number in names))

    async def _read(self, path: str) -> dict[str, Any]:
        contents = self._server.contents_manager
        try:
            model = await ensure_async(contents.get(path, type="notebook", content=True))
        except HTTPError as error:
            # The server's own words may hold absolute paths.
            why = {404: "there is no such file", 403: "it may not be read"}
            raise NotebookError(
                f"{path}: {why.get(error.status_code, 'it is not a notebook')}",
                hint="give the path of a notebook this server can open, or its content",
            ) from error
        return dict(model["content"])

    def _folder(self, path: str) -> Path | None:
        """Return the folder of a notebook on this disk, None when it has none."""
        parts = PurePosixPath(path).parts
        root = getattr(self._server.contents_manager, "root_dir", "")
        if not path or not root or ".." in parts or PurePosixPath(path).is_absolute():
            return None
        folder = Path(to_os_path(path, root)).parent
        return folder if folder.is_dir() else None

    def _running(self, kernel_id: str) -> Any:
        kernels = self._server.kernel_manager
        if kernel_id not in kernels:
            raise RequestError("kernel_id", kernel_id, "a running kernel of this server")
        return kernels.get_kernel(kernel_id)

    def _reaches(self, kernel: Any) -> bool:
        """Whether this server has the process of a kernel, or a connection to it.

        It has neither for a kernel behind a gateway (``GatewayKernelManager`` of
        jupyter_server passes a front end's messages on, and sends none itself).
        """
        return bool(_pid(kernel) is not None or getattr(kernel, "connection_file", ""))

    def _kernel(self, kernel_id: str, replies: wire.KernelReplies | None) -> dict[str, Any]:
        """Return what `describe_live` is told of a kernel, or of where there would be one."""
        kernel = self._running(kernel_id) if kernel_id else None
        if kernel is None and replies is None:
            return {"elsewhere": self._server.gateway_config.gateway_enabled}
        if kernel is None or not self._reaches(kernel):
            return {"elsewhere": True, "kernel": _told(replies)}
        return {
            "kernel_name": kernel.kernel_name,
            "pid": _pid(kernel),
            "connection_file": getattr(kernel, "connection_file", ""),
            "busy": getattr(kernel, "execution_state", "") == "busy",
        }


def _pid(kernel: Any) -> int | None:
    # Only kernels started by this server on this host have a process here.
    return getattr(getattr(kernel, "provisioner", None), "pid", None)


def _told(replies: wire.KernelReplies | None) -> LiveKernel:
    if replies is None:
        return LiveKernel(notes=(ELSEWHERE,))
    return from_replies(replies.modules, replies.inside, busy=replies.busy)
