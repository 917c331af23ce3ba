"""Slurm's commands, answering with the texts of real clusters."""

import time
from pathlib import Path

from jupyter_canidothis.command import Completed
from jupyter_canidothis.platforms.base import Edges
from jupyter_canidothis.platforms.slurm import Slurm
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task

RECORDED = Path(__file__).parents[1] / "recorded" / "slurm"
NOW = time.mktime(time.strptime("2026-11-22T17:23:49", "%Y-%m-%dT%H:%M:%S"))
"""When the recordings of the idle cluster were made."""
WHO = "uid=1002(alice) gid=1002(alice) groups=1002(alice)\n"
UP = "Slurmctld(primary) at head is UP\n"
AT_ONCE = "sbatch: Job 1 to start at 2026-11-22T17:23:49 using 2 processors on nodes n1 in partition {}\n"
NOT_AVAILABLE = "allocation failure: Requested node configuration is not available\n"


def recorded(name):
    return (RECORDED / name).read_text()


def idle():
    """The two-node cluster with nothing to do, as recorded but for the load."""
    nodes = recorded("scontrol-node.txt")
    for busy, free in (
        ("CPUAlloc=8", "CPUAlloc=0"),
        ("AllocMem=16384", "AllocMem=0"),
        ("State=ALLOCATED", "State=IDLE"),
        ("IDLE+NOT_RESPONDING", "IDLE"),
    ):
        nodes = nodes.replace(busy, free)
    return {
        "partition": recorded("scontrol-partition.txt"),
        "node": nodes,
        "reservation": "No reservations in the system\n",
        "config": recorded("scontrol-config.txt"),
        "queue": "",
        "ping": UP,
        "id": WHO,
    }


def busy():
    """A cluster of the demo's shape with a full queue, recorded with zones in its times."""
    names = ("partition", "node", "reservation", "config", "queue", "ping")
    return {name: recorded(f"busy-{name}.txt") for name in names}


SACCTMGR_QOS = "normal|||||||\ngold|DenyOnLimit|cpu=4,gres/gpu=1||||||\ntight||cpu=2||||||\n"
"""The recorded cluster's QOS in the form in which they are asked for."""


def accounts(enforce="associations,limits,qos,safe", **replaced):
    """The idle cluster with accounts, asked by the recorded user alice."""
    config = recorded("scontrol-config.txt")
    config = config.replace(
        "AccountingStorageEnforce = none", f"AccountingStorageEnforce = {enforce}"
    )
    config = config.replace("accounting_storage/none", "accounting_storage/slurmdbd")
    state = recorded("scontrol-assoc_mgr.txt")
    for old, new in replaced.pop("state", {}).items():
        assert old in state
        state = state.replace(old, new)
    return {
        "config": config,
        "flags=assoc,qos": state,
        "sacctmgr qos": SACCTMGR_QOS,
        "sacctmgr assoc": "astro||normal|gold,normal,tight\n",
        **replaced,
    }


class FakeSlurm:
    """Stands for `LocalCommand`: answers from texts and remembers what was run.

    Parameters
    ----------
    texts
        Output of the reading commands.
    sbatch
        From the options of one dry run, as a mapping, to what it prints; an
        ``allocation failure`` ends with status 1.
    """

    def __init__(self, texts=None, sbatch=None):
        self.texts = {**idle(), **(texts or {})}
        self.sbatch = sbatch or (lambda options: AT_ONCE.format(options["--partition"]))
        self.ran = []
        self.env = []

    async def run(self, argv, *, stdin=b"", deadline=5.0, env=None, cap=0):
        self.ran.append(tuple(argv))
        self.env.append(dict(env or {}))
        program = argv[0].rpartition("/")[2]
        if program == "sbatch":
            options = dict(option.partition("=")[::2] for option in argv[1:])
            said = self.sbatch(options)
            failed = "to start at" not in said
            return Completed(tuple(argv), int(failed), "", said, 5)
        key = {"squeue": "queue", "id": "id"}.get(program, argv[-1])
        if program == "sacctmgr":
            key = f"sacctmgr {argv[3]}"
        text = self.texts[key]
        if isinstance(text, Completed):
            return text
        return Completed(tuple(argv), 0, text, "", 5)


def slurm(texts=None, sbatch=None, clock=NOW, **keys):
    """A configured platform on a fake cluster."""
    edges = Edges(command=FakeSlurm(texts, sbatch), clock=lambda: clock)
    return Slurm.configure({"kind": "slurm", **keys}, edges)


def task(kind="jupyter-notebook", gpu=None, **ranges):
    """A task; an amount is a minimum, a pair is a range."""
    resources = Resources(
        gpu=gpu,
        **{
            name: Range(*amount) if isinstance(amount, tuple) else Range(amount)
            for name, amount in ranges.items()
        },
    )
    return Task(Executable(f"uri://{kind}", languages=("python",)), resources)
