"""Kubernetes, asked with the documents that a real API server gave."""

import json

import pytest
from contract import PlatformContract, check
from kubernetes_fake import FakeKubernetes, kubeconfig, kubernetes, sections, serving, task

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.kubernetes import Kubernetes
from jupyter_canidothis.platforms.kubernetes.refusal import Refusal, reasons
from jupyter_canidothis.resources import Gpu, Range
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.units import GIB

QUOTA = {
    "metadata": {"name": "q"},
    "status": {
        "hard": {"requests.cpu": "12", "requests.memory": "40Gi", "pods": "5"},
        "used": {"requests.cpu": "4", "requests.memory": "0", "pods": "1"},
    },
}
LIMITS = {
    "spec": {
        "limits": [
            {
                "type": "Container",
                "max": {"cpu": "8"},
                "default": {"cpu": "1", "memory": "1Gi"},
                "defaultRequest": {"cpu": "500m", "memory": "512Mi"},
            }
        ]
    }
}


@pytest.fixture
def fake():
    return FakeKubernetes()


@pytest.fixture
def path(fake, tmp_path):
    with serving(fake) as server:
        yield kubeconfig(tmp_path, server)


async def ask(path, wanted, **keys):
    asked = kubernetes(path, **keys)
    snapshot = await asked.snapshot(Ask())
    return check(await asked.ask(wanted, snapshot, Ask()), asked)


class TestContract(PlatformContract):
    asking = Ask(deadline=30.0)

    @pytest.fixture
    def platform(self, path):
        return kubernetes(path)

    @pytest.fixture
    def accepted(self):
        return task(cores=(2000, 4000), memory=2 * GIB, duration=600)

    @pytest.fixture
    def refused(self):
        return task(cores=64000, memory=2 * GIB)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("dryRun quota exceeded 8cpu", ("limit-exceeded", "/resources/memory/min", 32 * GIB)),
        ("dryRun cpu 13 > quota", ("limit-exceeded", "/resources/gpus/min", 1)),
        ("dryRun limitrange cpu 16", ("limit-exceeded", "/resources/cores/min", 8000)),
        ("dryRun invalid image/quantity", ("refused", "", None)),
        ("dryRun bob forbidden", ("not-authorised", "", None)),
    ],
)
def test_every_captured_refusal_has_its_meaning(asked, told):
    ((status, body),) = [
        (status, body)
        for name, status, body in sections("dryrun.txt")
        if name.startswith(asked)
    ]
    message = json.loads(body)["message"]
    (reason,) = reasons(Refusal(status, message), "pod")
    assert (reason.code, reason.field, reason.limit) == told
    assert reason.text == message[:500] or reason.text.endswith("…")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("failed quota: q: must specify limits.cpu,limits.memory", "below-minimum"),
        ("no PriorityClass with name high was found", "no-such-resource"),
        ('violates PodSecurity "restricted:latest": runAsNonRoot != true', "not-authorised"),
        ('admission webhook "gate.example.org" denied the request: no', "not-authorised"),
        (
            "unable to create new content in namespace x because it is being terminated",
            "closed",
        ),
        ("minimum cpu usage per Container is 100m, but request is 50m", "below-minimum"),
        (
            "cpu max limit to request ratio per Container is 2, but provided ratio is 4",
            "limit-exceeded",
        ),
        (
            "exceeded quota: q, requested: requests.cpu=9, used: requests.cpu=8, limited: requests.cpu=12",
            "quota-exhausted",
        ),
    ],
)
def test_other_words_of_the_server_have_their_meaning(message, code):
    assert reasons(Refusal(403, f'pods "x" is forbidden: {message}'), "pod")[0].code == code


async def test_asking_sends_nothing_but_lists_reviews_and_dry_runs(fake, path):
    await ask(path, task(cores=2000))
    assert fake.asked
    for method, where, _ in fake.asked:
        harmless = "dryRun=All" in where or where.endswith("selfsubjectaccessreviews")
        assert method == "GET" or (method == "POST" and harmless), where


