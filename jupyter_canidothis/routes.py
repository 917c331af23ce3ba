"""The HTTP door: thin handlers that carry questions in and answers out.

Asking is reading, whatever the verb: every method is authorised for the action
``read`` on the resource ``canidothis``, except the two that change the user's own
configuration file, which are ``write``. What answers is `service`, imported at
the first request.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.iostream import StreamClosedError

from .errors import CanIDoThisError, RequestTooLarge

if TYPE_CHECKING:
    from .describing import Describer
    from .service import Service

__all__ = ["ROUTES", "Opener"]

RESOURCE: Final = "canidothis"
TASK_CAP: Final = 4 * 2**20
"""Largest body of a question, in bytes."""
NOTEBOOK_CAP: Final = 64 * 2**20
"""Largest body of a request to describe a notebook, in bytes."""
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"


class Opener:
    """Makes the service of a server when it is first asked for."""

    def __init__(self, server: Any) -> None:
        self._server = server

    @cached_property
    def service(self) -> Service:
        """What answers."""
        from .service import Service

        return Service(self._server)

    @cached_property
    def describer(self) -> Describer:
        """What describes."""
        from .describing import Describer

        return Describer(self._server)


@web.stream_request_body
class Handler(APIHandler):
    """What all routes share: capped bodies and one mapping of errors."""

    cap: ClassVar[int] = TASK_CAP

    def initialize(self, opener: Opener) -> None:
        """Take what `app` made."""
        self.opener = opener
        self.body = bytearray()

    @property
    def service(self) -> Service:
        """What answers."""
        return self.opener.service

    async def prepare(self) -> None:
        """Refuse a body that is too large before it is read."""
        self.request.connection.set_max_body_size(self.cap)
        announced = self.request.headers.get("Content-Length", "0")
        if not announced.isdigit() or int(announced) > self.cap:
            self._refuse(RequestTooLarge(f"the body is larger than {self.cap} bytes"))
            return
        prepared = super().prepare()
        if prepared is not None:
            await prepared

    def data_received(self, chunk: bytes) -> None:
        """Gather the body, which the connection caps."""
        self.body += chunk

    def _refuse(self, error: CanIDoThisError) -> None:
        self.set_status(error.http_status)
        self.finish(self.service.problem(error), set_content_type=JSON)

    def write_error(self, status_code: int, **details: Any) -> None:
        """Answer a known error with its problem; leave the rest to the server."""
        error = details.get("exc_info", (None, None, None))[1]
        if isinstance(error, CanIDoThisError):
            self._refuse(error)
        else:
            super().write_error(status_code, **details)

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """Keep refused requests out of the log: they are the caller's business."""
        if not isinstance(error, CanIDoThisError):
            super().log_exception(kind, error, trace)


class AcceptsHandler(Handler):
    """``GET|POST accepts``: the Execution Planner protocol of 2021."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def get(self) -> None:
        """Answer a question in the query string."""
        await self._answer()

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def post(self) -> None:
        """Answer a question in the body."""
        await self._answer()

    async def _answer(self) -> None:
        media, body = await self.service.accepts(
            self.request, bytes(self.body), self.current_user
        )
        self.finish(body, set_content_type=media)


class PlanHandler(Handler):
    """``POST plan``: our own stream of answers."""

    _sending: asyncio.Future[None] | None = None

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def post(self) -> None:
        """Stream the plan, one JSON object a line, as answers arrive."""
        chunks = self.service.plan(self.request.headers, bytes(self.body), self.current_user)
        self.set_header("Content-Type", NDJSON)
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        self._sending = asyncio.ensure_future(self._send(chunks))
        # Who has left may be noticed by writing to them as well as by their closing.
        with contextlib.suppress(asyncio.CancelledError, StreamClosedError):
            await self._sending
            self.finish(set_content_type=NDJSON)

    async def _send(self, chunks: AsyncIterator[bytes]) -> None:
        try:
            async for chunk in chunks:
                self.write(chunk)
                await self.flush()
        finally:
            await chunks.aclose()  # type: ignore[attr-defined]  # an async generator

    def on_connection_close(self) -> None:
        """Cancel every outstanding ask: nobody waits for it any more."""
        super().on_connection_close()
        if self._sending is not None:
            self._sending.cancel()


class NearestHandler(Handler):
    """``POST nearest``: the nearest YES of one platform, by asking it again and again."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def post(self) -> None:
        """Answer with checked changes and the frontier."""
        found = await self.service.nearest(
            self.request.headers, bytes(self.body), self.current_user
        )
        self.finish(found, set_content_type=JSON)


