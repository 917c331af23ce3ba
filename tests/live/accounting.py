"""A private Slurm with accounts: MariaDB and slurmdbd on loopback, in the cluster's folder.

Needs root, which is what slurmdbd and the nodes' daemons agree on here.
"""

import os
import secrets
import shutil
import socket
import subprocess
import time

from jupyter_canidothis.demo import SlurmCluster
from jupyter_canidothis.demo.daemons import PATH

NEEDED = ("mariadbd", "mariadb-install-db", "slurmdbd", "sacctmgr")
ENFORCE = "associations,limits,qos,safe"
UP_SECONDS = 60


def missing():
    """Say why this host cannot have accounts; empty when it can."""
    if os.geteuid() != 0:
        return "accounts need root on this host"
    gone = SlurmCluster.missing() + [n for n in NEEDED if shutil.which(n, path=PATH) is None]
    return f"not installed: {', '.join(gone)}" if gone else ""


class AccountingCluster(SlurmCluster):
    """A Slurm cluster that keeps accounts.

    Parameters
    ----------
    records
        Arguments of sacctmgr, run one after the other.
    """

    def __init__(self, folder, *, records=(), enforce=ENFORCE, extra_conf=None, **rest):
        conf = {
            "AccountingStorageType": "accounting_storage/slurmdbd",
            "AccountingStorageHost": "127.0.0.1",
            "AccountingStorageEnforce": enforce,
            "AccountingStorageTRES": "gres/gpu,gres/gpu:a100",
            **(extra_conf or {}),
        }
        super().__init__(folder, extra_conf=conf, **rest)
        self.records, self.servers = records, []

    def _write(self):
        with socket.socket() as one, socket.socket() as other:
            for each in (one, other):
                each.bind(("127.0.0.1", 0))
            self.database_port, port = (each.getsockname()[1] for each in (one, other))
        self.extra_conf |= {
            "AccountingStoragePort": str(port),
            "AccountingStoragePass": f"{self.folder}/munge.socket",
        }
        super()._write()
        self.password = secrets.token_hex(16)
        settings = {
            "AuthType": "auth/munge",
            "AuthInfo": f"socket={self.folder}/munge.socket",
            "DbdHost": "localhost",
            "DbdAddr": "127.0.0.1",
            "DbdPort": port,
            "SlurmUser": "root",
            "PidFile": f"{self.folder}/slurmdbd.pid",
            "LogFile": f"{self.folder}/log/slurmdbd.log",
            "StorageType": "accounting_storage/mysql",
            "StorageHost": "127.0.0.1",
            "StoragePort": self.database_port,
            "StorageUser": "slurm",
            "StoragePass": self.password,
            "StorageLoc": "slurm_acct_db",
        }
        conf = self.folder / "slurmdbd.conf"
        conf.touch(mode=0o600)
        conf.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))

    def _authenticate(self):
        super()._authenticate()
        data = self.folder / "database"
        common = ("--no-defaults", "--user=root", f"--datadir={data}")
        subprocess.run(
            [
                "mariadb-install-db",
                *common,
                "--skip-test-db",
                "--auth-root-authentication-method=socket",
            ],
            check=True,
            capture_output=True,
            timeout=UP_SECONDS,
        )
        first = self.folder / "first.sql"
        first.touch(mode=0o600)
        first.write_text(
            f"CREATE USER slurm@'127.0.0.1' IDENTIFIED BY '{self.password}';\n"
            "GRANT ALL ON slurm_acct_db.* TO slurm@'127.0.0.1';\n"
        )
        self._serve(
            "mariadbd",
            *common,
            f"--socket={self.folder}/database.socket",
            f"--pid-file={self.folder}/mariadb.pid",
            f"--init-file={first}",
            f"--port={self.database_port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
        )
        self._wait(self.database_port)
        self._serve("slurmdbd", "-D")
        self._wait(int(self.extra_conf["AccountingStoragePort"]))
        cluster = self.extra_conf.get("ClusterName", "demo")
        self.run("sacctmgr", "-i", "add", "cluster", cluster)

    def start(self):
        """Start everything; the records come last, as GPUs are countable only then."""
        try:
            super().start()
            for record in self.records:
                self.run("sacctmgr", "-i", *record)
        except BaseException:
            self.stop()
            raise

    def _serve(self, *argv):
        env = {**os.environ, **self.env, "PATH": PATH, "LC_ALL": "C"}
        with (self.folder / "log" / f"{argv[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env
            )
        self.servers.append(process)

    def _wait(self, port):
        deadline = time.monotonic() + UP_SECONDS
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError(f"nothing listens on port {port}:\n{self._logs()}")

    def stop_accounts(self):
        """End slurmdbd and its database alone."""
        for process in reversed(self.servers):
            process.terminate()
            process.wait(UP_SECONDS)
        self.servers = []

    def stop(self):
        """Stop the cluster, its accounts last, and leave nothing."""
        if any(process.name() == "slurmctld" for process in self._processes()):
            self._cancel_jobs()
        self.stop_accounts()
        super().stop()
