"""From an offer to the batch script that takes it up; nothing is submitted here."""

from __future__ import annotations

import shlex

from ...answer import Offer
from ...task import Task
from ..base import Handover
from ..batch_script import commands, stem

__all__ = ["batch"]


def batch(task: Task, offer: Offer, *, python: str = "python3", conf: str = "") -> Handover:
    """Write the script that runs a task as one offer says (sbatch(1)).

    Its options are those of the dry run, so it asks for exactly what was answered.

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
    word = stem(task)
    options = [*offer.service_info["options"], f"--job-name={word}", f"--output={word}-%j.log"]
    lines = [
        "#!/bin/bash",
        *(f"#SBATCH {option}" for option in options),
        "set -euo pipefail",
        'export OMP_NUM_THREADS="${SLURM_CPUS_PER_TASK:-1}"',
        *commands(task.executable, python),
    ]
    prefix = f"SLURM_CONF={shlex.quote(conf)} " if conf else ""
    name = f"{word}.sbatch"
    return Handover("\n".join(lines) + "\n", name, f"{prefix}sbatch {name}")
