"""The configurations in which Grid Engine is asked, and how a cluster comes to have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_canidothis.demo import GridEngineCluster
from jupyter_canidothis.demo.gridengine_conf import COMPLEXES, pe

ACL = "name others\ntype ACL\nfshare 0\noticket 0\nentries nobody\n"
CALENDAR = "calendar_name never\nyear NONE\nweek mon-sun=0-24=off\n"
QUOTAS = """\
{
   name         perqueue
   description  NONE
   enabled      TRUE
   limit        users {*} queues lean.q to slots=2
   limit        users {*} queues quota.q to slots=4,h_vmem=6G
}
{
   name         ignored
   description  NONE
   enabled      FALSE
   limit        to slots=1
}
"""
PLAIN = {"slots": "8", "h_rt": "02:00:00"}
QUEUES = {
    "short.q": PLAIN,
    "long.q": {"slots": "4", "h_rt": "168:00:00", "h_vmem": "4G"},
    "closed.q": {**PLAIN, "initial_state": "disabled"},
    "night.q": {**PLAIN, "calendar": "never"},
    "acl.q": {**PLAIN, "user_lists": "others"},
    "single.q": {**PLAIN, "pe_list": "NONE"},
    "suspended.q": PLAIN,
    "lean.q": PLAIN,
    "quota.q": PLAIN,
    "own.q": {**PLAIN, "complex_values": "h_vmem=2G"},
}
"""Every way we know in which a queue can refuse."""

SMALL = {
    "fixed.q": {**PLAIN, "pe_list": "pairs"},
    "spread.q": {**PLAIN, "pe_list": "round"},
    "small.q": {**PLAIN, "pe_list": "round three"},
    "private.q": {**PLAIN, "pe_list": "theirs"},
    "free.q": {"slots": "8"},
    "none.q": {**PLAIN, "slots": "0"},
}
"""Parallel environments of all sorts, and memory that is measured and not counted."""


@dataclass
class Setting:
    """One configuration in which the cluster is asked."""

    name: str
    queues: Mapping[str, Mapping[str, str]]
    complexes: Mapping[str, str] = field(default_factory=lambda: COMPLEXES)
    objects: tuple[tuple[str, str], ...] = ()
    commands: Sequence[Sequence[str]] = ()
    host: str = "slots=8,h_vmem=16G,gpu=1"
    memories: Sequence[int | None] = (None, None, 500, 2000, 4096, 6144, 8192, 16384, 20000)
    """Memory to draw from, in MiB."""

    def cluster(self, folder: Path) -> GridEngineCluster:
        """Return a cluster that is configured so, not started yet."""
        return GridEngineCluster(
            folder,
            queues=self.queues,
            host=self.host,
            complexes=self.complexes,
            objects=self.objects,
        )


SETTINGS = (
    Setting(
        "quotas, closed queues, access lists",
        QUEUES,
        objects=(("-Acal", CALENDAR), ("-Au", ACL), ("-Arqs", QUOTAS)),
        commands=[("qmod", "-s", "suspended.q")],
    ),
    Setting(
        "small environments, memory measured",
        SMALL,
        complexes={"gpu": "gpu INT <= YES JOB 0 0"},
        objects=(
            ("-Au", ACL),
            ("-Ap", pe("pairs", rule="2")),
            ("-Ap", pe("round", rule="$round_robin")),
            ("-Ap", pe("three", slots=3)),
            ("-Ap", pe("theirs").replace("user_lists NONE", "user_lists others", 1)),
        ),
        host="slots=6,gpu=2",
        memories=(None, None, 1, 100, 900_000),
    ),
)
