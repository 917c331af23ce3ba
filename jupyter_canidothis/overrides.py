"""What a person asks for on top of what the notebook seems to need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .errors import RequestError
from .evidence import Evidence
from .resources import DIMENSIONS, Gpu, Range, Resources
from .task import Task
from .units import parse_memory, parse_pair

__all__ = ["KEYS", "override", "read_timeout"]

KEYS = (*DIMENSIONS, "gpu", "image")
"""What can be overridden."""


def override(task: Task, wanted: Mapping[str, Any], said_by: str) -> Task:
    """Return the task with the values a person gave.

    Parameters
    ----------
    task
        As described.
    wanted
        Text, number or None by key of `KEYS`; ranges as ``MIN:MAX`` or as a
        mapping with ``min`` and ``max``; None leaves the description alone.
    said_by
        Where it was said, for the evidence, e.g. ``--memory``.

    Raises
    ------
    RequestError
        An unknown key, or a value that does not parse.
    """
    resources, executable = task.resources, task.executable
    evidence = dict(task.evidence)
    for key, value in wanted.items():
        if value is None:
            continue
        if key in DIMENSIONS:
            resources = _replace(resources, key, _range(key, value))
        elif key == "gpu":
            resources = msgspec.structs.replace(resources, gpu=_gpu(value))
        elif key == "image":
            executable = msgspec.structs.replace(executable, image=str(value))
        else:
            raise RequestError(key, value, f"one of {', '.join(KEYS)}")
        place = f"executable.{key}" if key == "image" else f"resources.{key}"
        evidence[place] = (Evidence("declared", said_by, str(value)),)
    resources.check()
    return msgspec.structs.replace(
        task, resources=resources, executable=executable, evidence=evidence
    )


def _replace(resources: Resources, key: str, asked: Range) -> Resources:
    return resources.replace(key, min=asked.min, max=asked.max)


def _range(key: str, value: object) -> Range:
    parse = DIMENSIONS[key].parse
    if not isinstance(value, Mapping):
        return Range(*parse_pair(value, parse, key))
    unknown = set(value) - {"min", "max"}
    if unknown:
        raise RequestError(f"{key}.{min(map(str, unknown))}", value, "only min and max")
    ends = {
        end: parse(given, f"{key}.{end}") for end, given in value.items() if given is not None
    }
    return Range(**ends)


def _gpu(value: object) -> Gpu:
    if isinstance(value, str):
        return Gpu(model=value)
    if not isinstance(value, Mapping) or set(value) - {"vendor", "model", "memory"}:
        raise RequestError("gpu", value, "a model, or a mapping of vendor, model and memory")
    memory = value.get("memory")
    return Gpu(
        vendor=_text("gpu.vendor", value.get("vendor")),
        model=_text("gpu.model", value.get("model")),
        memory=None if memory is None else parse_memory(memory, "gpu.memory"),
    )


def _text(field: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise RequestError(field, value, "text")


def read_timeout(seconds: float | None) -> dict[str, Any]:
    """Return a person's timeout as the keyword ``deadline``, or nothing.

    Parameters
    ----------
    seconds
        For the whole plan; None leaves what is configured.

    Raises
    ------
    RequestError
        Not above 0.
    """
    if seconds is None:
        return {}
    if not seconds > 0:
        raise RequestError("--timeout", seconds, "a number of seconds above 0")
    return {"deadline": seconds}
