"""What repo2docker makes of ``binder/``, and the demo notebook run to its end."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]


def test_repo2docker_understands_the_folder():
    done = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)],
        capture_output=True,
        text=True,
        check=True,
    )
    written = done.stdout + done.stderr

    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in written
    assert "apt-get install --yes --no-install-recommends slurm-wlm" in written
    assert 'R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in written


def test_the_demo_notebook_runs_offline_and_ends_with_a_plan(monkeypatch, tmp_path):
    monkeypatch.delenv("JUPYTER_NO_CONFIG")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(ROOT / "binder"))
    notebook = nbformat.read(ROOT / "binder" / "demo.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": tmp_path}}).execute()

    shown = notebook.cells[-1].outputs[-1].data
    assert "Science cloud (example)" in shown["text/plain"]
    assert "application/vnd.ivoa.execution-plan+json" in shown


def test_the_tutorial_runs_offline_from_description_to_hand_over(monkeypatch, tmp_path):
    monkeypatch.delenv("JUPYTER_NO_CONFIG")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(ROOT / "binder"))
    shutil.copy(ROOT / "binder" / "demo.ipynb", tmp_path)
    notebook = nbformat.read(ROOT / "binder" / "tutorial.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": tmp_path}}).execute()

    said = {cell.id: _text(cell) for cell in notebook.cells if cell.cell_type == "code"}
    assert "(needed, pip)" in said["describe-it"]
    assert "Rubin Science Platform (exa" in said["ask-it"]
    assert "declared: " in said["read-evidence"]
    assert "Memory 16 GiB → 12 GiB (checked)" in said["read-change"]
    before, now = map(int, re.findall(r"(\d) accept", said["ask-changed"]))
    assert before < now
    assert "Can I run demo.ipynb? (sliders)" in said["interactive"]
    assert "Science cloud (example)" in said["interactive"]
    assert "runs scripts" in said["hand-it-over"] or "#SBATCH" in said["hand-it-over"]


def _text(cell):
    parts = []
    for output in cell.outputs:
        parts += [output.get("text", ""), *output.get("traceback", [])]
        parts.append(output.get("data", {}).get("text/plain", ""))
    return "\n".join(parts)
