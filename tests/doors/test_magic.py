from __future__ import annotations

import json
from functools import partial

import pytest
from config_files import write_config
from IPython.core.error import UsageError
from IPython.testing.globalipapp import start_ipython
from IPython.utils.capture import capture_output
from notebook_files import write_notebook
from terminals import Terminal

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.platforms.base import Handover
from jupyter_canidothis.platforms.declared import Declared
from jupyter_canidothis.render import MIME


@pytest.fixture
def shell(monkeypatch, tmp_path, platforms):
    monkeypatch.delenv("JUPYTER_NO_CONFIG")
    write_config(tmp_path / "jupyter-config", [p for p in platforms if p["name"] == "hub"])
    monkeypatch.chdir(tmp_path)
    write_notebook(tmp_path, "import numpy")
    shell = start_ipython() or get_ipython()  # noqa: F821 - put there by start_ipython
    shell.run_line_magic("load_ext", "jupyter_canidothis")
    # A shell outlives one test: its magics must not keep the last one's platforms.
    shell.magics_manager.registry["CanIDoThisMagics"]._planner = None
    return shell


def test_the_magic_returns_a_plan_that_shows_itself(shell):
    plan = shell.run_line_magic("canidothis", "demo.ipynb --memory 16G")

    bundle = plan._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", MIME}
    assert plan.answers[0].verdict is Verdict.NO
    assert [s.name for s in plan.task.software] == ["numpy"]


def test_the_notebook_of_the_session_is_found_by_itself(shell, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "some/folder/demo.ipynb")
    plan = shell.run_line_magic("canidothis", "")

    assert plan.task.name == "demo.ipynb"


def test_without_any_notebook_the_cells_run_so_far_are_planned(shell):
    shell.run_cell("import json", store_history=True)
    plan = shell.run_line_magic("canidothis", "--cores 4:8")

    assert plan.task.executable.type == "uri://jupyter-notebook"
    assert plan.task.resources.cores.max == 8000


def test_a_cell_body_wins_over_the_options(shell):
    plan = shell.run_cell_magic(
        "canidothis", "demo.ipynb --memory 16G", "memory: {min: 4G, max: 8G}\n"
    )

    assert plan.accepted


@pytest.mark.parametrize(
    ("line", "cell", "named"),
    [
        ("demo.ipynb --memory lots", None, "memory"),
        ("nosuch.ipynb", None, "nosuch.ipynb"),
        ("demo.ipynb", "- a list", "cell body"),
        ("demo.ipynb", "memory: [", "line"),
        ("demo.ipynb --platform nosuch", None, "nosuch"),
        ("demo.ipynb --timeout 0", None, "timeout"),
    ],
)
def test_a_wrong_question_is_a_usage_error_without_traceback(shell, line, cell, named):
    ask = partial(shell.run_cell_magic, cell=cell) if cell else shell.run_line_magic
    with pytest.raises(UsageError, match=named):
        ask("canidothis", line)


def test_quiet_shows_nothing_and_still_returns_the_plan(shell):
    with capture_output() as captured:
        plan = shell.run_line_magic("canidothis", "demo.ipynb -q")
        shell.display_formatter.format(plan)

    assert not captured.stdout
    assert plan.answers


def test_a_semicolon_silences_and_is_no_part_of_a_value(shell):
    result = shell.run_cell("%canidothis demo.ipynb --memory 4G;", store_history=True)

    assert result.success


def test_a_terminal_shows_the_plan_in_colour(shell, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    plan = shell.run_line_magic("canidothis", "demo.ipynb --memory 16G")
    asking = terminal.getvalue()
    shell.display_formatter.format(plan)

    assert "1 answered" in asking
    assert "\x1b[1;31m✘ NO" in terminal.getvalue().removeprefix(asking)


def test_explain_prints_every_need_and_where_it_was_found(shell):
    with capture_output() as captured:
        shell.run_line_magic("canidothis", "demo.ipynb --explain -q")

    assert "numpy" in captured.stdout
    assert "cell 1, line 1" in captured.stdout


@pytest.mark.parametrize("chosen", ["", "hub"])
def test_the_script_is_printed_with_what_to_do_with_it(shell, monkeypatch, chosen):
    made = Handover("#!/bin/bash\n", "demo.sbatch", "sbatch demo.sbatch")
    monkeypatch.setattr(Declared, "handover", lambda self, task, offer: made)
    with capture_output() as shown:
        result = shell.run_line_magic("canidothis", f"demo.ipynb --script {chosen}")

    assert result is None
    how = "for hub: save it as demo.sbatch, then sbatch demo.sbatch"
    assert shown.stdout == f"#!/bin/bash\n\n{how}\n"


def test_the_nearest_yes_is_printed(shell):
    with capture_output() as shown:
        result = shell.run_line_magic("canidothis", "demo.ipynb --memory 16G --nearest hub")

    assert result is None
    assert "Memory 16 GiB → 12 GiB: then accepts (checked)" in shown.stdout


def test_json_is_shown_on_request(shell):
    with capture_output() as captured:
        shell.run_line_magic("canidothis", "demo.ipynb --format json")

    (output,) = captured.outputs
    assert json.loads(output.data["text/plain"])["answers"]


def test_interactive_shows_the_widget_and_a_table_for_readers_without(shell):
    with capture_output() as captured:
        shell.run_line_magic("canidothis", "demo.ipynb -i --memory 16G")

    assert "application/vnd.jupyter.widget-view+json" in captured.outputs[0].data
    assert "YES on 0 of 1 platform: all answers" in captured.outputs[-1].data["text/html"]
    assert "NO           hub" in captured.outputs[-1].data["text/plain"]
