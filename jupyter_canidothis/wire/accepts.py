"""The Execution Planner protocol of 2021, the server's side: ``/accepts``.

Source: IVOA Execution Planner note (Morris and Bertocco, 2021). The spelling
``reponseword`` and ``reponseinfo`` (sic) is the note's, and is what we write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..answer import Answer, Code, Offer, Reason, Verdict
from ..errors import RequestError
from ..evidence import trim
from ..task import TASK_TYPES, Executable, Task
from . import amounts
from .body import Upload, read_body, read_query, write

__all__ = [
    "HTTP_CODES",
    "PLACES",
    "AcceptsRequest",
    "decode",
    "encode",
    "read_fields",
    "reply_to",
]

LONGEST: Final = 8192
"""Longest text of one field, in characters; a file by value is not counted."""
LANGUAGES: Final = 64
"""Most languages of one notebook."""
WAYS: Final = 100
"""Most interfaces, and most reasons, in one answer."""

PLACES: Final[dict[str, str]] = {
    "uri://jupyter-notebook": "notebook",
    "uri://binder-notebook": "notebook",
    "uri://zeppelin-notebook": "notebook",
    "uri://esap-notebook": "notebook",
    "uri://docker-compose": "composefile",
    "uri://kubernetes-helm": "chart",
    "uri://batch-script": "script",
}
"""The field of ``taskinfo`` that holds the address of the executable, or the file itself."""

HTTP_CODES: Final[dict[Code, int]] = {
    "limit-exceeded": 422,
    "below-minimum": 422,
    "no-such-resource": 422,
    "would-pend-forever": 422,
    "arch-mismatch": 422,
    "refused": 422,
    "quota-exhausted": 429,
    "full-now": 409,
    "closed": 409,
    "software-missing": 404,
    "image-missing": 404,
    "not-authorised": 403,
    "not-authenticated": 401,
    "not-published": 503,
    "unreachable": 503,
    "rate-limited": 503,
    "timed-out": 504,
    "bad-answer": 502,
    "misconfigured": 503,
    "loop": 508,
    "invalid-request": 400,
    "internal-error": 500,
}
"""Reasons in the note's terms. 4xx is a NO; 5xx, 400 and 401 say that nobody can tell.

``kind-unsupported`` is missing on purpose: the note's answer to it is a plain NO.
"""


@dataclass(frozen=True)
class AcceptsRequest:
    """One question in this dialect."""

    task: Task
    """The task as understood; only its type when that is unknown."""
    spelled: Mapping[str, Any]
    """Resource fields in the client's own spelling, for the echo."""

    @property
    def known(self) -> bool:
        """Whether the task type is one of `TASK_TYPES`; otherwise the answer is NO."""
        return self.task.executable.type in TASK_TYPES


def decode(method: str, content_type: str, query: str, body: bytes) -> AcceptsRequest:
    """Read a question.

    The order is normative: the task type first; nothing else is looked at when
    it is unknown.

    Parameters
    ----------
    method
        ``GET`` asks by query; otherwise by body, or by query when that is empty.
    content_type
        Media type of the body, or empty.
    query
        The part of the URL after ``?``.
    body
        The request body, already capped.

    Raises
    ------
    RequestError
        Names the field, what was given and what is accepted.
    """
    by_query = method in ("GET", "HEAD") or not body.strip()
    return read_fields(read_query(query) if by_query else read_body(content_type, body))


def read_fields(fields: Mapping[str, Any]) -> AcceptsRequest:
    """Read a question whose bytes were read already: ``tasktype``, ``taskinfo``, ``resources``.

    Raises
    ------
    RequestError
        Names the field, what was given and what is accepted.
    """
    tasktype = _task_type(fields.get("tasktype"))
    if tasktype not in TASK_TYPES:
        return AcceptsRequest(Task(Executable(tasktype)), {})
    info = _group(fields, "taskinfo")
    # Queries may also write mincores without its group.
    resources, spelled = amounts.read({**fields, **_group(fields, "resources")})
    executable, name = _executable(tasktype, info)
    return AcceptsRequest(Task(executable, resources, name=name), spelled)


