"""Helm charts: where they come from, taken apart safely, rendered by helm.

A chart is foreign: it is unpacked here, bounded in size and number and without links
or paths that lead out, before helm sees it. ``helm template`` talks to no cluster.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...credentials import Origin
from ...errors import (
    PlatformMisconfigured,
    PlatformNotAuthorised,
    PlatformUnreachable,
    RequestError,
)
from ...evidence import Evidence, trim
from ...task import Task
from ...wire import strict_yaml
from ..base import Edges
from .archive import by_value, chart_folder, from_file, unpack

__all__ = ["Rendered", "render"]

MANIFEST_CAP: Final = 2**20
"""Largest rendered manifest, in characters."""
NODES_CAP: Final = 60_000
"""Most YAML nodes of a rendered manifest."""
_FIELD: Final = "executable.location"


@dataclass(frozen=True)
class Rendered:
    """What a chart comes down to."""

    documents: Sequence[Any]
    """Its objects, as YAML has them."""
    evidence: Evidence
    """How they were found."""
    tool: str
    """What installs it: ``helm`` or ``kubectl``."""


async def render(
    task: Task,
    namespace: str,
    edges: Edges,
    *,
    declared: Mapping[str, str],
    origins: Sequence[str],
    deadline: float,
) -> Rendered | None:
    """Return the objects of a task's chart; None where it names no chart.

    Parameters
    ----------
    task
        Location: a folder, a ``.tgz`` or an address of one, with values as content;
        or content alone: a rendered manifest, or a ``.tgz`` in base64.
    namespace
        Where it would be installed.
    edges
        Runs helm and fetches archives.
    declared
        Paths of rendered manifests by location, as an administrator wrote them down.
    origins
        From where archives may be fetched.
    deadline
        Seconds for each step.

    Raises
    ------
    RequestError
        It is no chart, or beyond a bound.
    PlatformError
        It cannot be had or rendered here.
    """
    location, content = task.executable.location, task.executable.content
    if location in declared:
        return await asyncio.to_thread(_declared, location, declared[location])
    if not location and not content:
        return None
    archive = by_value(content) if not location else None
    if not location and archive is None:
        documents = await asyncio.to_thread(_read, content, "executable.content")
        return Rendered(documents, Evidence("declared", "the manifest in the task"), "kubectl")
    with tempfile.TemporaryDirectory(prefix="canidothis-chart-") as folder:
        place = Path(folder)
        source = None if archive else await asyncio.to_thread(chart_folder, location)
        if source is None:
            archive = archive or await _fetch(location, edges, origins, deadline)
            source = await asyncio.to_thread(unpack, archive, place / "chart")
        argv = _argv(place, source, namespace, content if location else "")
        return await _template(argv, edges, place, deadline)


def _declared(location: str, written: str) -> Rendered:
    path = Path(written).expanduser()
    try:
        documents = _read(path.read_text(encoding="utf-8"), f"charts: {location}")
    except (OSError, UnicodeDecodeError, RequestError) as error:
        raise PlatformMisconfigured(
            f"the manifest that is declared for chart {trim(location, 100)} cannot be used"
        ) from error
    return Rendered(documents, Evidence("declared", f"rendered manifest {path}"), "helm")


def _read(text: str, field: str) -> list[Any]:
    return strict_yaml.load_all(text, field, size=MANIFEST_CAP, nodes=NODES_CAP)


async def _fetch(location: str, edges: Edges, origins: Sequence[str], deadline: float) -> bytes:
    if "://" not in location:
        return await asyncio.to_thread(from_file, location)
    try:
        origin = Origin.of(location)
        allowed = {Origin.of(each) for each in origins}
    except ValueError as error:
        raise RequestError(_FIELD, location, "an http or https address") from error
    if origin not in allowed:
        raise PlatformNotAuthorised(
            f"charts are not fetched from {origin}",
            hint="an administrator allows it by chart_origins, or declares its manifest",
        )
    got = await edges.http.fetch(location, deadline=deadline)
    if got.status != 200:  # noqa: PLR2004 - HTTP
        raise PlatformUnreachable(f"the chart cannot be fetched: HTTP {got.status}")
    return got.body


def _argv(place: Path, chart: Path, namespace: str, values: str) -> tuple[str, ...]:
    file = place / "values.yaml"
    file.write_text(values or "{}\n", encoding="utf-8")
    words = ("helm", "template", "canidothis", str(chart), "--namespace", namespace)
    return (*words, "--values", str(file))


async def _template(
    argv: Sequence[str], edges: Edges, place: Path, deadline: float
) -> Rendered:
    """Run ``helm template``; its own folders are ours, so no plugin or repository counts."""
    if shutil.which(argv[0]) is None:
        raise PlatformUnreachable(
            "the chart cannot be rendered here: there is no helm on PATH",
            hint="give the output of 'helm template' as the task's file instead",
        )
    env = {
        f"HELM_{name}_HOME": str(place / name.lower()) for name in ("CACHE", "CONFIG", "DATA")
    }
    done = await edges.command.run(argv, deadline=deadline, env=env, cap=4 * MANIFEST_CAP)
    if done.returncode != 0:
        said = trim(done.stderr.replace(str(place), "").strip(), 300)
        wanted = f"a chart that helm can render; helm says: {said}"
        raise RequestError(_FIELD, "this chart", wanted)
    documents = await asyncio.to_thread(_read, done.stdout, "the rendered chart")
    shown = "helm template canidothis CHART --values VALUES"
    return Rendered(documents, Evidence("live-read", shown), "helm")
