import pytest

from jupyter_canidothis.notebook.describe import describe
from jupyter_canidothis.notebook.exports import (
    environment_yml,
    nearest_image,
    requirements_txt,
    script_block,
)
from jupyter_canidothis.notebook.installs import read_block
from jupyter_canidothis.task import Executable, Software, Task

TASK = Task(
    Executable("uri://jupyter-notebook", languages=("python",)),
    software=(
        Software("scipy", "==1.14.1", manager="conda"),
        Software("astropy", "==7.0.1"),
        Software("lightkurve", ">=2", status="declared"),
        Software("lxml", "", status="inferred"),
        Software("umap-learn", "==0.5", status="optional"),
        Software("ffmpeg", manager="apt", status="inferred"),
        Software("ipykernel", "==7.0"),
        Software("jupyter_client", "==8"),
    ),
)


@pytest.mark.parametrize(
    ("pin", "lines"),
    [
        ("any", ["astropy", "lightkurve", "lxml", "scipy"]),
        ("minor", ["astropy>=7.0", "lightkurve>=2", "lxml", "scipy>=1.14"]),
        ("compatible", ["astropy~=7.0", "lightkurve>=2", "lxml", "scipy~=1.14"]),
        ("exact", ["astropy==7.0.1", "lightkurve>=2", "lxml", "scipy==1.14.1"]),
    ],
)
def test_requirements_hold_needs_without_infrastructure_as_closely_as_asked(pin, lines):
    assert requirements_txt(TASK, pin).splitlines() == lines


def test_a_conda_environment_keeps_what_conda_installed():
    assert environment_yml(TASK).splitlines() == [
        "channels:",
        "  - conda-forge",
        "dependencies:",
        "  - python",
        "  - scipy=1.14.1",
        "  - pip",
        "  - pip:",
        '    - "astropy==7.0.1"',
        '    - "lightkurve>=2"',
        "    - lxml",
    ]


def test_a_script_block_is_read_back_as_it_was_written(book):
    block = read_block(script_block(TASK))
    assert [(one.name, one.version) for one in block.installs] == [
        ("astropy", ">=7.0"),
        ("lightkurve", ">=2"),
        ("lxml", ""),
        ("scipy", ">=1.14"),
    ]
    task = describe(book(script_block(TASK)))
    assert requirements_txt(task, "exact") == requirements_txt(TASK, "minor")


def test_the_python_that_was_seen_is_asked_for(book):
    notebook = book("import numpy", language_info={"name": "python", "version": "3.11.7"})
    task = describe(notebook)
    assert '# requires-python = ">=3.11"' in script_block(task)
    assert "  - python=3.11" in environment_yml(task)


@pytest.mark.parametrize(
    ("source", "image", "lacks"),
    [
        ("import numpy, astropy", "scipy-notebook", ("astropy",)),
        ("import numpy, torch", "pytorch-notebook", ()),
        ("import astropy", "minimal-notebook", ("astropy",)),
    ],
)
def test_the_nearest_image_says_what_it_lacks(book, source, image, lacks):
    hint = nearest_image(describe(book(source)))
    assert (hint.image, hint.lacks) == (f"quay.io/jupyter/{image}", lacks)
    assert hint.date


def test_an_r_notebook_gets_an_r_image(book):
    task = describe(book("library(dplyr)", kernelspec={"name": "ir"}))
    assert nearest_image(task).image == "quay.io/jupyter/r-notebook"


def test_nothing_needed_has_no_nearest_image(book):
    assert nearest_image(describe(book("x = 1"))) is None
