"""The widget and the magic as people see them: Lab, Notebook 7, Voila, and a converted page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect
from servers import OUTPUT, PAGES, SCREEN, WAIT, end, free_port, run_cells, wait_for
from witness import Witness

TESTS = Path(__file__).parents[1]
SETUP = f"""\
import sys
sys.path[:0] = [{str(TESTS)!r}]
from hostile import planner
from scripted import GIB, notebook_task
from jupyter_canidothis.widget import CanIDoThis
CanIDoThis(notebook_task(16 * GIB), planner())"""
MAGIC = """\
%load_ext jupyter_canidothis
_registry = get_ipython().magics_manager.registry["CanIDoThisMagics"]
_registry._planner = planner()
%canidothis --memory 16G"""


def book(*sources):
    """Make a notebook of code cells."""
    return {
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(sources)
        ],
        "metadata": {
            "kernelspec": {
                "name": "python3",
                "display_name": "Python 3",
                "language": "python",
            }
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


@pytest.fixture
def witness():
    return Witness()


@pytest.fixture
def page(browser, witness):
    """A page whose scripts complain about nothing."""
    page = browser.new_page(viewport=SCREEN)
    page.set_default_timeout(WAIT)
    witness.watch(page)
    yield page
    unexpected = witness.unexpected()
    page.close()
    assert unexpected == []


@pytest.fixture
def running(front_end, configuration, settings, servers):
    """Where a front end is, and its token."""
    _, base, token = servers(front_end, configuration, settings)
    return base, token


@pytest.fixture
def opened(front_end, page, witness, running):
    """Run a notebook in a front end, which asks nobody but its own server."""
    base, token = running

    def run(*sources):
        body = json.dumps({"type": "notebook", "content": book(*sources)}).encode()
        request = urllib.request.Request(
            f"{base}api/contents/widget.ipynb?token={token}", body, method="PUT"
        )
        urllib.request.urlopen(request, timeout=60).close()
        page.goto(f"{base}{PAGES[front_end]}/widget.ipynb?token={token}")
        run_cells(page, len(sources))
        return page

    yield run
    assert witness.strays(base) == []


@contextmanager
def voila(path, folder):
    """Serve a notebook as a page."""
    port = free_port()
    log = folder / "voila.log"
    command = [sys.executable, "-m", "voila", str(path), "--no-browser"]
    with log.open("w") as stream:
        process = subprocess.Popen(
            [*command, f"--port={port}", "--Voila.ip=127.0.0.1"],
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/static/favicon.ico", process, log)
            yield f"http://127.0.0.1:{port}/"
        finally:
            end(process)


def converted(path):
    """Run a notebook and convert it to a page, as one command."""
    done = subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return path.with_suffix(".html")


def platform(page, name):
    """Return the card of one platform in the widget."""
    return page.locator(".widget-html", has=page.get_by_text(name, exact=True))


def use_it(page):
    """Change by one click, undo, and look at evidence and at what is handed over."""
    change = page.get_by_role("button", name="Memory less (checked)")
    expect(change).to_be_visible()
    expect(platform(page, "hub")).to_contain_text("NO")
    change.click()
    expect(platform(page, "hub")).to_contain_text("YES")
    expect(change).to_have_count(0)
    expect(page.get_by_label("at least").nth(1)).to_have_value("12")
    page.get_by_role("button", name="Undo").click()
    expect(platform(page, "hub")).to_contain_text("too much memory")
    expect(page.get_by_text("Done. YES on 1 of 3 platforms")).to_be_visible()

    hostile = page.locator(".widget-html", has_text="Hostile")
    hostile.get_by_text("Evidence (1)").click()
    expect(hostile.get_by_text("read live, 2026-11-18")).to_be_visible()
    page.get_by_role("button", name="Show job.sh").click()
    handed = page.locator(".widget-html", has_text="save it as")
    expect(handed).to_contain_text("#!/bin/sh")
    handed.get_by_role("button", name="Copy").nth(1).click()
    expect(handed.get_by_role("button", name=re.compile("Copied|Selected"))).to_be_visible()


def unharmed(page):
    """Whether no word of a platform became more than text, or runs backwards."""
    outputs = ".jp-OutputArea-output, .jupyter-widgets, .widget-html"
    made = page.locator(outputs).locator("img[src=x], svg[onload], script:has-text('attacked')")
    shown = page.locator("body").inner_text()
    return (
        page.evaluate("window.attacked === undefined")
        and made.count() == 0
        and "window.attacked" in shown
        and "\u202e" not in shown
    )


def picture(page, name):
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"{name}.png")


def test_the_widget_changes_undoes_and_hands_over(opened, front_end):
    page = opened(SETUP)
    use_it(page)
    picture(page, f"widget-{front_end}")

    assert unharmed(page)


def test_the_magic_is_a_table_with_its_evidence(opened, front_end):
    page = opened(SETUP.rpartition("\n")[0], MAGIC)
    table = page.locator(".jp-CanIDoThis-plan")
    expect(table).to_contain_text("YES on 1 of 3 platforms")
    table.get_by_text("Evidence (1)").first.click()
    picture(page, f"magic-{front_end}")

    assert unharmed(page)


@pytest.mark.parametrize("shown", ["CanIDoThis(notebook_task(16 * GIB), {0})", MAGIC])
def test_answers_are_shown_as_they_arrive(opened, front_end, tmp_path, shown):
    gate = tmp_path / "gate"
    slow = f"slow_planner({str(gate)!r})"
    setup = SETUP.rpartition("\n")[0].replace("import planner", "import slow_planner")
    page = opened(f"{setup}\n{shown.replace('{0}', slow).replace('planner()', slow)}")
    expect(page.get_by_text("1 of 2 answered, asking Slow").first).to_be_visible()
    expect(page.get_by_text("too much memory").first).to_be_visible()
    gate.touch()
    expect(page.get_by_text("YES on 0 of 2 platforms").first).to_be_visible()
    expect(page.get_by_text("1 of 2 answered")).to_have_count(0)


def test_the_widget_works_in_voila(page, witness, tmp_path):
    # Voila's own page asks for a font that it has beside it.
    witness.expect_complaint("net::ERR_.*font-?awesome")
    # It starts panels too, but lends them not all that JupyterLab does: those that need a
    # file browser, as ours does, do not start.
    witness.expect_complaint("jupyter-canidothis|getter for the shared module")
    path = tmp_path / "widget.ipynb"
    path.write_text(json.dumps(book(SETUP)))
    with voila(path, tmp_path) as url:
        page.goto(url)
        use_it(page)
        picture(page, "widget-voila")

        assert unharmed(page)


def test_a_converted_page_shows_the_answers_without_widgets(page, witness, tmp_path):
    witness.expect_complaint("net::ERR_FAILED")
    path = tmp_path / "widget.ipynb"
    path.write_text(json.dumps(book(SETUP, MAGIC)))
    page.route(re.compile("^https?:"), lambda route: route.abort())
    page.goto(converted(path).as_uri())
    folded = page.locator("details", has_text="all answers").first
    folded.locator("summary").first.click()
    for plan in (folded, page.locator(".jp-CanIDoThis-plan").last):
        expect(plan).to_contain_text("YES on 1 of 3 platforms")
        expect(plan.get_by_role("row", name=re.compile("NO hub"))).to_be_visible()
    picture(page, "widget-converted")

    assert unharmed(page)
