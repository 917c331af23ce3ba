"""The configurations in which Slurm is asked, and how a cluster comes to have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from live import accounting

from jupyter_canidothis.demo import PARTITIONS, DemoNode, SlurmCluster

QUICK = {"SchedulerParameters": "bf_interval=1,bf_window=20160"}

NODES = (
    DemoNode("n1", cores=8, memory=32000),
    DemoNode("n2", cores=4, memory=16000, gpus=2),
    DemoNode(
        "n3", cores=8, memory=16000, options="Sockets=1 CoresPerSocket=4 ThreadsPerCore=2"
    ),
)
ODD = {
    **PARTITIONS,
    "long": "Nodes=n1,n2,n3 MaxTime=7-00:00:00 DefaultTime=01:00:00 DefMemPerCPU=2000",
    "threads": "Nodes=n3 MaxTime=08:00:00 DefMemPerCPU=500",
    "drain": "Nodes=n1 State=DRAIN",
    "inactive": "Nodes=n1 State=INACTIVE",
    "pair": "Nodes=n1,n2,n3 MinNodes=2 MaxNodes=2 DefMemPerCPU=1000 MaxTime=01:00:00",
    "whole": "Nodes=n1,n3 OverSubscribe=EXCLUSIVE MaxTime=02:00:00",
    "narrow": "Nodes=n1 MaxCPUsPerNode=2 DefMemPerCPU=100",
    "lean": "Nodes=n1,n2 MaxMemPerNode=4000 DefMemPerNode=1000",
    "ratio": "Nodes=n1 MaxMemPerCPU=2000 DefMemPerCPU=1000",
    "heavy": "Nodes=n2,n3 DefMemPerCPU=5000",
    "astro": "Nodes=n1 AllowAccounts=astro",
    "gold": "Nodes=n1 AllowQos=gold",
    "booked": "Nodes=n1 ReqResv=YES",
}
"""Every way we know in which a partition can refuse."""


@dataclass
class Setting:
    """One configuration in which the cluster is asked."""

    name: str
    conf: Mapping[str, str] = field(default_factory=dict)
    commands: Sequence[Sequence[str]] = ()
    records: Sequence[Sequence[str]] = ()
    """Arguments of sacctmgr; where there are some the cluster keeps accounts."""
    qos: Sequence[str] = ("",)
    """Qualities of service to draw from; empty names none."""
    accounts: Sequence[str] = ("",)
    """Accounts to draw from; empty names none."""
    partitions: Sequence[str] = tuple(ODD)
    """Partitions to draw from."""
    changed: Mapping[str, str] = field(default_factory=dict)
    """Partitions that are configured otherwise."""
    enforce: str = accounting.ENFORCE
    """What accounting enforces, where the cluster keeps accounts."""

    def missing(self) -> str:
        """Say what this host lacks; empty when nothing."""
        if self.records:
            return accounting.missing()
        programs = SlurmCluster.missing()
        return f"Slurm is not installed: {', '.join(programs)} missing" if programs else ""

    def cluster(self, folder: Path) -> SlurmCluster:
        """Return a cluster that is configured so, not started yet."""
        rest = {
            "nodes": NODES,
            "partitions": {**ODD, **self.changed},
            "extra_conf": {**QUICK, **self.conf},
        }
        if self.records:
            return accounting.AccountingCluster(
                folder, records=self.records, enforce=self.enforce, **rest
            )
        return SlurmCluster(folder, **rest)


RECORDS = (
    ("add", "account", "astro"),
    ("modify", "account", "astro", "set", "GrpTRESMins=cpu=240", "GrpTRES=mem=20000,node=2"),
    ("add", "qos", "gold"),
    ("modify", "qos", "gold", "set", "MaxTRESPerUser=cpu=4,gres/gpu=1", "MaxWall=60",
     "Flags=DenyOnLimit"),
    ("add", "qos", "tight"),
    ("modify", "qos", "tight", "set", "MaxTRESPerUser=cpu=2"),
    ("add", "qos", "lean"),
    ("modify", "qos", "lean", "set", "MaxTRESPerJob=mem=4000,node=1", "MinTRES=cpu=2",
     "MaxTRESMinsPerJob=cpu=240", "MaxWall=120"),
    ("add", "user", "root", "account=astro"),
    ("modify", "user", "root", "where", "account=astro", "set",
     "qos=normal,gold,tight,lean", "defaultqos=normal"),
    ("modify", "user", "root", "set", "defaultaccount=astro"),
)  # fmt: skip
"""The recorded cluster's accounts and some limits more."""


