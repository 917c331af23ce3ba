"""Start and stop a real Slurm on loopback: one controller, one daemon per emulated node.

Nothing needs root. Everything lies in one private folder, a munge daemon with its
own key included, so nobody else on the host can talk to the cluster; the daemons
outlive the process that started them until `SlurmCluster.stop`.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from .daemons import PATH, Daemons, DemoError, end, free_ports, until
from .slurm_conf import NODES, PARTITIONS, DemoNode, gres_conf, slurm_conf

__all__ = ["SlurmCluster"]

_DAEMONS: Final = frozenset({"munged", "slurmctld", "slurmd", "slurmstepd"})
_NEEDED: Final = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "scancel")
_SOCKET_PATH_LIMIT: Final = 60  # unix(7) allows 108; Slurm adds its spool and step names
_UP: Final = frozenset({"idle", "mix", "alloc", "resv", "maint", "drain", "drng"})
_ATTEMPTS: Final = 4
_READY_SECONDS: Final = 30.0
_GONE_SECONDS: Final = 2.0


class SlurmCluster(Daemons):
    """A private Slurm cluster; a context manager that starts and stops it.

    Parameters
    ----------
    folder
        Where everything of it lies; made when absent, removed by `stop`.
    nodes
        Emulated nodes.
    partitions
        Partition name to the rest of its slurm.conf(5) line.
    extra_conf
        slurm.conf(5) settings added to or put in place of the demo's own.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        nodes: Sequence[DemoNode] = NODES,
        partitions: Mapping[str, str] = PARTITIONS,
        extra_conf: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = Path(folder).absolute()
        self.nodes = tuple(nodes)
        self.partitions = dict(partitions)
        self.extra_conf = dict(extra_conf or {})

    @property
    def conf(self) -> Path:
        """The cluster's slurm.conf."""
        return self.folder / "slurm.conf"

    @property
    def env(self) -> dict[str, str]:
        """Variables that lead Slurm's commands to this cluster."""
        return {"SLURM_CONF": str(self.conf)}

    @staticmethod
    def missing() -> list[str]:
        """Return the programs of Slurm that this host lacks."""
        return [name for name in _NEEDED if shutil.which(name, path=PATH) is None]

    def start(self) -> None:
        """Start every daemon and wait until all nodes are idle; nothing to do when they are.

        Raises
        ------
        DemoError
            Slurm is not installed, or did not come up.
        """
        if missing := self.missing():
            raise DemoError(
                f"Slurm is not installed ({', '.join(missing)} missing); "
                "on Debian or Ubuntu add it with: apt-get install slurm-wlm"
            )
        if len(str(self.folder)) > _SOCKET_PATH_LIMIT:
            raise DemoError(
                f"{self.folder} is too long for Slurm's sockets; "
                f"choose a folder of at most {_SOCKET_PATH_LIMIT} characters"
            )
        if self.ready():
            return
        logs = ""
        for attempt in range(_ATTEMPTS):
            self.stop()
            self._write()
            self._launch()
            if self._wait_ready():
                return
            logs = self._logs()
            if attempt and "already in use" not in logs:
                break
        self.stop()
        raise DemoError(f"Slurm did not come up in {self.folder}:\n{logs}")

    def stop(self) -> None:
        """Cancel its jobs, end its daemons, remove its folder; harmless when it is gone."""
        if any(process.name() == "slurmctld" for process in self._processes()):
            with suppress(subprocess.SubprocessError):
                self._cancel_jobs()
        if not end(self._processes, signal.SIGTERM):
            end(self._processes, signal.SIGKILL)
        if self.conf.exists():
            shutil.rmtree(self.folder)

    def ready(self) -> bool:
        """Whether the controller answers and every node is idle or at work."""
        if not self.conf.exists():
            return False
        with suppress(subprocess.SubprocessError):
            printed = self.run("sinfo", "--noheader", "--Node", "--format=%t %N", timeout=2)
            rows = [line.split() for line in printed.splitlines()]
            nodes = {name for state, name in rows if state in _UP}
            return nodes == {node.name for node in self.nodes}
        return False

    def run(self, *argv: str, stdin: str = "", timeout: float = 10.0) -> str:
        """Run one of Slurm's commands against this cluster and return its output.

        Raises
        ------
        subprocess.SubprocessError
            It failed or did not end in time.
        """
        done = subprocess.run(
            argv,
            input=stdin,
            capture_output=True,
            text=True,
            check=True,
            timeout=timeout,
            env={**os.environ, **self.env, "PATH": PATH, "LC_ALL": "C"},
        )
        return done.stdout

    def jobs(self) -> list[str]:
        """Return the ids of all jobs that wait, run or end.

        Raises
        ------
        subprocess.SubprocessError
            The controller does not answer.
        """
        return self.run("squeue", "--noheader", "--format=%A", timeout=3).split()

    def stop_controller(self) -> None:
        """End the controller alone, to see what a cluster without one looks like."""
        end(lambda: [p for p in self._processes() if p.name() == "slurmctld"], signal.SIGKILL)

    def _write(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True)
        (self.folder / "state").mkdir()
        (self.folder / "log").mkdir()
        ports = free_ports(len(self.nodes) + 1)
        text = slurm_conf(self.folder, ports, self.nodes, self.partitions, self.extra_conf)
        (self.folder / "gres.conf").write_text(gres_conf(self.nodes))
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(1024))
        self.conf.write_text(text)

    def _authenticate(self) -> None:
        """Start what proves who is who; it has to run before everything else."""
        at = self.folder
        self._daemon(
            "munged",
            f"--key-file={at}/munge.key",
            f"--socket={at}/munge.socket",
            f"--pid-file={at}/munged.pid",
            f"--log-file={at}/log/munged.log",
            f"--seed-file={at}/munge.seed",
            "--force",
        )

    def _launch(self) -> None:
        self._authenticate()
        self._daemon("slurmctld", "-f", str(self.conf))
        for node in self.nodes:
            self._daemon("slurmd", "-f", str(self.conf), "-N", node.name)

    def _daemon(self, *argv: str) -> None:
        # A daemon has no business with the secrets in our environment.
        env = {key: os.environ[key] for key in ("HOME", "TZ", "USER") if key in os.environ}
        with (self.folder / "log" / "start.log").open("ab") as log:
            subprocess.run(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
                timeout=10,
                cwd=self.folder,
                env={**env, "PATH": PATH, "LC_ALL": "C"},
                start_new_session=True,
            )

    def _wait_ready(self) -> bool:
        # A port taken between choosing and binding ends a daemon at once; one that is
        # just going to the background is missing for a moment only.
        everyone = 2 + len(self.nodes)
        seen = time.monotonic()

        def settled() -> bool:
            nonlocal seen
            if len(self._processes()) >= everyone:
                seen = time.monotonic()
            return self.ready() or time.monotonic() > seen + _GONE_SECONDS

        until(settled, _READY_SECONDS)
        return self.ready()

    def _cancel_jobs(self) -> None:
        # Jobs survive a killed slurmd, so they have to go before the daemons do.
        if jobs := self.jobs():
            self.run("scancel", *jobs, timeout=3)
            until(lambda: not self.jobs(), seconds=5)

    def _processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if _belongs(process, str(self.folder)):
                    found.append(process)
        return found

    def _logs(self) -> str:
        tails = []
        for path in sorted((self.folder / "log").glob("*.log")):
            lines = path.read_text(errors="replace").splitlines()[-5:]
            tails += [f"{path.name}: {line}" for line in lines]
        return "\n".join(tails)


def _belongs(process: psutil.Process, folder: str) -> bool:
    """Whether a process is a daemon of this folder, or a job script it started."""
    arguments = process.cmdline()
    if process.name() in _DAEMONS:
        return any(f"{folder}/" in argument for argument in arguments)
    return any(argument.startswith(f"{folder}/spool-") for argument in arguments)
