"""What repo2docker makes of ``binder/``, and the demo notebook run to its end."""

from __future__ import annotations

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
