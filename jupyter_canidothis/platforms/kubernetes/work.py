"""What a task comes down to on Kubernetes: objects to create, and the pods they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from ...errors import RequestError
from .objects import PodSpec
from .placing import Batch
from .quantity import parse

__all__ = ["MOST_OBJECTS", "Part", "Work", "path_of", "plural", "read_work"]

MOST_OBJECTS: Final = 200
"""Most objects of one chart or manifest."""
MOST_PODS: Final = 50_000
"""Most pods of one chart or manifest."""
_DEPTH: Final = 12
"""How deep in an object of an unknown kind pod templates are looked for."""

_PLURALS: Final = {
    "Ingress": "ingresses",
    "NetworkPolicy": "networkpolicies",
    "PodSecurityPolicy": "podsecuritypolicies",
    "PriorityClass": "priorityclasses",
    "StorageClass": "storageclasses",
    "IngressClass": "ingressclasses",
    "Endpoints": "endpoints",
}
_CLUSTER_WIDE: Final = frozenset(
    {
        "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "Namespace", "Node",
        "PersistentVolume", "PriorityClass", "StorageClass", "IngressClass",
        "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "APIService",
    }
)  # fmt: skip
_SIMPLE: Final = frozenset(
    {"v1", "apps/v1", "batch/v1", "batch/v1beta1", "networking.k8s.io/v1", "policy/v1",
     "policy/v1beta1", "rbac.authorization.k8s.io/v1", "scheduling.k8s.io/v1",
     "storage.k8s.io/v1", "autoscaling/v1", "autoscaling/v2"}
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Some pods that are alike, and one of them as a document."""

    batch: Batch
    """The pods."""
    template: Mapping[str, Any]
    """One of them: ``metadata`` and ``spec``."""


@dataclass(frozen=True)
class Work:
    """All of it."""

    objects: tuple[Mapping[str, Any], ...]
    """What is created."""
    parts: tuple[Part, ...]
    """What pods that makes."""
    counted: Mapping[str, int] = field(default_factory=dict)
    """What the objects other than pods take of quotas."""
    classes: frozenset[str] = frozenset()
    """Storage classes asked for; empty is the default one."""
    made: frozenset[tuple[str, str]] = frozenset()
    """Kind and name of every object."""

    @property
    def pods(self) -> int:
        """How many pods that is."""
        return sum(part.batch.count for part in self.parts)


def read_work(documents: Sequence[Any], where: str = "manifest") -> Work:
    """Read the objects of a manifest, lists among them taken apart.

    Parameters
    ----------
    documents
        As YAML has them.
    where
        What they are, for the error.

    Raises
    ------
    RequestError
        Not objects of Kubernetes, or too many.
    """
    objects = [each for document in documents for each in _flat(document, where)]
    if len(objects) > MOST_OBJECTS:
        raise RequestError(where, f"{len(objects)} objects", f"at most {MOST_OBJECTS}")
    parts = tuple(part for each in objects for part in _parts(each, where))
    if sum(part.batch.count for part in parts) > MOST_PODS:
        raise RequestError(where, "more pods than that", f"at most {MOST_PODS} pods")
    claims = [claim for each in objects for claim in _claims(each)]
    made = frozenset(
        (str(each["kind"]), str(each["metadata"].get("name", ""))) for each in objects
    )
    classes = frozenset(str(claim.get("storageClassName") or "") for claim, _ in claims)
    return Work(tuple(objects), parts, _counted(objects, claims), classes, made)


def plural(kind: str) -> str:
    """Return the name that the API and quotas give to a kind (API conventions)."""
    return _PLURALS.get(kind, f"{kind.lower()}s")


def path_of(document: Mapping[str, Any], namespace: str) -> str:
    """Return the address at which an object of a built-in kind is created; else empty."""
    version, kind = str(document["apiVersion"]), str(document["kind"])
    if version not in _SIMPLE:
        return ""
    root = "/api/v1" if version == "v1" else f"/apis/{version}"
    if kind in _CLUSTER_WIDE:
        return f"{root}/{plural(kind)}"
    return f"{root}/namespaces/{namespace}/{plural(kind)}"


