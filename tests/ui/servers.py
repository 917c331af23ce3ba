"""Real front ends, each as a process with folders of its own, on free ports."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

OUTPUT = Path(__file__).parents[1] / "output"
SCREEN = {"width": 1280, "height": 1400}
WAIT = 60_000
"""Milliseconds that a page may take."""
PAGES = {"lab": "lab/tree", "notebook": "notebooks"}


def declared(name: str, **resources: object) -> dict[str, object]:
    """One platform that an administrator wrote down."""
    return {
        "kind": "declared",
        "name": name,
        "tasktypes": ["uri://jupyter-notebook"],
        "servicetype": "uri://jupyter-hub",
        "endpoint": "https://rsp.example.org/",
        "resources": resources,
    }


CONFIGURATION = {
    "CanIDoThis": {
        "discover": False,
        "platforms": [
            {"kind": "local", "name": "This machine"},
            declared("Rubin (declared)", maxcores=8, maxmemory="12G", maxduration="8h"),
            declared("Gaia (declared)", maxcores=240, maxmemory="400G", maxduration="2d"),
        ],
    }
}


@contextmanager
def server(front_end, configuration, settings, folder):
    """Run ``jupyter lab`` or ``jupyter notebook`` on a free port."""
    variables = environment(folder, configuration, settings)
    port, token = free_port(), secrets.token_hex(16)
    base = f"http://127.0.0.1:{port}/"
    command = [
        *(sys.executable, "-m", "jupyter", front_end, "--no-browser"),
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.ip=127.0.0.1",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={folder / 'work'}",
        *(["--allow-root"] if os.getuid() == 0 else []),
    ]
    log = folder / "server.log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            command, env=variables, stdout=stream, stderr=subprocess.STDOUT
        )
        try:
            wait_for(f"{base}api?token={token}", process, log)
            yield base, token
        finally:
            end(process)


def end(process):
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def environment(folder, configuration, settings):
    """Folders of its own for everything Jupyter reads and writes."""
    names = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    for name in (*names.values(), "work"):
        (folder / name).mkdir()
    (folder / "config" / "jupyter_canidothis_config.json").write_text(json.dumps(configuration))
    # Its button is not ours, and is there only because the tests use it too.
    page = {"disabledExtensions": {"@voila-dashboards/jupyterlab-preview": True}}
    (folder / "config" / "labconfig").mkdir()
    (folder / "config" / "labconfig" / "page_config.json").write_text(json.dumps(page))
    for plugin, chosen in settings.items():
        file = folder / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(chosen))
    environment = {
        key: value for key, value in os.environ.items() if key != "JUPYTER_NO_CONFIG"
    }
    return environment | {key: str(folder / name) for key, name in names.items()}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(url, process, log):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except urllib.error.HTTPError:
            # Not what was asked, but somebody who answers.
            return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the server did not start:\n{log.read_text()[-2000:]}")


def run_cells(page, count):
    """Run the first code cells of the notebook on a page.

    Without a kernel a cell is not run, and nobody says so: whoever presses again until
    there is a prompt needs not know when the front end has its kernel.
    """
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    for number in range(count):
        cell = cells.nth(number)
        deadline = time.monotonic() + 90
        while not _is_run(cell):
            assert time.monotonic() < deadline, "no kernel ran the cell within 90 s"
            cell.locator(".cm-content").first.click()
            page.keyboard.press("Control+Enter")


def _is_run(cell):
    prompt = cell.locator(".jp-InputPrompt").first
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        if re.search(r"[*\d]", prompt.inner_text()):
            return True
        cell.page.wait_for_timeout(50)
    return False
