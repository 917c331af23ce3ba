"""From an offer to the manifest or chart command that takes it up; nothing is sent here."""

from __future__ import annotations

import hashlib
import shlex
from typing import Any

import yaml

from ...answer import Offer
from ...errors import RequestError
from ...task import Task
from ..base import Handover
from .gpus import Chosen
from .job import NOTEBOOK_CAP, Settings, carried, documents, file_name, stem

__all__ = ["apply", "install"]


class _Text(yaml.SafeDumper):
    """Writes text of several lines as a block, as a person would."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Text.add_representer(str, _block)


def _written(made: tuple[dict[str, Any], ...]) -> str:
    return yaml.dump_all(made, Dumper=_Text, sort_keys=False, width=1000, allow_unicode=True)


def apply(task: Task, offer: Offer, settings: Settings) -> Handover:
    """Write the Job that runs a task as one offer says, for ``kubectl apply``.

    A notebook by value travels in a ConfigMap; one by path is put into one by the
    command. The log of the finished Job is the notebook with its results.

    Parameters
    ----------
    task
        A notebook, container or script.
    offer
        Ours; it holds how GPUs were asked for.
    settings
        What holds for every Job.

    Raises
    ------
    RequestError
        The task does not say what to run.
    """
    executable, kept = task.executable, carried(task)
    if not (executable.image or settings.image):
        raise RequestError("executable.image", "", "the image to run the task in")
    if file_name(task) and not kept and not executable.command:
        wanted = f"a path, or a file of at most {NOTEBOOK_CAP} characters"
        raise RequestError("executable.location", executable.location, wanted)
    info = offer.service_info
    gpus = Chosen(**info["gpus"]) if "gpus" in info else Chosen()
    kind = str(info.get("object", "Job"))
    mark = hashlib.sha256(_written(documents(task, gpus, settings, "x", kind)).encode())
    name = f"{stem(task)}-{mark.hexdigest()[:6]}"
    text = _written(documents(task, gpus, settings, name, kind))
    kubectl = ["kubectl", *_where(offer)]
    command = shlex.join([*kubectl, "apply", "-f", f"{name}.yaml"])
    if kept and not executable.content:
        source = f"--from-file={file_name(task)}={executable.location}"
        first = shlex.join([*kubectl, "create", "configmap", name, source])
        command = f"{first} && {command}"
    return Handover(text, f"{name}.yaml", command)


def install(task: Task, offer: Offer) -> Handover:
    """Write what installs a chart as one offer says.

    The values are those that were asked with; a manifest that was given by value is
    applied as it stands.

    Raises
    ------
    RequestError
        The task names no chart.
    """
    executable, where, name = task.executable, _where(offer), stem(task)
    if offer.service_info.get("tool") != "helm":
        if not executable.content:
            raise RequestError("executable.location", "", "a chart to install")
        file = f"{name}.yaml"
        command = shlex.join(["kubectl", *where, "apply", "-f", file])
        return Handover(executable.content, file, command)
    file = f"{name}-values.yaml"
    context = [word.replace("--context", "--kube-context") for word in where]
    words = ["helm", *context, "install", "--values", file, "--", name, executable.location]
    return Handover(executable.content or "{}\n", file, shlex.join(words))


def _where(offer: Offer) -> list[str]:
    info = offer.service_info
    context = info.get("context")
    return [*([f"--context={context}"] if context else []), f"--namespace={info['namespace']}"]
