"""Another Execution Planner, asked over HTTP, so that planners federate.

Source: IVOA Execution Planner note (2021), ``POST /accepts``. The note's wire
has no field for software and data needs, and the file itself and local paths
stay here, so a YES is about the kind of task and its resources.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

import msgspec

from ..answer import Answer, Code, Knows, Offer, Reason, Verdict
from ..credentials import Credential, Origin
from ..errors import ConfigurationError
from ..evidence import Evidence, trim
from ..resources import Resources
from ..task import TASK_TYPES, Task
from ..transport import Response
from ..wire.reply import Refusal, Reply, encode_task, read_reply
from ..wire.via import DEADLINE, HOPS, VIA, write_deadline, write_via
from .base import Ask, Edges, Platform, PlatformConfig, Snapshot

__all__ = ["PlannerConfig", "RemotePlanner"]

_RESERVE: Final = 0.9
"""Share of our deadline that the other planner gets; the rest is the way back."""
_FOREVER: Final = 86400.0


class PlannerConfig(PlatformConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Configuration of another Execution Planner."""

    url: str
    """Its address, without ``/accepts``."""
    token_env: str = ""
    """Environment variable that holds the token for it."""
    token_file: str = ""
    """File that holds the token for it."""


class RemotePlanner(Platform[PlannerConfig, None]):
    """One other Execution Planner."""

    kind: ClassVar[str] = "planner"
    service_type: ClassVar[str] = "uri://execution-planner"
    config_type: ClassVar[type[PlatformConfig]] = PlannerConfig
    knows: ClassVar[tuple[Knows, ...]] = ("ever",)

    def __init__(self, config: PlannerConfig, edges: Edges | None = None) -> None:
        super().__init__(config, edges)
        self._url = _address(config.url)
        self._credential = Credential.bind(
            config.url, token_env=config.token_env, token_file=config.token_file
        )

    async def snapshot(self, ask: Ask) -> Snapshot[None]:  # noqa: ARG002 - nothing to read
        """Return nothing: another planner publishes no limits, it answers."""
        return Snapshot(None, taken_at=self.edges.clock(), ttl=_FOREVER)

    async def ask(self, task: Task, snapshot: Snapshot[None], ask: Ask) -> Answer:  # noqa: ARG002
        """Put the task to the other planner.

        Raises
        ------
        PlatformError
            It could not be asked, or its answer is not in the protocol.
        """
        kind = task.executable.type
        if kind not in TASK_TYPES:
            table = Evidence("declared", "task types of the Execution Planner note", kind)
            return self._alone(
                Verdict.NO, "kind-unsupported", "nobody knows this kind of task", table
            )
        plans = (*ask.via, ask.plan_id) if ask.plan_id else ask.via
        if len(set(plans)) < len(plans) or len(plans) > HOPS:
            chain = Evidence("arithmetic", VIA, trim(write_via(plans)))
            return self._alone(Verdict.CANNOT_TELL, "loop", _TOO_FAR, chain)
        try:
            response = await self._post(task, plans, ask.deadline)
        except ConfigurationError as error:
            entry = Evidence("declared", f"configuration of {self.name}")
            return self._alone(Verdict.CANNOT_TELL, "misconfigured", error.message, entry)
        reply = read_reply(response.json())
        raw = trim(response.body.decode(errors="replace"))
        at = int(self.edges.clock())
        return self._answer(task, reply, Evidence("live-read", f"POST {response.url}", raw, at))

    async def _post(self, task: Task, plans: tuple[str, ...], deadline: float) -> Response:
        return await self.edges.http.fetch(
            self._url,
            method="POST",
            body=msgspec.json.encode(encode_task(_public(task))),
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                VIA: write_via(plans),
                DEADLINE: write_deadline(deadline * _RESERVE),
            },
            credential=self._credential,
            deadline=deadline,
        )

    def _alone(self, verdict: Verdict, code: Code, message: str, evidence: Evidence) -> Answer:
        """Answer without asking the other planner."""
        reason = Reason(code, message, evidence=(0,))
        return self._said(verdict, reasons=(reason,), evidence=(evidence,))

    def _said(self, verdict: Verdict, **parts: Any) -> Answer:
        now = Verdict.NO if verdict is Verdict.NO else Verdict.CANNOT_TELL
        at = int(self.edges.clock())
        return Answer(self.name, verdict, now, kind=self.kind, at=at, **parts)

    def _answer(self, task: Task, reply: Reply, evidence: Evidence) -> Answer:
        if reply.verdict is not Verdict.YES:
            reasons = tuple(map(_reason, reply.refusals)) or (_SILENT_NO,)
            return self._said(reply.verdict, reasons=reasons, evidence=(evidence,))
        made = (_completed(offer, task.resources) for offer in reply.offers)
        offers = tuple(offer for offer in made if offer is not None)
        if not offers:
            contradicted = (_CONTRADICTION,)
            return self._said(Verdict.CANNOT_TELL, reasons=contradicted, evidence=(evidence,))
        return self._said(Verdict.YES, offers=offers, evidence=(evidence, *_unasked(task)))


_TOO_FAR: Final = "the question came here through too many planners"
_SILENT_NO: Final = Reason(
    "refused", "the other planner says NO and gives no reason", evidence=(0,)
)
_CONTRADICTION: Final = Reason(
    "bad-answer",
    "the other planner says YES, but offers other resources than asked",
    evidence=(0,),
)


def _address(url: str) -> str:
    try:
        Origin.of(url)
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigurationError(f"url: {error}") from error
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError(
            "url: an address without user name, query and fragment is expected",
            hint="give the token by token_env or token_file",
        )
    return url.rstrip("/") + "/accepts"


def _public(task: Task) -> Task:
    """Leave out what must not leave this machine: the file itself and local paths."""
    web = task.executable.location.startswith(("http://", "https://"))
    location = task.executable.location if web else ""
    executable = msgspec.structs.replace(task.executable, content="", location=location)
    return msgspec.structs.replace(task, executable=executable)


def _unasked(task: Task) -> tuple[Evidence, ...]:
    kept = [name for name, needs in (("software", task.software), ("data", task.data)) if needs]
    if not kept:
        return ()
    text = f"The task's {' and '.join(kept)} were not part of the question."
    return (Evidence("inferred", "IVOA Execution Planner note, /accepts", text),)


def _reason(refusal: Refusal) -> Reason:
    message = {
        "not-authorised": "the other planner says that you are not authorised",
        "not-authenticated": "the other planner wants a login",
        "refused": "the other planner says NO",
    }.get(refusal.code, "the other planner could not tell")
    return Reason(refusal.code, message, text=refusal.text, evidence=(0,))


def _completed(offer: Offer, asked: Resources) -> Offer | None:
    """Return the offer with what was asked in it, or None when it contradicts that."""
    resources = asked
    filled: dict[str, str] = {}
    for name, wanted in asked:
        granted = wanted.overlap(getattr(offer.resources, name))
        if granted is None:
            return None
        resources = msgspec.structs.replace(resources, **{name: granted})
        for end in ("min", "max"):
            if getattr(granted, end) != getattr(wanted, end):
                filled[f"{name}.{end}"] = "offered"
    return msgspec.structs.replace(offer, resources=resources, filled=filled, evidence=(0,))
