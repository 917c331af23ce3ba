"""Makes the pictures of the documents from the real thing: ``tests/run pictures``.

JupyterLab with the demo's notebooks and platforms, a Slurm among them where it is
installed; the command line in a terminal. A picture that cannot be made is reported and
harms no other.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
import tempfile
import traceback
from contextlib import ExitStack
from pathlib import Path

from conftest import CHROMIUM_FLAGS, Visit
from PIL import Image
from playwright.sync_api import expect, sync_playwright
from rich.console import Console
from rich.text import Text
from servers import run_cells, server
from terminals import Running

from jupyter_canidothis.demo import SlurmCluster

ROOT = Path(__file__).parents[2]
SCREEN = {"width": 1440, "height": 1180}
STORY = {"width": 1100, "height": 900}
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/themes": {"theme": "JupyterLab Light"},
}
ASKED = ("--cores", "4", "--memory", "16G", "--duration", "2h")
WAIT = 60_000
FADES = 256
"""Colours of the animation."""


class Studio:
    """A browser, and a server on the demo's notebooks.

    Parameters
    ----------
    browser
        A running Chromium.
    folder
        The server's folders.
    images
        Where pictures go.
    """

    def __init__(self, browser, folder, images):
        self.browser = browser
        self.folder = folder
        self.images = images
        self.base = self.token = ""

    def page(self, screen=SCREEN):
        page = self.browser.new_page(viewport=screen, color_scheme="light")
        page.set_default_timeout(WAIT)
        return page

    def visit(self, notebook, screen=SCREEN):
        """Open a notebook in JupyterLab, and nothing beside it."""
        page = self.page(screen)
        for kept in ("workspaces", "settings/jupyter-canidothis"):
            shutil.rmtree(self.folder / kept, ignore_errors=True)
        url = f"{self.base}lab/tree/{notebook}?token={self.token}"
        visit = Visit(page=page, url=url, folder=self.folder / "work")
        visit.open_notebook()
        # Opening ends with the kernel, whose name it writes into the notebook.
        expect(page.get_by_text("| Idle")).to_be_visible(timeout=WAIT)
        # The list of files on the left says nothing here; opening has added metadata.
        for keys in ("Control+b", "Control+s"):
            page.keyboard.press(keys)
        return visit

    def keep(self, data, name):
        (self.images / name).write_bytes(data)


def asked(visit):
    """Open the panel and ask for what the demo's text asks for."""
    visit.button.click()
    visit.wait_until_planned()
    visit.box("Cores at least").fill("4")
    visit.box("Memory, GiB at least").fill("16")
    visit.wait_until_planned()


def panel(studio):
    """The panel beside a notebook, evidence of the first YES unfolded."""
    visit = studio.visit("demo.ipynb")
    asked(visit)
    best = visit.panel.get_by_role("article").first
    expect(best.get_by_role("heading")).to_contain_text("YES")
    expect(best.get_by_text("checked", exact=False).first).to_be_visible()
    visit.wait_until_planned()
    evidence = visit.panel.get_by_role("article").first.get_by_text(re.compile("^Evidence"))
    evidence.first.click()
    visit.panel.evaluate("element => element.scrollTo(0, 0)")
    studio.keep(visit.page.screenshot(), "lab.png")
    visit.page.close()


def story(studio):
    """A NO that becomes a YES by one click, as an animation."""
    visit = studio.visit("demo.ipynb", STORY)
    frames = []

    def frame(seconds):
        picture = Image.open(io.BytesIO(visit.page.screenshot()))
        frames.append((picture.convert("RGB"), int(seconds * 1000)))

    expect(visit.page.get_by_role("heading", name="A hunt for variable stars")).to_be_visible()
    frame(1.2)
    visit.button.hover()
    frame(0.6)
    visit.button.click()
    visit.wait_until_planned()
    frame(1.6)
    memory = visit.box("Memory, GiB at least")
    for amount in ("4", "8", "12", "16"):
        memory.fill(amount)
        visit.wait_until_planned()
        frame(0.5 if amount != "16" else 1.8)
    change = visit.panel.get_by_role("button", name=re.compile(r"^Use .*12 GiB")).first
    change.scroll_into_view_if_needed()
    change.hover()
    frame(1.2)
    change.click()
    visit.wait_until_planned()
    frame(2.4)
    visit.page.close()
    studio.keep(animated(frames), "story.gif")


