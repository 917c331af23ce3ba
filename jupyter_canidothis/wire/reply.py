"""The Execution Planner protocol of 2021, the client's side.

A reply comes from a stranger: its texts are trimmed, its lists are cut, and
anything of the wrong shape is a protocol error that names the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ..answer import Code, Offer, Verdict
from ..errors import PlatformProtocolError, RequestError
from ..evidence import trim
from ..task import Task
from . import amounts
from .accepts import PLACES, WAYS

__all__ = ["Refusal", "Reply", "encode_task", "read_reply"]

INFO_LIMIT: Final = 4096
"""Largest value inside ``serviceinfo``, as JSON, in bytes."""
INFO_FIELDS: Final = 32
"""Most fields of ``serviceinfo``."""

_SERVER_FAILED: Final = 500
_CODES: Final[dict[int, Code]] = {
    400: "invalid-request",
    401: "not-authenticated",
    403: "not-authorised",
    408: "timed-out",
    500: "internal-error",
    502: "bad-answer",
    504: "timed-out",
    508: "loop",
}
"""The other direction of `HTTP_CODES`, for planners of any make."""


@dataclass(frozen=True)
class Refusal:
    """One reason of a NO, in the note's terms."""

    httpcode: int
    """HTTP status that the reason would have; 0 when it gives none."""
    text: str
    """Its own words, trimmed; foreign text."""

    @property
    def code(self) -> Code:
        """The cause in our words; a 4xx that says nothing special is a refusal."""
        if self.httpcode in _CODES:
            return _CODES[self.httpcode]
        return "unreachable" if self.httpcode >= _SERVER_FAILED else "refused"

    @property
    def undecided(self) -> bool:
        """Whether it says that nobody could tell, rather than no."""
        return self.code not in ("refused", "not-authorised")


@dataclass(frozen=True)
class Reply:
    """What another Execution Planner said."""

    verdict: Verdict
    """CANNOT_TELL is spelled NO here, with a reason that says that nobody could tell."""
    offers: tuple[Offer, ...] = ()
    """Ways to run, best first."""
    refusals: tuple[Refusal, ...] = ()
    """Why not."""


def encode_task(task: Task) -> dict[str, Any]:
    """Write a task as a question; empty fields are left out.

    Software and data needs, and notes, have no field on this wire.
    """
    executable = task.executable
    place = PLACES.get(executable.type, "")
    info = {
        **({place: executable.location} if place else {}),
        "content": executable.content,
        "languages": list(executable.languages),
        "kernel": executable.kernel,
        "image": executable.image,
        "command": list(executable.command),
    }
    question: dict[str, Any] = {
        "tasktype": executable.type,
        "taskinfo": {key: value for key, value in info.items() if value},
    }
    if resources := amounts.spell(task.resources):
        question["resources"] = resources
    return question


def read_reply(value: Any) -> Reply:
    """Read a decoded reply; ``responseword`` is read like the note's ``reponseword``.

    Raises
    ------
    PlatformProtocolError
        Names the field that is wrong.
    """
    reply = _object(value, "the reply")
    word = reply.get("reponseword", reply.get("responseword"))
    if word not in ("YES", "NO"):
        raise _wrong("reponseword", '"YES" or "NO"')
    if word == "NO":
        refusals = _refusals(reply)
        undecided = any(refusal.undecided for refusal in refusals)
        return Reply(Verdict.CANNOT_TELL if undecided else Verdict.NO, refusals=refusals)
    ways = reply.get("interfaces")
    if ways is None:
        return Reply(Verdict.YES, (_offer(reply, ""),))
    if not isinstance(ways, list):
        raise _wrong("interfaces", "a list")
    offers = (_offer(way, f"interfaces[{at}].") for at, way in enumerate(ways[:WAYS]))
    return Reply(Verdict.YES, tuple(offers))


def _wrong(field: str, accepted: str) -> PlatformProtocolError:
    return PlatformProtocolError(f"the answer's {field} is not {accepted}")


def _object(value: Any, field: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong(field, "an object")
    return value


def _refusals(reply: Mapping[str, Any]) -> tuple[Refusal, ...]:
    info = _object(reply.get("reponseinfo", reply.get("responseinfo")), "reponseinfo")
    reasons = info.get("reasons") or []
    if not isinstance(reasons, list):
        raise _wrong("reponseinfo.reasons", "a list")
    return tuple(_refusal(_object(reason, "reason")) for reason in reasons[:WAYS])


def _refusal(reason: Mapping[str, Any]) -> Refusal:
    code, text = reason.get("httpcode", 0), reason.get("text", "")
    if not isinstance(code, int) or isinstance(code, bool):
        raise _wrong("httpcode", "a whole number")
    if not isinstance(text, str):
        raise _wrong("reason's text", "text")
    return Refusal(code, trim(text, 1000))


def _offer(way: Any, field: str) -> Offer:
    fields = _object(way, field.rstrip("."))
    service = fields.get("servicetype", "")
    if not isinstance(service, str):
        raise _wrong(f"{field}servicetype", "text")
    try:
        resources, _ = amounts.read(_object(fields.get("resources"), f"{field}resources"))
    except RequestError as error:
        raise PlatformProtocolError(f"the answer's {field}{error.message}") from error
    info = _object(fields.get("serviceinfo"), f"{field}serviceinfo")
    return Offer(trim(service, 200), service_info=_service_info(info), resources=resources)


def _service_info(info: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in list(info.items())[:INFO_FIELDS]:
        shown = trim(value, INFO_LIMIT) if isinstance(value, str) else value
        link = key == "endpoint"
        if link and not (isinstance(shown, str) and shown.startswith(("http://", "https://"))):
            continue
        if isinstance(shown, str) or len(msgspec.json.encode(shown)) <= INFO_LIMIT:
            kept[trim(key, 100)] = shown
    return kept
