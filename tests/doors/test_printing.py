"""The command line in a real terminal, and a plan that is asked again and again."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import subprocess
import sys

import pytest
from config_files import write_config
from notebook_files import write_notebook
from scripted import GIB, entry, notebook_task
from terminals import Running, without_escapes

from jupyter_canidothis import printing
from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.printing import FORMATS, Printer, read_wait


@pytest.fixture
def run(tmp_path, platforms):
    """Start the command line in a terminal."""
    write_config(tmp_path / "jupyter-config", [p for p in platforms if p["name"] == "hub"])
    notebook = str(write_notebook(tmp_path, "import json"))
    started = []

    def start(*arguments, width=80, **variables):
        kept = {
            k: v for k, v in os.environ.items() if k not in ("JUPYTER_NO_CONFIG", "COLUMNS")
        }
        kept |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": ""} | variables
        command = [sys.executable, "-m", "jupyter_canidothis", notebook, "--static", *arguments]
        started.append(Running(command, kept, width))
        return started[-1]

    yield start
    for running in started:
        running.close()


@pytest.mark.parametrize("width", [60, 120])
def test_a_terminal_gets_a_table_as_wide_as_it_is(run, width):
    running = run("--memory", "16G", width=width)

    assert running.end() == 1
    lines = without_escapes(running.text).replace("\r", "\n").splitlines()
    assert max(map(len, lines)) <= width
    assert "✘ NO" in running.text
    assert "\x1b[1;31m" in running.text


def test_a_terminal_in_the_c_locale_gets_ascii(run):
    running = run("--memory", "16G", LANG="C", LC_CTYPE="", TERM="dumb")

    assert running.end() == 1
    assert running.text.isascii()
    assert "x NO" in running.text


def test_text_is_the_same_in_a_terminal_as_in_a_file(run):
    running = run("--memory", "16G", "--format", "text")

    assert running.end() == 1
    assert "\x1b" not in running.text
    assert "NO           hub" in running.text


def test_ctrl_c_ends_a_watch_with_the_last_plan_and_its_status(run):
    running = run("--memory", "16G", "--watch")
    running.read_until(lambda text: "again in 30 s" in without_escapes(text))
    running.press_ctrl_c()

    assert running.end() == 1
    assert "Traceback" not in running.text
    assert "\x1b[?25h" in running.text, "the cursor is back"
    assert without_escapes(running.text).rstrip().endswith("ms")


@pytest.mark.parametrize(("given", "seconds"), [(None, None), ("", 30.0), ("5", 5.0)])
def test_a_wait_is_read(given, seconds):
    assert read_wait(given) == seconds


@pytest.mark.parametrize("given", ["4.9", "-1", "nan", "inf", "soon"])
def test_a_wait_that_would_hammer_or_is_none_names_the_option(given):
    with pytest.raises(RequestError, match="--watch"):
        read_wait(given)


@pytest.mark.parametrize("form", FORMATS)
async def test_a_watch_asks_again_until_it_is_ended(form, monkeypatch):
    one = entry("hub")
    out = io.StringIO()
    printer = Printer(Planner([one]), form, out)
    watching = asyncio.ensure_future(printer.watch(notebook_task(4 * GIB), (), 0.001))
    while one.platform.asked < 3:
        await asyncio.sleep(0.001)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching

    assert out.getvalue().count("hub") >= 2
    if form == "json":
        assert json.loads(out.getvalue().splitlines()[0])["answers"]


async def test_a_stream_that_cannot_take_a_letter_gets_ascii(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(printing, "plan_text", lambda _: "16 GiB → 12 GiB")
    await Printer(Planner([entry("hub")]), "text", out).once(notebook_task())

    out.flush()
    assert out.buffer.getvalue() == b"16 GiB -> 12 GiB\n"


def test_a_server_and_a_pipe_never_load_the_terminal_library():
    probe = (
        "import sys, jupyter_canidothis.app, jupyter_canidothis.service, jupyter_canidothis.cli;"
        "print('rich' in sys.modules, 'ipywidgets' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["False", "False"]
