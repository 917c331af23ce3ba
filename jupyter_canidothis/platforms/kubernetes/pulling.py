"""Whether the images of a case can be had on the nodes, and hold what a notebook needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec

from ...answer import Code, Reason
from ...evidence import Evidence, trim
from ...images.labels import contents
from ...images.needs import missing, source
from ...images.reference import Reference
from ...units import format_memory
from .case import Case
from .cluster import Machine
from .holding import always_pulled, held, never_pulled
from .imaging import MOST, Seen, containers, names
from .objects import Container, PodSpec
from .placing import Batch
from .selecting import keeps_off

__all__ = ["Pulls", "pulls"]

_LOGIN: Final = frozenset({"not-authenticated", "not-authorised"})
_FEW: Final = 2
"""Up to so many images are shown with everything that was read of them."""
_NOTEBOOK: Final = "uri://jupyter-notebook"


@dataclass
class Pulls:
    """What comes of all images."""

    no: list[Reason] = field(default_factory=list)
    """What speaks against."""
    unsure: list[Reason] = field(default_factory=list)
    """What nobody can tell."""
    notes: list[Reason] = field(default_factory=list)
    """What was not checked, beside a YES."""


class _Use(NamedTuple):
    """One image, and the pods that want it."""

    image: str
    containers: list[Container]
    specs: list[PodSpec]
    field: str

    @property
    def always(self) -> bool:
        return any(map(always_pulled, self.containers))

    @property
    def never(self) -> bool:
        return any(map(never_pulled, self.containers))


class _Held(NamedTuple):
    """On how many of the nodes where its pods may go an image lies."""

    on: int
    of: int
    cut: bool
    """Whether more of them may hold it."""

    @property
    def everywhere(self) -> bool:
        return 0 < self.of == self.on

    @property
    def nowhere(self) -> bool:
        return not self.on and not self.cut


def pulls(case: Case, batches: Sequence[Batch]) -> Pulls:
    """Judge every image of a case."""
    found = Pulls()
    wanted = names(batch.spec for batch in batches)
    for image in wanted:
        use = _use(case, image, batches)
        if (seen := case.seen.get(image)) is not None:
            _judge(case, use, seen, found, few=len(wanted) <= _FEW)
        elif not case.is_chart:
            told = "Whether the image can be pulled there is not known before it runs"
            found.notes.append(_reason("not-published", told, use, ()))
    if case.is_chart and case.seen and len(wanted) > MOST:
        told = f"Only {MOST} of {len(wanted)} images were looked for"
        found.notes.append(Reason("not-published", told, scope="registry"))
    return found


def _use(case: Case, image: str, batches: Iterable[Batch]) -> _Use:
    pairs = [
        (each, batch.spec)
        for batch in batches
        for each in containers(batch.spec)
        if each.image == image
    ]
    place = "" if case.is_chart else "/executable/image"
    return _Use(image, [each for each, _ in pairs], [spec for _, spec in pairs], place)


def _judge(case: Case, use: _Use, seen: Seen, found: Pulls, *, few: bool) -> None:
    sight = seen.sight
    shown = [case.add(each) for each in (sight.evidence if few else sight.evidence[:1])]
    if seen.reference is None:
        found.no.append(_reason("image-missing", sight.message, use, shown))
        return
    holding = _held(case, use, seen.reference)
    shown.append(case.add(_summary(seen, holding)))
    if use.never:
        _unpulled(use, holding, shown, found)
    if not all(map(never_pulled, use.containers)) and not (
        holding.everywhere and not use.always
    ):
        _registry(use, seen, holding, shown, found)
    if case.task.executable.type == _NOTEBOOK:
        _inside(case, use, seen, found)


def _inside(case: Case, use: _Use, seen: Seen, found: Pulls) -> None:
    """Hold what a notebook needs against what its image holds."""
    facts = seen.sight.facts
    labels = facts.labels if facts is not None else {}
    inside = contents(seen.reference, labels) if seen.reference is not None else None
    if inside is None and facts is None:
        told = "What the image holds for a notebook could not be checked"
        found.notes.append(
            msgspec.structs.replace(_reason("not-published", told, use, ()), scope="image")
        )
        return
    against, unsure = missing(case.task, inside, case.add(source(inside, sorted(labels))))
    found.no += against
    found.unsure += unsure


def _held(case: Case, use: _Use, reference: Reference) -> _Held:
    machines = case.cluster.machines
    if machines is None:
        return _Held(0, 0, cut=True)
    able: list[Machine] = [
        each for each in machines if any(not keeps_off(each, spec) for spec in use.specs)
    ]
    on = held(reference, able)
    cut = case.cluster.grows or any(each.cut for each in able)
    return _Held(len(on), len(able), cut)


def _unpulled(use: _Use, holding: _Held, shown: Sequence[int], found: Pulls) -> None:
    """Judge an image that is not to be pulled (``imagePullPolicy: Never``)."""
    if holding.everywhere:
        return
    told = f"{_name(use)} is never to be pulled, and {_where(holding)}"
    if holding.nowhere:
        found.no.append(_reason("image-missing", told, use, shown))
    else:
        found.unsure.append(_reason("not-published", told, use, shown))


def _registry(
    use: _Use, seen: Seen, holding: _Held, shown: Sequence[int], found: Pulls
) -> None:
    """Judge what the registry says of an image that some node has to pull."""
    sight = seen.sight
    if sight.code == "image-missing":
        told = f"{sight.message}; its registry does not have it"
        if use.always or holding.nowhere:
            found.no.append(_reason("image-missing", told, use, shown))
        else:
            told = f"{told}, and {_where(holding)}"
            found.unsure.append(_reason("not-published", told, use, shown))
    elif sight.code in _LOGIN:
        told = f"The registry wants a login for {_name(use, lower=True)}, or has none so named"
        told = f"{told}; {_logins(use)}"
        found.unsure.append(_reason("not-authenticated", told, use, shown, sight.message))
    elif sight.code is not None:
        told = f"Whether {_name(use, lower=True)} can be pulled there could not be checked"
        found.notes.append(_reason(sight.code, told, use, shown, sight.message))
    elif seen.by_login:
        told = f"{_name(use)} was seen with your own login only; {_logins(use)}"
        where = found.notes if _secrets(use) else found.unsure
        where.append(_reason("not-published", told, use, shown))


def _secrets(use: _Use) -> list[str]:
    """Return the pull secrets of the pods, if all of them have one.

    A dry run fills in those of the service account (ServiceAccount admission).
    """
    if not all(spec.logins for spec in use.specs):
        return []
    return list(dict.fromkeys(one.name for spec in use.specs for one in spec.logins or ()))


def _logins(use: _Use) -> str:
    if secrets := _secrets(use):
        listed = trim(", ".join(secrets), 200)
        return f"what the cluster's own imagePullSecrets ({listed}) open is not shown"
    return "the pod has no imagePullSecrets, and logins of the nodes are not shown"


def _where(holding: _Held) -> str:
    if not holding.of:
        return "whether a node holds it is not shown"
    more = "; some nodes do not name all of theirs" if holding.cut else ""
    return f"{holding.on} of {holding.of} nodes hold it{more}"


def _summary(seen: Seen, holding: _Held) -> Evidence:
    facts, words = seen.sight.facts, []
    if facts is not None and facts.built:
        words.append("built for " + ", ".join(map(str, facts.built)))
    if facts is not None and facts.size is not None:
        words.append(f"{format_memory(facts.size)} to pull")
    if holding.of:
        words.append(f"already on {holding.on} of {holding.of} nodes where it may run")
    else:
        words.append("which nodes hold it is not shown")
    return Evidence(
        "arithmetic", f"{seen.reference}: registry, and images of nodes", trim("; ".join(words))
    )


def _name(use: _Use, *, lower: bool = False) -> str:
    return f"{'image' if lower else 'Image'} {trim(use.image, 200)}"


def _reason(
    code: Code, message: str, use: _Use, shown: Sequence[int], text: str = ""
) -> Reason:
    return Reason(
        code,
        trim(message, 500),
        use.field,
        trim(use.image, 200),
        scope="registry",
        text=trim(text, 500),
        evidence=tuple(shown),
    )
