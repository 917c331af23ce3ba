"""Charts: rendered, declared, by value, and none that can do harm."""

import base64
import gzip
import io
import json
import stat
import tarfile

import pytest
import yaml
from contract import check
from kubernetes_fake import FakeKubernetes, kubeconfig, kubernetes, serving

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.platforms.kubernetes.archive import UNPACKED_CAP
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.units import GIB


def deployment(name="web", count=2, cpu="2", memory="1Gi", kind="Deployment", **extra):
    container = {
        "name": "c",
        "image": "x",
        "resources": {"requests": {"cpu": cpu, "memory": memory}},
    }
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [container], **extra},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"replicas": count, "template": template},
    }


def chart(content="", location="", **ranges):
    resources = Resources(**{name: Range(amount) for name, amount in ranges.items()})
    executable = Executable("uri://kubernetes-helm", location=location, content=content)
    return Task(executable, resources)


def manifest(*documents):
    return yaml.safe_dump_all(documents)


@pytest.fixture
def fake():
    return FakeKubernetes()


@pytest.fixture
def path(fake, tmp_path):
    with serving(fake) as server:
        yield kubeconfig(tmp_path, server)


async def ask(path, wanted, **keys):
    asked = kubernetes(path, **keys)
    snapshot = await asked.snapshot(Ask(deadline=30))
    return check(await asked.ask(wanted, snapshot, Ask(deadline=30)), asked)


async def test_every_kind_of_workload_is_summed(fake, path):
    job = {"parallelism": 2, "completions": 1, "template": deployment()["spec"]["template"]}
    documents = [
        deployment("a", 2),
        deployment("b", 1, kind="StatefulSet"),
        deployment("each", kind="DaemonSet"),
        {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": job},
        {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "c"},
         "spec": {"jobTemplate": {"spec": job}}},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
         "spec": deployment()["spec"]["template"]["spec"]},
    ]  # fmt: skip
    answer = await ask(path, chart(manifest(*documents)))
    assert answer.verdict is Verdict.YES
    rendered = next(e for e in answer.evidence if e.source == "the manifest in the task")
    # 2 + 1 + 1 for each node + 1 (one completion) + 1 + 1, of 2 cores each.
    assert "cpu 14" in rendered.text
    assert answer.offers[0].resources.cores.min == 14000
    assert answer.offers[0].service_type == "uri://kubernetes-helm"


async def test_pods_of_a_kind_of_its_own_are_found_too(fake, path):
    ray = {
        "apiVersion": "ray.io/v1",
        "kind": "RayCluster",
        "metadata": {"name": "r"},
        "spec": {
            "headGroupSpec": {"template": deployment(cpu="1")["spec"]["template"]},
            "workerGroupSpecs": [{"replicas": 3, "template": deployment()["spec"]["template"]}],
        },
    }
    kinds = {"resources": [{"name": "rayclusters", "kind": "RayCluster", "namespaced": True}]}
    fake.answers["/apis/ray.io/v1"] = 200, kinds
    answer = await ask(path, chart(manifest(ray)))
    assert answer.verdict is Verdict.YES
    assert answer.offers[0].resources.cores.min == 7000
    assert any("namespaces/astro/rayclusters?dryRun=All" in e.source for e in answer.evidence)


async def test_too_many_pods_are_counted(path):
    answer = await ask(path, chart(manifest(deployment("web", 9, cpu="3"))))
    assert answer.verdict is Verdict.NO
    assert "Deployment/web: 6 of 9 pods fit" in answer.reasons[0].message


async def test_more_asked_than_all_nodes_have_is_a_no(path):
    answer = await ask(path, chart(manifest(deployment()), cores=220000, memory=360 * GIB))
    told = {reason.field: reason.limit for reason in answer.reasons}
    assert answer.verdict is Verdict.NO
    assert told["/resources/cores/min"] == 20000
    assert told["/resources/memory/min"] == 72 * GIB


