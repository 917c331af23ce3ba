"""A real Kubernetes control plane, started here: what we say, and that asking changes nothing.

Its nodes are emulated: the real scheduler binds pods to them, no kubelet runs them.
"""

import asyncio
import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import nbformat
import pytest
import yaml
from live import control_plane
from live.control_plane import ControlPlane, Refused

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.errors import (
    PlatformNotAuthenticated,
    PlatformUnreachable,
)
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.kubernetes import Kubernetes
from jupyter_canidothis.platforms.registry import Entry, describe
from jupyter_canidothis.resources import Gpu, Range, Resources
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.units import GIB
from jupyter_canidothis.wire import accepts

pytestmark = pytest.mark.live

RECORDED = Path(__file__).parents[1] / "recorded"
ASK = Ask(deadline=30.0)
GPU = {"key": "nvidia.com/gpu", "effect": "NoSchedule"}
NODES = (
    {"name": "n1", "cpu": 4, "memory": "8Gi"},
    {"name": "n2", "cpu": 16, "memory": "64Gi"},
    {"name": "gpu1", "cpu": 8, "memory": "32Gi", "gpus": 2, "taints": [GPU],
     "labels": {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB"}},
)  # fmt: skip
QUOTA = {
    "requests.cpu": "12", "requests.memory": "40Gi", "requests.nvidia.com/gpu": "1",
    "pods": "5", "count/jobs.batch": "3",
}  # fmt: skip
LIMITS = [
    {
        "type": "Container",
        "max": {"cpu": "8", "memory": "32Gi"},
        "default": {"cpu": "1", "memory": "1Gi"},
        "defaultRequest": {"cpu": "500m", "memory": "512Mi"},
    }
]
RESOURCES = ("pods", "jobs", "configmaps", "services", "deployments", "statefulsets",
             "resourcequotas", "limitranges")  # fmt: skip


@pytest.fixture(scope="module")
def plane():
    if lacking := control_plane.missing():
        pytest.skip(lacking)
    with ControlPlane(NODES) as made:
        made.add_namespace("astro", quota=QUOTA, limits=LIMITS)
        made.add_namespace("free")
        for namespace in ("astro", "free"):
            made.allow("alice", namespace, RESOURCES)
        made.allow("bob", "free", RESOURCES)
        made.allow_everywhere("alice", ("nodes", "pods", "storageclasses"))
        yield made


def task(gpu=None, image="example.org/stars:1", **ranges):
    resources = Resources(gpu=gpu, **{name: Range(amount) for name, amount in ranges.items()})
    return Task(Executable("uri://docker-container", image=image), resources)


def platform(plane, user="alice", namespace="astro", **keys):
    path = plane.kubeconfig(user, namespace)
    return Kubernetes.configure({"kind": "kubernetes", "kubeconfig": str(path), **keys})


async def ask(plane, wanted, user="alice", namespace="astro", **keys):
    """Ask, and hold the cluster before and after against each other."""
    asked = platform(plane, user, namespace, **keys)
    before = plane.picture()
    snapshot = await asked.snapshot(ASK)
    answer = await asked.ask(wanted, snapshot, ASK)
    assert plane.picture() == before
    return answer


async def test_a_pod_that_fits_is_taken_and_filled_in_by_the_namespace(plane):
    answer = await ask(plane, task())
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)
    (offer,) = answer.offers
    assert offer.resources.cores == Range(500, 1000)
    assert offer.resources.memory == Range(GIB // 2, GIB)
    assert offer.filled["cores.min"] == "default"
    assert offer.service_type == "uri://kubernetes"
    assert offer.service_info["endpoint"].startswith("https://127.0.0.1:")


@pytest.mark.parametrize(
    ("namespace", "wanted", "told"),
    [
        ("astro", {"cores": 9000}, ("limit-exceeded", "cores", 8000)),
        ("astro", {"memory": 33 * GIB}, ("limit-exceeded", "memory", 32 * GIB)),
        ("astro", {"gpus": 2}, ("limit-exceeded", "gpus", 1)),
        ("free", {"gpus": 3}, ("limit-exceeded", "gpus", 2)),
        ("free", {"cores": 17000}, ("limit-exceeded", "cores", 16000)),
        ("free", {"cores": 9000, "gpus": 1}, ("limit-exceeded", "cores", 8000)),
        ("free", {"memory": 65 * GIB}, ("limit-exceeded", "memory", 64 * GIB)),
        ("free", {"disk": 101 * GIB}, ("limit-exceeded", "disk", 100 * GIB)),
    ],
)
async def test_a_refusal_names_the_field_and_the_limit(plane, namespace, wanted, told):
    answer = await ask(plane, task(**wanted), namespace=namespace)
    assert (answer.verdict, answer.now) == (Verdict.NO, Verdict.NO)
    code, field, limit = told
    reason = answer.reasons[0]
    assert (reason.code, reason.field, reason.limit) == (code, f"/resources/{field}/min", limit)


async def test_the_frontier_is_exact(plane):
    most = task(cores=16000, memory=64 * GIB)
    beyond = task(cores=16001, memory=64 * GIB)
    assert (await ask(plane, most, namespace="free")).verdict is Verdict.YES
    assert (await ask(plane, beyond, namespace="free")).verdict is Verdict.NO


async def test_a_gpu_is_found_by_its_product_name_and_a_missing_one_is_named(plane):
    answer = await ask(plane, task(gpus=1, gpu=Gpu(model="NVIDIA A100")), namespace="free")
    assert answer.verdict is Verdict.YES
    answer = await ask(plane, task(gpus=1, gpu=Gpu(model="H100")), namespace="free")
    assert answer.reasons[0].code == "no-such-resource"
    assert "NVIDIA-A100-SXM4-40GB" in answer.reasons[0].message


async def test_hidden_nodes_are_never_a_bare_yes(plane):
    answer = await ask(plane, task(cores=1000000), "bob", "free")
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.reasons[0].code == "not-published"
    assert "nodes" in answer.reasons[0].message
    assert any(e.how == "dry-run" and "accepted" in e.text for e in answer.evidence)


async def test_who_may_create_nothing_is_told_so(plane):
    answer = await ask(plane, task(), "bob", "astro")
    assert answer.verdict is Verdict.NO
    assert answer.reasons[0].code == "not-authorised"
    assert 'User "bob" cannot create resource' in answer.reasons[0].text


async def test_who_may_create_pods_alone_is_offered_a_pod(plane):
    plane.add_namespace("pods-only")
    plane.allow("alice", "pods-only", ("pods",))
    answer = await ask(plane, task(cores=1000), namespace="pods-only")
    assert answer.verdict is Verdict.YES
    assert answer.offers[0].service_info["object"] == "Pod"


async def test_who_may_create_jobs_alone_is_told_what_cannot_be_tried(plane):
    plane.add_namespace("jobs-only")
    plane.allow("alice", "jobs-only", ("jobs",))
    answer = await ask(plane, task(cores=1000), namespace="jobs-only")
    assert answer.verdict is Verdict.CANNOT_TELL
    assert {reason.code for reason in answer.reasons} == {"not-published"}
    answer = await ask(plane, task(cores=99000), namespace="jobs-only")
    assert answer.verdict is Verdict.NO


async def test_a_namespace_that_is_missing_is_a_mistake_in_the_configuration(plane):
    asked = platform(plane, "admin", "nosuch")
    snapshot = await asked.snapshot(ASK)
    answer = await asked.ask(task(), snapshot, ASK)
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.reasons[0].code == "misconfigured"


async def test_the_estimate_says_what_asking_says(plane):
    for namespace in ("astro", "free"):
        asked = platform(plane, "alice", namespace)
        snapshot = await asked.snapshot(ASK)
        for wanted in (task(), task(cores=9000), task(gpus=2), task(memory=99 * GIB)):
            answer = await asked.ask(wanted, snapshot, ASK)
            assert asked.estimate(wanted, snapshot, ASK).verdict is answer.verdict


async def test_the_nearest_change_is_checked_by_asking_again(plane):
    asked = platform(plane, "alice", "free")
    before = plane.picture()
    plan = await Planner([Entry(describe(asked, "configured"), asked)], deadline=30).ask(
        task(cores=20000, memory=GIB)
    )
    assert plane.picture() == before
    change = plan.answers[0].changes[0]
    assert (change.checked, change.edits[0].after) == (True, 16000)


def decision(plane, namespace, name):
    """What the scheduler said of a pod: its node, or why not."""

    def said():
        pod = plane.call("GET", f"/api/v1/namespaces/{namespace}/pods/{name}")
        found = [c for c in pod["status"].get("conditions", ()) if c["type"] == "PodScheduled"]
        return pod["spec"].get("nodeName") or (found and found[0].get("message"))

    return plane.until(said)


def created(plane, namespace, requests, **spec):
    """Really create a pod and return its name."""
    sizes = {"requests": requests, "limits": requests}
    containers = [{"name": "c", "image": "x", "resources": sizes}]
    body = {"metadata": {"generateName": "real-"}, "spec": {"containers": containers, **spec}}
    made = plane.call("POST", f"/api/v1/namespaces/{namespace}/pods", body)
    return made["metadata"]["name"]


def deleted(plane, namespace, *names):
    for name in names:
        path = f"/api/v1/namespaces/{namespace}/pods/{name}"
        plane.call("DELETE", path, {"gracePeriodSeconds": 0})


async def test_our_counts_are_those_of_the_real_scheduler(plane):
    answer = await ask(plane, task(cores=17000), namespace="free")
    name = created(plane, "free", {"cpu": "17"})
    try:
        said = decision(plane, "free", name)
    finally:
        deleted(plane, "free", name)
    assert re.match(r"0/3 nodes are available: 1 .*taint.*, 2 Insufficient cpu", said)
    assert "0 of 3 nodes: 2 too few cores, 1 tainted" in answer.reasons[0].message


async def test_a_full_node_is_a_yes_and_not_now(plane):
    name = created(plane, "free", {"cpu": "14"}, nodeName="n2")
    try:
        answer = await ask(plane, task(cores=8000), namespace="free")
    finally:
        deleted(plane, "free", name)
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert answer.reasons[0].code == "full-now"
    assert "too few cores" in answer.reasons[0].message


async def test_a_quota_that_is_used_up_says_how_much_is_taken(plane):
    name = created(plane, "astro", {"cpu": "8", "memory": "1Gi"}, nodeName="n2")
    path = "/api/v1/namespaces/astro/resourcequotas/quota"
    used = lambda: plane.call("GET", path)["status"]["used"]["requests.cpu"]  # noqa: E731
    try:
        plane.until(lambda: used() == "8")
        answer = await ask(plane, task(cores=6000))
    finally:
        deleted(plane, "astro", name)
        plane.until(lambda: used() == "0")
    reason = answer.reasons[0]
    assert (answer.verdict, reason.code) == (Verdict.NO, "quota-exhausted")
    assert (reason.asked, reason.limit, reason.used) == (6000, 12000, 8000)


async def test_the_server_itself_takes_a_job_whose_pods_it_refuses(plane):
    job = {
        "metadata": {"name": "lie"},
        "spec": {
            "template": {
                "spec": {
                    "restartPolicy": "Never",
                    "containers": [
                        {"name": "c", "image": "x", "resources": {"limits": {"cpu": "100"}}}
                    ],
                }
            }
        },
    }
    answer = await ask(plane, task(cores=100000))
    assert answer.verdict is Verdict.NO
    path = "/apis/batch/v1/namespaces/astro/jobs"
    assert plane.call("POST", f"{path}?dryRun=All", job, "alice")["kind"] == "Job"


@pytest.fixture
def notebook():
    cell = nbformat.v4.new_code_cell("6 * 7", id="only")
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))


