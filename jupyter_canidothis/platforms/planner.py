"""Another Execution Planner, asked over HTTP, so that planners federate.

Source: IVOA Execution Planner note (2021), ``POST /accepts``. The note's wire
has no field for software and data needs, and the file itself and local paths
stay here, so a YES is about the kind of task and its resources.
"""

from __future__ import annotations

from typing import ClassVar, Final
from urllib.parse import urlsplit

import msgspec

from ..answer import Answer, Code, Knows, Offer, Reason, Verdict
from ..credentials import Credential, Origin
from ..errors import ConfigurationError
from ..evidence import Evidence, trim
from ..resources import Range, Resources
from ..task import Task
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
        plans = (*ask.via, ask.plan_id) if ask.plan_id else ask.via
        if len(set(plans)) < len(plans) or len(plans) > HOPS:
            return self._cannot_tell("loop", "the question came here through too many planners")
        try:
            response = await self.edges.http.fetch(
                self._url,
                method="POST",
                body=msgspec.json.encode(encode_task(_public(task))),
                headers={
                    "Content-Type": "application/json",
                    "Accept": "application/json",
                    VIA: write_via(plans),
                    DEADLINE: write_deadline(ask.deadline * _RESERVE),
                },
                credential=self._credential,
                deadline=ask.deadline,
            )
        except ConfigurationError as error:
            return self._cannot_tell("misconfigured", error.message)
        reply = read_reply(response.json())
        raw = trim(response.body.decode(errors="replace"))
        at = int(self.edges.clock())
        evidence = Evidence("live-read", f"POST {response.url}", raw, at)
        return self._answer(task, reply, evidence)

    def _cannot_tell(self, code: Code, message: str) -> Answer:
        return self._said(Verdict.CANNOT_TELL, reasons=(Reason(code, message),))

    def _said(
        self,
        verdict: Verdict,
        *,
        offers: tuple[Offer, ...] = (),
        reasons: tuple[Reason, ...] = (),
        evidence: tuple[Evidence, ...] = (),
    ) -> Answer:
        return Answer(
            self.name,
            verdict,
            offers=offers,
            reasons=reasons,
            evidence=evidence,
            kind=self.kind,
            at=int(self.edges.clock()),
        )

    def _answer(self, task: Task, reply: Reply, evidence: Evidence) -> Answer:
        if reply.verdict is not Verdict.YES:
            reasons = tuple(map(_reason, reply.refusals)) or (_SILENT_NO,)
            return self._said(reply.verdict, reasons=reasons, evidence=(evidence,))
        offers = tuple(
            _completed(offer, task.resources)
            for offer in reply.offers
            if _fits(offer.resources, task.resources)
        )
        if not offers:
            return self._said(
                Verdict.CANNOT_TELL, reasons=(_CONTRADICTION,), evidence=(evidence,)
            )
        return self._said(Verdict.YES, offers=offers, evidence=(evidence, *_unasked(task)))


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


def _fits(offered: Resources, asked: Resources) -> bool:
    return all(wanted.overlap(getattr(offered, name)) is not None for name, wanted in asked)


def _completed(offer: Offer, asked: Resources) -> Offer:
    """Return the offer with what was asked, and its own values where the ask was open."""
    resources = asked
    filled: dict[str, str] = {}
    for name, wanted in asked:
        granted: Range = getattr(offer.resources, name)
        for end in ("min", "max"):
            value = getattr(granted, end)
            if value is not None and value != getattr(wanted, end):
                resources = resources.replace(name, **{end: value})
                filled[f"{name}.{end}"] = "offered"
    return msgspec.structs.replace(offer, resources=resources, filled=filled, evidence=(0,))
