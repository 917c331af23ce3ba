"""Ask about random pods, really create them, and watch what the real scheduler decides.

``PYTHONPATH=tests python -m truth.kubernetes_truth --tasks 120 --out docs/truth.md`` runs
every configuration on one control plane of its own and writes the section of Kubernetes.
Nodes are emulated; a pod that the scheduler binds to one counts as run. Every pod is
deleted again; the same seed draws the same tasks.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from live.control_plane import ControlPlane, Refused, folder, missing
from truth.matrix import Case, Matrix, Started, until
from truth.report import command

from jupyter_canidothis.answer import Answer, Verdict
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.kubernetes import Kubernetes
from jupyter_canidothis.platforms.kubernetes.gpus import chosen
from jupyter_canidothis.platforms.kubernetes.job import Settings, documents
from jupyter_canidothis.resources import Gpu, Range, Resources
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.units import GIB

MIB = 2**20
SETTLED_SECONDS = 30.0
PATIENCE = 6.0
"""Seconds in which a pod that has room now must have been bound."""

GPU = {"key": "nvidia.com/gpu", "effect": "NoSchedule"}
NODES = (
    {"name": "n1", "cpu": 4, "memory": "8Gi"},
    {"name": "n2", "cpu": 16, "memory": "64Gi", "labels": {"disk": "fast"}},
    {"name": "gpu1", "cpu": 8, "memory": "32Gi", "gpus": 2, "taints": [GPU],
     "labels": {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB", "nvidia.com/gpu.memory": "40960"}},
    {"name": "gpu2", "cpu": 12, "memory": "16Gi", "gpus": 1,
     "labels": {"nvidia.com/gpu.product": "Tesla-V100-PCIE-16GB", "nvidia.com/gpu.memory": "16384"}},
    {"name": "shut", "cpu": 64, "memory": "256Gi", "cordoned": True},
    {"name": "team", "cpu": 32, "memory": "128Gi",
     "taints": [{"key": "team", "value": "radio", "effect": "NoSchedule"}]},
    {"name": "full", "cpu": 48, "memory": "192Gi", "pods": 0},
)  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """Who asks, in which namespace, and with what for every pod."""

    name: str
    user: str
    namespace: str
    keys: tuple[tuple[str, object], ...] = ()


SETTINGS = (
    Setting("quota and limits", "alice", "astro"),
    Setting("neither", "alice", "free"),
    Setting("quota of limits", "alice", "strict"),
    Setting("tolerating a team's taint", "alice", "free",
            (("tolerations", ({"key": "team", "operator": "Equal", "value": "radio"},)),)),
    Setting("labels required", "alice", "free", (("node_selector", {"disk": "fast"}),)),
    Setting("nodes hidden", "bob", "astro"),
    Setting("no rights", "carol", "astro"),
)  # fmt: skip


def prepare(plane: ControlPlane) -> None:
    """Make the namespaces, and what their users may do."""
    plane.add_namespace(
        "astro",
        quota={
            "requests.cpu": "12", "requests.memory": "40Gi", "requests.nvidia.com/gpu": "1",
            "pods": "5", "count/jobs.batch": "3",
        },
        limits=[
            {
                "type": "Container", "max": {"cpu": "9", "memory": "36Gi"},
                "default": {"cpu": "1", "memory": "1Gi"},
                "defaultRequest": {"cpu": "500m", "memory": "512Mi"}, "min": {"cpu": "100m"},
            }
        ],
    )  # fmt: skip
    plane.add_namespace("strict", quota={"limits.cpu": "6", "limits.memory": "24Gi"})
    plane.add_namespace("free")
    resources = (
        "pods", "jobs", "configmaps", "deployments", "resourcequotas", "limitranges",
    )  # fmt: skip
    for namespace in ("astro", "strict", "free"):
        plane.allow("alice", namespace, resources)
    plane.allow("bob", "astro", resources)
    plane.allow_everywhere("alice", ("nodes", "pods"))


def draw(seed: int, count: int) -> Iterator[Task]:
    """Yield tasks around quotas, limits and the sizes of nodes."""
    dice = random.Random(seed)
    for _ in range(count):
        cores = dice.choice((None, None, 50, 500, 1000, 2000, 4000, 6000, 8000, 9000, 12000,
                             16000, 32000, 64000))  # fmt: skip
        memory = dice.choice((None, None, None, 1, 4, 8, 16, 24, 32, 36, 40, 64, 128))
        nudge = dice.choice((-1, 0, 0, 0, 1))
        gpus = dice.choice((None,) * 5 + (0, 1, 1, 2, 3))
        models = ("A100", "V100", "H100", "NVIDIA A100")
        gpu = Gpu(model=dice.choice(models)) if gpus and dice.random() < 0.4 else None
        if gpus and gpu is None and dice.random() < 0.3:
            gpu = Gpu(vendor="nvidia", memory=dice.choice((10, 16, 24, 80)) * GIB)
        top = dice.choice((None, None, 2))
        low = None if cores is None else cores + nudge
        resources = Resources(
            cores=Range(low, low * top if low and top else None),
            memory=Range(None if memory is None else memory * GIB + nudge * MIB),
            disk=Range(dice.choice((None, None, None, 50 * GIB, 100 * GIB, 101 * GIB))),
            gpus=Range(gpus),
            gpu=gpu,
        )
        yield Task(Executable("uri://docker-container", image="example.org/task:1"), resources)


async def ask(plane: ControlPlane, setting: Setting, task: Task) -> tuple[Case, Answer, dict]:
    """Ask, and return what was said with the pod that it was said of."""
    path = plane.kubeconfig(setting.user, setting.namespace)
    keys = {"kind": "kubernetes", "kubeconfig": str(path), **dict(setting.keys)}
    platform = Kubernetes.configure(keys)
    asking = Ask(deadline=30.0)
    snapshot = await platform.snapshot(asking)
    answer = await platform.ask(task, snapshot, asking)
    tried = [e for e in answer.evidence if e.how == "dry-run" and "/pods?" in e.source]
    settings = Settings(
        tolerations=platform.config.tolerations, node_selector=platform.config.node_selector
    )
    job = documents(task, chosen(task, snapshot.content.machines), settings, "task")[-1]
    codes = tuple(reason.code for reason in answer.reasons)
    options = (
        f"{setting.user}: {job['spec']['template']['spec']['containers'][0]['resources']}",
    )
    accepted = all(e.text.startswith("accepted") for e in tried)
    return Case(task, options, answer.verdict, codes, accepted), answer, job["spec"]["template"]


def create(plane: ControlPlane, setting: Setting, case: Case, template: dict) -> None:
    """Really create the pod, as the user."""
    pod = {"metadata": {"generateName": "task-"}, "spec": template["spec"]}
    path = f"/api/v1/namespaces/{setting.namespace}/pods"
    try:
        case.job = plane.call("POST", path, pod, setting.user)["metadata"]["name"]
    except Refused as error:
        case.truth = f"rejected: {error.message[:200]}"


def decided(plane: ControlPlane, setting: Setting, case: Case) -> bool:
    """Whether the scheduler has said what becomes of a pod."""
    path = f"/api/v1/namespaces/{setting.namespace}/pods/{case.job}"
    pod = plane.call("GET", path)
    if pod["spec"].get("nodeName"):
        case.truth = "started"
    for condition in pod["status"].get("conditions", ()):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            case.truth = f"waits: {condition['message']}"
    return bool(case.truth)


def remove(plane: ControlPlane, setting: Setting, names: Sequence[str]) -> None:
    """Delete pods, and wait until no quota counts them any more."""
    root = f"/api/v1/namespaces/{setting.namespace}"
    for name in names:
        plane.call("DELETE", f"{root}/pods/{name}", {"gracePeriodSeconds": 0})
    before = len(plane.call("GET", f"{root}/pods")["items"])

    def settled():
        quotas = plane.call("GET", f"{root}/resourcequotas")["items"]
        used = [
            quota["status"]["used"] for quota in quotas if "pods" in quota["status"]["used"]
        ]
        return all(int(each["pods"]) == before for each in used)

    if names:
        assert until(settled, SETTLED_SECONDS), "a quota still counts what is gone"


async def measure(plane: ControlPlane, setting: Setting, seed: int, count: int) -> Matrix:
    """Ask about every task and create its pod, one after the other."""
    matrix = Matrix(setting.name)
    for task in draw(seed, count):
        case, _, template = await ask(plane, setting, task)
        create(plane, setting, case, template)
        if case.job:
            assert until(lambda c=case: decided(plane, setting, c), SETTLED_SECONDS)
            remove(plane, setting, [case.job])
        matrix.cases.append(case)
    return matrix


def chart(dice: random.Random) -> list[dict]:
    """Return one to three Deployments around what the nodes have together."""
    made = []
    for number in range(dice.choice((1, 2, 2, 3))):
        name = f"d{number}"
        sizes = {
            "cpu": str(dice.choice((1, 2, 3, 5, 7))),
            "memory": f"{dice.choice((1, 4, 6, 15))}Gi",
        }
        container = {
            "name": "c",
            "image": "x",
            "resources": {"requests": sizes, "limits": sizes},
        }
        template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
        spec = {
            "replicas": dice.choice((1, 2, 3, 5, 8)),
            "selector": {"matchLabels": {"app": name}},
        }
        made.append(
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
             "spec": {**spec, "template": template}}
        )  # fmt: skip
    return made


async def measure_charts(plane: ControlPlane, seed: int, count: int) -> Matrix:
    """Ask about random charts, install them, and watch all their pods."""
    matrix, dice = Matrix("charts"), random.Random(seed)
    path = plane.kubeconfig("alice", "free")
    for _ in range(count):
        made = chart(dice)
        executable = Executable(
            "uri://kubernetes-helm",
            content=json.dumps({"apiVersion": "v1", "kind": "List", "items": made}),
        )
        platform = Kubernetes.configure({"kind": "kubernetes", "kubeconfig": str(path)})
        snapshot = await platform.snapshot(Ask(deadline=30.0))
        answer = await platform.ask(Task(executable), snapshot, Ask(deadline=30.0))
        tried = all(
            e.text.startswith("accepted") for e in answer.evidence if e.how == "dry-run"
        )
        sizes = tuple(
            f"{each['spec']['replicas']} of {each['spec']['template']['spec']['containers'][0]['resources']['requests']}"
            for each in made
        )
        codes = tuple(reason.code for reason in answer.reasons)
        case = Case(Task(executable), sizes, answer.verdict, codes, tried)
        case.truth = installed(plane, made)
        matrix.cases.append(case)
    return matrix


def installed(plane: ControlPlane, made: Sequence[dict]) -> str:
    """Really create Deployments, say what became of all their pods, and delete everything."""
    root, pods = "/apis/apps/v1/namespaces/free", "/api/v1/namespaces/free/pods"
    wanted = sum(each["spec"]["replicas"] for each in made)
    for each in made:
        plane.call("POST", f"{root}/deployments", each, "alice")
    found: list[dict] = []

    def decided():
        found[:] = plane.call("GET", pods)["items"]
        said = [p["spec"].get("nodeName") or p["status"].get("conditions") for p in found]
        return len(found) == wanted and all(said)

    assert until(decided, SETTLED_SECONDS), "the scheduler did not decide"
    waiting = sum(not pod["spec"].get("nodeName") for pod in found)
    for each in made:
        plane.call("DELETE", f"{root}/deployments/{each['metadata']['name']}")
    for owner in plane.call("GET", f"{root}/replicasets")["items"]:
        plane.call("DELETE", f"{root}/replicasets/{owner['metadata']['name']}")

    def gone():
        left = plane.call("GET", pods)["items"]
        for pod in left:
            with contextlib.suppress(Refused):
                name = pod["metadata"]["name"]
                plane.call("DELETE", f"{pods}/{name}", {"gracePeriodSeconds": 0})
        return not left and not plane.call("GET", f"{root}/replicasets")["items"]

    assert until(gone, SETTLED_SECONDS), "something is left"
    return f"waits: {waiting} of {wanted} pods" if waiting else "started"


BACKGROUND = ({"cpu": "12", "memory": "8Gi"}, {"cpu": "3", "memory": "6Gi"},
              {"cpu": "6", "memory": "4Gi", "nvidia.com/gpu": "1"})  # fmt: skip
"""What fills n2, n1 and a node with GPUs, in this order."""


async def measure_now(plane: ControlPlane, seed: int, count: int) -> Matrix:
    """Fill the nodes in part, ask whether there is room now, and watch."""
    setting, matrix = Setting("busy", "alice", "free"), Matrix("busy")
    names = []
    for place, sizes in zip(("n2", "n1", "gpu1"), BACKGROUND, strict=True):
        spec = {
            "nodeName": place,
            "containers": [
                {"name": "c", "image": "x", "resources": {"requests": sizes, "limits": sizes}}
            ],
        }
        pod = {"metadata": {"generateName": "held-"}, "spec": spec}
        made = plane.call("POST", "/api/v1/namespaces/free/pods", pod)
        names.append(made["metadata"]["name"])
    for task in draw(seed, count):
        case, answer, template = await ask(plane, setting, task)
        if case.verdict is not Verdict.YES:
            continue
        create(plane, setting, case, template)
        began = time.monotonic()
        until(lambda c=case: decided(plane, setting, c), PATIENCE)
        after = time.monotonic() - began if case.real else None
        matrix.starts.append(Started(case, answer.now, after, PATIENCE))
        remove(plane, setting, [case.job])
    remove(plane, setting, names)
    return matrix


async def run_all(
    count: int, seed: int, settings: Sequence[Setting] = SETTINGS
) -> list[Matrix]:
    """Measure every configuration on one control plane."""
    with ControlPlane(NODES) as plane:
        prepare(plane)
        matrices = [await measure(plane, setting, seed, count) for setting in settings]
        matrices.append(await measure_charts(plane, seed, count // 2))
        return [*matrices, await measure_now(plane, seed, count // 2)]


def run(count: int, seed: int) -> list[Matrix]:
    """Measure everything."""
    return asyncio.run(run_all(count, seed))


def version() -> str:
    """Return what the control plane calls itself."""
    done = subprocess.run(
        [folder() / "kube-apiserver", "--version"], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


if __name__ == "__main__":
    if lacking := missing():
        sys.stderr.write(f"Kubernetes truth not measured: {lacking}\n")
        sys.exit(0)
    sys.exit(command("kubernetes", "Kubernetes", version, run, tasks=120))
