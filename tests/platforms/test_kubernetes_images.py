"""Images of pods: what registries and nodes say of them, and what follows."""

import base64
import json
from pathlib import Path

import msgspec
import pytest
import yaml
from contract import check
from kubernetes_fake import (
    FakeKubernetes,
    kubeconfig,
    kubernetes,
    recorded_nodes,
    serving,
    task,
)
from registry_fake import FakeTransport, digest, image, index, json_answer

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.errors import PlatformRateLimited, PlatformUnreachable
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.task import Executable, Software, Task
from jupyter_canidothis.units import GIB

QUAY = "https://quay.io/v2/astro/stars"
NAME = "quay.io/astro/stars:1"
NOTEBOOK = "uri://jupyter-notebook"
YES, NO, OPEN = Verdict.YES, Verdict.NO, Verdict.CANNOT_TELL


@pytest.fixture
def fake():
    return FakeKubernetes()


@pytest.fixture
def path(fake, tmp_path):
    with serving(fake) as server:
        yield kubeconfig(tmp_path, server)


def published(*architectures, labels=None, tag="1"):
    """A registry with one image: an index, or a manifest alone for one architecture."""
    if len(architectures) == 1:
        table, top = image(QUAY, architectures[0], sizes=(GIB, GIB), labels=labels)
    else:
        table, top = index(QUAY, *(f"linux/{each}" for each in architectures))
    return {**table, f"{QUAY}/manifests/{tag}": json_answer(top)}


def nodes(*architectures, images=(), cpu="16"):
    """Nodes of the recorded shape."""
    like = recorded_nodes()[2]
    made = []
    for number, architecture in enumerate(architectures):
        node = json.loads(json.dumps(like))
        node["metadata"]["name"] = f"{architecture}-{number}"
        node["metadata"]["labels"]["kubernetes.io/arch"] = architecture
        node["status"]["allocatable"]["cpu"] = cpu
        node["status"]["images"] = [{"names": [name], "sizeBytes": 1} for name in images]
        made.append(node)
    return made


async def ask(path, table, wanted=None, **keys):
    http = table if isinstance(table, FakeTransport) else FakeTransport(table)
    asked = kubernetes(path, Edges(http=http), **keys)
    snapshot = await asked.snapshot(Ask(deadline=30))
    wanted = wanted or task(image=NAME)
    answer = check(await asked.ask(wanted, snapshot, Ask(deadline=30)), asked)
    again = asked.estimate(wanted, snapshot, Ask())
    return answer, again


def told(answer):
    return [(reason.code, reason.field) for reason in answer.reasons]


async def test_an_image_that_exists_leaves_no_open_question(path):
    answer, estimate = await ask(path, published("amd64"))
    assert (answer.verdict, answer.reasons) == (YES, ())
    assert any("2 GiB to pull; already on 0 of" in each.text for each in answer.evidence)
    assert (estimate.verdict, estimate.reasons) == (YES, ())


async def test_the_recorded_answer_of_a_registry_is_read(path):
    folder = Path(__file__).parents[1] / "recorded" / "registry"
    text = (folder / "manifest.txt").read_text()
    body = text.replace("\r\n", "\n").partition("\n\n")[2].encode()
    config = (folder / "config-blob.json").read_bytes().rstrip(b"\n")
    table = {
        f"{QUAY}/manifests/1": json_answer(body),
        f"{QUAY}/blobs/{digest(config)}": json_answer(config),
    }
    answer, _ = await ask(path, table)
    assert (answer.verdict, answer.reasons) == (YES, ())
    assert any("2.03 MiB to pull" in each.text for each in answer.evidence)


async def test_an_image_that_its_registry_does_not_have_is_a_no(path):
    answer, estimate = await ask(path, {})
    assert (answer.verdict, answer.now) == (NO, NO)
    assert told(answer) == told(estimate) == [("image-missing", "/executable/image")]
    assert answer.reasons[0].asked == NAME


async def test_a_name_that_is_none_is_a_no(path):
    answer, _ = await ask(path, {}, task(image="quay.io/Astro/Stars:1"))
    assert (answer.verdict, told(answer)[0][0]) == (NO, "image-missing")


@pytest.mark.parametrize(
    ("held", "verdict"),
    [(("amd64", "amd64"), YES), (("amd64",), OPEN), ((), NO)],
)
async def test_a_missing_image_still_runs_where_nodes_hold_it(fake, path, held, verdict):
    bare = nodes(*["amd64"] * (2 - len(held)))
    for number, node in enumerate(bare):
        node["metadata"]["name"] = f"bare-{number}"
    fake.lists["nodes"] = nodes(*held, images=[NAME]) + bare
    answer, _ = await ask(path, {})
    assert answer.verdict is verdict
    latest = task(image="quay.io/astro/stars:latest")
    assert (await ask(path, {}, latest))[0].verdict is NO, "latest is always pulled"