class EstimateHandler(Handler):
    """``POST estimate``: what is known already, at once."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def post(self) -> None:
        """Answer from snapshots alone."""
        judged = await self.service.estimate(bytes(self.body), self.current_user)
        self.finish(judged, set_content_type=JSON)


class MapHandler(Handler):
    """``POST map``: how many platforms would accept a task as two amounts vary."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def post(self) -> None:
        """Answer from snapshots alone."""
        drawn = await self.service.map(bytes(self.body), self.current_user)
        self.finish(drawn, set_content_type=JSON)


class HandoverHandler(Handler):
    """``POST handover``: what takes up an offer; nothing is submitted."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def post(self) -> None:
        """Answer with the text of a script or manifest."""
        made = await self.service.handover(bytes(self.body), self.current_user)
        self.finish(made, set_content_type=JSON)


class DescribeHandler(Handler):
    """``POST describe``: a notebook, and perhaps its kernel, to a task."""

    cap = NOTEBOOK_CAP

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def post(self) -> None:
        """Answer with the task and the evidence of each need."""
        task = await self.opener.describer.describe(bytes(self.body))
        self.finish(task, set_content_type=JSON)


class QuestionsHandler(Handler):
    """``GET describe/questions``: what to ask a kernel that only the front end reaches."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def get(self) -> None:
        """Answer with the messages to send; with none when the server asks itself."""
        kernel_id = self.get_query_argument("kernel_id", "")
        self.finish(self.opener.describer.questions(kernel_id), set_content_type=JSON)


class PlatformsHandler(Handler):
    """``GET platforms``: what is configured or discovered."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def get(self) -> None:
        """Answer with what is known of each platform before it is asked."""
        self.finish(self.service.platforms(), set_content_type=JSON)

    @web.authenticated
    @authorized(action="write", resource=RESOURCE)
    async def post(self) -> None:
        """Add a platform to the user's own configuration file."""
        self.finish(self.service.add(bytes(self.body)), set_content_type=JSON)

    @web.authenticated
    @authorized(action="write", resource=RESOURCE)
    async def delete(self) -> None:
        """Remove a platform that the user added."""
        name = self.get_query_argument("name")
        self.finish(self.service.remove(name), set_content_type=JSON)


class LookHandler(Handler):
    """``POST platforms/look``: how one platform is."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def post(self) -> None:
        """Answer with what came of reading it afresh."""
        look = await self.service.look(bytes(self.body), self.current_user)
        self.finish(look, set_content_type=JSON)


class ReadTaskHandler(Handler):
    """``POST task/read``: text to a task."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def post(self) -> None:
        """Answer with the task and what the text leaves open."""
        self.finish(self.service.read_task(bytes(self.body)), set_content_type=JSON)


class WriteTaskHandler(Handler):
    """``POST task/write``: a task to text."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def post(self) -> None:
        """Answer with the text and the name to save it under."""
        self.finish(self.service.write_task(bytes(self.body)), set_content_type=JSON)


class SchemaHandler(Handler):
    """``GET schema``: the JSON Schema of task, answer and plan."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def get(self) -> None:
        """Answer with the published schema."""
        self.finish(self.service.schema(), set_content_type="application/schema+json")


class OpenAPIHandler(Handler):
    """``GET openapi.json``: this service, described."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def get(self) -> None:
        """Answer with the OpenAPI document."""
        self.finish(self.service.openapi(), set_content_type=JSON)


class CapabilitiesHandler(Handler):
    """``GET capabilities``: VOSI capabilities (IVOA VOSI 1.1, section 3)."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def get(self) -> None:
        """Answer with the capabilities document."""
        here = self.request.full_url().rsplit("/", 1)[0]
        self.finish(self.service.capabilities(here), set_content_type="application/xml")


ROUTES: Final = [
    ("accepts?", AcceptsHandler),
    ("plan", PlanHandler),
    ("estimate", EstimateHandler),
    ("map", MapHandler),
    ("handover", HandoverHandler),
    ("nearest", NearestHandler),
    ("describe", DescribeHandler),
    ("describe/questions", QuestionsHandler),
    ("platforms", PlatformsHandler),
    ("platforms/look", LookHandler),
    ("task/read", ReadTaskHandler),
    ("task/write", WriteTaskHandler),
    ("schema", SchemaHandler),
    (r"openapi\.json", OpenAPIHandler),
    ("capabilities", CapabilitiesHandler),
]
