"""From an offer to the submit description that takes it up; nothing is submitted here."""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath

from ...answer import Offer
from ...errors import RequestError
from ...task import Executable, Task
from ..base import Handover
from ..batch_script import stem

__all__ = ["describe"]


def describe(task: Task, offer: Offer, *, python: str = "python3", conf: str = "") -> Handover:
    """Write the submit description that runs a task as one offer says (condor_submit(1)).

    It holds the commands of the job too, as arguments of a shell, so one file is all.
    The notebook goes along with the job; papermill runs it where the environment has it,
    else nbconvert, and it comes back beside the original with ``.out`` before the ending.

    Parameters
    ----------
    task
        A notebook with a location, or a batch script with a location or command.
    offer
        An offer of an HTCondor platform.
    python
        Interpreter of the environment in which the notebook runs there.
    conf
        Path of condor_config for the submitting command, where it is not the default.

    Raises
    ------
    RequestError
        The task does not say what to run.
    """
    location = _plain(task.executable.location)
    word = stem(task)
    script, files = _run(task.executable, location, shlex.quote(python))
    info = offer.service_info
    lines = [
        "universe = vanilla",
        "executable = /bin/sh",
        "transfer_executable = false",
        f"arguments = {_arguments('-c', script)}",
        *info["description"],
        "should_transfer_files = YES",
        "when_to_transfer_output = ON_EXIT",
        *files,
        f"batch_name = {word}",
        f"log = {word}.log",
        f"output = {word}.out.txt",
        f"error = {word}.err.txt",
        "queue",
    ]
    prefix = f"CONDOR_CONFIG={shlex.quote(conf)} " if conf else ""
    name = f"{word}.sub"
    command = ["condor_submit"]
    if info.get("collector"):
        command += ["-pool", str(info["collector"])]
    if info.get("schedd"):
        command += ["-name", str(info["schedd"])]
    return Handover("\n".join(lines) + "\n", name, prefix + shlex.join([*command, name]))


def _plain(location: str) -> str:
    """Return a path that a submit description can hold."""
    if any(letter in location for letter in ',;="$\n\r'):
        raise RequestError(
            "executable.location", location, 'a path without any of , ; = " $ and new lines'
        )
    return location


def _arguments(*words: str) -> str:
    """Quote arguments in the new syntax of condor_submit(1)."""
    quoted = (word.replace("'", "''").replace('"', '""') for word in words)
    return '"' + " ".join(f"'{word}'" for word in quoted) + '"'


def _run(executable: Executable, location: str, python: str) -> tuple[str, list[str]]:
    """Return the commands of the job, and the lines that say which files go along."""
    if executable.type == "uri://jupyter-notebook" and location:
        return _notebook(executable, location, python)
    files = [f"transfer_input_files = {location}"] if location else []
    if executable.command:
        return _unexpanded(shlex.join(executable.command)), files
    if location:
        name = PurePosixPath(location).name
        return _unexpanded(shlex.join(("bash", "--", name))), files
    raise RequestError("executable.location", location, "a path of what to run")


def _unexpanded(command: str) -> str:
    """Keep condor_submit from reading ``$(NAME)`` or ``$ENV(NAME)`` as its own macro."""
    return command.replace("$", "$(DOLLAR)").replace("\n", " ")


def _notebook(executable: Executable, location: str, python: str) -> tuple[str, list[str]]:
    source = PurePosixPath(location)
    result = f"{source.stem}.out.ipynb"
    kernel = _plain(executable.kernel)
    paper = ["--kernel", kernel] if kernel else []
    convert = [f"--ExecutePreprocessor.kernel_name={kernel}"] if kernel else []
    by_papermill = shlex.join([*paper, "--", source.name, result])
    by_nbconvert = shlex.join(
        [
            *("--to", "notebook", "--execute", "--ExecutePreprocessor.timeout=-1", *convert),
            *(f"--output={result}", "--", source.name),
        ]
    )
    # A job may have no home of its own, where kernels keep their connection files.
    script = (
        '[ -w "$HOME" ] || export HOME="$PWD"; '
        f"if {python} -c 'import papermill' 2>/dev/null; "
        f"then {python} -m papermill {by_papermill}; "
        f"else {python} -m nbconvert {by_nbconvert}; fi"
    )
    files = [
        f"transfer_input_files = {location}",
        f"transfer_output_files = {result}",
        f'transfer_output_remaps = "{result} = {source.with_name(result)}"',
    ]
    return script, files
