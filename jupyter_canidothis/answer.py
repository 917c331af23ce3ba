"""What platforms reply: `Answer`, its offers, reasons and changes, and the `Plan`."""

from __future__ import annotations

from enum import Enum
from typing import Any, Literal

import msgspec

from .evidence import Evidence
from .resources import Resources
from .task import Task

__all__ = [
    "Answer",
    "Change",
    "Cliff",
    "Code",
    "Edit",
    "Gain",
    "Knows",
    "Look",
    "Nearest",
    "Offer",
    "Plan",
    "PlatformInfo",
    "Reason",
    "Start",
    "Summary",
    "Sure",
    "Verdict",
]


class Verdict(str, Enum):
    """What a platform says. CANNOT_TELL is a verdict of its own, never a NO or YES."""

    YES = "YES"
    NO = "NO"
    CANNOT_TELL = "CANNOT_TELL"


Knows = Literal["ever", "now", "when", "software", "image", "submit"]
"""What a kind of platform can ever know."""

Sure = Literal["estimate", "asked", "checked"]
"""How an answer was found: from a snapshot alone, by asking, or by the platform's dry run."""

Code = Literal[
    "kind-unsupported",
    "limit-exceeded",
    "below-minimum",
    "no-such-resource",
    "quota-exhausted",
    "would-pend-forever",
    "full-now",
    "closed",
    "software-missing",
    "image-missing",
    "arch-mismatch",
    "refused",
    "not-authorised",
    "not-authenticated",
    "not-published",
    "unreachable",
    "rate-limited",
    "timed-out",
    "bad-answer",
    "misconfigured",
    "loop",
    "invalid-request",
    "internal-error",
]
"""Why, in one stable word. The last eleven say why nobody can tell."""


