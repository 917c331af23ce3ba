"""Real kernel specs and interpreters, and what really happens when a notebook runs there."""

import json
import sys
import venv

import nbformat
import pytest
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.local import Local
from jupyter_canidothis.task import Executable, Software, Task

pytestmark = pytest.mark.live


@pytest.fixture
def kernels(tmp_path, monkeypatch):
    """Install kernel specs for this test alone."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    def install(name, program, **more):
        folder = tmp_path / "kernels" / name
        folder.mkdir(parents=True)
        argv = [str(program), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": argv, "language": "python", "display_name": name, **more}
        (folder / "kernel.json").write_text(json.dumps(spec))

    return install


async def ask(kernel, *names):
    platform = Local.configure({"kind": "local"})
    software = tuple(Software(name) for name in names)
    executable = Executable("uri://jupyter-notebook", kernel=kernel, languages=("python",))
    snapshot = await platform.snapshot(Ask())
    return await platform.ask(Task(executable, software=software), snapshot, Ask())


async def run(kernel, source):
    """Run one cell as ``nbconvert --execute`` does."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    await NotebookClient(notebook, kernel_name=kernel, timeout=60).async_execute()


async def test_a_kernel_that_is_not_installed_is_a_no_and_nothing_would_start_it(kernels):
    kernels("here", sys.executable)
    assert (await ask("gone")).verdict is Verdict.NO
    assert (await ask("here")).verdict is Verdict.YES
    with pytest.raises(NoSuchKernel):
        await run("gone", "1")


async def test_software_is_judged_where_the_kernel_runs_and_so_it_happens(kernels):
    kernels("here", sys.executable)
    assert (await ask("here", "msgspec")).verdict is Verdict.YES
    assert (await ask("here", "msgspec", "no-such-thing")).verdict is Verdict.NO
    await run("here", "import msgspec")
    with pytest.raises(CellExecutionError, match="ModuleNotFoundError"):
        await run("here", "import no_such_thing")


async def test_another_environment_is_asked_by_its_own_interpreter(kernels, tmp_path):
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    kernels("other", environment / "bin" / "python")
    answer = await ask("other", "msgspec")
    assert [reason.field for reason in answer.reasons] == ["/software/0"]
    assert str(environment) in answer.evidence[answer.reasons[0].evidence[0]].source

    (packages,) = environment.glob("lib/python*/site-packages")
    metadata = packages / "msgspec-9.0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: msgspec\nVersion: 9.0\n")
    assert (await ask("other", "msgspec")).verdict is Verdict.YES


async def test_a_variable_of_the_kernel_spec_makes_more_importable(kernels, tmp_path):
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    (tmp_path / "more" / "extra-1.0.dist-info").mkdir(parents=True)
    (tmp_path / "more" / "extra-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: extra\nVersion: 1.0\n"
    )
    python = environment / "bin" / "python"
    kernels("plain", python)
    kernels("rich", python, env={"PYTHONPATH": str(tmp_path / "more")})
    assert (await ask("plain", "extra")).verdict is Verdict.NO
    assert (await ask("rich", "extra")).verdict is Verdict.YES
