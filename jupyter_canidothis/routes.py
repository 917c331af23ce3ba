"""The HTTP door: thin handlers that carry questions in and answers out.

Asking is reading, whatever the verb: every method is authorised for the action
``read`` on the resource ``canidothis``.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any, ClassVar, Final

import msgspec
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from . import schemas
from .answer import Plan
from .errors import CanIDoThisError, RequestTooLarge
from .planner import best_first, summarise
from .wire import accepts
from .wire import plan as wire
from .wire.via import DEADLINE, VIA, read_deadline, read_via

__all__ = ["ROUTES"]

RESOURCE: Final = "canidothis"
TASK_CAP: Final = 4 * 2**20
"""Largest body of a question, in bytes."""
NOTEBOOK_CAP: Final = 64 * 2**20
"""Largest body of a request to describe a notebook, in bytes."""
COALESCE: Final = 0.016
"""Seconds for which lines are gathered before they are sent: one screen frame."""
KEEP_ALIVE: Final = 25.0
"""Seconds of silence after which a line says that we are still here."""


@web.stream_request_body
class Handler(APIHandler):
    """What all routes share: capped bodies and one mapping of errors."""

    cap: ClassVar[int] = TASK_CAP

    def initialize(self, door: Any) -> None:
        """Take the door that `app` opened."""
        self.door = door
        self.body = bytearray()

    async def prepare(self) -> None:
        """Refuse a body that is too large before it is read."""
        self.request.connection.set_max_body_size(self.cap)
        announced = self.request.headers.get("Content-Length", "0")
        if not announced.isdigit() or int(announced) > self.cap:
            self._refuse(self._too_large())
            return
        prepared = super().prepare()
        if prepared is not None:
            await prepared

    def data_received(self, chunk: bytes) -> None:
        """Gather the body, up to the cap."""
        if len(self.body) + len(chunk) > self.cap:
            raise web.HTTPError(413, "body too large")
        self.body += chunk

    def _too_large(self) -> RequestTooLarge:
        return RequestTooLarge(f"the body is larger than {self.cap} bytes")

    def _refuse(self, error: CanIDoThisError) -> None:
        self.set_status(error.http_status)
        self.send(wire.problem_of(error))

    def send(self, value: Any) -> None:
        """Answer with one JSON value."""
        self.finish(msgspec.json.encode(value), set_content_type="application/json")

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

    @property
    def via(self) -> tuple[str, ...]:
        """Ids of the plans that led to this request."""
        return read_via(self.request.headers.get(VIA, ""))


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
        question = accepts.decode(
            self.request.method or "GET",
            self.request.headers.get("Content-Type", ""),
            self.request.query,
            bytes(self.body),
        )
        answers = []
        if question.known:
            plan = await self.door.planner.ask(
                question.task,
                asker=self.door.asker(self.current_user),
                via=self.via,
                deadline=read_deadline(self.request.headers.get(DEADLINE, "")),
            )
            answers = best_first(plan.answers)
        media, body = accepts.encode(
            question, answers, accept=self.request.headers.get("Accept", "")
        )
        self.finish(body, set_content_type=media)


class PlanHandler(Handler):
    """``POST plan``: our own stream of answers."""

    _work: asyncio.Future[None] | None = None

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def post(self) -> None:
        """Stream the plan, one JSON object a line, as answers arrive."""
        question = wire.decode_plan_request(bytes(self.body))
        plan = self.door.planner.plan(question.task, question.platforms)
        answers = self.door.planner.answers(
            plan,
            asker=self.door.asker(self.current_user),
            via=self.via,
            deadline=question.timeout,
        )
        self.set_header("Content-Type", "application/x-ndjson")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        self._work = asyncio.ensure_future(self._stream(plan, answers))
        with contextlib.suppress(asyncio.CancelledError):
            await self._work
            self.finish(set_content_type="application/x-ndjson")

    def on_connection_close(self) -> None:
        """Cancel every outstanding ask: nobody waits for it any more."""
        super().on_connection_close()
        if self._work is not None:
            self._work.cancel()

    async def _stream(self, plan: Plan, answers: AsyncIterator[Any]) -> None:
        started = time.monotonic()
        queue: asyncio.Queue[Any] = asyncio.Queue()
        gathered: list[Any] = []
        await self._send_lines([wire.PlanLine(plan)])
        filling = asyncio.ensure_future(_fill(queue, answers))
        try:
            while True:
                batch = await _batch(queue)
                lines = [
                    wire.AnswerLine(plan.id, answer) for answer in batch if answer is not None
                ]
                gathered += [line.answer for line in lines]
                if batch and batch[-1] is None:
                    took = round((time.monotonic() - started) * 1000)
                    done = wire.SummaryLine(plan.id, summarise(gathered, took))
                    await self._send_lines([*lines, done])
                    return
                await self._send_lines(lines or [wire.AliveLine()])
        finally:
            filling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await filling

    async def _send_lines(self, lines: list[Any]) -> None:
        for line in lines:
            self.write(msgspec.json.encode(line) + b"\n")
        await self.flush()


async def _fill(queue: asyncio.Queue[Any], answers: AsyncIterator[Any]) -> None:
    """Move answers into a queue; None says that there are no more."""
    try:
        async for answer in answers:
            queue.put_nowait(answer)
    finally:
        queue.put_nowait(None)
        await answers.aclose()  # type: ignore[attr-defined]


async def _batch(queue: asyncio.Queue[Any]) -> list[Any]:
    """Return what arrived together, or nothing after a long silence."""
    try:
        batch = [await asyncio.wait_for(queue.get(), KEEP_ALIVE)]
    except asyncio.TimeoutError:
        return []
    if batch[-1] is not None:
        await asyncio.sleep(0 if queue.empty() else COALESCE)
    while not queue.empty():
        batch.append(queue.get_nowait())
    return batch


class DescribeHandler(Handler):
    """``POST describe``: a notebook, and perhaps its kernel, to a task."""

    cap = NOTEBOOK_CAP

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def post(self) -> None:
        """Answer with the task and the evidence of each need."""
        self.send(await self.door.describe(wire.decode_describe_request(bytes(self.body))))


class PlatformsHandler(Handler):
    """``GET platforms``: what is configured or discovered."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def get(self) -> None:
        """Answer with what is known of each platform before it is asked."""
        self.send({"platforms": [entry.info for entry in self.door.planner.entries]})


class SchemaHandler(Handler):
    """``GET schema``: the JSON Schema of task, answer and plan."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def get(self) -> None:
        """Answer with the published schema."""
        self.finish(schemas.read(schemas.SCHEMA), set_content_type="application/schema+json")


class OpenAPIHandler(Handler):
    """``GET openapi.json``: this service, described."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def get(self) -> None:
        """Answer with the OpenAPI document."""
        self.finish(schemas.read(schemas.OPENAPI), set_content_type="application/json")


class CapabilitiesHandler(Handler):
    """``GET capabilities``: VOSI capabilities (IVOA VOSI 1.1, section 3)."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def get(self) -> None:
        """Answer with the capabilities document."""
        from .wire.vosi import capabilities

        here = self.request.full_url().rsplit("/", 1)[0]
        self.finish(capabilities(here), set_content_type="application/xml")


ROUTES: Final = [
    ("accepts?", AcceptsHandler),
    ("plan", PlanHandler),
    ("describe", DescribeHandler),
    ("platforms", PlatformsHandler),
    ("schema", SchemaHandler),
    (r"openapi\.json", OpenAPIHandler),
    ("capabilities", CapabilitiesHandler),
]
