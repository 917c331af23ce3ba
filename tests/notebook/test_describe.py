import asyncio
import os
import subprocess
import sys

import pytest

from jupyter_canidothis.notebook.describe import describe
from jupyter_canidothis.notebook.kernel import LiveKernel, look_at
from jupyter_canidothis.notebook.live import describe_live, environment_of
from jupyter_canidothis.notebook.process import read_process
from jupyter_canidothis.notebook.report import report


def test_a_task_names_its_notebook_language_and_kernel(book):
    task = describe(book("import numpy"), path="folder/a.ipynb")
    assert task.executable.type == "uri://jupyter-notebook"
    assert (task.executable.location, task.name) == ("folder/a.ipynb", "a.ipynb")
    assert (task.executable.languages, task.executable.kernel) == (("python",), "python3")


def test_a_need_points_to_its_cell_and_line(book):
    (one,) = describe(book("x = 1", "\n%time y\nimport numpy as np")).software
    (evidence,) = one.evidence
    assert (evidence.how, evidence.source) == ("static", "cell 2, line 3")
    assert evidence.text == "import numpy as np"


def test_a_bad_cell_costs_only_itself(book):
    task = describe(book("print 'x'\nimport a_b", "import numpy"))
    assert {s.name: s.status for s in task.software} == {"numpy": "needed", "a_b": "optional"}
    assert task.notes == ("cell 1 is no valid Python; only its imports are used",)


def test_declared_beats_the_usual_distribution_of_an_import(names):
    assert names("%pip install opencv-python-headless", "import cv2") == {
        "opencv-python-headless"
    }
    assert names("%pip install pyweird", "import weird") == {"pyweird"}


def test_declared_versions_are_kept(book):
    task = describe(book("%pip install 'astropy>=6'\nimport astropy"))
    assert [(s.name, s.version, s.status) for s in task.software] == [
        ("astropy", ">=6", "needed")
    ]


def test_every_resource_has_its_reason(book):
    task = describe(book("import numpy"))
    for name in ("cores", "memory", "duration"):
        (evidence,) = task.evidence[f"resources.{name}"]
        assert getattr(task.resources, name).min
        assert (evidence.how, bool(evidence.text)) == ("default", True)


def test_memory_is_never_less_than_what_the_kernel_holds(book):
    kernel = LiveKernel(process=read_process(os.getpid()))
    task = describe(book("import numpy"), kernel=kernel)
    assert task.resources.memory.min >= kernel.process.peak * 1.25 > kernel.process.memory > 0
    (evidence,) = task.evidence["resources.memory"]
    assert evidence.how == "kernel"


async def test_a_kernel_that_is_gone_is_said_to_be(book):
    task = describe(book(), kernel=await look_at(pid=2**22 + 1))
    assert "cannot be seen from here" in task.notes[0]
    assert task.evidence["resources.memory"][0].how == "default"


def test_run_time_is_what_the_cells_took_with_head_room(book):
    notebook = book("a", "b")
    for cell in notebook["cells"]:
        cell["metadata"]["execution"] = {
            "iopub.execute_input": "2026-01-01T00:00:00.123456Z",
            "shell.execute_reply": "2026-01-01T00:10:00.123456Z",
        }
    assert describe(notebook).resources.duration.min == 1800


async def test_a_live_description_asks_the_interpreter_of_the_kernel(book):
    task = await describe_live(book("import yaml"), pid=os.getpid())
    (one,) = task.software
    assert one.evidence[-1].source == f"importlib.metadata of {sys.executable}"
    assert task.evidence["resources.memory"][0].how == "kernel"


def test_static_looks_at_nothing_else(book):
    kernel = LiveKernel(process=read_process(os.getpid()))
    assert describe(book("import a"), kernel=kernel, static=True) == describe(book("import a"))


@pytest.mark.parametrize("static", [True, False])
def test_a_report_lists_names_by_status(tmp_path, book, static):
    import msgspec

    file = tmp_path / "a.ipynb"
    cell = "%pip install rich\nimport yaml\nif x:\n    import bs4\n"
    file.write_bytes(msgspec.json.encode(book(cell)))
    assert report(str(file), static=static)["distributions"] == {
        "needed": ["PyYAML"],
        "optional": ["beautifulsoup4"],
        "inferred": [],
        "declared": ["rich"],
    }


def test_a_report_on_a_broken_notebook_is_an_error_and_no_exception(tmp_path):
    found = report(str(tmp_path / "none.ipynb"), static=True)
    assert found["error"]["code"] == "notebook-unreadable"
    assert found["error"]["hint"]


async def test_an_environment_that_cannot_be_asked_is_said(book):
    task = await describe_live(book("import yaml", kernelspec={"name": "no-such-kernel"}))
    assert "environment could not be asked" in task.notes[-1]
    assert task.software[0].name == "PyYAML"


def test_a_kernel_behind_a_wrapper_is_found():
    kernel = [sys.executable, "-c", "import sys; print(1, flush=True); sys.stdin.read()"]
    wrapper = ["/bin/sh", "-c", '"$@"; true', "wrapper", *kernel]
    with subprocess.Popen(wrapper, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        started.stdout.readline()
        environment = asyncio.run(environment_of("", started.pid))
        started.stdin.close()
    assert environment.interpreter == sys.executable
