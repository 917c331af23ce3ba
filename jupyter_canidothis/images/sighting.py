"""One look at an image in its registry, that never fails: seen, absent, or why not seen."""

from __future__ import annotations

from typing import NamedTuple

from ..answer import Code
from ..errors import ConfigurationError, PlatformError
from ..evidence import Evidence, trim
from .architecture import Architecture
from .facts import ImageFacts
from .reference import Reference
from .registry import Registry

__all__ = ["Sight", "see"]


class Sight(NamedTuple):
    """What came of it."""

    facts: ImageFacts | None = None
    """The image, where it was seen."""
    code: Code | None = None
    """Why not; ``image-missing`` where its registry does not have it."""
    message: str = ""
    """Why not, in plain words."""
    evidence: tuple[Evidence, ...] = ()
    """What this rests on."""


async def see(
    registry: Registry, reference: Reference, host: Architecture, deadline: float
) -> Sight:
    """Look for an image; nothing is pulled.

    Parameters
    ----------
    registry
        Registries, asked from here.
    reference
        The image.
    host
        What it shall run on: which image of an index to size.
    deadline
        Seconds for everything.
    """
    source = f"registry {reference.registry}"
    try:
        facts = await registry.look(reference, host, deadline)
    except (PlatformError, ConfigurationError) as error:
        code: Code = "misconfigured"
        if isinstance(error, PlatformError):
            code = error.code  # type: ignore[assignment]  # every one is a Code
        message = f"{error.message}; {error.hint}" if error.hint else error.message
        shown = Evidence("live-read", source, trim(error.message))
        return Sight(None, code, trim(message, 500), (shown,))
    if facts is None:
        message = f"There is no image {trim(str(reference), 200)}"
        shown = Evidence("live-read", source, "HTTP 404")
        return Sight(None, "image-missing", message, (shown,))
    return Sight(facts, evidence=facts.evidence)