async def test_all_pods_together_count_against_a_quota(fake, path):
    quota = {"metadata": {"name": "q"}, "status": {"hard": {"requests.cpu": "5"}, "used": {}}}
    fake.lists["resourcequotas"] = [quota]
    answer = await ask(path, chart(manifest(deployment("web", 3))))
    assert answer.verdict is Verdict.NO
    assert (answer.reasons[0].asked, answer.reasons[0].limit) == (6000, 5000)


async def test_an_object_that_is_refused_is_named(fake, path):
    def admit(document):
        if document["kind"] == "Service":
            return 403, {"message": 'User "a" cannot create resource "services"', "code": 403}
        return None

    fake.admit = admit
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {}}
    answer = await ask(path, chart(manifest(deployment(), service)))
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.NO, "not-authorised")
    assert "Service/s" in answer.reasons[0].message


async def test_a_service_account_that_the_chart_makes_is_not_missed(fake, path):
    def admit(document):
        if document["kind"] == "Pod" and document["spec"].get("serviceAccountName"):
            return 403, {"message": "error looking up service account astro/own", "code": 403}
        return None

    fake.admit = admit
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "own"}}
    documents = manifest(account, deployment(serviceAccountName="own"))
    assert (await ask(path, chart(documents))).verdict is Verdict.YES
    assert (
        await ask(path, chart(manifest(deployment(serviceAccountName="own"))))
    ).verdict is Verdict.NO


async def test_secrets_of_a_chart_are_in_no_answer(path):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
              "stringData": {"password": "hunter2-hunter2"}}  # fmt: skip
    answer = await ask(path, chart(manifest(secret, deployment())))
    assert "hunter2" not in str(answer)


async def test_a_question_about_any_chart_needs_none(path):
    assert (await ask(path, chart(cores=4000))).verdict is Verdict.YES
    assert (await ask(path, chart(cores=999000))).verdict is Verdict.NO


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a: [", "expected YAML"),
        ("just text", "objects with apiVersion and kind"),
        ("kind: Pod\n", "objects with apiVersion and kind"),
        ("apiVersion: v1\nkind: Pod\nspec: {containers: 7}\n", "a pod template"),
        ("x: &x [a,a]\n" + "".join(f"y{n}: *x\n" for n in range(60)), "at most 50 aliases"),
        ("#" * 1_100_000, "at most"),
        (manifest(*[{"apiVersion": "v1", "kind": "Secret"}] * 201), "at most 200"),
        (manifest(deployment(count=10**9)), "pods"),
        (manifest(deployment(cpu="two")), "a quantity of Kubernetes"),
        ("H4sIbroken!", "a chart"),
    ],
)
async def test_a_manifest_that_is_none_is_told(path, content, words):
    answer = await ask(path, chart(content))
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.CANNOT_TELL, "invalid-request")
    assert words in answer.reasons[0].message