async def test_defaults_of_the_namespace_are_in_the_estimate(fake, path):
    fake.lists.update(limitranges=[LIMITS], resourcequotas=[QUOTA])
    asked = kubernetes(path)
    snapshot = await asked.snapshot(Ask())
    answer = asked.estimate(task(), snapshot, Ask())
    assert answer.verdict is Verdict.YES
    assert answer.offers[0].resources.cores == Range(500, 1000)
    refused = asked.estimate(task(cores=9000), snapshot, Ask())
    assert (refused.verdict, refused.reasons[0].limit) == (Verdict.NO, 8000)
    # Two limits at once: what is left of the quota is 8 cores, as much as the limit.
    assert asked.nearest(task(cores=9000), snapshot, Ask())[0].edits[0].after == 8000


async def test_what_cannot_be_tried_is_not_taken_for_a_no(fake, path):
    said = 'admission webhook "w" does not support dry run'
    fake.admit = lambda document: (400, {"message": said, "code": 400})
    answer = await ask(path, task())
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.CANNOT_TELL, "not-published")


async def test_nodes_that_come_by_themselves_turn_a_no_into_cannot_tell(fake, path):
    fake.groups = ("karpenter.sh",)
    answer = await ask(path, task(cores=64000))
    assert answer.verdict is Verdict.CANNOT_TELL
    assert "can add nodes" in answer.reasons[0].message
    fake.groups = ()
    assert (await ask(path, task(cores=64000))).verdict is Verdict.NO
    assert (await ask(path, task(cores=64000), grows=True)).verdict is Verdict.CANNOT_TELL


async def test_pods_that_stay_count_for_ever_and_others_only_now(fake, path):
    def pod(node, cpu, owner):
        sizes = {"requests": {"cpu": cpu}}
        return {
            "metadata": {"name": "p", "ownerReferences": [{"kind": owner}]},
            "spec": {"nodeName": node, "containers": [{"name": "c", "resources": sizes}]},
            "status": {"phase": "Running"},
        }

    fake.lists["pods"] = [pod("n2", "1", "DaemonSet"), pod("n2", "10", "ReplicaSet")]
    answer = await ask(path, task(cores=15000))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert (await ask(path, task(cores=16000))).verdict is Verdict.NO
    fake.forbidden = {"pods"}
    answer = await ask(path, task(cores=15000))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.CANNOT_TELL)


async def test_pods_of_lower_priority_may_make_room(fake, path):
    held = {
        "spec": {
            "nodeName": "n2",
            "priority": -10,
            "containers": [{"name": "c", "resources": {"requests": {"cpu": "14"}}}],
        },
        "status": {"phase": "Running"},
    }
    fake.lists["pods"] = [held]
    answer = await ask(path, task(cores=12000))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.CANNOT_TELL)
    assert "lower priority" in answer.reasons[0].message


async def test_a_node_that_is_cordoned_or_not_ready_is_named(fake, path):
    for node in fake.lists["nodes"]:
        if node["metadata"]["name"] == "n1":
            node["spec"]["unschedulable"] = True
        else:
            node["status"]["conditions"] = [{"type": "Ready", "status": "Unknown"}]
    answer = await ask(path, task(cores=1000))
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.NO, "closed")
    assert "0 of 3 nodes: 2 not ready, 1 cordoned" in answer.reasons[0].message


async def test_gpus_of_which_the_nodes_say_nothing_are_not_known(fake, path):
    for node in fake.lists["nodes"]:
        node["metadata"]["labels"] = {}
    answer = await ask(path, task(gpus=1, gpu=Gpu(model="a100")))
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.reasons[0].field == "/resources/gpu/model"


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        (
            {"topologySpreadConstraints": [{"whenUnsatisfiable": "DoNotSchedule"}]},
            "topologySpread",
        ),
        ({"schedulerName": "volcano"}, "volcano"),
        ({"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "d"}}]}, "volumes"),
    ],
)
async def test_what_only_the_scheduler_judges_is_told(path, spec, word):
    pod = {"containers": [{"name": "c", "image": "x"}], **spec}
    document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": pod}
    wanted = Task(Executable("uri://kubernetes-helm", content=json.dumps(document)))
    answer = await ask(path, wanted)
    assert answer.verdict is Verdict.CANNOT_TELL
    assert word in answer.reasons[0].message


