"""Notebooks on which other import scanners are known to fail; names have to be exact."""

import json
from pathlib import Path

import pytest

from jupyter_canidothis.notebook.names import canonical
from jupyter_canidothis.notebook.report import report

CASES = json.loads(
    (Path(__file__).parents[1] / "recorded" / "notebooks" / "edge-cases.json").read_text()
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_names_are_exact(case, tmp_path):
    content = case["notebook"]
    text = content if isinstance(content, str) else json.dumps(content)
    for name, written in {case["file"]: text, **case["files"]}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written)
    found = report(str(tmp_path / case["file"]), static=True)
    needed = {canonical(name) for name in found["distributions"]["needed"]}
    assert needed == {canonical(name) for name in case["needed"]}
