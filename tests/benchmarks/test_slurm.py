"""One ask of a large Slurm: 20 partitions, each by two accounts and two QOS, really asked."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import pytest
from live import accounting
from slurm_fake import task

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.demo import DemoNode
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.slurm import Slurm

PARTITIONS = {
    f"p{number:02}": f"Nodes=n1,n2 MaxTime={60 + number} DefMemPerCPU=100"
    for number in range(20)
}
NODES = (DemoNode("n1", cores=8, memory=32000), DemoNode("n2", cores=8, memory=32000))
RECORDS = (
    ("add", "account", "astro"),
    ("add", "account", "labs"),
    ("modify", "account", "labs", "set", "GrpTRES=cpu=12"),
    ("add", "qos", "gold"),
    ("modify", "qos", "gold", "set", "MaxTRESPerUser=cpu=10"),
    ("add", "user", "root", "account=astro"),
    ("add", "user", "root", "account=labs"),
    ("modify", "user", "root", "where", "account=astro", "set", "qos=normal,gold"),
    ("modify", "user", "root", "where", "account=labs", "set", "qos=normal,gold"),
    ("modify", "user", "root", "set", "defaultaccount=astro"),
    ("delete", "user", "root", "where", "account=root"),
)
ROUNDS = 15
WAYS = 80


@pytest.fixture(scope="module")
def cluster():
    if reason := accounting.missing():
        pytest.skip(reason)
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        accounting.AccountingCluster(
            Path(parent, "c"), records=RECORDS, partitions=PARTITIONS, nodes=NODES
        ) as running,
    ):
        yield running


def test_one_ask_of_twenty_partitions_two_accounts_and_two_qos(cluster, benchmark):
    platform = Slurm.configure({"kind": "slurm", "conf": str(cluster.conf)})
    wanted = task(cores=1000, duration=600)

    async def rounds():
        snapshot = await platform.snapshot(Ask())
        spent = {"ask": [], "probe": []}
        for _ in range(ROUNDS):
            for name, done in (("ask", platform.ask), ("probe", platform.probe)):
                started = time.perf_counter()
                answer = await done(wanted, snapshot, Ask())
                spent[name].append(time.perf_counter() - started)
                assert answer.verdict is Verdict.YES
                assert len(answer.offers) == (WAYS if name == "ask" else 1)
        # Others use the machine too; the least disturbed round is what it takes.
        return {name: min(times) * 1e3 for name, times in spent.items()}

    took = asyncio.run(rounds())
    benchmark.extra_info.update(
        ask_ms=round(took["ask"], 1), probe_ms=round(took["probe"], 1), ways=WAYS
    )
    benchmark.pedantic(lambda: None, rounds=1)
    print(f"\nask {took['ask']:.0f} ms, probe {took['probe']:.0f} ms")  # noqa: T201 - the figures are what it is run for
    assert took["ask"] < 400
