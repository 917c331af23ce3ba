"""A cluster of 1,000 nodes and 30,000 pods: reading it, and asking it while it is warm.

The API server is a loopback server in a thread of its own with generated documents as
long as real ones; only the time of the asking thread counts. Beside it the same lists by
the plain client that we use underneath.
"""

import json
import statistics
import time
import tracemalloc

import psutil
import pytest
from kubernetes_fake import FakeKubernetes, kubeconfig, kubernetes, serving, task

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.units import GIB

NODES, PODS, PAGE, ROUNDS = 1_000, 30_000, 500, 15
MIB = 2**20
ASK = Ask(deadline=120.0)


def managed(fields):
    """What every object carries of who set what, and nobody reads: two kilobytes."""
    entry = {
        "f:metadata": {"f:labels": {f"f:example.org/label-{n}": {} for n in range(fields)}}
    }
    return [
        {"manager": "kubelet", "operation": "Update", "apiVersion": "v1", "fieldsV1": entry}
    ]


def node(number):
    sizes = {"cpu": "64", "memory": "256Gi", "pods": "110", "ephemeral-storage": "900Gi"}
    labels = {"kubernetes.io/hostname": f"n{number}", "kubernetes.io/arch": "amd64",
              "topology.kubernetes.io/zone": f"z{number % 3}"}  # fmt: skip
    conditions = [
        {"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-01-01T00:00:00Z"}
    ]
    images = [{"names": [f"example.org/image-{n}:1"], "sizeBytes": 10**9} for n in range(30)]
    info = dict.fromkeys(("architecture", "bootID", "containerRuntimeVersion", "kernelVersion", "kubeProxyVersion", "kubeletVersion", "machineID", "operatingSystem", "osImage", "systemUUID"), "")  # fmt: skip
    return {
        "metadata": {"name": f"n{number}", "labels": labels, "managedFields": managed(40)},
        "spec": {},
        "status": {"allocatable": sizes, "capacity": sizes, "conditions": conditions,
                   "images": images, "nodeInfo": info},
    }  # fmt: skip


def pod(number):
    sizes = {"requests": {"cpu": "1500m", "memory": "6Gi"}, "limits": {"memory": "8Gi"}}
    env = [{"name": f"VARIABLE_{n}", "value": "some value"} for n in range(15)]
    container = {"name": "c", "image": "example.org/i:1", "resources": sizes, "env": env}
    return {
        "metadata": {
            "name": f"p{number}", "namespace": "other", "managedFields": managed(30),
            "ownerReferences": [{"kind": "ReplicaSet", "name": "r", "uid": "u", "apiVersion": "apps/v1"}],
        },
        "spec": {"nodeName": f"n{number % NODES}", "containers": [container], "priority": 0},
        "status": {"phase": "Running", "podIP": "192.0.2.1"},
    }  # fmt: skip


class Large(FakeKubernetes):
    """Serves its long lists from pages that are written already."""

    def __init__(self):
        super().__init__(nodes=[], pods=[])
        self.pages = {
            f"/api/v1/{name}": [
                self.written([make(n) for n in range(start, start + PAGE)], start + PAGE, count)
                for start in range(0, count, PAGE)
            ]
            for name, make, count in (("nodes", node, NODES), ("pods", pod, PODS))
        }
        for path, pages in self.pages.items():
            self.answers[path] = lambda query, pages=pages: (
                200,
                pages[int(query.get("continue", ["0"])[0]) // PAGE],
            )

    @staticmethod
    def written(items, following, count):
        more = str(following) if following < count else ""
        page = {
            "kind": "List",
            "apiVersion": "v1",
            "metadata": {"continue": more},
            "items": items,
        }
        return json.dumps(page).encode()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    with serving(Large()) as server:
        yield kubeconfig(tmp_path_factory.mktemp("kube"), server)


async def plain_lists(path):
    """List nodes and pods page by page as the client library does it, and keep them."""
    from kubernetes_asyncio import client, config

    configuration = client.Configuration()
    await config.load_kube_config(
        str(path), client_configuration=configuration, persist_config=False
    )
    async with client.ApiClient(configuration) as api:
        core, kept = client.CoreV1Api(api), []
        for listed in (core.list_node, core.list_pod_for_all_namespaces):
            more = None
            while more != "":
                page = await listed(limit=PAGE, **({"_continue": more} if more else {}))
                kept += page.items
                more = page.metadata._continue or ""
    return kept


def resident():
    return psutil.Process().memory_info().rss


async def test_g4_kubernetes_lists_beside_the_plain_client(path, benchmark):
    asked = kubernetes(path)
    before, began = resident(), time.thread_time()
    snapshot = await asked.snapshot(ASK)
    ours, our_memory = time.thread_time() - began, resident() - before
    assert len(snapshot.content.machines) == NODES
    assert snapshot.content.pods_shown
    before, began = resident(), time.thread_time()
    kept = await plain_lists(path)
    plain, plain_memory = time.thread_time() - began, resident() - before
    assert len(kept) == NODES + PODS
    benchmark.extra_info.update(
        plain_over_ours=round(plain / ours, 2),
        ours_s=round(ours, 2),
        plain_s=round(plain, 2),
        ours_mib=round(our_memory / MIB, 1),
        plain_mib=round(plain_memory / MIB, 1),
    )
    benchmark.pedantic(lambda: None, rounds=1)
    assert plain / ours >= 3


async def test_g4_kubernetes_asked_while_it_is_warm(path, benchmark):
    asked = kubernetes(path)
    tracemalloc.start()
    snapshot = await asked.snapshot(ASK)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    spent = []
    for cores in range(ROUNDS):
        wanted = task(cores=16000 + cores, memory=4 * GIB)
        began = time.monotonic()
        answer = await asked.ask(wanted, snapshot, ASK)
        spent.append(time.monotonic() - began)
        assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)
    refused = await asked.ask(task(cores=65000), snapshot, ASK)
    assert refused.verdict is Verdict.NO
    began = time.thread_time()
    for cores in range(ROUNDS):
        asked.estimate(task(cores=16000 + cores), snapshot, ASK)
    estimate = (time.thread_time() - began) / ROUNDS
    ask = statistics.median(spent)
    benchmark.extra_info.update(
        share_of_150_ms=round(ask / 0.150, 3),
        ask_ms=round(ask * 1000, 1),
        estimate_ms=round(estimate * 1000, 1),
        peak_mib=round(peak / MIB, 1),
    )
    benchmark.pedantic(lambda: None, rounds=1)
    assert ask < 0.150
    assert peak < 60 * MIB
