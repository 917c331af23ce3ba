"""An image as an engine would get it: what it holds, sees in a registry, would pull."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

import msgspec

from ...answer import Code, Reason
from ...errors import ConfigurationError, PlatformError, RequestError
from ...evidence import Evidence, trim
from ...images.architecture import Architecture, fitting
from ...images.facts import ImageFacts
from ...images.reference import Reference
from ...images.registry import Registry
from ...units import format_memory
from .client import EngineClient, Got
from .reading import Details, Image, Info

__all__ = ["FIELD", "Look", "Looker", "View"]

FIELD: Final = "/executable/image"
_MISSING: Final = 404
_MOST_IMAGES: Final = 32
"""Most local images looked into for layers that need no pull."""
_SHARE: Final = 0.6
"""Part of the deadline for an image, so that we say what happened and not the planner."""
_REFUSED: Final[dict[int, Code]] = {401: "not-authenticated", 403: "not-authenticated"}
_LOGIN_WORDS: Final = (
    "unauthorized",
    "authentication required",
    "no basic auth credentials",
    "denied",
)
"""What dockerd passes on, with status 500, of a registry that wants a login."""
_EMULATORS: Final = {"arm64": "aarch64", "386": "i386", "amd64": "x86_64"}


class Look(NamedTuple):
    """An image to look for, and for whom."""

    text: str
    """As the task spells it."""
    info: Info
    """The engine."""
    field: str = FIELD
    """Where the task names it."""
    platform: str = ""
    """``--platform``, where the task asks for one."""


class View(NamedTuple):
    """What was seen."""

    facts: ImageFacts | None = None
    """The image, where it exists."""
    against: tuple[Reason, ...] = ()
    """Why it does not run there; evidence counts from this view's own first."""
    unsure: tuple[Reason, ...] = ()
    """Why nobody can tell."""
    evidence: tuple[Evidence, ...] = ()
    """What this rests on."""
    present: int = 0
    """Compressed bytes that need no pull."""

    @property
    def pull(self) -> int | None:
        """Bytes that are still to be pulled; None when nobody says."""
        if self.facts is None or self.facts.here:
            return 0
        return None if self.facts.size is None else self.facts.size - self.present


