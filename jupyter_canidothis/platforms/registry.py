"""Kinds of platforms by name: entry points, loaded on first use.

Adding a kind takes one module and one line in the entry-point group
``jupyter_canidothis.platforms``; ours are listed there like everybody else's.
"""

from __future__ import annotations

import importlib.metadata
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, cast

from ..answer import PlatformInfo
from ..errors import ConfigurationError
from ..evidence import trim
from .base import Edges, Platform

__all__ = ["GROUP", "Entry", "build", "discover", "kinds", "load"]

GROUP: Final = "jupyter_canidothis.platforms"

Source = Literal["configured", "added", "discovered"]

_LONGEST: Final = 200
"""Most characters that are shown of a name or kind that may be wrong."""

_log = logging.getLogger(__name__)


@cache
def kinds() -> dict[str, importlib.metadata.EntryPoint]:
    """Return the installed kinds by name, without importing any."""
    return {point.name: point for point in importlib.metadata.entry_points(group=GROUP)}


@cache
def load(kind: str) -> type[Platform[Any, Any]]:
    """Import the adapter of one kind.

    Raises
    ------
    ConfigurationError
        No such kind, or its module or a library it needs cannot be imported.
    """
    point = kinds().get(kind)
    if point is None:
        known = ", ".join(sorted(kinds())) or "none"
        raise ConfigurationError(f"kind: there is no {kind!r}; installed kinds: {known}")
    try:
        return cast("type[Platform[Any, Any]]", point.load())
    except ImportError as error:
        raise ConfigurationError(
            f"kind {kind!r} cannot be loaded: {error}",
            hint=f"install what it needs, e.g. pip install {error.name or kind}",
        ) from error


@dataclass(frozen=True)
class Entry:
    """One configured or discovered platform, usable or not."""

    info: PlatformInfo
    """What is known of it; `PlatformInfo.error` says why it is not usable."""
    platform: Platform[Any, Any] | None
    """The adapter, or None when the entry is wrong."""


def build(
    configured: Sequence[Mapping[str, Any]],
    found: Sequence[Mapping[str, Any]] = (),
    edges: Edges | None = None,
    *,
    added: Sequence[Mapping[str, Any]] = (),
) -> tuple[Entry, ...]:
    """Build every platform of a configuration; a bad entry harms no other.

    Parameters
    ----------
    configured
        Entries as an administrator wrote them.
    found
        Entries from `discover`; those whose kind is configured already are left out.
    edges
        Replaces what adapters touch outside the process.
    added
        Entries that the user added, in the same form.
    """
    shared = edges or Edges()
    written = (*configured, *added)
    taken = {str(entry.get("kind")) for entry in written if isinstance(entry, Mapping)}
    extra = [entry for entry in found if entry["kind"] not in taken]
    entries: list[Entry] = []
    names: set[str] = set()
    numbered: list[tuple[int, Any, Source]] = [
        *((number, entry, "configured") for number, entry in enumerate(configured)),
        *((number, entry, "added") for number, entry in enumerate(added)),
        *((number, entry, "discovered") for number, entry in enumerate(extra)),
    ]
    for number, entry, source in numbered:
        built = _build_one(number, entry, source, shared, names)
        names.add(built.info.name)
        entries.append(built)
    return tuple(entries)


def _build_one(
    number: int, entry: object, source: Source, edges: Edges, names: set[str]
) -> Entry:
    where = f"{'added' if source == 'added' else 'platforms'}[{number}]"
    name, kind = where, ""
    if isinstance(entry, Mapping):
        kind = trim(str(entry.get("kind") or ""), _LONGEST)
        name = trim(str(entry.get("name") or kind or where), _LONGEST)
    try:
        platform = _configure(entry, kind, name, edges, names)
    except ConfigurationError as error:
        problem = error.message
    except Exception as error:  # noqa: BLE001 - a mistake in one adapter must not cost the others
        _log.exception("%s: the adapter of kind %r failed", where, kind)
        problem = f"the adapter of kind {kind!r} failed: {type(error).__name__}"
    else:
        return Entry(describe(platform, source), platform)
    shown = name if name not in names else f"{name} ({where})"
    return Entry(PlatformInfo(shown, kind, source, error=f"{where}: {problem}"), None)


def _configure(
    entry: object, kind: str, name: str, edges: Edges, names: set[str]
) -> Platform[Any, Any]:
    if not isinstance(entry, Mapping):
        raise ConfigurationError("expected a mapping with at least the key 'kind'")
    if not kind:
        raise ConfigurationError("kind: missing")
    if name in names:
        raise ConfigurationError(f"name: {name!r} is taken by an entry before it")
    return load(kind).configure(entry, edges)


def describe(platform: Platform[Any, Any], source: Source) -> PlatformInfo:
    """Say what is known of a platform before it is asked."""
    return PlatformInfo(
        name=platform.name,
        kind=platform.kind,
        source=source,
        knows=platform.knows,
        reserves=platform.reserves,
        needs_login=platform.needs_login,
        task_types=platform.task_types,
        hands_over=type(platform).handover is not Platform.handover,
    )


def discover() -> tuple[Mapping[str, Any], ...]:
    """Ask every installed kind what this machine knows of; touches no network."""
    found: list[Mapping[str, Any]] = []
    for kind in sorted(kinds()):
        try:
            found.extend(load(kind).discover())
        except ConfigurationError:
            # A kind that cannot be imported has nothing to discover; configuring
            # it says why.
            continue
        except Exception:  # noqa: BLE001 - a mistake in one adapter must not cost the others
            _log.exception("the adapter of kind %r failed to look around", kind)
    return tuple(found)