class Reason(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One structured cause of a NO or a CANNOT_TELL, or of "not now"."""

    code: Code
    """The cause, in one stable word."""
    message: str
    """The cause in plain words, units included."""
    field: str = ""
    """JSON pointer into the task, e.g. ``/resources/memory/min``; empty for the whole task."""
    asked: int | str | None = None
    """What the task asks there, in the field's unit."""
    limit: int | str | None = None
    """What the platform allows there, in the field's unit."""
    used: int | None = None
    """How much of the limit is taken already, in the field's unit."""
    scope: str = ""
    """What sets the limit: ``machine``, ``cgroup``, ``partition``, ``node``, ``qos``, ..."""
    text: str = ""
    """The platform's own words; foreign text, to be shown as text only."""
    evidence: tuple[int, ...] = ()
    """Indices into `Answer.evidence`."""


class Start(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """When the task could start, as a range, in seconds from `Answer.at`."""

    earliest: int | None = None
    """Not before this; None when nobody can say."""
    latest: int | None = None
    """Not after this as things stand; None when nobody can say."""
    basis: str = ""
    """What each end rests on, in plain words."""
    evidence: tuple[int, ...] = ()
    """Indices into `Answer.evidence`."""


class Offer(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One way in which the platform would run the task."""

    service_type: str
    """Service type URI, e.g. ``uri://slurm``."""
    name: str = ""
    """The part of the platform that would run it: a partition, a namespace, an interface."""
    service_info: dict[str, Any] = {}
    """What a client needs to go there, e.g. ``endpoint``; no secrets."""
    resources: Resources = Resources()
    """What was asked, with the open ends filled in by the platform."""
    filled: dict[str, str] = {}
    """Who set a value other than the asker, by path such as ``memory.max``.

    ``offered`` by the platform's limits, or its ``default``.
    """
    start: Start | None = None
    """When it could start."""
    evidence: tuple[int, ...] = ()
    """Indices into `Answer.evidence`."""


class Edit(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One value of the task set to another."""

    field: str
    """JSON pointer into the task, e.g. ``/resources/memory/min``."""
    before: int | str | None = None
    """The value now, in the field's unit; None when absent."""
    after: int | str | None = None
    """The value then; None removes it."""


class Change(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The nearest edit of the task that turns this NO into a YES."""

    edits: tuple[Edit, ...]
    """Made together; one where one suffices."""
    message: str
    """The edits in plain words: "Memory 16 GiB → 12 GiB"."""
    checked: bool = False
    """True when the platform was asked again with these edits and said YES; else expected."""


class Cliff(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where a platform's answer changes along one quantity, all else as asked."""

    field: str
    """JSON pointer into the task, e.g. ``/resources/duration/min``."""
    at: int
    """The greatest value on this side of the cliff, in the field's unit."""
    message: str
    """What lies there in plain words: "119 min: maintenance at 18:00"."""
    beyond: Literal["no", "later"] = "no"
    """Beyond it the platform says NO, or would start the task later."""
    checked: bool = False
    """True when the platform was asked on both sides of it; else it is read from limits."""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One platform's reply to one task."""

    platform: str
    """The platform's configured name."""
    verdict: Verdict
    """Would the platform take this, ever, as it stands today?"""
    now: Verdict = Verdict.CANNOT_TELL
    """Is there room at this moment?"""
    offers: tuple[Offer, ...] = ()
    """Ways in which it would run, best first; empty unless the verdict is YES."""
    reasons: tuple[Reason, ...] = ()
    """Why not; with a YES, why not now."""
    changes: tuple[Change, ...] = ()
    """Nearest edits that make a NO a YES, smallest first."""
    cliffs: tuple[Cliff, ...] = ()
    """Where the answer would change along each quantity, for the marks of the sliders."""
    sure: Sure = "asked"
    """How the answer was found."""
    evidence: tuple[Evidence, ...] = ()
    """What every sentence of this answer rests on."""
    kind: str = ""
    """The platform's kind."""
    at: int = 0
    """When the answer was made, in seconds since the Unix epoch."""
    took: int = 0
    """How long asking took, in milliseconds."""
    age: int = 0
    """Age of the oldest snapshot it rests on, in seconds."""


class Nearest(msgspec.Struct, frozen=True, omit_defaults=True):
    """What asking one platform again and again found around one task."""

    platform: str
    """The platform's configured name."""
    verdict: Verdict
    """Of the task as it stands."""
    reasons: tuple[Reason, ...] = ()
    """Why, of the task as it stands, where that is not a YES."""
    changes: tuple[Change, ...] = ()
    """Edits with which the platform was asked and said YES, smallest first."""
    cliffs: tuple[Cliff, ...] = ()
    """How far each quantity goes alone, asked on both sides."""
    asks: int = 0
    """How often the platform was asked; the plain answer, with what it tries, counts once."""
    took: int = 0
    """How long that took, in milliseconds."""
    cut: bool = False
    """Whether the budget ended the search before everything was exact."""


class PlatformInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a platform before it is asked; no secrets."""

    name: str
    """The configured name, unique in the planner."""
    kind: str
    """Which adapter asks it."""
    source: Literal["configured", "added", "discovered"]
    """Where the entry comes from: an administrator's file, this user, or this machine."""
    knows: tuple[Knows, ...] = ()
    """What this kind can ever know."""
    reserves: bool = False
    """Whether asking may hold something on the other side."""
    needs_login: bool = False
    """Whether it has to know who asks."""
    task_types: tuple[str, ...] = ()
    """Task types it may accept; empty when it decides case by case."""
    hands_over: bool = False
    """Whether it can hand over a script or manifest that takes up its offer."""
    error: str = ""
    """Why the entry cannot be used; empty when it can."""


class Look(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a platform is: what it said when it was looked at."""

    platform: str
    """The platform's configured name."""
    problem: Reason | None = None
    """Why it could not be looked at; None when it could."""
    complete: bool = True
    """False when something it holds could not be read."""
    at: int = 0
    """When its snapshot was taken, in seconds since the Unix epoch; 0 without one."""
    ttl: int = 0
    """For how long that snapshot is used, in seconds."""
    took: int = 0
    """How long looking took, in milliseconds."""
    evidence: tuple[Evidence, ...] = ()
    """The commands and addresses that were read."""


class Gain(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change of the task, and the platforms that it turns from NO to YES."""

    change: Change
    """The edits; checked when every platform that it wins was asked with them."""
    platforms: tuple[str, ...] = ()
    """Who said YES when asked again with these very edits."""
    expected: tuple[str, ...] = ()
    """Who accepts by its own limits, without having been asked again."""


class Summary(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last word of a plan."""

    yes: int = 0
    """Platforms that said YES."""
    no: int = 0
    """Platforms that said NO."""
    cannot_tell: int = 0
    """Platforms of which nobody can tell."""
    best: str = ""
    """Name of the best platform that said YES; empty without one."""
    gains: tuple[Gain, ...] = ()
    """Changes that win most platforms, best first; at most three."""
    took: int = 0
    """How long the whole plan took, in milliseconds."""


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """A task and all answers so far."""

    id: str
    """Random, unique; answers of an older plan are dropped by it."""
    task: Task
    """The task as understood."""
    platforms: tuple[PlatformInfo, ...] = ()
    """Who was asked."""
    answers: tuple[Answer, ...] = ()
    """In order of arrival."""
    summary: Summary | None = None
    """Present once every platform answered or the deadline passed."""
    at: int = 0
    """When the plan was made, in seconds since the Unix epoch."""
