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
from pathlib import Path
from typing import Any

import msgspec
from jupyter_core.paths import jupyter_config_dir
from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider
from jupyter_server.serverapp import ServerApp
from tornado.httputil import HTTPServerRequest

from . import added, schemas
from ._version import __version__
from .answer import Answer
from .config import CanIDoThis, load
from .errors import CanIDoThisError, PermissionDenied
from .handover import hand_over
from .maps import draw
from .planner import Planner
from .platforms import registry
from .platforms.base import Asker, Edges
from .platforms.kernelspecs import installed_specs
from .ranking import best_first, summarise
from .stream import batches
from .wire import accepts, documents, live
from .wire import plan as wire
from .wire.typed import decode_into
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
    def _configured(self) -> CanIDoThis:
        return load(self._server.config)

    @cached_property
    def planner(self) -> Planner:
        """The planner of this server's configuration."""
        return self._configured.planner(Edges(kernel_specs=self._kernel_specs))

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

    async def estimate(self, body: bytes, user: Any) -> bytes:
        """Say at once what is known already; no platform is read or asked.

        Raises
        ------
        RequestError
            Names the field.
        """
        question = decode_into(live.EstimateRequest, body)
        started = time.monotonic()
        asker = self._asker(user)
        # A large pool takes a moment: the server answers others meanwhile.
        answers = await asyncio.to_thread(
            self.planner.estimate, question.task, question.platforms, asker
        )
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
        wanted = decode_into(live.HandoverRequest, body)
        names = (wanted.platform,) if wanted.platform else ()
        plan = await self.planner.ask(wanted.task, names, asker=self._asker(user))
        platform, made = hand_over(self.planner, plan, wanted.platform)
        return msgspec.json.encode(live.HandedOver(platform, *made))

    def platforms(self) -> bytes:
        """Say what is known of each platform before it is asked."""
        infos = tuple(entry.info for entry in self.planner.entries)
        kinds = tuple(sorted(registry.kinds()))
        listed = documents.PlatformList(
            infos, __version__, kinds=kinds, may_add=self._configured.may_add
        )
        return msgspec.json.encode(listed)

    async def look(self, body: bytes, user: Any) -> bytes:
        """Look at one platform afresh.

        Raises
        ------
        RequestError
            There is none of this name.
        """
        name = decode_into(documents.LookRequest, body).platform
        return msgspec.json.encode(await self.planner.look(name, self._asker(user)))

    def add(self, body: bytes) -> bytes:
        """Add a platform to the user's own configuration file.

        Raises
        ------
        EntryRefused
            It could not be asked; names the key.
        RequestError
            Its name is taken.
        PermissionDenied
            The administrator lets nobody add platforms.
        ConfigurationError
            The file cannot be changed.
        """
        entry = decode_into(documents.AddRequest, body).entry
        self._check_may_add()
        taken = frozenset(entry.info.name for entry in self.planner.entries)
        added.add(_own_folder(), entry, taken)
        return self._reloaded()

    def remove(self, name: str) -> bytes:
        """Remove a platform that this user added.

        Raises
        ------
        RequestError
            None of this name was added.
        PermissionDenied
            The administrator lets nobody change platforms.
        ConfigurationError
            The file cannot be changed.
        """
        self._check_may_add()
        added.remove(_own_folder(), name)
        return self._reloaded()

    def _check_may_add(self) -> None:
        if not self._configured.may_add:
            raise PermissionDenied(
                "the administrator of this server lets nobody add platforms",
                hint="c.CanIDoThis.may_add decides",
            )

    def _reloaded(self) -> bytes:
        """Forget the planner, so that the next question meets the files as they are now."""
        for kept in ("_configured", "planner"):
            self.__dict__.pop(kept, None)
        return self.platforms()

    def read_task(self, body: bytes) -> bytes:
        """Read a task from text.

        Raises
        ------
        RequestError
            Names the field of the text.
        """
        return msgspec.json.encode(documents.read_task(decode_into(documents.TaskText, body)))

    def write_task(self, body: bytes) -> bytes:
        """Write a task as text.

        Raises
        ------
        RequestError
            Names the field of the task.
        """
        return msgspec.json.encode(
            documents.write_task(decode_into(documents.WriteTaskRequest, body))
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


def _own_folder() -> Path:
    return Path(jupyter_config_dir())
