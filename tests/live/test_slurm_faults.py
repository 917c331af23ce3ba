"""A real Slurm, broken on purpose: what is said, and how soon."""

import os
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.demo import SlurmCluster
from jupyter_canidothis.demo.daemons import PATH
from jupyter_canidothis.errors import PlatformNotAuthenticated, PlatformTimeout
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.slurm import Slurm
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task

pytestmark = pytest.mark.live


@pytest.fixture(scope="session", autouse=True)
def installed():
    if missing := SlurmCluster.missing():
        pytest.skip(f"Slurm is not installed: {', '.join(missing)} missing")


@pytest.fixture(scope="module")
def cluster():
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        SlurmCluster(Path(parent, "c")) as running,
    ):
        yield running


@contextmanager
def stranger(cluster):
    """Start another munge with another key, and give the cluster's conf that names it."""
    with tempfile.TemporaryDirectory(prefix="munge-") as folder:
        key = Path(folder, "key")
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(1024))
        files = {name: f"{folder}/{name}" for name in ("socket", "pid", "log", "seed")}
        argv = (
            "munged", "--force", f"--key-file={key}", f"--socket={files['socket']}",
            f"--pid-file={files['pid']}", f"--log-file={files['log']}",
            f"--seed-file={files['seed']}",
        )  # fmt: skip
        subprocess.run(argv, check=True, env={"PATH": PATH}, timeout=30)
        conf = Path(folder, "slurm.conf")
        ours = f"{cluster.folder}/munge.socket"
        conf.write_text(cluster.conf.read_text().replace(ours, files["socket"]))
        try:
            yield conf
        finally:
            munged = psutil.Process(int(Path(files["pid"]).read_text()))
            munged.terminate()
            psutil.wait_procs([munged], timeout=30)


def platform(conf):
    return Slurm.configure({"kind": "slurm", "conf": str(conf)})


async def test_another_munge_key_is_told_though_ping_says_down(cluster):
    # 22.05 closes the connection, 24.11 says that the authentication failed.
    words = "another munge key|does not accept who we are"
    refused = pytest.raises(PlatformNotAuthenticated, match=words)
    with stranger(cluster) as conf, refused:
        await platform(conf).snapshot(Ask(deadline=20))


async def test_a_munge_that_is_gone_is_told(cluster, tmp_path):
    conf = tmp_path / "slurm.conf"
    ours = f"{cluster.folder}/munge.socket"
    conf.write_text(cluster.conf.read_text().replace(ours, f"{tmp_path}/nobody"))
    with pytest.raises(PlatformNotAuthenticated, match="munge, which proves"):
        await platform(conf).snapshot(Ask(deadline=20))


async def test_a_controller_that_hangs_is_a_timeout_in_time(cluster):
    ours = platform(cluster.conf)
    snapshot = await ours.snapshot(Ask(deadline=20))
    (controller,) = [p for p in cluster._processes() if p.name() == "slurmctld"]
    controller.suspend()
    try:
        started = time.monotonic()
        with pytest.raises(PlatformTimeout):
            await ours.snapshot(Ask(deadline=1.0))
        task = Task(Executable("uri://batch-script"), Resources(cores=Range(1000)))
        with pytest.raises(PlatformTimeout):
            await ours.ask(task, snapshot, Ask(deadline=1.0))
        assert time.monotonic() - started < 5
    finally:
        controller.resume()


async def test_another_language_changes_nothing(cluster, monkeypatch):
    task = Task(Executable("uri://batch-script"), Resources(cores=Range(1000)))
    for language in ("C", "de_DE.UTF-8", "nowhere"):
        monkeypatch.setenv("LC_ALL", language)
        monkeypatch.setenv("LANGUAGE", "de")
        ours = platform(cluster.conf)
        snapshot = await ours.snapshot(Ask(deadline=20))
        answer = await ours.ask(task, snapshot, Ask(deadline=20))
        assert (answer.verdict, answer.reasons) == (Verdict.YES, ())
