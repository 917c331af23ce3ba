"""The batch script that takes up an offer."""

import subprocess

import msgspec
import pytest
from slurm_fake import slurm, task

from jupyter_canidothis.errors import ConfigurationError, RequestError
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.slurm import Slurm
from jupyter_canidothis.platforms.slurm.script import batch
from jupyter_canidothis.task import Executable
from jupyter_canidothis.units import GIB


async def best_offer(wanted):
    platform = slurm()
    answer = await platform.ask(wanted, await platform.snapshot(Ask()), Ask())
    return answer.offers[0]


def bash_leaves(script, folder):
    """Run a script and say what it left behind."""
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    subprocess.run(["bash"], input=script, text=True, check=False, cwd=folder)
    return list(folder.iterdir())


def bash_prints(script):
    return subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout


def executing(**fields):
    wanted = task(cores=2000, memory=2 * GIB, duration=600)
    return msgspec.structs.replace(wanted, executable=Executable(**fields))


async def test_the_script_asks_for_exactly_what_was_answered():
    wanted = executing(
        type="uri://jupyter-notebook", location="work/stars.ipynb", kernel="python3"
    )
    made = batch(wanted, await best_offer(wanted), conf="/etc/my slurm.conf")
    assert made.content.startswith("#!/bin/bash\n#SBATCH --partition=short\n")
    for option in ("--nodes=1", "--cpus-per-task=2", "--time=10", "--mem=2048M"):
        assert f"#SBATCH {option}\n" in made.content
    assert "--job-name=stars" in made.content
    assert "work/stars.out.ipynb" in made.content
    assert "kernel_name=python3" in made.content
    assert made.command == "SLURM_CONF='/etc/my slurm.conf' sbatch stars.sbatch"


@pytest.mark.parametrize(
    "name", ["a b.ipynb", "$(touch pwned).ipynb", "x\n#SBATCH --uid=0\n.ipynb", "'; id #.ipynb"]
)
async def test_a_name_is_a_name_and_nothing_else(name, tmp_path):
    wanted = executing(type="uri://jupyter-notebook", location=name, kernel=name)
    made = batch(wanted, await best_offer(wanted), python=name)
    assert "#SBATCH --uid" not in made.content.partition("set -euo")[0]
    assert bash_leaves(made.content, tmp_path) == []


async def test_a_batch_script_runs_its_own_command():
    wanted = executing(type="uri://batch-script", command=("echo", "two words"))
    assert batch(wanted, await best_offer(wanted)).content.endswith("\necho 'two words'\n")
    wanted = executing(type="uri://batch-script", location="run it.sh")
    assert batch(wanted, await best_offer(wanted)).content.endswith("\nbash -- 'run it.sh'\n")


async def test_a_task_that_does_not_say_what_to_run_is_refused():
    wanted = executing(type="uri://jupyter-notebook")
    with pytest.raises(RequestError, match=r"executable\.location"):
        batch(wanted, await best_offer(wanted))


async def test_a_name_that_looks_like_an_option_is_none():
    wanted = executing(type="uri://jupyter-notebook", location="-x.ipynb")
    made = batch(wanted, await best_offer(wanted))
    assert made.command == "sbatch x.sbatch"
    assert "#SBATCH --output=x-%j.log\n" in made.content


async def test_a_line_end_in_a_word_reaches_the_command_and_makes_no_line():
    wanted = executing(type="uri://batch-script", command=("printf", "%s", "a\n#$ -N 'b'\r\n"))
    content = batch(wanted, await best_offer(wanted)).content
    assert not any(line.startswith("#$") for line in content.splitlines())
    assert bash_prints(content) == b"a\n#$ -N 'b'\r\n"


@pytest.mark.parametrize("key", ["account", "qos"])
@pytest.mark.parametrize("value", ["a b", "a\n", "a\n#SBATCH --uid=0", "--wrap"])
def test_a_configured_name_is_one_word(key, value):
    with pytest.raises(ConfigurationError, match=key):
        Slurm.configure({"kind": "slurm", key: value})
