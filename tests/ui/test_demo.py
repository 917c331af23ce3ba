"""The README's first command, run as written: a demo notebook, this machine and a real Slurm."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect
from witness import Witness

from jupyter_canidothis.demo import SlurmCluster

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / "tests" / "output"


@contextmanager
def demo(log):
    """Run ``binder/demo`` until it serves; end it as Ctrl-C does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    command = ["bash", "binder/demo", f"--ServerApp.port={port}", "--no-browser"]
    kept = {k: v for k, v in os.environ.items() if k not in ("JUPYTER_NO_CONFIG", "SLURM_CONF")}
    with log.open("w") as stream:
        process = subprocess.Popen(
            [*command, f"--IdentityProvider.token={token}"],
            cwd=ROOT,
            env=kept,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Run in the background, this process may have been told to ignore Ctrl-C.
            preexec_fn=_hear_ctrl_c,  # noqa: PLW1509 - one call, no threads in the child
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/api?token={token}", process, log)
            yield f"http://127.0.0.1:{port}/lab/tree/demo.ipynb?token={token}"
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=60)


def _hear_ctrl_c():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _wait_for(url, process, log):
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=2)
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text())


def status():
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_canidothis.demo", "status"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return done.stdout


def test_the_demo_opens_asks_a_real_slurm_and_takes_it_down_again(browser, tmp_path):
    if missing := SlurmCluster.missing():
        pytest.skip(f"Slurm is not installed: {', '.join(missing)} missing")
    if ": up" in status():
        pytest.skip("somebody's demo is running on this machine already")
    shutil.rmtree(ROOT / ".demo", ignore_errors=True)
    with demo(tmp_path / "demo.log") as url:
        page = browser.new_page(viewport={"width": 1440, "height": 1180})
        witness = Witness()
        witness.watch(page)
        page.goto(url)
        page.locator('[data-command="jupyter-canidothis:open"]').first.click(timeout=60_000)
        panel = page.locator("#jp-CanIDoThis-panel")
        panel.get_by_role("spinbutton", name="Cores at least").fill("4")
        panel.get_by_role("spinbutton", name="Memory, GiB at least").fill("16")
        slurm = panel.get_by_role("article").filter(
            has=page.get_by_role("heading", name="Slurm (demo)")
        )
        expect(slurm.get_by_role("heading")).to_contain_text("YES", timeout=30_000)
        expect(panel.get_by_text(re.compile(r"^\d+ of \d+ accept$"))).to_be_visible()
        slurm.get_by_text("Evidence").click()
        expect(slurm).to_contain_text("sbatch --test-only")
        slurm.get_by_text("Evidence").click()
        OUTPUT.mkdir(exist_ok=True)
        page.screenshot(path=OUTPUT / "demo.png")
        page.close()

    assert witness.unexpected() == []
    assert witness.strays(url.partition("lab/")[0]) == []
    assert "slurm: down" in status()