def _task_type(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise RequestError("tasktype", value, "a task type such as uri://jupyter-notebook")
    name = trim(value.strip(), 200)
    # Drafts of the note wrote the bare name.
    return f"uri://{name}" if f"uri://{name}" in TASK_TYPES else name


def _group(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = fields.get(name)
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise RequestError(name, value, "an object")
    return value


def _executable(tasktype: str, info: Mapping[str, Any]) -> tuple[Executable, str]:
    place = PLACES.get(tasktype, "")
    given = info.get(place) if place else None
    upload = given if isinstance(given, Upload) else Upload("", _file(info))
    executable = Executable(
        type=tasktype,
        location="" if isinstance(given, Upload) else _text(info, place),
        content=upload.content,
        languages=_languages(info.get("languages")),
        kernel=_text(info, "kernel"),
        image=_text(info, "image"),
        command=_command(info.get("command")),
    )
    return executable, trim(upload.filename, 200)


def _file(info: Mapping[str, Any]) -> str:
    content = info.get("content", "")
    if isinstance(content, Upload):
        return content.content
    if not isinstance(content, str):
        raise RequestError("taskinfo.content", content, "the file as text")
    return content


def _text(info: Mapping[str, Any], name: str) -> str:
    value = info.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST:
        raise RequestError(f"taskinfo.{name}", value, f"text of at most {LONGEST} characters")
    return value


def _languages(value: Any) -> tuple[str, ...]:
    accepted = f'at most {LANGUAGES} names, as a list or as "{{md,python}}"'
    if value is None:
        return ()
    names = value.strip().strip("{}").split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RequestError("taskinfo.languages", value, accepted)
    unique = dict.fromkeys(name.strip().lower() for name in names if name.strip())
    if len(unique) > LANGUAGES or any(len(name) > LONGEST for name in unique):
        raise RequestError("taskinfo.languages", value, accepted)
    return tuple(unique)


def _command(value: Any) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) else value
    if words is None:
        return ()
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise RequestError("taskinfo.command", value, "a list of texts")
    return tuple(words)


def encode(
    request: AcceptsRequest, answers: Sequence[Answer], *, accept: str = ""
) -> tuple[str, bytes]:
    """Write the answers as one reply, in the format of an ``Accept`` header.

    Returns
    -------
    tuple
        Media type and body.
    """
    return write(reply_to(request, answers), accept)


def reply_to(request: AcceptsRequest, answers: Sequence[Answer]) -> dict[str, Any]:
    """Put the answers into one reply.

    Parameters
    ----------
    request
        The question.
    answers
        Of all platforms, the best first; that order is kept.

    Returns
    -------
    dict
        The reply, keys in the order of the note. Several ways to run are
        ``interfaces``, with the best repeated at the top for clients that know
        only the plain form.
    """
    if not request.known:
        return {"reponseword": "NO"}
    accepting = [answer for answer in answers if answer.verdict is Verdict.YES]
    if not accepting:
        reasons = _unique(_reasons(answers))
        info = {"reponseinfo": {"reasons": reasons}} if reasons else {}
        return {"reponseword": "NO", **info}
    ways = _unique(_way(request, offer) for answer in accepting for offer in answer.offers)
    best = ways[0] if ways else {}
    return {"reponseword": "YES", **best, **({"interfaces": ways} if len(ways) > 1 else {})}


def _way(request: AcceptsRequest, offer: Offer) -> dict[str, Any]:
    # The note's replies begin with the endpoint.
    info = dict(sorted(offer.service_info.items(), key=lambda item: item[0] != "endpoint"))
    way = {"servicetype": offer.service_type, "serviceinfo": info}
    granted = amounts.write(request.task.resources, request.spelled, offer.resources)
    return {**way, "resources": granted} if granted else way


def _unique(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in items:
        if len(found) < WAYS and item not in found:
            found.append(item)
    return found


def _reasons(answers: Sequence[Answer]) -> Iterable[dict[str, Any]]:
    for answer in answers:
        for reason in answer.reasons:
            if reason.code in HTTP_CODES:
                yield {"httpcode": HTTP_CODES[reason.code], "text": _words(answer, reason)}
        if not answer.reasons and answer.verdict is Verdict.CANNOT_TELL:
            yield {"httpcode": 503, "text": f"{answer.platform}: nobody can tell"}


def _words(answer: Answer, reason: Reason) -> str:
    # The note's own words: who may use a platform is not for strangers.
    if reason.code == "not-authorised":
        return "Not authorised"
    return f"{answer.platform}: {reason.message}"
