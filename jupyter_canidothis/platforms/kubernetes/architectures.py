"""Which nodes an image runs on, as far as their labels say what they are.

The scheduler knows nothing of this: it places a pod on any node, where its image then
has no manifest or ends with "exec format error".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from ...answer import Reason
from ...evidence import trim
from ...images.architecture import Architecture
from .cluster import Cluster
from .gpus import Chosen
from .holding import always_pulled, held
from .imaging import Seen, containers
from .objects import Container, Fitted, PodSpec
from .placing import Batch, place
from .selecting import keeps_off

__all__ = ["astray", "bare", "fitted", "mismatch", "pinned"]


def fitted(spec: PodSpec, seen: Mapping[str, Seen], cluster: Cluster) -> PodSpec:
    """Return a pod with the kinds of nodes in it that its images do not run on."""
    unfit = {
        kind
        for each in containers(spec)
        for kind in cluster.kinds
        if each.image in seen and _never(each, seen[each.image], kind, cluster)
    }
    if not unfit:
        return spec
    fields = {name: getattr(spec, name) for name in PodSpec.__struct_fields__}
    return Fitted(**fields, unfit=frozenset(unfit))


def _never(container: Container, seen: Seen, kind: tuple[str, str], cluster: Cluster) -> bool:
    facts = seen.sight.facts
    if facts is None or not facts.built or _runs(kind, facts.built):
        return False
    # What a node holds under that name may be another build of it.
    holding = seen.reference is not None and held(seen.reference, cluster.machines or ())
    return always_pulled(container) or not holding


def _runs(kind: tuple[str, str], built: Iterable[Architecture]) -> bool:
    """Whether nodes of a kind may run an image; their labels do not tell variants."""
    os, name = kind
    if not name:
        return True
    host = Architecture.of(os, name)
    return any(
        each.os == host.os and (each.name == host.name or host.runs(each)) for each in built
    )


def bare(batch: Batch) -> Batch:
    """Return the same pods, as if their images ran everywhere."""
    if not isinstance(batch.spec, Fitted):
        return batch
    return replace(batch, spec=msgspec.structs.replace(batch.spec, unfit=frozenset()))


def mismatch(
    batches: Sequence[Batch], seen: Mapping[str, Seen], cluster: Cluster
) -> Iterator[Reason]:
    """Yield the images without which pods had room, where they have none with them."""
    machines = cluster.machines or ()
    if not place([bare(each) for each in batches], machines, lambda each: each.ever).fits:
        return
    for batch in batches:
        for container in containers(batch.spec):
            facts = seen[container.image].sight.facts if container.image in seen else None
            wrong = [] if facts is None else _wrong(batch, facts.built, machines)
            if facts is not None and wrong:
                built, nodes = (_listed(map(str, facts.built)), _listed(wrong))
                told = f"{_image(container)} is built for {built} only; nodes are {nodes}"
                yield Reason(
                    "arch-mismatch", told, "/executable/image", built, nodes, scope="node"
                )


def _wrong(batch: Batch, built: Sequence[Architecture], machines: Any) -> list[str]:
    """Return the kinds of nodes that would take a pod, unless one of them runs its image."""
    spec = bare(batch).spec
    able = {each.built for each in machines if not keeps_off(each, spec)}
    if not built or any(_runs(kind, built) for kind in able):
        return []
    return sorted("/".join(part for part in kind if part) for kind in able)


def _listed(words: Iterable[str]) -> str:
    return trim(", ".join(words), 200)


def _image(container: Container) -> str:
    return f"Image {trim(container.image, 200)}"


def astray(batches: Sequence[Batch], cluster: Cluster) -> Iterator[Reason]:
    """Yield which pods the scheduler may place where their images do not run."""
    for batch in batches:
        if not isinstance(batch.spec, Fitted):
            continue
        spec, unfit = bare(batch).spec, batch.spec.unfit
        wrong = {m.built for m in cluster.machines or () if not keeps_off(m, spec)} & unfit
        if wrong:
            nodes = _listed(sorted("/".join(filter(None, kind)) for kind in wrong))
            told = f"{batch.name}: the scheduler may place it on {nodes}, and its image"
            told = f"{told} is not built for that; it selects no kubernetes.io/arch"
            yield Reason("not-published", told, scope="node")


def pinned(gpus: Chosen, spec: PodSpec, cluster: Cluster) -> Chosen:
    """Return node selector terms that keep a pod off nodes that do not run its images."""
    if not isinstance(spec, Fitted):
        return gpus
    fit = set(cluster.kinds) - spec.unfit
    systems = {os for os, _ in spec.unfit} - {os for os, _ in fit}
    names = {name for os, name in spec.unfit if os not in systems}
    keys = (("kubernetes.io/os", systems), ("kubernetes.io/arch", names))
    off = [
        {"key": key, "operator": "NotIn", "values": sorted(values)}
        for key, values in keys
        if values
    ]
    terms = [
        {**term, "matchExpressions": [*term.get("matchExpressions", ()), *off]}
        for term in gpus.terms or ({},)
    ]
    return replace(gpus, terms=terms)
