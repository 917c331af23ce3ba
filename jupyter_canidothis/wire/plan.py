"""Our own JSON: the lines of a plan stream, and the requests that lead to one.

Strict on purpose: ``true`` and ``"8"`` are no amounts, and every error names
the field.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from ..answer import Answer, Plan, Summary
from ..errors import CanIDoThisError, RequestError
from ..task import Task
from .typed import decode_json

__all__ = [
    "AliveLine",
    "AnswerLine",
    "DescribeRequest",
    "ErrorLine",
    "KernelQuestions",
    "KernelReplies",
    "Line",
    "NearestRequest",
    "PlanLine",
    "PlanRequest",
    "Problem",
    "SummaryLine",
    "decode_describe_request",
    "decode_nearest_request",
    "decode_plan_request",
    "encode_lines",
    "problem_of",
]


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An error, as every door shows it."""

    code: str
    """Stable slug, e.g. ``invalid-request``."""
    message: str
    """What happened, to what; safe to show."""
    hint: str = ""
    """What the reader can do next."""
    field: str = ""
    """The field that is wrong, in the spelling of the request."""
    accepted: str = ""
    """What would be accepted there."""


class PlanLine(msgspec.Struct, frozen=True, tag="plan"):
    """The head of a stream: the task as understood and the platforms to be asked."""

    plan: Plan
    """Without answers."""


class AnswerLine(msgspec.Struct, frozen=True, tag="answer"):
    """One platform answered."""

    id: str
    """Id of the plan."""
    answer: Answer
    """Its answer."""


class AliveLine(msgspec.Struct, frozen=True, tag="alive"):
    """Nothing new, but the stream lives."""


class SummaryLine(msgspec.Struct, frozen=True, tag="summary"):
    """The last line of a plan."""

    id: str
    """Id of the plan."""
    summary: Summary
    """Its outcome."""


class ErrorLine(msgspec.Struct, frozen=True, tag="error"):
    """The plan ended early."""

    error: Problem
    """Why."""


Line = PlanLine | AnswerLine | AliveLine | SummaryLine | ErrorLine
"""One line of ``application/x-ndjson``, told apart by its ``type``."""


class PlanRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question to the planner."""

    task: Task
    """What somebody wants to run."""
    platforms: tuple[str, ...] = ()
    """Names of the platforms to ask; empty asks all."""
    timeout: float | None = None
    """Seconds for the whole plan; None is the planner's default."""


class NearestRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A wish for the nearest YES of one platform, and for how far each quantity goes."""

    task: Task
    """What somebody wants to run."""
    platform: str
    """Name of the platform to ask again and again."""


class KernelQuestions(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a front end asks a Python kernel that only it can reach; empty when we can."""

    modules: dict[str, Any] | None = None
    """Content of a ``debug_request``, sent on the control channel."""
    inside: dict[str, Any] | None = None
    """Content of an ``execute_request``, sent only while the kernel is idle."""


class KernelReplies(msgspec.Struct, frozen=True, omit_defaults=True):
    """What such a kernel answered; a question without answer is left out."""

    modules: dict[str, Any] | None = None
    """Content of the ``debug_reply``; at most 4 MiB."""
    inside: dict[str, Any] | None = None
    """Content of the ``execute_reply``; at most 4 MiB."""
    busy: bool = False
    """Whether the kernel was not idle, and ``inside`` was not asked."""


class DescribeRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A notebook to describe; at least one of its fields is given."""

    path: str = ""
    """Path of the notebook, for the reader and for relative data paths."""
    notebook: dict[str, Any] | None = None
    """The notebook's content (nbformat 4), unsaved changes included."""
    kernel_id: str = ""
    """Running kernel to look into."""
    kernel_replies: KernelReplies | None = None
    """What it told the front end; not read when the server reaches it itself."""


REPLY_CAP: Final = 4 * 2**20
"""Largest answer of a kernel that is taken, in bytes of JSON."""


_plan_request: Final = msgspec.json.Decoder(PlanRequest)
_nearest_request: Final = msgspec.json.Decoder(NearestRequest)
_describe_request: Final = msgspec.json.Decoder(DescribeRequest)
_encoder: Final = msgspec.json.Encoder()


def encode_lines(lines: Sequence[Line]) -> bytes:
    """Write several lines, each with its line break."""
    return _encoder.encode_lines(lines)


def decode_plan_request(body: bytes) -> PlanRequest:
    """Read a question to the planner.

    Raises
    ------
    RequestError
        Names the field; a minimum above its maximum included.
    """
    request = decode_json(_plan_request, body)
    request.task.resources.check()
    if request.timeout is not None and request.timeout <= 0:
        raise RequestError("timeout", request.timeout, "a number of seconds above 0")
    return request


def decode_nearest_request(body: bytes) -> NearestRequest:
    """Read a wish for the nearest YES.

    Raises
    ------
    RequestError
        Names the field; a minimum above its maximum included.
    """
    request = decode_json(_nearest_request, body)
    request.task.resources.check()
    return request


def decode_describe_request(body: bytes) -> DescribeRequest:
    """Read a notebook to describe.

    Raises
    ------
    RequestError
        Names the field; an answer of a kernel that is too large included.
    """
    request = decode_json(_describe_request, body)
    replies = request.kernel_replies or KernelReplies()
    for name, reply in (("modules", replies.modules), ("inside", replies.inside)):
        size = len(_encoder.encode(reply))
        if size > REPLY_CAP:
            accepted = f"at most {REPLY_CAP} bytes"
            raise RequestError(f"kernel_replies.{name}", f"{size} bytes", accepted)
    return request


def problem_of(error: CanIDoThisError) -> Problem:
    """Write an error as data."""
    field, accepted = "", ""
    if isinstance(error, RequestError):
        field, accepted = error.field, error.accepted
    return Problem(error.code, error.message, error.hint, field, accepted)