def animated(frames):
    """Join pictures to one animation with one set of colours."""
    pictures = [picture for picture, _ in frames]
    colours = pictures[-1].quantize(FADES, dither=Image.Dither.NONE)
    first, *rest = (p.quantize(palette=colours, dither=Image.Dither.NONE) for p in pictures)
    data = io.BytesIO()
    first.save(
        data,
        "GIF",
        save_all=True,
        append_images=rest,
        duration=[milliseconds for _, milliseconds in frames],
        loop=0,
        optimize=True,
    )
    return data.getvalue()


def run_cell(studio, source, name, shown):
    """One cell with its output."""
    write_notebook(
        studio.folder / "work" / "cell.ipynb", ["%load_ext jupyter_canidothis", source]
    )
    visit = studio.visit("cell.ipynb")
    run_cells(visit.page, 2)
    cell = visit.page.locator(".jp-Notebook .jp-CodeCell").nth(1)
    shown(cell)
    studio.keep(cell.screenshot(), name)
    visit.page.close()


def magic(studio):
    """The table of the magic, one row's evidence unfolded."""

    def shown(cell):
        rubin = cell.get_by_role("row", name=re.compile("Rubin"))
        rubin.get_by_text(re.compile("^Evidence")).click()
        cell.page.mouse.move(0, 0)

    run_cell(studio, f"%canidothis demo.ipynb {' '.join(ASKED)}", "magic.png", shown)


def widget(studio):
    """The widget with every answer."""

    def shown(cell):
        expect(cell.get_by_text(re.compile(r"^Done\. YES on"))).to_be_visible(timeout=WAIT)

    run_cell(studio, f"%canidothis demo.ipynb {' '.join(ASKED)} -i", "widget.png", shown)


def terminal(studio):
    """The command line in a terminal of 100 columns."""
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LC_ALL")}
    command = [sys.executable, "-m", "jupyter_canidothis", "demo.ipynb", *ASKED]
    os.chdir(studio.folder / "work")
    running = Running(
        command, kept | {"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLUMNS": "100"}, 100
    )
    try:
        assert running.end() in (0, 1), running.text
    finally:
        running.close()
    # What was drawn while answers came in was taken away again.
    drawn = running.text.rpartition("\x1b[2K")[2].replace("\r", "")
    page = studio.page({"width": 1000, "height": 900})
    page.set_content(as_page(f"$ jupyter canidothis demo.ipynb {' '.join(ASKED)}", drawn))
    studio.keep(page.locator("pre").screenshot(), "terminal.png")
    page.close()


def as_page(prompt, drawn):
    """Show what a terminal was sent as a page."""
    console = Console(file=io.StringIO(), record=True, width=101, force_jupyter=False)
    console.print(Text(prompt))
    console.print(Text.from_ansi(drawn.strip("\n")))
    return console.export_html(
        inline_styles=True,
        code_format="<body style='margin:0'><pre style='display:inline-block;margin:0;"
        "padding:16px;font:14px/1.35 monospace;background:#fff;color:#111'>{code}</pre>",
    )


def write_notebook(path, sources):
    """Write a notebook of code cells."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(sources)
    ]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": spec}
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book))


PICTURES = (panel, story, magic, widget, terminal)


def main(names, images=ROOT / "docs" / "images"):
    """Make the pictures of these names, or all; return how many could not be made."""
    failed = 0
    os.environ["JUPYTER_CONFIG_PATH"] = str(ROOT / "binder")
    images.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="canidothis-")))
        if not SlurmCluster.missing():
            cluster = stack.enter_context(SlurmCluster(folder / "slurm" / "demo"))
            os.environ |= cluster.env
        home = folder / "jupyter"
        home.mkdir()
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS
        )
        studio = Studio(browser, home, images)
        running = server("lab", {}, SETTINGS, home)
        studio.base, studio.token = stack.enter_context(running)
        for notebook in ("demo", "tutorial"):
            shutil.copy(ROOT / "binder" / f"{notebook}.ipynb", home / "work")
        for make in PICTURES:
            if names and make.__name__ not in names:
                continue
            try:
                make(studio)
                print(f"{make.__name__}: made")
            except Exception:  # noqa: BLE001 - one picture must not cost the others
                failed += 1
                print(f"{make.__name__}: NOT made\n{traceback.format_exc()}")
        browser.close()
    return failed


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