@pytest.mark.parametrize("by_path", [False, True])
async def test_what_is_handed_over_is_applied_and_its_pod_is_bound(
    plane, tmp_path, notebook, by_path
):
    (tmp_path / "stars and dust.ipynb").write_text(notebook)
    where = (
        {"location": str(tmp_path / "stars and dust.ipynb")}
        if by_path
        else {"content": notebook}
    )
    executable = Executable("uri://jupyter-notebook", kernel="python3", **where)
    wanted = Task(executable, Resources(Range(2000), Range(GIB)), name="stars and dust.ipynb")
    asked = platform(plane, "alice", "free", image="example.org/jupyter:1")
    answer = await ask(plane, wanted, namespace="free", image="example.org/jupyter:1")
    made = asked.handover(wanted, answer.offers[0])
    (tmp_path / made.name).write_text(made.content)
    env = {
        **os.environ,
        "KUBECONFIG": str(plane.kubeconfig("alice", "free")),
        "PATH": f"{control_plane.folder()}:{os.environ['PATH']}",
    }
    applied = ["sh", "-c", made.command]
    await asyncio.to_thread(
        subprocess.run, applied, cwd=tmp_path, env=env, check=True, timeout=60
    )
    name = made.name.removesuffix(".yaml")
    pods = f"/api/v1/namespaces/free/pods?labelSelector=job-name%3D{name}"
    (pod,) = plane.until(lambda: plane.call("GET", pods)["items"])
    try:
        assert decision(plane, "free", pod["metadata"]["name"]) in ("n1", "n2")
        kept = plane.call("GET", f"/api/v1/namespaces/free/configmaps/{name}")
        assert kept["data"]["notebook.ipynb"] == notebook
        assert pod["spec"]["containers"][0]["resources"]["requests"] == {
            "cpu": "2",
            "memory": "1Gi",
        }
    finally:
        plane.call("DELETE", f"/apis/batch/v1/namespaces/free/jobs/{name}")
        plane.call("DELETE", f"/api/v1/namespaces/free/configmaps/{name}")
        deleted(plane, "free", pod["metadata"]["name"])


