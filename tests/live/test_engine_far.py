"""An engine that is reached over TLS, and one over ssh, both on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from live.engines import DockerEngine, free_port, missing

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.errors import PlatformError
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.engine import Docker
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task

pytestmark = pytest.mark.live

ASK = Ask(deadline=60.0)
SMALL = Task(Executable("uri://docker-container"), Resources(cores=Range(500)))


def run(*argv):
    subprocess.run(argv, check=True, capture_output=True, timeout=60)


def certificates(folder):
    """Make an authority, and a certificate for loopback that serves both sides."""
    ca, key, cert = (str(folder / name) for name in ("ca.pem", "key.pem", "cert.pem"))
    new = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    run(*new, "-subj", "/CN=ca", "-keyout", f"{ca}.key", "-out", ca)
    request = ("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=engine")
    run(*request, "-keyout", key, "-out", f"{cert}.csr")
    names = folder / "names"
    names.write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n")
    sign = ("openssl", "x509", "-req", "-days", "2", "-in", f"{cert}.csr", "-CA", ca)
    run(*sign, "-CAkey", f"{ca}.key", "-CAcreateserial", "-extfile", str(names), "-out", cert)
    return ca, cert, key


async def asked(platform):
    snapshot = await platform.snapshot(ASK)
    return await platform.ask(SMALL, snapshot, ASK)


async def test_an_engine_is_asked_over_tls_with_our_certificate(tmp_path):
    if absent := missing("dockerd", "docker", "runc", "openssl"):
        pytest.skip(f"missing: {absent}")
    ca, cert, key = certificates(tmp_path)
    host = f"tcp://127.0.0.1:{free_port()}"
    tls = ("--tlsverify", f"--tlscacert={ca}", f"--tlscert={cert}", f"--tlskey={key}")
    with DockerEngine(f"--host={host}", *tls) as engine:
        entry = {"kind": "docker", "host": host, "login_files": []}
        ours = {"tls_ca": ca, "tls_cert": cert, "tls_key": key}
        platform = Docker.configure(entry | ours)
        answer = await asked(platform)
        assert answer.verdict is Verdict.YES
        line = ("docker", *platform.endpoint.options, "info")
        engine.env.pop("DOCKER_HOST")
        assert engine.run(*line).returncode == 0, "the script's own options reach it too"
        with pytest.raises(PlatformError):
            await asked(Docker.configure(entry | {"tls_ca": ca}))


@pytest.fixture
def ssh(tmp_path, monkeypatch):
    """Start an sshd that only this user's new key opens, and an engine behind it."""
    if absent := missing("dockerd", "docker", "runc", "sshd", "ssh-keygen"):
        pytest.skip(f"missing: {absent}")
    Path("/run/sshd").mkdir(exist_ok=True)
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    for name in ("host", "user"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name))
    port = free_port()
    public = (tmp_path / "host.pub").read_text()
    (home / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{port} {public}")
    (home / ".ssh" / "config").write_text(
        f"Host 127.0.0.1\n  User root\n  IdentityFile {tmp_path}/user\n"
    )
    monkeypatch.setenv("HOME", str(home))
    with DockerEngine() as engine:
        config = tmp_path / "sshd_config"
        folder = Path(shutil.which("docker")).parent
        config.write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\n"
            f"AuthorizedKeysFile {tmp_path}/user.pub\nStrictModes no\nUsePAM no\n"
            f"PidFile none\nPermitRootLogin prohibit-password\n"
            f"SetEnv DOCKER_HOST={engine.host} PATH={folder}:/usr/bin:/bin\n"
        )
        server = subprocess.Popen(
            [
                shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin"),
                "-D",
                "-e",
                "-f",
                config,
            ],
            stderr=(tmp_path / "log").open("wb"),
        )
        try:
            end = time.monotonic() + 60
            while time.monotonic() < end and server.poll() is None:
                with socket.socket() as knock:
                    if knock.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"ssh://root@127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


# paramiko and docker-py leave what they opened to the garbage collector.
@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
async def test_an_engine_is_asked_over_ssh(ssh):
    platform = Docker.configure({"kind": "docker", "host": ssh, "login_files": []})
    assert (await asked(platform)).verdict is Verdict.YES
