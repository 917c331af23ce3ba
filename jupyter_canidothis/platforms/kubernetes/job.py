"""A notebook, container or script as a Job; the same one is asked and handed over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from ...task import Task
from .gpus import Chosen
from .quantity import CPU, EPHEMERAL, MEMORY, spell

__all__ = ["NOTEBOOK_CAP", "Settings", "carried", "documents", "file_name", "stem"]

PLACEHOLDER: Final = "registry.k8s.io/pause:3.9"
"""Image of a question that names none."""
NOTEBOOK_CAP: Final = 900_000
"""Largest notebook or script carried in a ConfigMap, whose limit is 1 MiB (API reference)."""
QUEUE_LABEL: Final = "kueue.x-k8s.io/queue-name"
_FOLDER: Final = "/canidothis"
_UNSAFE: Final = re.compile(r"[^a-z0-9]+")

RUN_NOTEBOOK: Final = """\
set -eu
cd "$(mktemp -d)"
cp "$1" in.ipynb
kernel="${2:-}"
if python3 -c 'import papermill' 2>/dev/null; then
  python3 -m papermill ${kernel:+--kernel "$kernel"} in.ipynb out.ipynb >log 2>&1 \\
    || { cat log; exit 1; }
else
  python3 -m nbconvert --to notebook --execute --ExecutePreprocessor.timeout=-1 \\
    ${kernel:+--ExecutePreprocessor.kernel_name="$kernel"} \\
    --output out.ipynb in.ipynb >log 2>&1 || { cat log; exit 1; }
fi
cat out.ipynb
"""
"""Runs a notebook; the log of a run that ends well is the notebook with its results."""


@dataclass(frozen=True)
class Settings:
    """What an administrator or user says of every Job."""

    image: str = ""
    """Image for tasks that name none."""
    tolerations: Sequence[Mapping[str, Any]] = ()
    """Which taints its pods bear."""
    node_selector: Mapping[str, str] = field(default_factory=dict)
    """Which labels its nodes have."""
    priority_class: str = ""
    """Its priority."""
    service_account: str = ""
    """As whom its pods run."""
    queue: str = ""
    """Its LocalQueue of Kueue."""


def stem(task: Task) -> str:
    """Return a name for a task that Kubernetes accepts (RFC 1123), at most 40 characters."""
    source = PurePosixPath(task.executable.location or task.name).stem.lower()
    return _UNSAFE.sub("-", source).strip("-")[:40].strip("-") or "task"


def documents(
    task: Task, gpus: Chosen, settings: Settings, name: str, kind: str = "Job"
) -> tuple[dict[str, Any], ...]:
    """Return the Job of a task, last, and the ConfigMap with its file where that is by value.

    Parameters
    ----------
    task
        A notebook, container or script.
    gpus
        How its pod asks for GPUs.
    settings
        What holds for every Job.
    name
        Name of all objects.
    kind
        ``Job``, or ``Pod`` for a user who may create nothing else.
    """
    spec = _pod(task, gpus, settings, name)
    about: dict[str, Any] = {"name": name}
    job: dict[str, Any] = {"backoffLimit": 0, "template": {"spec": spec}}
    if settings.queue:
        about["labels"] = {QUEUE_LABEL: settings.queue}
        job["suspend"] = True
    if task.resources.duration.max:
        (job if kind == "Job" else spec)["activeDeadlineSeconds"] = task.resources.duration.max
    made = {"apiVersion": "batch/v1", "kind": "Job", "metadata": about, "spec": job}
    if kind == "Pod":
        made = {"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": spec}
    if not carried(task) or not task.executable.content:
        return (made,)
    data = {file_name(task): task.executable.content}
    kept = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
    return kept, made


def file_name(task: Task) -> str:
    """Return what the task's file is called in the pod; empty for a plain container."""
    names = {"uri://jupyter-notebook": "notebook.ipynb", "uri://batch-script": "script.sh"}
    return names.get(task.executable.type, "")


def carried(task: Task) -> bool:
    """Whether the task's file travels in a ConfigMap."""
    executable = task.executable
    small = len(executable.content) <= NOTEBOOK_CAP
    return bool(file_name(task) and small and (executable.content or executable.location))


def _pod(task: Task, gpus: Chosen, settings: Settings, name: str) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": "task",
        "image": task.executable.image or settings.image or PLACEHOLDER,
        **_command(task),
        "resources": _amounts(task, {gpus.resource: gpus.count} if gpus.count else {}),
    }
    spec: dict[str, Any] = {"restartPolicy": "Never", "containers": [container]}
    if carried(task):
        container["volumeMounts"] = [{"name": "file", "mountPath": _FOLDER, "readOnly": True}]
        spec["volumes"] = [{"name": "file", "configMap": {"name": name}}]
    bears = [dict(each) for each in settings.tolerations]
    if gpus.count:
        # Nodes with GPUs are commonly tainted with the resource's own name.
        bears.append({"key": gpus.resource, "operator": "Exists", "effect": "NoSchedule"})
    terms = list(gpus.terms)
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    further = {
        "tolerations": bears,
        "nodeSelector": dict(settings.node_selector),
        "affinity": {"nodeAffinity": required} if terms else None,
        "priorityClassName": settings.priority_class,
        "serviceAccountName": settings.service_account,
    }
    return {**spec, **{key: value for key, value in further.items() if value}}


def _amounts(task: Task, gpus: Mapping[str, int]) -> dict[str, dict[str, str]]:
    """Ask for the least that the task needs, and allow the most that it can use."""
    wanted = task.resources
    asks: dict[str, str] = {}
    most: dict[str, str] = {}
    for name, amount in (
        (CPU, wanted.cores),
        (MEMORY, wanted.memory),
        (EPHEMERAL, wanted.disk),
    ):
        if amount.min is not None:
            asks[name] = spell(name, amount.min)
        top = amount.min if amount.max is None else amount.max
        if top is not None:
            most[name] = spell(name, top)
    for name, count in gpus.items():
        asks[name] = most[name] = str(count)
    return {key: value for key, value in (("requests", asks), ("limits", most)) if value}


def _command(task: Task) -> dict[str, list[str]]:
    """Return what runs; a container without a command does what its image says."""
    executable, name = task.executable, file_name(task)
    if executable.type == "uri://jupyter-notebook":
        place = f"{_FOLDER}/{name}"
        return {"command": ["sh", "-c", RUN_NOTEBOOK, "sh", place, executable.kernel]}
    if executable.command:
        return {"command": list(executable.command)}
    return {"command": ["sh", f"{_FOLDER}/{name}"]} if carried(task) else {}
