"""From an offer to the job script that takes it up; nothing is submitted here."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from ...answer import Offer
from ...task import Task
from ..base import Handover
from ..batch_script import commands, stem

__all__ = ["job_script"]


def job_script(
    task: Task,
    offer: Offer,
    *,
    python: str = "python3",
    env: Mapping[str, str] | None = None,
) -> Handover:
    """Write the script that runs a task as one offer says (qsub(1)).

    Its options are those of the dry run, so it asks for exactly what was answered.

    Parameters
    ----------
    task
        A notebook with a location, or a batch script with a location or command.
    offer
        An offer of a Grid Engine platform.
    python
        Interpreter of the environment in which the notebook runs there.
    env
        Variables for the submitting command, where they are not set already.

    Raises
    ------
    RequestError
        The task does not say what to run.
    """
    word = stem(task)
    # A job's name may not begin with a digit (sge_types(1), object_name).
    name = word if word[0].isalpha() else f"job-{word}"
    options = [*offer.service_info["options"], f"-N {name}", "-cwd", "-v PATH", "-j y"]
    lines = [
        "#!/bin/bash",
        "#$ -S /bin/bash",
        *(f"#$ {option}" for option in options),
        f"#$ -o {word}.log",
        "set -euo pipefail",
        'export OMP_NUM_THREADS="${NSLOTS:-1}"',
        *commands(task.executable, python),
    ]
    prefix = "".join(f"{key}={shlex.quote(value)} " for key, value in (env or {}).items())
    return Handover("\n".join(lines) + "\n", f"{word}.qsub", f"{prefix}qsub {word}.qsub")