def gaia_manifest():
    """A chart of 220 cores and 360 GiB: one master, 27 workers of 8 cores."""

    def pods(name, cpu, memory):
        sizes = {"cpu": cpu, "memory": memory}
        resources = {"requests": sizes, "limits": sizes}
        return {
            "metadata": {"labels": {"app": name}},
            "spec": {
                "containers": [{"name": "c", "image": "gaia/ml:1", "resources": resources}]
            },
        }

    def maker(kind, name, count, template, **spec):
        return {
            "apiVersion": "apps/v1",
            "kind": kind,
            "metadata": {"name": name},
            "spec": {
                "replicas": count,
                "selector": {"matchLabels": {"app": name}},
                "template": template,
                **spec,
            },
        }

    return yaml.safe_dump_all(
        [
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "workers"},
                "spec": {"clusterIP": "None", "ports": [{"port": 7077}]},
            },
            maker("Deployment", "master", 1, pods("master", "4", "9Gi")),
            maker(
                "StatefulSet", "worker", 27, pods("worker", "8", "13Gi"),
                serviceName="workers", podManagementPolicy="Parallel",
            ),
        ]
    )  # fmt: skip


@pytest.fixture
def enough(plane):
    """Fourteen more nodes, for as long as a test."""
    names = [f"big{number}" for number in range(14)]
    for name in names:
        plane.add_node(name, 16, "32Gi")
    yield
    for name in names:
        plane.call("DELETE", f"/api/v1/nodes/{name}")