async def test_nodes_that_are_hidden_or_name_only_some_images_make_it_no_certain_no(fake, path):
    fake.lists["nodes"] = nodes("amd64", images=[f"quay.io/a/b:{n}" for n in range(50)])
    answer, _ = await ask(path, {})
    assert (answer.verdict, told(answer)[0][0]) == (OPEN, "not-published")
    fake.forbidden.add("nodes")
    answer, _ = await ask(path, {})
    assert answer.verdict is OPEN
    assert "whether a node holds it is not shown" in answer.reasons[0].message


async def test_docker_hub_is_known_by_the_short_names_of_kubelets(fake, path):
    fake.lists["nodes"] = nodes("amd64", images=["stars:1"])
    hub = FakeTransport({})
    answer, _ = await ask(path, hub, task(image="docker.io/library/stars:1"))
    assert answer.verdict is YES
    assert any("already on 1 of 1 nodes" in each.text for each in answer.evidence)


async def test_an_image_for_no_node_with_room_is_a_no_and_says_both(fake, path):
    fake.lists["nodes"] = nodes("amd64", "amd64")
    answer, estimate = await ask(path, published("arm64"))
    (reason,) = answer.reasons
    assert (reason.code, reason.asked, reason.limit) == (
        "arch-mismatch", "linux/arm64", "amd64",
    )  # fmt: skip
    assert told(estimate) == told(answer)
    assert (await ask(path, published("arm64", "s390x")))[0].verdict is NO


async def test_only_a_node_that_runs_the_image_counts_as_room(fake, path):
    fake.lists["nodes"] = nodes("amd64", cpu="16") + nodes("arm64", cpu="4")
    table = published("arm64")
    small, large = task(image=NAME, cores=2000), task(image=NAME, cores=8000)
    answer, _ = await ask(path, table, small)
    assert answer.verdict is YES
    assert answer.offers[0].resources.cores.max == 4000
    assert (await ask(path, table, large))[0].verdict is NO
    both, _ = await ask(path, published("amd64", "arm64"), large)
    assert both.verdict is YES


async def test_what_is_handed_over_keeps_off_nodes_that_do_not_run_the_image(fake, path):
    fake.lists["nodes"] = nodes("amd64", "arm64")
    answer, _ = await ask(path, published("arm64"))
    content = kubernetes(path).handover(task(image=NAME), answer.offers[0]).content
    (job,) = yaml.safe_load_all(content)
    affinity = job["spec"]["template"]["spec"]["affinity"]["nodeAffinity"]
    (term,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [
        {"key": "kubernetes.io/arch", "operator": "NotIn", "values": ["amd64"]}
    ]


async def test_a_32_bit_image_runs_on_64_bit_nodes_and_any_on_nodes_that_say_nothing(
    fake, path
):
    fake.lists["nodes"] = nodes("amd64")
    assert (await ask(path, published("386")))[0].verdict is YES
    del fake.lists["nodes"][0]["metadata"]["labels"]["kubernetes.io/arch"]
    assert (await ask(path, published("arm64")))[0].verdict is YES


def closed(password):
    """A registry that wants a login: HTTP Basic."""
    table = published("amd64")
    pair = "Basic " + base64.b64encode(f"ann:{password}".encode()).decode()

    def guarded(url):
        def answer(sent):
            if sent.get("Authorization") == pair:
                return table[url]
            return json_answer({}, 401, WWW_Authenticate='Basic realm="here"')

        return answer

    return {url: guarded(url) for url in table}


@pytest.mark.parametrize("secrets", [None, [{"name": "pull"}]])
async def test_a_login_that_we_lack_is_never_a_no(fake, path, secrets):
    def admit(document):
        if document["kind"] == "Pod" and secrets:
            document["spec"]["imagePullSecrets"] = secrets

    fake.admit = admit
    answer, _ = await ask(path, closed("hush"))
    assert answer.verdict is OPEN
    (reason,) = answer.reasons
    assert reason.code == "not-authenticated"
    assert ("imagePullSecrets (pull)" in reason.message) == bool(secrets)


@pytest.mark.parametrize(("secrets", "verdict"), [(None, OPEN), ([{"name": "pull"}], YES)])
async def test_what_our_own_login_shows_is_told_apart(fake, path, tmp_path, secrets, verdict):
    def admit(document):
        if document["kind"] == "Pod" and secrets:
            document["spec"]["imagePullSecrets"] = secrets

    fake.admit = admit
    pair = base64.b64encode(b"ann:hush-hush").decode()
    logins = tmp_path / "config.json"
    logins.write_text(json.dumps({"auths": {"quay.io": {"auth": pair}}}))
    answer, _ = await ask(path, closed("hush-hush"), login_files=[str(logins)])
    assert answer.verdict is verdict
    assert "with your own login only" in answer.reasons[0].message
    shown = msgspec.json.encode(answer).decode()
    assert "hush-hush" not in shown
    assert pair not in shown


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PlatformUnreachable("no way there"), "unreachable"),
        (PlatformRateLimited("asked too often"), "rate-limited"),
    ],
)
async def test_a_registry_that_does_not_answer_is_a_note_beside_the_yes(path, error, code):
    answer, _ = await ask(path, {f"{QUAY}/manifests/1": error})
    assert answer.verdict is YES
    assert told(answer) == [(code, "/executable/image")]


