"""The README's example platform, run exactly as it stands there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from scripted import notebook_task

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.config import CanIDoThis
from jupyter_canidothis.platforms import registry

ROOT = Path(__file__).parents[1]


@pytest.fixture
def out_of_tree(tmp_path, monkeypatch):
    """Install the example as somebody else's package with its entry point."""
    text = (ROOT / "README.md").read_text()
    (code,) = re.findall(r"```python\n(from jupyter_canidothis.*?)```", text, re.DOTALL)
    (group, line) = re.search(
        r'entry-points\."([\w.]+)"\]\n(whiteboard = .*?)\n', text
    ).groups()
    (tmp_path / "my_package.py").write_text(code)
    info = tmp_path / "my_package-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my_package\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{line.replace(chr(34), '')}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    registry.kinds.cache_clear()
    registry.load.cache_clear()
    yield len(code.splitlines())
    sys.modules.pop("my_package", None)
    registry.kinds.cache_clear()
    registry.load.cache_clear()


async def test_the_example_platform_works_as_written(out_of_tree, tmp_path):
    board = tmp_path / "board"
    board.write_text("8")
    entry = {"kind": "whiteboard", "name": "ours", "file": str(board)}
    planner = CanIDoThis(platforms=[entry], discover=False).planner()

    small = await planner.ask(notebook_task().__class__(notebook_task().executable))
    task = notebook_task()
    big = type(task)(task.executable, task.resources.replace("cores", min=9000))
    large = await planner.ask(big)

    assert small.answers[0].verdict is Verdict.YES
    assert large.answers[0].verdict is Verdict.NO
    assert large.answers[0].evidence[0].text == "8"
    assert out_of_tree <= 35


def test_every_link_of_the_documents_leads_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not link.startswith("http"):
                assert (page.parent / link).exists(), f"{page.name}: {link}"