async def test_a_start_that_has_to_be_soon_cannot_be_promised(path):
    answer = await ask(path, task(startup=(None, 60)))
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.reasons[0].field == "/resources/startup/max"


async def test_a_notebook_needs_an_image(path):
    notebook = task("uri://jupyter-notebook", image="")
    answer = await ask(path, notebook)
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.NO, "kind-unsupported")
    assert "No image is configured" in answer.reasons[0].message
    assert (await ask(path, notebook, image="example.org/lab:1")).verdict is Verdict.YES


async def test_a_task_is_one_pod_on_one_node(path):
    answer = await ask(path, task(nodes=2))
    assert answer.verdict is Verdict.NO
    assert answer.reasons[0].field == "/resources/nodes/min"


async def test_a_queue_of_kueue_is_held_against_what_it_shows(fake, path):
    fake.groups = ("kueue.x-k8s.io",)
    queue = {"metadata": {"name": "gpu"}, "spec": {"clusterQueue": "all"},
             "status": {"pendingWorkloads": 3, "conditions": [{"type": "Active", "status": "True"}]}}  # fmt: skip
    fake.lists["localqueues"] = [queue]
    answer = await ask(path, task(), queue="gpu")
    assert answer.verdict is Verdict.CANNOT_TELL
    assert "3 workloads wait" in answer.reasons[0].message
    missing = await ask(path, task(), queue="nosuch")
    assert missing.reasons[0].code == "misconfigured"
    queue["status"]["conditions"][0].update(status="False", message="ClusterQueue is missing")
    stopped = await ask(path, task(), queue="gpu")
    assert (stopped.verdict, stopped.reasons[0].code) == (Verdict.NO, "closed")


async def test_cliffs_say_up_to_where_and_up_to_where_at_once(fake, path):
    held = {
        "spec": {
            "nodeName": "n2",
            "containers": [{"name": "c", "resources": {"requests": {"cpu": "13"}}}],
        },
        "status": {"phase": "Running"},
    }
    fake.lists["pods"] = [held]
    answer = await ask(path, task(cores=1000, memory=GIB))
    cores = [(c.at, c.beyond) for c in answer.cliffs if c.field == "/resources/cores/min"]
    assert cores == [(4000, "later"), (16000, "no")]
    fake.forbidden = {"pods"}
    answer = await ask(path, task(cores=1000, memory=GIB))
    assert {cliff.beyond for cliff in answer.cliffs} == {"no"}


async def test_long_lists_are_read_page_by_page(fake, path):
    (first, *_) = fake.lists["nodes"]
    fake.lists["nodes"] = [
        {**first, "metadata": {**first["metadata"], "name": f"n{number}"}}
        for number in range(1201)
    ]
    snapshot = await kubernetes(path).snapshot(Ask(deadline=30))
    assert len(snapshot.content.machines) == 1201
    pages = [where for _, where, _ in fake.asked if where.startswith("/api/v1/nodes?")]
    assert len(pages) == 3


def test_the_current_context_is_found_offline(tmp_path, monkeypatch):
    path = kubeconfig(tmp_path, "https://192.0.2.1:6443")
    monkeypatch.setenv("KUBECONFIG", str(path))
    (entry,) = Kubernetes.discover()
    assert entry == {
        "kind": "kubernetes",
        "name": "Kubernetes (here, astro)",
        "context": "here",
    }
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nosuch"))
    assert Kubernetes.discover() == ()


def test_a_broken_kubeconfig_is_found_too_and_asking_says_why(tmp_path, monkeypatch):
    path = tmp_path / "kubeconfig"
    path.write_text("clusters: [")
    monkeypatch.setenv("KUBECONFIG", str(path))
    (entry,) = Kubernetes.discover()
    assert entry["kind"] == "kubernetes"
