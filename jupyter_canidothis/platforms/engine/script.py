"""From an offer to the script that runs the container; nothing is run here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from ...answer import Offer
from ...errors import RequestError
from ...resources import Range
from ...task import Executable, Task
from ..base import Handover
from .endpoint import Endpoint

__all__ = ["run_script"]

NOTEBOOK: Final = "uri://jupyter-notebook"
_SAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_INSIDE: Final = "/canidothis.ipynb"
_PROGRAM: Final = """\
if command -v papermill >/dev/null 2>&1; then
  exec papermill{paper} {source} -
fi
exec jupyter nbconvert --to notebook --execute --ExecutePreprocessor.timeout=-1 \\
  {convert} --stdout {source}
"""
"""Run in the image by its own shell: the executed notebook goes to standard output."""


def run_script(kind: str, endpoint: Endpoint, task: Task, offer: Offer) -> Handover | None:
    """Write the script that runs a task as one offer says (docker-run(1), podman-run(1)).

    A notebook is mounted read-only and executed in its image, by papermill where the
    image has it, else by nbconvert; the result is saved beside the original with
    ``.out`` before the ending. An engine on another host reads it from standard input.

    Parameters
    ----------
    kind
        ``docker`` or ``podman``: the program.
    endpoint
        Which engine it talks to.
    task
        A notebook with a location, or a container, and its image.
    offer
        The engine's offer.

    Raises
    ------
    RequestError
        The task does not say what to run.
    """
    executable = task.executable
    if not executable.image:
        raise RequestError("executable.image", executable.image, "an image to run")
    program = shlex.join((kind, *endpoint.options, "run", "--rm", *_limits(kind, task, offer)))
    stem = _stem(task)
    if executable.type == NOTEBOOK:
        lines = _notebook(executable, program, local=endpoint.local)
    else:
        lines = [f"exec {program} {shlex.join((executable.image, *executable.command))}"]
    content = "\n".join(("#!/bin/sh", "set -eu", *lines)) + "\n"
    name = f"{stem}.{kind}.sh"
    return Handover(content, name, f"sh {name}")


def _stem(task: Task) -> str:
    executable = task.executable
    named = executable.location or task.name or executable.image.rpartition("/")[2]
    return _SAFE.sub("-", PurePosixPath(named).stem).strip("-.") or "task"


def _limits(kind: str, task: Task, offer: Offer) -> Iterator[str]:
    cores, memory = _limit(offer, "cores"), _limit(offer, "memory")
    if cores:
        yield f"--cpus={cores / 1000:g}"
    if memory:
        yield f"--memory={memory}"
    if gpus := _limit(offer, "gpus"):
        yield from _gpus(kind, gpus)
    if task.resources.duration.max and kind == "podman":
        # podman-run(1) only; Docker has nothing that ends a container by itself.
        yield f"--timeout={task.resources.duration.max}"


def _gpus(kind: str, count: int) -> Iterator[str]:
    if kind == "docker":
        yield f"--gpus={count}"
        return
    for number in range(count):
        yield f"--device=nvidia.com/gpu={number}"


def _limit(offer: Offer, name: str) -> int | None:
    """Return what was asked: at most this, or else at least this.

    None where the engine cannot set a limit: asking for one would be its error.
    """
    if name in offer.service_info.get("unlimited", ()):
        return None
    amount: Range = getattr(offer.resources, name)
    return amount.min if f"{name}.max" in offer.filled or amount.max is None else amount.max


def _notebook(executable: Executable, program: str, *, local: bool) -> list[str]:
    if not executable.location:
        raise RequestError("executable.location", executable.location, "a path of a notebook")
    source = PurePosixPath(executable.location)
    result = shlex.quote(str(source.with_name(f"{source.stem}.out.ipynb")))
    image, inside = shlex.quote(executable.image), _program(executable, local=local)
    shell = f"--entrypoint=/bin/sh {image} -c {shlex.quote(inside)}"
    notebook = shlex.quote(str(source))
    lines = [f"notebook=$(realpath -- {notebook})"]
    if local:
        mount = f'--mount "type=bind,source=$notebook,target={_INSIDE},readonly"'
        return [*lines, f"{program} {mount} {shell} > {result}"]
    return [*lines, f'{program} --interactive {shell} < "$notebook" > {result}']


def _program(executable: Executable, *, local: bool) -> str:
    kernel = executable.kernel
    paper = f" --kernel {shlex.quote(kernel)}" if kernel else ""
    named = shlex.quote(f"--ExecutePreprocessor.kernel_name={kernel}")
    return _PROGRAM.format(
        paper=paper,
        convert=named if kernel else "",
        source=_INSIDE if local else "/dev/stdin",
    )
