import asyncio
import json
import sys

from jupyter_canidothis.command import LocalCommand
from jupyter_canidothis.notebook.describe import describe
from jupyter_canidothis.notebook.environment import (
    Distribution,
    Environment,
    interpreter_of,
    read_environment,
)


def test_the_interpreter_of_this_test_tells_what_it_holds():
    environment = asyncio.run(read_environment(sys.executable))
    assert environment.owners_of("yaml") == ("PyYAML",)
    assert environment.owners_of("pytest.mark") == ("pytest",)
    assert environment.get("msgspec").version
    assert "asyncio" in environment.stdlib


def test_names_and_versions_come_from_the_environment_first(book):
    environment = asyncio.run(read_environment(sys.executable))
    task = describe(book("import yaml, bs4"), environment=environment)
    found = {one.name: one for one in task.software}
    assert found["PyYAML"].version == f"=={environment.get('pyyaml').version}"
    assert found["PyYAML"].evidence[-1].source == f"importlib.metadata of {sys.executable}"


def test_what_is_not_installed_is_named_by_the_table_and_said_to_be_missing(book):
    environment = asyncio.run(read_environment(sys.executable))
    (one,) = describe(book("import batman"), environment=environment).software
    assert (one.name, one.version) == ("batman-package", "")
    assert one.evidence[-1].text == "not installed there"


def test_editable_and_version_control_installs_are_recognised(tmp_path):
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    info = site / "mine-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (info / "top_level.txt").write_text("mine\n")
    vcs = {"url": "https://me:pw@x.org/mine", "vcs_info": {"vcs": "git", "commit_id": "abc"}}
    (info / "direct_url.json").write_text(json.dumps(vcs))
    environment = asyncio.run(
        read_environment(_python_with(tmp_path, site), command=LocalCommand())
    )
    assert environment.get("mine").origin == "https://x.org/mine@abc"


def _python_with(folder, site):
    script = folder / "python"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{site}" exec "{sys.executable}" "$@"\n')
    script.chmod(0o755)
    return str(script)


def test_an_interpreter_that_does_not_answer_is_no_environment(tmp_path):
    assert asyncio.run(read_environment(str(tmp_path / "python"))) is None
    assert asyncio.run(read_environment("/bin/cat")) is None


def test_a_literal_python_in_a_kernel_spec_is_our_own():
    assert interpreter_of(["python", "-m", "ipykernel_launcher"]) == sys.executable
    assert interpreter_of([sys.executable, "-m", "ipykernel_launcher"]) == sys.executable
    assert interpreter_of(["conda", "run", "python"]) is None
    assert interpreter_of([]) is None


def _made(**fields):
    return Environment("/x/python", "3.12.1", frozenset({"os"}), fields, {})


def test_a_working_copy_that_lists_no_files_is_found_by_its_folder(book, tmp_path):
    (tmp_path / "src" / "mine").mkdir(parents=True)
    copy = Distribution("my-dist", "1.0", editable=True, origin=f"file://{tmp_path}")
    (one,) = describe(book("import mine"), environment=_made(**{"my-dist": copy})).software
    assert (one.name, one.version) == ("my-dist", "==1.0")


def test_a_module_that_this_python_has_no_more_is_a_note_and_no_distribution(book):
    task = describe(book("import imp"), environment=_made())
    assert task.software == ()
    assert task.notes == ("cell 1, line 1 imports imp, which Python 3.12.1 has no more",)


def test_distutils_is_setuptools_where_python_has_it_no_more(book):
    (one,) = describe(book("import distutils.version"), environment=_made()).software
    assert one.name == "setuptools"
