"""A private HTCondor pool on loopback, in a Debian root that has its daemons.

Everything runs in namespaces of its own: when their first process ends, so does every
daemon and job, and their mounts are gone with them.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

ROOT = Path(
    os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache",
    "jupyter_canidothis/trixie-htcondor",
)
COMMANDS = ("condor_submit", "condor_q", "condor_rm", "condor_status", "condor_drain",
            "condor_userprio", "condor_config_val", "condor_reschedule")  # fmt: skip

CONF = """
DAEMON_LIST = MASTER, COLLECTOR, NEGOTIATOR, SCHEDD, {startds}
CONDOR_HOST = 127.0.0.1
COLLECTOR_HOST = 127.0.0.1:{port}
USE_SHARED_PORT = True
SHARED_PORT_PORT = {port}
NETWORK_INTERFACE = 127.0.0.1
BIND_ALL_INTERFACES = False
NETWORK_HOSTNAME = pool.example
UID_DOMAIN = pool.example
TRUST_UID_DOMAIN = True
SOFT_UID_DOMAIN = True
LOCAL_DIR = /pool
RUN = /pool/run
LOG = /pool/log
LOCK = /pool/run
SPOOL = /pool/spool
EXECUTE = /pool/execute
RELEASE_DIR = /usr
LIB = /usr/lib/condor
LIBEXEC = /usr/libexec/condor
ETC = /etc/condor
SHARE = /usr/share/condor
SBIN = /usr/sbin
BIN = /usr/bin
INCLUDE = /usr/include
SEC_DEFAULT_AUTHENTICATION = OPTIONAL
SEC_DEFAULT_AUTHENTICATION_METHODS = FS
ALLOW_READ = *
ALLOW_WRITE = *
ALLOW_DAEMON = *
ALLOW_NEGOTIATOR = *
ALLOW_ADMINISTRATOR = *
ALLOW_ADVERTISE_STARTD = *
ALLOW_ADVERTISE_SCHEDD = *
ALLOW_ADVERTISE_MASTER = *
NEGOTIATOR_INTERVAL = 1
NEGOTIATOR_MIN_INTERVAL = 1
NEGOTIATOR_CYCLE_DELAY = 0
NEGOTIATOR_UPDATE_INTERVAL = 5
SCHEDD_INTERVAL = 2
SCHEDD_MIN_INTERVAL = 1
UPDATE_INTERVAL = 2
CLAIM_WORKLIFE = 0
JOB_START_COUNT = 100
RUNBENCHMARKS = False
MACHINE_RESOURCE_INVENTORY_GPUs = /pool/gpus
MAIL =
DISCARD_SESSION_KEYRING_ON_STARTUP = False
BASE_CGROUP =
CREATE_CGROUP_WITHOUT_ROOT = False
CGROUP_MEMORY_LIMIT_POLICY = none
USE_PID_NAMESPACES = False
MOUNT_PRIVATE_DEV_SHM = False
MOUNT_UNDER_SCRATCH =
ENABLE_SSH_TO_JOB = False
RUN_FILETRANSFER_PLUGINS_WITH_ROOT = False
ENABLE_URL_TRANSFERS = False
NUM_CPUS = 512
MAX_SLOT_TYPES = 20
MEMORY = 2000000
DETECTED_DISK = 100000000
"""

# Which type of slots is partitionable is read without the local name.
STARTD = """
{var} = $(STARTD)
{var}_ARGS = -f -local-name {var}
{var}.STARTD_NAME = {name}
{var}.STARTD_LOG = $(LOG)/StartLog.{name}
{var}.STARTD_ADDRESS_FILE = $(LOG)/.address.{name}
{var}.EXECUTE = /pool/execute.{name}
SLOT_TYPE_{number} = {shape}
SLOT_TYPE_{number}_PARTITIONABLE = {partitionable}
{var}.NUM_SLOTS_TYPE_{number} = {count}
{var}.START = {start}
"""

INVENTORY = """#!/bin/sh
case "$(tr '\\0' ' ' < /proc/$PPID/cmdline)" in
{cases}*) echo 'DetectedGPUs=0';;
esac
"""
"""What a startd finds of GPUs; asked by all of them, it looks who asks."""
GPUS = """*{var}*)
echo 'DetectedGPUs="{names}"'
echo 'Common=[ DeviceName="{model}"; GlobalMemoryMb={memory}; Capability=8.0; ]';;
"""


class Machine:
    """One emulated startd."""

    def __init__(self, name, shape, start="True", *, partitionable=True, count=1, gpus=0,
                 model="NVIDIA A100-SXM4-40GB", gpu_memory=40536, extra=()):  # fmt: skip
        self.name, self.shape, self.start = name, shape, start
        self.partitionable, self.count = partitionable, count
        self.gpus, self.model, self.gpu_memory, self.extra = gpus, model, gpu_memory, extra

    @property
    def var(self):
        return f"STARTD_{self.name.upper()}"

    def conf(self, number):
        text = STARTD.format(
            var=self.var, number=number, name=self.name, shape=self.shape, start=self.start,
            partitionable=self.partitionable, count=self.count,
        )  # fmt: skip
        return text + "".join(f"{self.var}.{line}\n" for line in self.extra)

    def inventory(self):
        names = ", ".join(f"GPU-{self.name}{number}" for number in range(self.gpus))
        return GPUS.format(
            var=self.var, names=names, model=self.model, memory=self.gpu_memory
        ) if self.gpus else ""  # fmt: skip


MACHINES = (
    Machine("big", "cpus=8, memory=32000, disk=10%", count=3),
    Machine("gpu", "cpus=4, memory=16000, disk=10%, gpus=2", gpus=2),
    Machine("small", "cpus=2, memory=4000, disk=5%", "TARGET.RequestMemory <= 3000",
            partitionable=False, count=2),
)  # fmt: skip


class CondorPool:
    """A pool; a context manager that starts and stops it."""

    def __init__(self, machines=MACHINES, conf=()):
        self.machines, self.extra = machines, tuple(conf)

    @staticmethod
    def missing():
        """Say what this host lacks; empty when nothing."""
        if os.geteuid() != 0:
            return "HTCondor's test pool needs root"
        for program in ("unshare", "nsenter", "chroot"):
            if shutil.which(program) is None:
                return f"{program} is missing"
        if not (ROOT / "usr/sbin/condor_master").exists():
            return "there is no HTCondor; build it with tests/live/condor-root"
        return ""

    def __enter__(self):
        for _ in range(4):
            self._start()
            try:
                self.until(self._up, 30)
            except AssertionError:
                log = self.log()
                self._stop()
                continue
            except BaseException:
                self._stop()
                raise
            return self
        raise AssertionError(f"HTCondor did not come up: {log}")

    def __exit__(self, *_):
        self._stop()

    def _start(self):
        self.folder = Path(tempfile.mkdtemp(prefix="condor-"))
        self.folder.chmod(0o755)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        startds = ", ".join(machine.var for machine in self.machines)
        text = CONF.format(startds=startds, port=self.port)
        text += "".join(machine.conf(number) for number, machine in enumerate(self.machines, 1))
        text += "".join(f"{line}\n" for line in self.extra)
        (self.folder / "condor_config").write_text(text)
        script = self.folder / "gpus"
        cases = "".join(machine.inventory() for machine in self.machines)
        script.write_text(INVENTORY.format(cases=cases))
        script.chmod(0o755)
        owner = (ROOT / "var/lib/condor").stat()
        names = ["run", "log", "spool", "execute"]
        for name in (*names, *(f"execute.{machine.name}" for machine in self.machines)):
            path = self.folder / name
            path.mkdir()
            os.chown(path, owner.st_uid, owner.st_gid)
        for name in ("bin", "home"):
            (self.folder / name).mkdir()
        # Alice of the Debian root.
        os.chown(self.folder / "home", 1000, 1000)
        inside = (
            f"mount --bind {self.folder} {ROOT}/pool && mount --bind /tmp {ROOT}/tmp && "
            f"mount --rbind /dev {ROOT}/dev && mount --bind {self.folder}/run {ROOT}/run && "
            f"exec chroot {ROOT} env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "
            "CONDOR_CONFIG=/pool/condor_config condor_master -f"
        )
        with (self.folder / "stderr").open("wb") as stderr:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--uts",
                 f"--mount-proc={ROOT}/proc", "sh", "-c", inside],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr,
                start_new_session=True,
            )  # fmt: skip
        (child,) = self.until(lambda: psutil.Process(self.process.pid).children())
        self._inside = f"nsenter --mount --pid --target {child.pid} chroot"
        for command in COMMANDS:
            path = self.folder / "bin" / command
            path.write_text(f'#!/bin/sh\nexec {self._enter("alice")} {command} "$@"\n')
            path.chmod(0o755)

    def _enter(self, user):
        return (
            f"{self._inside} --userspec={user} {ROOT} env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "
            "LC_ALL=C HOME=/pool/home CONDOR_CONFIG=/pool/condor_config"
        )

    def _stop(self):
        # The first process of the namespace goes first: the kernel ends and reaps the
        # others, and unshare reaps it.
        for child in psutil.Process(self.process.pid).children():
            child.kill()
        try:
            self.process.wait(30)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _up(self):
        done = self.run("condor_status", "-af", "Name", check=False)
        slots = sum(machine.count for machine in self.machines)
        names = self.run("condor_status", "-any", "-af", "MyType", check=False)
        return len(done.split()) >= slots and {"Scheduler", "Negotiator"} <= set(names.split())

    @property
    def bin(self):
        """Folder of HTCondor's commands, as the adapter is told."""
        return str(self.folder / "bin")

    @property
    def address(self):
        """Where the collector listens."""
        return f"127.0.0.1:{self.port}"

    def run(self, program, *arguments, stdin="", check=True):
        """Run one of HTCondor's commands as a user of the pool."""
        done = subprocess.run(
            [str(self.folder / "bin" / program), *arguments], input=stdin, text=True,
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def as_root(self, *command):
        """Run any command inside, as an administrator."""
        line = f'{self._enter("root")} "$@"'
        done = subprocess.run(
            ["sh", "-c", line, "sh", *command],
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def as_alice(self, line):
        """Run a shell line inside, as an ordinary user with her own configuration."""
        done = subprocess.run(
            ["sh", "-c", f'{self._enter("alice")} sh -c "$1"', "sh", line],
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def quiet(self, seconds=4.0):
        """Wait until the collector has known the same for a while.

        Startds tell it what is free every two seconds.
        """
        last, since = "", time.monotonic()
        deadline = since + 60
        while time.monotonic() - since < seconds:
            assert time.monotonic() < deadline, "the pool does not come to rest"
            time.sleep(0.2)
            now = self.run("condor_status", "-af", "Name", "Cpus", "Memory", "State")
            if now != last:
                last, since = now, time.monotonic()

    def log(self):
        """Return the end of every log, for a failure."""
        texts = [f"{path.name}: {path.read_text()[-1500:]}"
                 for path in sorted(self.folder.glob("log/*Log*"))]  # fmt: skip
        return "\n".join([(self.folder / "stderr").read_text(), *texts])

    @staticmethod
    def until(done, seconds=30.0):
        """Poll, bounded, for what another program does in its own time."""
        deadline = time.monotonic() + seconds
        while not (result := done()):
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.1)
        return result
