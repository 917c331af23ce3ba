"""A private slurmrestd beside a private Slurm, with tokens made by the cluster itself."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path

from jupyter_canidothis.demo import SlurmCluster
from jupyter_canidothis.demo.daemons import PATH

UP_SECONDS = 30
API = "v0.0.38"
"""Of Debian 12's slurmrestd, Slurm 22.05."""


def missing():
    """Say why this host cannot have one; empty when it can."""
    gone = SlurmCluster.missing()
    gone += ["slurmrestd"] if shutil.which("slurmrestd", path=PATH) is None else []
    if not any(Path("/usr/lib").glob("*/slurm*/auth_jwt.so")):
        gone.append("auth_jwt.so")
    return f"not installed: {', '.join(gone)}" if gone else ""


class RestCluster(SlurmCluster):
    """A Slurm cluster with slurmrestd on loopback."""

    def __init__(self, folder, *, extra_conf=None, **rest):
        key = Path(folder).absolute().parent / "jwt.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(64))
        alternative = {"AuthAltTypes": "auth/jwt", "AuthAltParameters": f"jwt_key={key}"}
        super().__init__(folder, extra_conf={**alternative, **(extra_conf or {})}, **rest)
        self.rest, self.url = None, ""

    def start(self):
        super().start()
        for _ in range(5):
            if self._serve():
                return
        self.stop()
        raise RuntimeError("slurmrestd did not come up")

    def token(self, seconds=3600):
        """Make a token of the user who runs the tests."""
        return self.run("scontrol", "token", f"lifespan={seconds}").strip().partition("=")[2]

    def _serve(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        env = {
            **os.environ, **self.env, "PATH": PATH, "SLURM_JWT": "daemon",
            # It will not run as root or as SlurmUser; a private cluster has nobody else.
            "SLURMRESTD_SECURITY": "disable_user_check",
        }  # fmt: skip
        with (self.folder / "log" / "slurmrestd.log").open("ab") as log:
            self.rest = subprocess.Popen(
                ("slurmrestd", "-f", str(self.conf), "-a", "rest_auth/jwt",
                 "-s", f"openapi/{API}", f"127.0.0.1:{port}"),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
            )  # fmt: skip
        self.url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + UP_SECONDS
        while time.monotonic() < deadline and self.rest.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return True
            time.sleep(0.02)
        self.rest.kill()
        self.rest.wait()
        return False

    def stop(self):
        if self.rest is not None:
            self.rest.terminate()
            self.rest.wait(UP_SECONDS)
            self.rest = None
        super().stop()