def gaia():
    """The example of the slides, as it comes over the wire."""
    body = json.loads((RECORDED / "accepts" / "slides-gaia.json").read_text())
    sent = body["request"]["body"].encode()
    return accepts.decode("POST", "application/yaml", "", sent).task


async def test_the_gaia_example_is_refused_where_there_are_too_few_nodes(plane, tmp_path):
    wanted = gaia()
    (tmp_path / "gaia.yaml").write_text(gaia_manifest())
    charts = {wanted.executable.location: str(tmp_path / "gaia.yaml")}
    answer = await ask(plane, wanted, namespace="free", charts=charts)
    assert (answer.verdict, answer.now) == (Verdict.NO, Verdict.NO)
    told = {reason.field: reason for reason in answer.reasons}
    cores = told["/resources/cores/min"]
    assert (cores.code, cores.asked, cores.limit) == ("limit-exceeded", 220000, 20000)
    assert any("of 27 pods fit" in reason.message for reason in answer.reasons)


async def test_the_gaia_example_is_taken_where_there_are_enough(plane, enough, tmp_path):
    wanted = gaia()
    (tmp_path / "gaia.yaml").write_text(gaia_manifest())
    charts = {wanted.executable.location: str(tmp_path / "gaia.yaml")}
    answer = await ask(plane, wanted, namespace="free", charts=charts)
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)
    (offer,) = answer.offers
    assert offer.service_type == "uri://kubernetes-helm"
    assert offer.resources.cores == Range(220000, 244000)
    assert offer.resources.memory.min == 360 * GIB
    assert offer.resources.duration.min == 9 * 3600


