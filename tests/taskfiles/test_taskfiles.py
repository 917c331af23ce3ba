"""Files that say what to run become tasks, by their name."""

import re
from pathlib import Path

import pytest

from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.resources import Gpu, Range, Resources
from jupyter_canidothis.taskfiles import NAMES, describe_file
from jupyter_canidothis.units import GIB

SLURM = """#!/bin/bash
# a comment
#SBATCH --job-name=m31 -N 2
#SBATCH --ntasks-per-node 4
#SBATCH -c2 --mem=16G
#SBATCH --time=1-12   # a day and a half
#SBATCH --gres=gpu:a100:2
#SBATCH --partition=long

srun ./fit
#SBATCH --time=1
"""
GRID_ENGINE = """#!/bin/sh
#$ -N m31 -cwd
#$ -pe smp 4
#$ -l h_rt=01:30:00,h_vmem=2G
./fit
"""


def test_a_slurm_script_asks_for_what_its_directives_say():
    task = describe_file("jobs/fit.sbatch", SLURM)

    assert task.executable.type == "uri://batch-script"
    assert (task.executable.location, task.executable.content) == ("jobs/fit.sbatch", SLURM)
    assert task.name == "fit.sbatch"
    assert task.resources == Resources(
        cores=Range(16_000),
        memory=Range(32 * GIB),
        duration=Range(36 * 3600),
        gpus=Range(4),
        nodes=Range(2),
        gpu=Gpu(model="a100"),
    )
    (memory,) = task.evidence["resources.memory"]
    assert (memory.how, memory.source) == ("declared", "jobs/fit.sbatch, line 5")
    assert memory.text == "#SBATCH -c2 --mem=16G"


@pytest.mark.parametrize(
    ("options", "resources"),
    [
        ("--mem=500 --time 90", Resources(memory=Range(500 * 2**20), duration=Range(5400))),
        ("-n 8 --mem-per-cpu=2G", Resources(cores=Range(8000), memory=Range(16 * GIB))),
        ("--gpus=3", Resources(gpus=Range(3))),
        ("--gres=gpu", Resources(gpus=Range(1))),
        ("--gres=craynetwork:1", Resources()),
        ("--nodes=2-4 --exclusive", Resources(nodes=Range(2))),
        ("-t 2:30:00", Resources(duration=Range(9000))),
        ("--tmp=10G", Resources(disk=Range(10 * GIB))),
        ("--qos=long", Resources()),
    ],
)
def test_the_options_of_sbatch_mean_what_its_manual_says(options, resources):
    task = describe_file("a.slurm", f"#!/bin/sh\n#SBATCH {options}\nrun\n")

    assert task.resources == resources
    assert task.notes == ()


def test_a_grid_engine_script_asks_for_its_consumables_once_a_slot():
    task = describe_file("fit.sh", GRID_ENGINE)

    assert task.resources == Resources(
        cores=Range(4000), memory=Range(8 * GIB), duration=Range(5400)
    )


def test_an_option_that_cannot_be_read_is_a_note_that_names_its_line():
    task = describe_file("a.sbatch", "#SBATCH --time=soon\n#SBATCH --mem=1G")

    assert task.resources == Resources(memory=Range(GIB))
    assert "a.sbatch, line 1" in task.notes[0]


def test_a_dockerfile_is_asked_about_as_the_image_it_starts_from():
    text = """# syntax=docker/dockerfile:1
ARG TAG=3.12
FROM node:22 AS build
RUN npm ci
FROM --platform=linux/amd64 \\
    python:${TAG}-slim as base
FROM base
COPY --from=build /a /a
"""
    task = describe_file("Dockerfile", text)

    assert task.executable.type == "uri://docker-container"
    assert task.executable.image == "python:3.12-slim"
    assert task.evidence["executable.image"][0].source == "Dockerfile, line 5"
    assert "not built yet" in task.notes[0]


def test_a_dockerfile_without_an_image_says_so():
    task = describe_file("app.dockerfile", "RUN true")

    assert task.executable.image == ""
    assert task.notes == ("it has no FROM line, so nobody knows its image",)


@pytest.mark.parametrize(
    ("path", "tasktype", "location"),
    [
        ("docker-compose.yml", "uri://docker-compose", "docker-compose.yml"),
        ("a/compose.override.yaml", "uri://docker-compose", "a/compose.override.yaml"),
        ("gaia/Chart.yaml", "uri://kubernetes-helm", "gaia"),
        ("app.def", "uri://singularity-container", "app.def"),
        ("ivoa-execution.yaml", "uri://docker-container", "here"),
    ],
)
def test_the_name_says_what_a_file_is(path, tasktype, location):
    text = "executable: {kind: K/docker-container.yaml, location: here}"
    task = describe_file(path, text)

    assert (task.executable.type, task.executable.location) == (tasktype, location)


@pytest.mark.parametrize("path", ["notes.txt", "picture.png", ""])
def test_a_name_that_says_nothing_is_refused_with_those_that_do(path):
    with pytest.raises(RequestError, match=r"\*\.sbatch"):
        describe_file(path, "")


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(RequestError, match="content"):
        describe_file("a.sh", "#" * 200_000)


def test_the_panel_offers_its_command_on_the_same_names():
    source = Path(__file__).parents[2] / "labextension" / "src" / "taskfiles.ts"
    listed = re.search(r"= \[(.*?)\]", source.read_text(), re.DOTALL)

    assert re.findall(r"'([^']+)'", listed[1]) == ["*.ipynb", *NAMES]


def test_grid_engine_reads_its_directives_wherever_they_stand():
    late = f"{GRID_ENGINE}#$ -pe smp 8\n"

    assert describe_file("fit.sge", late).resources.cores == Range(8000)
