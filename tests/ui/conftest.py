"""A real JupyterLab and a real Notebook 7, each with a configuration of its own, in a real Chromium."""

from __future__ import annotations

import json
import re
import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright
from servers import CONFIGURATION, OUTPUT, PAGES, SCREEN, WAIT, server
from witness import Witness

PANEL = "#jp-CanIDoThis-panel"
CHROMIUM_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "id": "cell-1",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": "import yaml\n\nphotons = [1, 2, 3]\nsum(photons)",
        }
    ],
    "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """Playwright keeps a loop running in this thread; pytest-jupyter's cannot live beside it."""
    return


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """See `jp_asyncio_loop`; these tests start their servers as processes."""
    return


@pytest.fixture(scope="session")
def browser():
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on PATH: apt-get install chromium")
    # What a loaded machine may take; nobody waits longer than the page needs.
    expect.set_options(timeout=WAIT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@dataclass(kw_only=True)
class Visit(Witness):
    """One page, and everything it complained about."""

    page: object
    url: str
    folder: Path
    """Where the notebook lies."""

    def open_notebook(self):
        self.page.goto(self.url)
        self.button.wait_for()

    def open_panel(self):
        self.open_notebook()
        self.button.click()
        self.wait_until_planned()

    def wait_until_planned(self):
        """Wait until every platform answered the question on screen."""
        done = self.panel.get_by_text(re.compile(r"^\d+ of \d+ accept$"))
        expect(done).to_be_visible()
        expect(self.panel.locator("article.jp-mod-stale")).to_have_count(0)

    def wait_until(self, happened, seconds=30):
        """Let the page go on until something that is no element of it happened."""
        deadline = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < deadline, f"it did not happen within {seconds} s"
            self.page.wait_for_timeout(20)

    def box(self, name):
        return self.panel.get_by_role("spinbutton", name=name)

    def slider(self, name):
        return self.panel.get_by_role("slider", name=name)

    def drag(self, handle, position):
        """Drag a slider with the mouse to a fraction of its length, and let it go."""
        self.hold(handle, position)
        self.page.mouse.up()

    def hold(self, handle, position):
        """Drag a slider to a fraction of its length without letting it go: nobody is asked yet."""
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        middle = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + box["width"] / 2, middle)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] * position, middle, steps=4)

    @property
    def button(self):
        return self.page.locator(
            '.jp-NotebookPanel-toolbar [data-command="jupyter-canidothis:open"]'
        )

    @property
    def panel(self):
        return self.page.locator(PANEL)

    def card(self, platform):
        heading = self.page.get_by_role("heading", name=platform)
        return self.panel.get_by_role("article").filter(has=heading)

    def screenshot(self, name):
        OUTPUT.mkdir(exist_ok=True)
        self.page.screenshot(path=OUTPUT / f"{name}.png")


@pytest.fixture(params=["lab", "notebook"])
def front_end(request):
    return request.param


@pytest.fixture
def configuration():
    """What ``jupyter_canidothis_config.json`` holds; overridden where a test needs another."""
    return CONFIGURATION


@pytest.fixture
def theme():
    return "JupyterLab Light"


@pytest.fixture
def language():
    return "default"


@pytest.fixture(scope="session")
def servers(tmp_path_factory):
    """Start a server for each front end, configuration and settings."""
    started = {}
    with ExitStack() as stack:

        def start(front_end, configuration, settings):
            key = json.dumps([front_end, configuration, settings])
            if key not in started:
                folder = tmp_path_factory.mktemp(front_end)
                running = server(front_end, configuration, settings, folder)
                started[key] = (folder, *stack.enter_context(running))
            folder, base, token = started[key]
            _forget(folder)
            return folder / "work", base, token

        yield start


def _forget(folder):
    """Drop what the visit before left: its layout, settings of the panel, and edits."""
    for kept in ("workspaces", "settings/jupyter-canidothis"):
        shutil.rmtree(folder / kept, ignore_errors=True)
    for file in (folder / "work").iterdir():
        if file.is_file():
            file.unlink()
    (folder / "work" / "m31_photometry.ipynb").write_text(json.dumps(NOTEBOOK))


@pytest.fixture
def settings(theme, language):
    """What the person chose in the front end, by plugin."""
    return {
        "apputils-extension/themes": {"theme": theme},
        "translation-extension/plugin": {"locale": language},
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    }


@pytest.fixture
def visit(front_end, browser, configuration, settings, servers):
    """A browser page for a notebook; nothing is opened yet.

    It may complain of nothing that its test did not declare, and ask nobody but its server.
    """
    folder, base, token = servers(front_end, configuration, settings)
    page = browser.new_page(viewport=SCREEN, device_scale_factor=1.5)
    page.set_default_timeout(WAIT)
    url = f"{base}{PAGES[front_end]}/m31_photometry.ipynb?token={token}"
    visit = Visit(page=page, url=url, folder=folder)
    visit.watch(page)
    yield visit
    unexpected, strays = visit.unexpected(), visit.strays(base)
    page.close()
    assert unexpected == []
    assert strays == []
