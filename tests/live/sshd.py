"""A private sshd on loopback: own keys, own port, own configuration, nothing of the host's."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from jupyter_canidothis.demo.daemons import PATH

UP_SECONDS = 30


def missing():
    """Say why this host cannot have one; empty when it can."""
    gone = [n for n in ("ssh", "sshd", "ssh-keygen") if shutil.which(n, path=PATH) is None]
    return f"not installed: {', '.join(gone)}" if gone else ""


class Sshd:
    """A server that lets one key in, as the user who runs the tests.

    Parameters
    ----------
    folder
        Where everything of it lies; made here.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.process = None

    def __enter__(self):
        self.folder.mkdir(mode=0o700, parents=True)
        for key in ("host", "user", "stranger"):
            self._key(key)
        (self.folder / "authorized").write_text((self.folder / "user.pub").read_text())
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        for _ in range(5):
            if self._start():
                self.know("known_hosts", "host")
                return self
        raise RuntimeError((self.folder / "log").read_text())

    def __exit__(self, *error):
        # The connections that it took have processes of their own.
        children = subprocess.run(
            ("pgrep", "-P", str(self.process.pid)), capture_output=True, text=True, check=False
        ).stdout.split()
        self.process.terminate()
        self.process.wait(UP_SECONDS)
        for child in children:
            subprocess.run(("kill", child), check=False, capture_output=True)

    def _key(self, name):
        argv = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name))
        subprocess.run(argv, check=True, timeout=UP_SECONDS)

    def _start(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (self.folder / "sshd_config").write_text(
            f"ListenAddress 127.0.0.1:{self.port}\n"
            f"HostKey {self.folder}/host\n"
            f"AuthorizedKeysFile {self.folder}/authorized\n"
            "PidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\n"
            "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
            # A home without the start-up files of whoever runs the tests.
            f"SetEnv HOME={self.folder}\n"
        )
        sshd = shutil.which("sshd", path=PATH)
        log = self.folder / "log"
        self.process = subprocess.Popen(
            (sshd, "-D", "-f", str(self.folder / "sshd_config"), "-E", str(log)),
            stdin=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + UP_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return True
            time.sleep(0.02)
        return False

    def know(self, file, key):
        """Write down which host key this server has."""
        kind, value, *_ = (self.folder / f"{key}.pub").read_text().split()
        entry = f"[127.0.0.1]:{self.port} {kind} {value}\n"
        (self.folder / file).write_text(entry)

    def config(self, *, key="user", known="known_hosts", port=None, host="127.0.0.1"):
        """Write an ssh_config(5) with the alias ``cluster``, and return its path."""
        path = self.folder / f"config-{key}-{known}-{port}-{host}"
        path.write_text(
            f"Host cluster\n  HostName {host}\n  Port {port or self.port}\n"
            f"  User {getpass.getuser()}\n  IdentityFile {self.folder}/{key}\n"
            f"  IdentitiesOnly yes\n  UserKnownHostsFile {self.folder}/{known}\n"
            "  GlobalKnownHostsFile /dev/null\n"
        )
        return str(path)
