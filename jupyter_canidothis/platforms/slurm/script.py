"""From an offer to the batch script that takes it up; nothing is submitted here."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath
from typing import Final

from ...answer import Offer
from ...errors import RequestError
from ...task import Executable, Task
from ..base import Handover

__all__ = ["batch"]

_SAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


def batch(task: Task, offer: Offer, *, python: str = "python3", conf: str = "") -> Handover:
    """Write the script that runs a task as one offer says (sbatch(1)).

    Its options are those of the dry run, so it asks for exactly what was answered.
    Notebooks run by papermill where the environment has it, else by nbconvert, and
    are saved beside the original with ``.out`` before the ending.

    Parameters
    ----------
    task
        A notebook with a location, or a batch script with a location or command.
    offer
        An offer of a Slurm platform.
    python
        Interpreter of the environment in which the notebook runs there.
    conf
        Path of slurm.conf for the submitting command, where it is not the default.

    Raises
    ------
    RequestError
        The task does not say what to run.
    """
    stem = _SAFE.sub("-", PurePosixPath(task.executable.location or task.name).stem) or "task"
    options = [*offer.service_info["options"], f"--job-name={stem}", f"--output={stem}-%j.log"]
    lines = [
        "#!/bin/bash",
        *(f"#SBATCH {option}" for option in options),
        "set -euo pipefail",
        'export OMP_NUM_THREADS="${SLURM_CPUS_PER_TASK:-1}"',
        *_run(task.executable, shlex.quote(python)),
    ]
    prefix = f"SLURM_CONF={shlex.quote(conf)} " if conf else ""
    name = f"{stem}.sbatch"
    return Handover("\n".join(lines) + "\n", name, f"{prefix}sbatch {name}")


def _run(executable: Executable, python: str) -> list[str]:
    if executable.type == "uri://jupyter-notebook" and executable.location:
        return _notebook(executable, python)
    if executable.command:
        return [shlex.join(executable.command)]
    if executable.location:
        return [shlex.join(("bash", executable.location))]
    raise RequestError("executable.location", executable.location, "a path of what to run")


def _notebook(executable: Executable, python: str) -> list[str]:
    source = PurePosixPath(executable.location)
    result = source.with_name(f"{source.stem}.out.ipynb")
    kernel = executable.kernel
    paper = ["--kernel", kernel] if kernel else []
    convert = [f"--ExecutePreprocessor.kernel_name={kernel}"] if kernel else []
    by_papermill = shlex.join([*paper, "--", str(source), str(result)])
    by_nbconvert = shlex.join(
        [
            *("--to", "notebook", "--execute", "--ExecutePreprocessor.timeout=-1", *convert),
            *(f"--output={result.name}", "--", str(source)),
        ]
    )
    return [
        f"if {python} -c 'import papermill' 2>/dev/null; then",
        f"  {python} -m papermill {by_papermill}",
        "else",
        f"  {python} -m nbconvert {by_nbconvert}",
        "fi",
    ]