class Looker:
    """Looks for images on one engine.

    Parameters
    ----------
    client
        The engine.
    registry
        Registries, asked from here.
    distribution
        Whether the engine tells what it sees in a registry (Docker does).
    root
        Where ``/proc`` is.
    """

    def __init__(
        self,
        client: EngineClient,
        registry: Registry,
        *,
        distribution: bool,
        root: Path = Path("/"),
    ) -> None:
        self._client = client
        self._registry = registry
        self._distribution = distribution
        self._root = root

    async def look(self, wanted: Look, deadline: float) -> View:
        """Find out whether an image runs on the engine; nothing is pulled.

        Raises
        ------
        PlatformError
            The engine itself could not be asked.
        """
        until = time.monotonic() + deadline * _SHARE
        try:
            reference = Reference.parse(wanted.text, wanted.field)
        except RequestError as error:
            told = _reason("image-missing", error.message, wanted)
            named = Evidence("declared", wanted.field, trim(wanted.text, 200))
            return View(against=(told,), evidence=(named,))
        paths = [f"/images/{quote(name, safe='/')}/json" for name in self._names(wanted.text)]
        for got in await self._client.get(paths, until - time.monotonic()):
            if got.status != _MISSING:
                return self._judged(
                    _local(reference, got), wanted, (got.evidence(_shown(got)),)
                )
        return await self._remote(reference, wanted, until)

    def _names(self, text: str) -> tuple[str, ...]:
        """Return under which names the engine may hold an image.

        Podman takes a short name for its own ``localhost/`` first; its API, unlike its
        command line, does not.
        """
        name = text.strip()
        head, slash, _ = name.partition("/")
        short = not slash or not ("." in head or ":" in head or head == "localhost")
        return (name, f"localhost/{name}") if short and not self._distribution else (name,)

    async def _remote(self, reference: Reference, wanted: Look, until: float) -> View:
        host = Architecture.parse(wanted.platform) if wanted.platform else wanted.info.host
        seen, known = await asyncio.gather(
            self._seen(reference, until), self._known(reference, host, until)
        )
        if seen is not None and not seen.ok and seen.status != _MISSING:
            told = _unseen(seen, wanted)
            if told.code != "not-authenticated" or not (known.facts or known.against):
                # What we see ourselves is no proof of what the engine sees.
                return known._replace(
                    facts=None, against=(), unsure=(told,), evidence=(seen.evidence(),)
                )
        if seen is not None and seen.status == _MISSING:
            return _missing(reference, wanted, (seen.evidence(),))
        if seen is not None and seen.ok:
            return await self._joined(reference, seen, known, wanted, until)
        if known.facts is None:
            return known._replace(
                against=tuple(_placed(one, wanted) for one in known.against),
                unsure=tuple(_placed(one, wanted) for one in known.unsure),
            )
        return await self._sized(self._judged(known.facts, wanted, known.evidence), until)

    async def _joined(
        self, reference: Reference, seen: Got, known: View, wanted: Look, until: float
    ) -> View:
        details = seen.read(Details)
        facts = known.facts or ImageFacts(
            name=str(reference), digest=details.Descriptor.digest, built=details.built
        )
        view = self._judged(facts, wanted, (seen.evidence(), *known.evidence))
        return await self._sized(view, until)

    async def _seen(self, reference: Reference, until: float) -> Got | None:
        """Return what the engine sees in the registry; None where it does not tell."""
        if not self._distribution:
            return None
        path = f"/distribution/{quote(str(reference), safe='/')}/json"
        (got,) = await self._client.get((path,), until - time.monotonic())
        return got

    async def _known(self, reference: Reference, host: Architecture, until: float) -> View:
        """Return what the registry says when asked from here."""
        left = max(0.1, until - time.monotonic() - 0.1)
        place = Look(str(reference), Info(0, 0))
        try:
            facts = await self._registry.look(reference, host, left)
        except (PlatformError, ConfigurationError) as error:
            code: Code = "misconfigured"
            if isinstance(error, PlatformError):
                code = error.code  # type: ignore[assignment]  # every one is a Code
            hint = f"; {error.hint}" if error.hint else ""
            told = _reason(code, f"{error.message}{hint}", place)
            source = Evidence("live-read", f"registry {reference.registry}", error.message)
            return View(unsure=(told,), evidence=(source,))
        if facts is None:
            source = Evidence("live-read", f"registry {reference.registry}", "HTTP 404")
            return _missing(reference, place, (source,))
        return View(facts, evidence=facts.evidence)

    def _judged(self, facts: ImageFacts, wanted: Look, evidence: tuple[Evidence, ...]) -> View:
        """Hold what an image is built for against what the engine's host is."""
        host = wanted.info.host
        asked = Architecture.parse(wanted.platform) if wanted.platform else host
        if not facts.built or (fitting(facts.built, asked) and host.runs(asked)):
            return View(facts, evidence=evidence)
        built = ", ".join(str(one) for one in facts.built)
        message = f"The image is built for {built} only; this engine is {host}"
        if wanted.platform and fitting(facts.built, asked):
            message = f"{asked} is asked for; this engine is {host}"
        told = Reason(
            "arch-mismatch",
            message,
            wanted.field,
            trim(built, 200),
            str(host),
            scope="host",
            evidence=(0,),
        )
        if self._emulates(facts.built, wanted.info):
            told = _reason("not-published", f"{message}, which may emulate it", wanted)
            return View(facts, unsure=(told,), evidence=evidence)
        return View(facts, against=(told,), evidence=evidence)

    def _emulates(self, built: Sequence[Architecture], info: Info) -> bool:
        if "Docker Desktop" in info.OperatingSystem:
            return True
        names = {_EMULATORS.get(one.name, one.name) for one in built}
        folder = self._root / "proc/sys/fs/binfmt_misc"
        return self._client.endpoint.local and any(
            (folder / f"qemu-{name}").exists() for name in names
        )

    async def _sized(self, view: View, until: float) -> View:
        """Add how much is to be pulled, and how much of it lies here in other images."""
        facts = view.facts
        if facts is None or facts.size is None or facts.layers is None:
            return view
        present = 0
        if len(facts.contents) == len(facts.layers):
            try:
                shared = await self._shared(facts.contents, until)
            except PlatformError:
                shared = 0
            present = sum(layer.size for layer in facts.layers[:shared])
        text = f"{format_memory(facts.size)} to pull"
        if present:
            text += f", {format_memory(present)} already here"
        sized = Evidence("arithmetic", "layers of the image, and of those here", text)
        return view._replace(evidence=(*view.evidence, sized), present=present)

    async def _shared(self, contents: Sequence[str], until: float) -> int:
        """Return how many layers, from the bottom, an image on the engine has in common."""
        (listed,) = await self._client.get(("/images/json",), until - time.monotonic())
        ids = [str(one.get("Id", "")) for one in listed.read(list[dict])[:_MOST_IMAGES]]  # type: ignore[type-arg]
        paths = [f"/images/{quote(one, safe='')}/json" for one in ids]
        found = await self._client.get(paths, until - time.monotonic()) if paths else []
        most = 0
        for got in found:
            layers = got.read(Image).RootFS.Layers or [] if got.ok else []
            same = 0
            for ours, theirs in zip(layers, contents):  # noqa: B905 - the shorter one ends it
                if ours != theirs:
                    break
                same += 1
            most = max(most, same)
        return most


def _local(reference: Reference, got: Got) -> ImageFacts:
    image = got.read(Image)
    return ImageFacts(
        name=str(reference),
        digest=next(iter(image.RepoDigests or ()), image.Id),
        built=(Architecture.of(image.Os, image.Architecture, image.Variant),),
        labels=image.labels,
        here=True,
    )


def _shown(got: Got) -> str | None:
    """Return what is read of an image; its environment may hold a secret."""
    return msgspec.json.encode(got.read(Image)).decode() if got.ok else None


def _missing(reference: Reference, wanted: Look, evidence: tuple[Evidence, ...]) -> View:
    message = f"There is no image {trim(str(reference), 200)}"
    return View(against=(_reason("image-missing", message, wanted),), evidence=evidence)


def _unseen(seen: Got, wanted: Look) -> Reason:
    """Say why an engine cannot look into a registry."""
    code: Code = _REFUSED.get(seen.status, "unreachable")
    said = seen.message.lower()
    if "toomanyrequests" in said or "rate limit" in said:
        code = "rate-limited"
    elif any(words in said for words in _LOGIN_WORDS):
        code = "not-authenticated"
    message = {
        "rate-limited": "The registry limits how often this engine may ask",
        "not-authenticated": "The registry wants a login for this image, or has none so named",
    }.get(code, "The engine cannot look into the registry")
    return Reason(
        code,
        message,
        wanted.field,
        trim(wanted.text, 200),
        scope="registry",
        text=seen.message,
        evidence=(0,),
    )


def _reason(code: Code, message: str, wanted: Look) -> Reason:
    return Reason(
        code, message, wanted.field, trim(wanted.text, 200), scope="registry", evidence=(0,)
    )


def _placed(reason: Reason, wanted: Look) -> Reason:
    return msgspec.structs.replace(reason, field=wanted.field, asked=trim(wanted.text, 200))