def _flat(document: Any, where: str) -> Iterator[dict[str, Any]]:
    if not isinstance(document, dict) or not isinstance(document.get("kind"), str):
        raise RequestError(where, type(document).__name__, "objects with apiVersion and kind")
    if not isinstance(document.get("apiVersion"), str):
        raise RequestError(where, document["kind"], "objects with apiVersion and kind")
    if document["kind"].endswith("List") and isinstance(document.get("items"), list):
        for item in document["items"]:
            yield from _flat(item, where)
        return
    if not isinstance(document.setdefault("metadata", {}), dict):
        raise RequestError(f"{where}: {document['kind']}", "metadata", "a mapping")
    yield document


def _parts(document: Mapping[str, Any], where: str) -> Iterator[Part]:
    kind, name = str(document["kind"]), str(document["metadata"].get("name", ""))
    label = f"{kind}/{name}" if name else kind
    if kind == "Pod":
        yield _part(document, 1, label, where)
        return
    for holder in _holders(document.get("spec"), 0):
        daemon = kind == "DaemonSet"
        # One on each node: how many those are is for the nodes to say.
        count = 1 if daemon else _count(holder, f"{where}: {label}")
        yield _part(holder["template"], count, label, where, daemon=daemon)


def _holders(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """Yield everything that holds a pod template, at any depth, as custom kinds do."""
    if depth > _DEPTH:
        return
    if isinstance(value, dict):
        template = value.get("template")
        spec = template.get("spec") if isinstance(template, dict) else None
        if isinstance(spec, dict) and isinstance(spec.get("containers"), list):
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _holders(each, depth + 1)


def _count(holder: Mapping[str, Any], where: str) -> int:
    """Return how many pods run at once: ``replicas``, or a Job's ``parallelism``."""
    given = holder.get("replicas", holder.get("parallelism"))
    if given is None:
        return 1
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise RequestError(where, given, "a number of pods")
    most = holder.get("completions")
    return min(given, most) if isinstance(most, int) else given


def _part(
    template: Mapping[str, Any], count: int, label: str, where: str, *, daemon: bool = False
) -> Part:
    try:
        spec = msgspec.convert(template.get("spec") or {}, PodSpec)
    except msgspec.ValidationError as error:
        raise RequestError(f"{where}: {label}", str(error), "a pod template") from error
    batch = Batch(label, spec, count, daemon)
    _ = batch.need  # what cannot be read of its amounts is told here, with the field
    metadata = template.get("metadata")
    kept = {"labels", "annotations"}
    about = (
        {k: v for k, v in metadata.items() if k in kept} if isinstance(metadata, dict) else {}
    )
    return Part(batch, {"metadata": about, "spec": template.get("spec") or {}})


def _claims(document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Yield what claims an object makes, and how many of each."""
    spec = document.get("spec")
    if not isinstance(spec, dict):
        return
    if document["kind"] == "PersistentVolumeClaim":
        yield spec, 1
    for claim in spec.get("volumeClaimTemplates") or ():
        if isinstance(claim, dict) and isinstance(claim.get("spec"), dict):
            yield claim["spec"], _count(spec, "volumeClaimTemplates")


def _counted(
    objects: Sequence[Mapping[str, Any]], claims: Sequence[tuple[Mapping[str, Any], int]]
) -> dict[str, int]:
    """Return what objects take of quotas (Resource Quotas, "Object Count Quota")."""
    counted: Counter[str] = Counter()
    for document in objects:
        group = str(document["apiVersion"]).rpartition("/")[0]
        name = plural(str(document["kind"]))
        counted[f"count/{name}.{group}" if group else f"count/{name}"] += 1
        if not group and name not in ("pods", "persistentvolumeclaims"):
            counted[name] += 1
    for claim, count in claims:
        asked = claim.get("resources")
        wanted = asked.get("requests", {}).get("storage", 0) if isinstance(asked, dict) else 0
        storage = parse("storage", wanted) * count
        chosen = claim.get("storageClassName")
        prefixes = ["", *([f"{chosen}.storageclass.storage.k8s.io/"] if chosen else [])]
        for prefix in prefixes:
            counted[f"{prefix}requests.storage"] += storage
            counted[f"{prefix}persistentvolumeclaims"] += count
    counted.pop("count/pods", None)
    counted.pop("pods", None)
    return dict(counted)
