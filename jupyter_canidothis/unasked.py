"""Answers on behalf of platforms that could not be asked, or not be asked afresh."""

from __future__ import annotations

import logging
import time
from typing import Any

import msgspec

from .answer import Answer, Code, Reason, Verdict
from .errors import PlatformError, PlatformTimeout
from .evidence import Evidence
from .platforms.base import Platform
from .platforms.registry import Entry

__all__ = [
    "aged",
    "failed",
    "looped",
    "misconfigured",
    "mistaken",
    "not_admitted",
    "silent",
]

_log = logging.getLogger(__name__)


def aged(answer: Answer, problem: PlatformError, age: int) -> Answer:
    """Mark an answer that rests on an old snapshot; an old NO proves nothing."""
    reason = Reason(
        problem.code,  # type: ignore[arg-type]  # every PlatformError code is a Code
        f"what is known is {age} s old and could not be read again: {problem.message}",
    )
    verdict = Verdict.CANNOT_TELL if answer.verdict is Verdict.NO else answer.verdict
    return msgspec.structs.replace(
        answer, verdict=verdict, now=Verdict.CANNOT_TELL, reasons=(reason, *answer.reasons)
    )


def misconfigured(entry: Entry) -> Answer:
    """Answer for an entry of the configuration that is wrong."""
    info = entry.info
    return _cannot_tell(info.name, info.kind, "misconfigured", info.error)


def looped(entry: Entry) -> Answer:
    """Answer for a platform that would be asked in a circle."""
    told = "this question came back to the planner that asked it"
    return _cannot_tell(entry.info.name, entry.info.kind, "loop", told)


def mistaken(platform: Platform[Any, Any]) -> Answer:
    """Answer for an adapter that raised what it must not; the log has the rest."""
    _log.exception("%s: the adapter failed", platform.name)
    told = "the adapter failed; this is a mistake in it, see the server's log"
    return _cannot_tell(platform.name, platform.kind, "internal-error", told)


def not_admitted(platform: Platform[Any, Any]) -> Answer:
    """Answer NO for a platform that is not open to the asker."""
    evidence = Evidence("declared", "users and groups in the administrator's configuration")
    reason = Reason("not-authorised", "Not authorised", scope="user", evidence=(0,))
    return Answer(
        platform.name,
        Verdict.NO,
        Verdict.NO,
        reasons=(reason,),
        evidence=(evidence,),
        kind=platform.kind,
        at=int(time.time()),
    )


def failed(platform: Platform[Any, Any], error: PlatformError) -> Answer:
    """Answer for a platform that could not be asked, with what happened."""
    message = f"{error.message}; {error.hint}" if error.hint else error.message
    return _cannot_tell(platform.name, platform.kind, error.code, message)  # type: ignore[arg-type]


def silent(limit: float) -> PlatformTimeout:
    """Say that nothing came within this many seconds."""
    return PlatformTimeout(f"no answer within {limit:g} s", hint="ask again later")


def _cannot_tell(name: str, kind: str, code: Code, message: str) -> Answer:
    return Answer(
        name,
        Verdict.CANNOT_TELL,
        reasons=(Reason(code, message),),
        kind=kind,
        at=int(time.time()),
    )