async def test_a_broken_login_file_is_a_note_too(path, tmp_path):
    (tmp_path / "config.json").write_text("{")
    files = [str(tmp_path / "config.json")]
    answer, _ = await ask(path, closed("hush"), login_files=files)
    assert (answer.verdict, told(answer)[0][0]) == (YES, "misconfigured")


async def test_the_policy_never_wants_the_image_on_the_nodes(fake, path):
    def admit(document):
        if document["kind"] == "Pod":
            document["spec"]["containers"][0]["imagePullPolicy"] = "Never"

    fake.admit = admit
    answer, _ = await ask(path, published("amd64"))
    assert (answer.verdict, told(answer)[0][0]) == (NO, "image-missing")
    fake.lists["nodes"] = nodes("amd64", images=[NAME])
    assert (await ask(path, {}))[0].verdict is YES


async def test_an_image_that_admission_puts_in_place_of_another_is_the_one_that_counts(
    fake, path
):
    def admit(document):
        if document["kind"] == "Pod":
            document["spec"]["containers"][0]["image"] = NAME

    fake.admit = admit
    answer, _ = await ask(path, published("amd64"), task(image="quay.io/astro/gone:1"))
    assert (answer.verdict, answer.reasons) == (YES, ())


def notebook(*packages):
    needs = tuple(Software(name, status="needed") for name in packages)
    executable = Executable(NOTEBOOK, image=NAME, languages=("python",), content="{}")
    return Task(executable, software=needs)


@pytest.mark.parametrize(
    ("labels", "verdict", "code"),
    [
        ({"canidothis.languages": "python", "canidothis.packages": "numpy"}, YES, None),
        ({"canidothis.languages": "python", "canidothis.packages": "scipy"}, NO,
         "software-missing"),
        ({"canidothis.languages": "r", "canidothis.packages": "numpy"}, NO,
         "software-missing"),
        (None, OPEN, "not-published"),
    ],
)  # fmt: skip
async def test_what_a_notebook_needs_is_held_against_what_the_image_holds(
    path, labels, verdict, code
):
    answer, _ = await ask(path, published("amd64", labels=labels), notebook("numpy"))
    assert answer.verdict is verdict
    assert [reason.code for reason in answer.reasons] == ([code] if code else [])


async def test_a_notebook_whose_image_cannot_be_seen_says_that_its_contents_were_not(path):
    error = PlatformUnreachable("no way there")
    answer, _ = await ask(path, {f"{QUAY}/manifests/1": error}, notebook("numpy"))
    assert answer.verdict is YES
    assert [reason.scope for reason in answer.reasons] == ["registry", "image"]


def workload(name, *images):
    containers = [{"name": f"c{n}", "image": each} for n, each in enumerate(images)]
    spec = {"replicas": 1, "template": {"spec": {"containers": containers}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
            "spec": spec}  # fmt: skip


def chart(*documents):
    content = yaml.safe_dump_all(documents)
    return Task(Executable("uri://kubernetes-helm", content=content))


async def test_every_image_of_a_chart_is_looked_for_and_each_missing_one_named(path):
    gone = [f"quay.io/astro/gone{n}:1" for n in range(2)]
    answer, _ = await ask(path, published("amd64"), chart(workload("web", NAME, *gone)))
    assert answer.verdict is NO
    missing = [reason.asked for reason in answer.reasons if reason.code == "image-missing"]
    assert missing == gone


async def test_only_so_many_images_of_a_chart_are_looked_for(path):
    registry = FakeTransport({})
    many = [f"quay.io/astro/part{n}:1" for n in range(20)]
    await ask(path, registry, chart(workload("web", *many)))
    assert len({url for url, *_ in registry.asked}) == 16


async def test_a_chart_that_may_land_on_the_wrong_architecture_is_no_yes(fake, path):
    fake.lists["nodes"] = nodes("amd64", "arm64")
    made = workload("web", NAME)
    answer, _ = await ask(path, published("amd64"), chart(made))
    assert answer.verdict is OPEN
    assert "may place it on arm64" in answer.reasons[0].message
    made["spec"]["template"]["spec"]["nodeSelector"] = {"kubernetes.io/arch": "amd64"}
    answer, _ = await ask(path, published("amd64"), chart(made))
    assert answer.verdict is YES


async def test_switched_off_no_registry_is_asked(path):
    registry = FakeTransport({})
    answer, _ = await ask(path, registry, check_images=False)
    assert (answer.verdict, told(answer)) == (YES, [("not-published", "/executable/image")])
    assert registry.asked == []


async def test_what_was_seen_is_not_asked_again_at_once(path):
    registry = FakeTransport(published("amd64"))
    asked = kubernetes(path, Edges(http=registry))
    snapshot = await asked.snapshot(Ask(deadline=30))
    for _ in range(2):
        await asked.ask(task(image=NAME), snapshot, Ask(deadline=30))
    assert len(registry.asked) == 2, "a manifest and a configuration"