def archive(*members):
    """A chart archive of these members, as base64."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as tar:
        for name, content, *kind in members:
            member = tarfile.TarInfo(name)
            if kind:
                member.type, member.linkname = kind[0], content.decode()
                tar.addfile(member)
            else:
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return base64.b64encode(whole.getvalue()).decode()


GOOD = (("stars/Chart.yaml", b"name: stars"), ("stars/templates/a.yaml", b"{}"))
BOMB = base64.b64encode(gzip.compress(b"\0" * (UNPACKED_CAP + 10**6))).decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (archive(*GOOD, ("../../evil", b"x")), "paths inside the chart"),
        (archive(*GOOD, ("/etc/evil", b"x")), "paths inside the chart"),
        (archive(*GOOD, ("stars/link", b"/etc/passwd", tarfile.SYMTYPE)), "no links"),
        (archive(*GOOD, ("stars/hard", b"../../x", tarfile.LNKTYPE)), "no links"),
        (archive(*GOOD, ("stars/dev", b"", tarfile.CHRTYPE)), "no links or devices"),
        (archive(*GOOD, *((f"stars/{n}", b"") for n in range(2001))), "at most 2000 files"),
        (archive(("stars/readme", b"")), "one folder with a Chart.yaml"),
        (BOMB, "bytes unpacked"),
        (archive(*GOOD)[:-40], "a whole .tgz"),
    ],
)
async def test_an_archive_that_could_do_harm_is_refused(path, tmp_path, content, words):
    answer = await ask(path, chart(content))
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.CANNOT_TELL, "invalid-request")
    assert words in answer.reasons[0].message
    assert not (tmp_path.parent / "evil").exists()


async def test_without_helm_a_chart_cannot_be_judged_and_it_says_what_to_give(
    path, tmp_path, monkeypatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = await ask(path, chart(archive(*GOOD)))
    assert answer.verdict is Verdict.CANNOT_TELL
    assert "no helm on PATH" in answer.reasons[0].message
    assert "helm template" in answer.reasons[0].message


@pytest.fixture
def helm(tmp_path, monkeypatch):
    """A helm that prints what lies in the chart's folder as ``rendered.yaml``."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "helm"
    program.write_text(
        '#!/bin/sh\n[ "$1 $2" = "template canidothis" ] || exit 9\n'
        'cat "$3/rendered.yaml" || { echo "chart is broken" >&2; exit 1; }\n'
        'grep -q own "$7" && cat "$7" >&2\nexit 0\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.mark.parametrize("how", ["folder", "file", "value"])
async def test_a_chart_is_rendered_by_helm(path, tmp_path, helm, how):
    rendered = manifest(deployment()).encode()
    packed = archive(*GOOD, ("stars/rendered.yaml", rendered))
    (tmp_path / "stars.tgz").write_bytes(base64.b64decode(packed))
    (tmp_path / "stars").mkdir()
    (tmp_path / "stars" / "Chart.yaml").write_text("name: stars")
    (tmp_path / "stars" / "rendered.yaml").write_bytes(rendered)
    wanted = {
        "folder": chart("size: 2\n", str(tmp_path / "stars")),
        "file": chart("", str(tmp_path / "stars.tgz")),
        "value": chart(packed),
    }[how]
    answer = await ask(path, wanted)
    assert answer.verdict is Verdict.YES
    assert any(e.source.startswith("helm template") for e in answer.evidence)
    if how == "folder":
        made = kubernetes(path).handover(wanted, answer.offers[0])
        assert made.content == "size: 2\n"
        assert made.command == (
            "helm --kube-context=here --namespace=astro install --values stars-values.yaml "
            f"-- stars {tmp_path}/stars"
        )


async def test_a_chart_that_helm_cannot_render_is_told_in_its_words(path, helm):
    answer = await ask(path, chart(archive(*GOOD)))
    assert answer.verdict is Verdict.CANNOT_TELL
    assert "chart is broken" in answer.reasons[0].message


async def test_a_chart_is_fetched_from_origins_that_are_allowed_only(path):
    answer = await ask(path, chart(location="https://charts.example.org/a.tgz"))
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.CANNOT_TELL, "not-authorised")
    assert "https://charts.example.org" in answer.reasons[0].message


async def test_a_manifest_that_an_administrator_declared_stands_for_its_chart(path, tmp_path):
    address = "https://charts.example.org/a.tgz"
    (tmp_path / "a.yaml").write_text(manifest(deployment()))
    declared = {address: str(tmp_path / "a.yaml")}
    answer = await ask(path, chart(location=address), charts=declared)
    assert answer.verdict is Verdict.YES
    missing = await ask(path, chart(location=address), charts={address: "/nosuch"})
    assert missing.reasons[0].code == "misconfigured"


async def test_a_chart_that_is_not_there_is_told(path, tmp_path):
    for location in ("nosuch.tgz", str(tmp_path)):
        answer = await ask(path, chart(location=location))
        assert answer.verdict is Verdict.CANNOT_TELL
        assert answer.reasons[0].field == "/executable/location"


async def test_a_list_is_taken_apart(path):
    whole = {
        "apiVersion": "v1",
        "kind": "List",
        "items": [deployment("a", 1), deployment("b", 1)],
    }
    answer = await ask(path, chart(json.dumps(whole)))
    assert answer.offers[0].resources.cores.min == 4000
