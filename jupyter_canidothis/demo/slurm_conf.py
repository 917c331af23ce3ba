"""The configuration files of a Slurm cluster emulated on one host."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["GPU_DEVICES", "NODES", "PARTITIONS", "DemoNode", "gres_conf", "slurm_conf"]

GPU_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
"""Character devices that stand for GPUs; gres.conf(5) wants one line per device."""


@dataclass(frozen=True)
class DemoNode:
    """One emulated node."""

    name: str
    """Node name."""
    cores: int
    """Cores it claims to have, whatever the host has."""
    memory: int
    """Memory it claims to have, in MiB."""
    gpus: int = 0
    """Emulated GPUs, at most one per entry of `GPU_DEVICES`."""
    gpu_type: str = "a100"
    """Type of the emulated GPUs."""
    options: str = ""
    """More of its slurm.conf(5) line, e.g. ``Feature=fast``."""


NODES: Final = (
    DemoNode("n1", cores=8, memory=32000),
    DemoNode("n2", cores=4, memory=16000, gpus=2, options="Feature=gpu,a100"),
)
"""The demo's nodes."""

PARTITIONS: Final[Mapping[str, str]] = {
    "short": "Nodes=n1 Default=YES MaxTime=02:00:00 DefaultTime=00:30:00 DefMemPerCPU=2000",
    "gpu": "Nodes=n2 MaxTime=1-00:00:00",
    "closed": "Nodes=n1 State=DOWN",
    "long": "Nodes=n1,n2 MaxTime=7-00:00:00 DefaultTime=01:00:00 DefMemPerCPU=2000",
}
"""The demo's partitions: name to the rest of the slurm.conf(5) line."""


def _defaults(folder: Path, port: int) -> dict[str, str]:
    user = getpass.getuser()
    return {
        "ClusterName": "demo",
        "SlurmctldHost": "localhost(127.0.0.1)",
        "SlurmctldPort": str(port),
        "SlurmUser": user,
        "SlurmdUser": user,
        "AuthType": "auth/munge",
        "CredType": "cred/munge",
        "AuthInfo": f"socket={folder}/munge.socket",
        # Without these the daemons listen on every address of the host.
        "CommunicationParameters": "NoCtldInAddrAny,NoInAddrAny",
        "StateSaveLocation": f"{folder}/state",
        "SlurmdSpoolDir": f"{folder}/spool-%n",
        "SlurmctldPidFile": f"{folder}/slurmctld.pid",
        "SlurmdPidFile": f"{folder}/slurmd-%n.pid",
        "SlurmctldLogFile": f"{folder}/log/slurmctld.log",
        "SlurmdLogFile": f"{folder}/log/slurmd-%n.log",
        "ProctrackType": "proctrack/linuxproc",
        "TaskPlugin": "task/none",
        "SwitchType": "switch/none",
        "MpiDefault": "none",
        "ReturnToService": "2",
        "SchedulerType": "sched/backfill",
        "SelectType": "select/cons_tres",
        "SelectTypeParameters": "CR_Core_Memory",
        # A node may claim more cores and memory than the host has.
        "SlurmdParameters": "config_overrides",
        "AccountingStorageType": "accounting_storage/none",
        "JobCompType": "jobcomp/none",
        "GresTypes": "gpu",
        "EnforcePartLimits": "ANY",
        "MailProg": "/bin/true",
        "KillWait": "2",
    }


def slurm_conf(
    folder: Path,
    ports: Sequence[int],
    nodes: Sequence[DemoNode],
    partitions: Mapping[str, str],
    extra: Mapping[str, str],
) -> str:
    """Return the text of slurm.conf(5).

    Parameters
    ----------
    folder
        Private folder of the cluster.
    ports
        Free ports: the controller's, then one per node.
    nodes, partitions
        What the cluster claims to have.
    extra
        Settings added to or put in place of the demo's own.
    """
    settings = {**_defaults(folder, ports[0]), **extra}
    lines = [f"{key}={value}" for key, value in settings.items()]
    for node, port in zip(nodes, ports[1:], strict=True):
        gres = f" Gres=gpu:{node.gpu_type}:{node.gpus}" if node.gpus else ""
        lines.append(
            f"NodeName={node.name} NodeHostname=localhost NodeAddr=127.0.0.1 Port={port} "
            f"CPUs={node.cores} RealMemory={node.memory}{gres} {node.options}".rstrip()
        )
    lines += [f"PartitionName={name} {options}" for name, options in partitions.items()]
    return "\n".join(lines) + "\n"


def gres_conf(nodes: Sequence[DemoNode]) -> str:
    """Return the text of gres.conf(5): one line per emulated GPU."""
    return "".join(
        f"NodeName={node.name} Name=gpu Type={node.gpu_type} File={device}\n"
        for node in nodes
        for device in GPU_DEVICES[: node.gpus]
    )
