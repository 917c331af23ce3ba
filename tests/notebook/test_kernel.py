import json

import pytest

from jupyter_canidothis.notebook.describe import describe
from jupyter_canidothis.notebook.environment import Distribution, Environment
from jupyter_canidothis.notebook.explain import explain
from jupyter_canidothis.notebook.kernel import ELSEWHERE, LiveKernel, from_replies, look_here
from jupyter_canidothis.notebook.process import Process


def environment(**fields):
    one = Distribution("numpy", "2.1.0", **fields)
    return Environment(
        "/x/python", "3.11.7", frozenset({"os"}), {"numpy": one}, {"numpy": ("numpy",)}
    )


def test_the_magic_looks_at_its_own_kernel_without_a_message():
    found = look_here({"x": "y" * 1000, "_hidden": "z" * 9000})
    assert [(one.name, one.type) for one in found.objects] == [("x", "str")]
    assert found.modules["msgspec"].endswith("__init__.py")
    assert found.process.memory > 0


def test_replies_that_a_front_end_fetched_are_read():
    modules = {
        "body": {"modules": [{"id": 1, "name": "numpy", "path": "/x/numpy/__init__.py"}]}
    }
    shown = '{"objects": [{"name": "a", "type": "list", "size": 80}, 3], "versions": {"numpy": "2.0", "b": 1}}'
    inside = {"user_expressions": {"found": {"data": {"text/plain": repr(shown)}}}}
    found = from_replies(modules, inside, busy=False)
    assert found.modules == {"numpy": "/x/numpy/__init__.py"}
    assert [(one.name, one.size) for one in found.objects] == [("a", 80)]
    assert found.versions == {"numpy": "2.0"}


def test_replies_that_are_no_answers_tell_nothing_and_say_so():
    nonsense = [
        None,
        {},
        {"body": {"modules": 3}},
        {"user_expressions": {"found": {"data": 1}}},
    ]
    untold = LiveKernel(
        notes=(
            ELSEWHERE,
            "the kernel did not tell which modules are loaded",
            "the kernel did not tell what it holds",
        )
    )
    assert all(from_replies(one, one, busy=False) == untold for one in nonsense)


@pytest.mark.parametrize("size", [-1, True, 1.5, 10**30, "9"])
def test_a_size_that_no_object_has_is_left_out(size):
    shown = json.dumps(
        {"objects": [{"name": "a", "type": "t", "size": size}], "gpu": {"g": size}}
    )
    inside = {"user_expressions": {"found": {"data": {"text/plain": repr(shown)}}}}
    found = from_replies(None, inside, busy=False)
    assert (found.objects, found.gpu) == ((), {})


def test_a_busy_kernel_is_not_blamed_for_what_it_was_not_asked():
    found = from_replies(None, None, busy=True)
    assert (
        found.notes[-1] == "the kernel runs a cell: its objects are looked at when it is idle"
    )


def test_a_remote_kernel_gives_versions_without_an_environment(book):
    kernel = LiveKernel(versions={"numpy": "2.0.1"}, modules={"numpy": "/x/numpy/__init__.py"})
    (one,) = describe(book("import numpy"), kernel=kernel).software
    assert one.version == "==2.0.1"
    assert [evidence.how for evidence in one.evidence] == ["static", "kernel", "kernel"]


def test_another_version_loaded_than_installed_is_said(book):
    kernel = LiveKernel(versions={"numpy": "1.26.4"})
    task = describe(book("import numpy"), kernel=kernel, environment=environment())
    assert task.notes == (
        "numpy 1.26.4 is loaded and 2.1.0 is installed: restart the kernel to use it",
    )


def test_an_install_after_the_start_of_a_busy_kernel_is_said(book):
    process = Process(1, 2**20, 2**20, 1, 1, 0.0, started=100.0, read_at=200.0)
    kernel = LiveKernel(process=process, modules={"numpy": "/x/numpy/__init__.py"})
    task = describe(book("import numpy"), kernel=kernel, environment=environment(changed=150.0))
    assert "numpy was installed after the kernel started" in task.notes[0]


def test_a_working_copy_is_said_to_be_only_here(book):
    installed = environment(editable=True, origin="file:///home/me/numpy")
    task = describe(book("import numpy"), environment=installed)
    assert task.notes == ("numpy is a working copy: it exists only on this machine",)


def test_an_installed_version_that_is_not_asked_for_is_said(book):
    task = describe(book("%pip install 'numpy<2'\nimport numpy"), environment=environment())
    assert task.notes == ("cell 1, line 1 asks for numpy<2, and 2.1.0 is installed",)


def test_another_python_than_asked_for_is_said(book):
    block = '# /// script\n# requires-python = ">=3.12"\n# dependencies = []\n# ///'
    task = describe(book(block), environment=environment())
    assert task.notes == ("the notebook asks for Python >=3.12, and its kernel runs 3.11.7",)


def test_every_need_is_explained_with_its_evidence(book):
    text = explain(describe(book("import numpy\nopen('a.csv')")))
    assert "Memory: at least 2 GiB\n    assumed, jupyter_canidothis: no kernel" in text
    assert "numpy (needed, pip)\n    read in the notebook, cell 1, line 1: import numpy" in text
    assert "a.csv\n    read in the notebook, cell 1, line 2: open()" in text


def test_files_that_the_kernel_holds_open_are_data(book, tmp_path):
    (tmp_path / "a.h5").write_text("x" * 9)
    files = (str(tmp_path / "a.h5"), str(tmp_path / "b.csv"), "/x/module.so")
    process = Process(7, 2**20, 2**20, 1, 1, 0.0, 0.0, 0.0, files=files)
    task = describe(book("open('b.csv')"), kernel=LiveKernel(process=process))
    assert {(one.location, one.size) for one in task.data} == {
        ("b.csv", None),
        (str(tmp_path / "a.h5"), 9),
    }
    assert task.data[-1].evidence[0].source == "/proc/7/fd"


def test_a_gpu_library_that_is_loaded_means_it_can_use_a_gpu(book):
    process = Process(7, 2**20, 2**20, 1, 1, 0.0, 0.0, 0.0, gpu_runtime="libcudart")
    task = describe(book("x"), kernel=LiveKernel(process=process))
    assert (task.resources.gpus.min, task.resources.gpus.max) == (None, 1)


def test_cores_kept_busy_are_concluded_from_processor_time_and_run_time(book):
    notebook = book("x")
    notebook["cells"][0]["metadata"]["papermill"] = {"duration": 100.0}
    process = Process(7, 2**20, 2**20, 1, 1, 390.0, 0.0, 0.0)
    task = describe(notebook, kernel=LiveKernel(process=process))
    assert task.resources.cores.max == 4000
    assert "3.9 cores kept busy" in task.evidence["resources.cores"][0].text