BILLED = (
    ("add", "account", "astro"),
    ("modify", "account", "astro", "set", "GrpTRES=billing=24"),
    ("add", "account", "labs"),
    ("modify", "account", "labs", "set", "GrpTRESMins=billing=2000,cpu=600"),
    ("add", "qos", "dear"),
    ("modify", "qos", "dear", "set", "UsageFactor=2", "Flags=UsageFactorSafe",
     "MaxTRESMinsPerJob=cpu=480"),
    ("add", "qos", "wide"),
    ("modify", "qos", "wide", "set", "MaxTRESPerJob=billing=12",
     "Flags=PartitionTimeLimit,PartitionMaxNodes", "MaxWall=600"),
    ("add", "user", "root", "account=astro"),
    ("add", "user", "root", "account=labs"),
    ("modify", "user", "root", "where", "account=astro", "set",
     "qos=normal,dear,wide", "defaultqos=normal"),
    ("modify", "user", "root", "where", "account=labs", "set",
     "qos=normal,dear", "defaultqos=dear"),
    ("modify", "user", "root", "set", "defaultaccount=astro"),
)  # fmt: skip
"""Two accounts and two QOS beside the default, with limits on what is billed."""
WEIGHED = {
    name: f"{ODD[name]} TRESBillingWeights=CPU=1.0,Mem=0.5G,GRES/gpu=6"
    for name in ("short", "gpu", "long", "whole")
}
MULTIFACTOR = {"PriorityType": "priority/multifactor", "PriorityDecayHalfLife": "7-0"}


SETTINGS = (
    Setting("limits enforced (ANY)", {"EnforcePartLimits": "ANY"}),
    Setting("limits enforced (ALL)", {"EnforcePartLimits": "ALL"}),
    Setting("limits not enforced (NO)", {"EnforcePartLimits": "NO"}),
    Setting(
        "n1 drained, not enforced",
        {"EnforcePartLimits": "NO"},
        [("scontrol", "update", "nodename=n1", "state=drain", "reason=truth")],
    ),
    Setting(
        "n2 down, enforced",
        # Else a node that is only said to be down comes back by itself (slurm.conf(5)).
        {"EnforcePartLimits": "ANY", "ReturnToService": "0"},
        [("scontrol", "update", "nodename=n2", "state=down", "reason=truth")],
    ),
    Setting(
        "accounts with limits",
        {"EnforcePartLimits": "NO"},
        [("scontrol", "update", "partition=narrow", "qos=lean")],
        RECORDS,
        ("", "gold", "tight", "lean"),
        partitions=("short", "gpu", "long", "threads", "whole", "narrow", "ratio"),
    ),
    Setting(
        "two accounts, billing",
        {"EnforcePartLimits": "ANY", **MULTIFACTOR},
        (),
        BILLED,
        ("", "dear", "wide"),
        ("", "astro", "labs"),
        ("short", "gpu", "long", "threads", "whole", "pair"),
        WEIGHED,
    ),
    Setting(
        "billing by the dearest, safe not set",
        {"EnforcePartLimits": "NO", **MULTIFACTOR, "PriorityFlags": "MAX_TRES"},
        (),
        BILLED,
        ("", "dear", "wide"),
        ("", "astro", "labs"),
        ("short", "gpu", "long", "threads", "whole", "pair"),
        WEIGHED,
        "associations,limits,qos",
    ),
)