async def test_what_was_said_of_the_gaia_example_really_happens(plane, enough, tmp_path):
    plane.add_namespace("gaia")
    plane.allow("alice", "gaia", RESOURCES)
    wanted = Task(
        Executable("uri://kubernetes-helm", content=gaia_manifest()), name="gaia.yaml"
    )
    answer = await ask(plane, wanted, namespace="gaia")
    assert answer.verdict is Verdict.YES
    made = platform(plane, "alice", "gaia").handover(wanted, answer.offers[0])
    (tmp_path / made.name).write_text(made.content)
    words = shlex.split(made.command)
    plane.kubectl(plane.kubeconfig("alice", "gaia"), *words[1:], cwd=tmp_path)
    pods = "/api/v1/namespaces/gaia/pods"

    def bound():
        found = plane.call("GET", pods)["items"]
        return len(found) == 28 and all(pod["spec"].get("nodeName") for pod in found)

    try:
        plane.until(bound)
    finally:
        for path in ("deployments/master", "statefulsets/worker"):
            plane.call("DELETE", f"/apis/apps/v1/namespaces/gaia/{path}")
        plane.until(lambda: _cleared(plane))


def _cleared(plane):
    """Delete what is left; nodes without a kubelet finish no pod by themselves."""
    left = [
        pod["metadata"]["name"]
        for pod in plane.call("GET", "/api/v1/namespaces/gaia/pods")["items"]
    ]
    for name in left:
        try:
            deleted(plane, "gaia", name)
        except Refused as error:
            assert error.status == 404
    owners = plane.call("GET", "/apis/apps/v1/namespaces/gaia/replicasets")["items"]
    for owner in owners:
        name = owner["metadata"]["name"]
        plane.call("DELETE", f"/apis/apps/v1/namespaces/gaia/replicasets/{name}")
    return not left and not owners


async def test_a_chart_with_a_storage_class_that_is_missing_is_refused(plane):
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "fast",
            "resources": {"requests": {"storage": "10Gi"}},
        },
    }
    plane.allow("alice", "free", ("persistentvolumeclaims",))
    wanted = Task(Executable("uri://kubernetes-helm", content=yaml.safe_dump(claim)))
    answer = await ask(plane, wanted, namespace="free")
    assert answer.verdict is Verdict.NO
    assert "There is no storage class fast" in answer.reasons[0].message


async def test_a_kind_that_the_cluster_does_not_know_is_named(plane):
    ray = {
        "apiVersion": "ray.io/v1",
        "kind": "RayCluster",
        "metadata": {"name": "r"},
        "spec": {},
    }
    wanted = Task(Executable("uri://kubernetes-helm", content=yaml.safe_dump(ray)))
    answer = await ask(plane, wanted, namespace="free")
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.NO, "no-such-resource")


async def test_a_token_that_is_wrong_is_told_as_that(plane):
    path = plane.kubeconfig("alice", "free")
    broken = path.with_name("broken.kubeconfig")
    broken.write_text(path.read_text().replace("alicetoken", "nosuchtoken"))
    asked = Kubernetes.configure({"kind": "kubernetes", "kubeconfig": str(broken)})
    with pytest.raises(PlatformNotAuthenticated, match="401") as failed:
        await asked.snapshot(ASK)
    assert "nosuchtoken" not in str(failed.value)


async def test_a_certificate_that_is_not_trusted_is_told_as_that(plane):
    path = plane.kubeconfig(
        "alice",
        "other",
        **{"certificate-authority": str(RECORDED.parent / "transport" / "loopback.pem")},
    )
    asked = Kubernetes.configure({"kind": "kubernetes", "kubeconfig": str(path)})
    with pytest.raises(PlatformUnreachable, match="certificate"):
        await asked.snapshot(ASK)
