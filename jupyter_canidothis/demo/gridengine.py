"""Start and stop a real Grid Engine on loopback: one qmaster, one execution daemon.

Nothing needs root. Everything lies in one private SGE_ROOT; the daemons outlive the
process that started them until `GridEngineCluster.stop`. Grid Engine cannot be told to
listen on loopback alone, but it serves no host that is not in its lists, and these
name localhost only.
"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from . import gridengine_conf as conf
from .daemons import PATH, Daemons, DemoError, end, free_ports, until

__all__ = ["GridEngineCluster"]

_LIBRARY: Final = Path("/usr/lib/gridengine")
_SHARE: Final = Path("/usr/share/gridengine")
_NEEDED: Final = ("sge_qmaster", "sge_execd", "qsub", "qstat", "qconf", "qdel")
_DAEMONS: Final = frozenset({"sge_qmaster", "sge_execd", "sge_shepherd"})
_ATTEMPTS: Final = 4
_READY_SECONDS: Final = 40.0
_QUICK: Final = {
    "schedule_interval": "0:0:1",
    "flush_submit_sec": "1",
    "flush_finish_sec": "1",
    # Else each start makes the host look busier than it is for minutes.
    "job_load_adjustments": "NONE",
}
"""A scheduler that looks each second (sched_conf(5))."""


class GridEngineCluster(Daemons):
    """A private Grid Engine; a context manager that starts and stops it.

    Parameters
    ----------
    folder
        Where everything of it lies; made when absent, removed by `stop`.
    queues
        Queue name to what differs from the defaults (queue_conf(5)).
    host
        What its host claims to have (host_conf(5), complex_values).
    complexes
        Complexes added to or put in place of the default ones (complex(5)).
    objects
        Text of further objects by the option of qconf(1) that adds them, in order,
        e.g. ``("-Acal", "calendar_name ...")``; made before the queues.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        queues: Mapping[str, Mapping[str, str]] = conf.QUEUES,
        host: str = conf.HOST,
        complexes: Mapping[str, str] = conf.COMPLEXES,
        objects: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.folder = Path(folder).absolute()
        self.queues = dict(queues)
        self.host = host
        self.complexes = dict(complexes)
        self.objects = objects

    @property
    def root(self) -> Path:
        """The cluster's SGE_ROOT."""
        return self.folder / "root"

    @property
    def env(self) -> dict[str, str]:
        """Variables that lead Grid Engine's commands to this cluster."""
        ports = self._ports()
        return {
            "SGE_ROOT": str(self.root),
            "SGE_CELL": "demo",
            "SGE_QMASTER_PORT": ports[0],
            "SGE_EXECD_PORT": ports[1],
        }

    @staticmethod
    def missing() -> list[str]:
        """Return the programs of Grid Engine that this host lacks."""
        return [name for name in _NEEDED if shutil.which(name, path=PATH) is None]

    def start(self) -> None:
        """Start both daemons and wait until jobs can run; nothing to do when they can.

        Raises
        ------
        DemoError
            Grid Engine is not installed, or did not come up.
        """
        if missing := self.missing():
            raise DemoError(
                f"Grid Engine is not installed ({', '.join(missing)} missing); on Debian "
                "add it with: apt-get install gridengine-master gridengine-exec"
            )
        if self.ready():
            return
        said = ""
        for _ in range(_ATTEMPTS):
            self.stop()
            try:
                self._write()
                self._launch()
            except subprocess.SubprocessError as error:
                said = str(getattr(error, "stderr", "") or error)
                if "error reading file" in said:
                    break
                continue
            if until(self.ready, _READY_SECONDS):
                return
            said = "no queue came up"
        self.stop()
        raise DemoError(f"Grid Engine did not come up in {self.folder}: {said.strip()}")

    def stop(self) -> None:
        """Delete its jobs, end its daemons, remove its folder; harmless when it is gone."""
        if any(process.name() == "sge_execd" for process in self._processes()):
            with suppress(subprocess.SubprocessError):
                self.clear()
        # Its orderly end takes seconds, and saves what is removed here.
        self.stop_qmaster()
        if not end(self._processes, signal.SIGTERM):
            end(self._processes, signal.SIGKILL)
        if self._ports_file.exists():
            shutil.rmtree(self.folder)

    def ready(self) -> bool:
        """Whether the qmaster answers and the host reports its load."""
        if not self._ports_file.exists():
            return False
        with suppress(subprocess.SubprocessError):
            printed = self.run("qhost", timeout=5)
            hosts = [line.split() for line in printed.splitlines()[2:]]
            return any(row[0] == "localhost" and row[6] != "-" for row in hosts)
        return False

    def run(self, *argv: str, stdin: str = "", timeout: float = 20.0) -> str:
        """Run one of Grid Engine's commands against this cluster and return its output.

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
            cwd=self.folder,
        )
        return done.stdout

    def add(self, option: str, text: str) -> None:
        """Add or change one object by an option of qconf(1) that reads a file.

        Raises
        ------
        subprocess.SubprocessError
            It was refused.
        """
        path = self.folder / "object"
        path.write_text(text)
        self.run("qconf", option, str(path))

    def jobs(self) -> list[str]:
        """Return the ids of all jobs that wait or run.

        Raises
        ------
        subprocess.SubprocessError
            The qmaster does not answer.
        """
        return [line.split()[0] for line in self.run("qstat", "-u", "*").splitlines()[2:]]

    def clear(self) -> None:
        """Delete every job and wait until they are gone.

        Raises
        ------
        subprocess.SubprocessError
            The qmaster does not answer.
        """
        if self.jobs():
            self.run("qdel", "-f", "-u", "*")
            until(lambda: not self.jobs(), seconds=10)

    def stop_qmaster(self) -> None:
        """End the qmaster alone, to see what a cluster without one looks like."""
        end(lambda: [p for p in self._processes() if p.name() == "sge_qmaster"], signal.SIGKILL)

    def stop_execd(self) -> None:
        """End the execution daemon alone: its queues turn to *unknown* after a while."""
        end(lambda: [p for p in self._processes() if p.name() == "sge_execd"], signal.SIGKILL)

    @property
    def _ports_file(self) -> Path:
        return self.folder / "ports"

    def _ports(self) -> list[str]:
        return self._ports_file.read_text().split()

    def _write(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True)
        common = self.root / "demo" / "common"
        for path in (common, self.folder / "spool" / "qmaster" / "job_scripts"):
            path.mkdir(parents=True)
        for name in ("db", "execd"):
            (self.folder / "spool" / name).mkdir()
        for name in ("bin", "lib", "utilbin"):
            (self.root / name).mkdir()
            (self.root / name / "lx-amd64").symlink_to(_LIBRARY)
        (self.root / "util").symlink_to(_SHARE / "util")
        self._ports_file.write_text(" ".join(map(str, free_ports(2))))
        (common / "bootstrap").write_text(conf.bootstrap(str(self.folder), getpass.getuser()))
        (common / "act_qmaster").write_text("localhost\n")
        # Else a client on loopback is "not identical to clients host name".
        (common / "host_aliases").write_text(f"localhost {socket.gethostname()}\n")

    def _launch(self) -> None:
        default = (_SHARE / "default-configuration").read_text()
        path = self.folder / "global"
        path.write_text(conf.global_conf(default, str(self.folder)))
        spool, share = str(_LIBRARY / "spooldefaults"), str(_SHARE / "util" / "resources")
        self.run(
            str(_LIBRARY / "spoolinit"),
            *("berkeleydb", "libspoolb", f"{self.folder}/spool/db", "init"),
        )
        self.run(spool, "configuration", str(path))
        self.run(spool, "complexes", f"{share}/centry")
        self.run(spool, "usersets", f"{share}/usersets")
        self.run(spool, "managers", getpass.getuser())
        self._daemon("sge_qmaster")
        self._configure()
        self._daemon("sge_execd")

    def _configure(self) -> None:
        """Describe the host and its queues to the qmaster (qconf(1))."""
        self.run("qconf", "-as", "localhost")
        lines = [
            line
            for line in self.run("qconf", "-sc").splitlines()
            if line.split()[0] not in self.complexes
        ]
        lines += [f"{name} {rest}" for name, rest in self.complexes.items()]
        self.add("-Mc", "\n".join(lines) + "\n")
        self.add("-Ae", conf.host(self.host))
        self.add("-Ap", conf.pe("smp"))
        for option, text in self.objects:
            self.add(option, text)
        for name, changed in self.queues.items():
            self.add("-Aq", conf.queue(name, changed))
        current = dict(
            line.split(None, 1) for line in self.run("qconf", "-ssconf").splitlines()
        )
        self.add("-Msconf", "".join(f"{k} {v}\n" for k, v in {**current, **_QUICK}.items()))
        # One that runs already would first sleep out the interval it began with.
        for thread in ("-kt", "-at"):
            self.run("qconf", thread, "scheduler")

    def _daemon(self, name: str) -> None:
        # A daemon has no business with the secrets in our environment.
        env = {key: os.environ[key] for key in ("HOME", "TZ", "USER") if key in os.environ}
        with (self.folder / "start.log").open("ab") as log:
            subprocess.run(
                (name,),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=True,
                timeout=30,
                cwd=self.folder,
                env={**env, **self.env, "PATH": PATH, "LC_ALL": "C"},
                start_new_session=True,
            )

    def _processes(self) -> list[psutil.Process]:
        """Return the daemons of this folder, and the jobs that they started."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.name() in _DAEMONS and self._ours(process):
                    found.append(process)
        return found

    def _ours(self, process: psutil.Process) -> bool:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.environ().get("SGE_ROOT") == str(self.root)
