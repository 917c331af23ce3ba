"""What can go wrong between us and an API server, each told as what it is."""

import base64
import json
import os
import sys
import time
from pathlib import Path

import pytest
from kubernetes_fake import TOKEN, FakeKubernetes, kubeconfig, kubernetes, serving, task

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.command import LocalCommand
from jupyter_canidothis.errors import (
    PlatformMisconfigured,
    PlatformNotAuthenticated,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.kubernetes import api

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
PODS = "/api/v1/namespaces/astro/pods"
EXPIRED = Path(__file__).with_name("expired.pem")


@pytest.fixture
def fake():
    return FakeKubernetes()


@pytest.fixture
def path(fake, tmp_path):
    with serving(fake) as server:
        yield kubeconfig(tmp_path, server)


async def fails(path, kind, words, deadline=30.0, **keys):
    """Ask, and return the error, which never holds the secret."""
    with pytest.raises(kind) as failed:
        await kubernetes(path, **keys).snapshot(Ask(deadline=deadline))
    error = failed.value
    assert words in error.message
    assert TOKEN not in f"{error.message} {error.hint}"
    return error


async def test_the_token_goes_to_the_server_alone(fake, path):
    snapshot = await kubernetes(path).snapshot(Ask())
    assert {sent for _, _, sent in fake.asked} == {f"Bearer {TOKEN}"}
    assert TOKEN not in str(snapshot.evidence)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, {"message": "Unauthorized"}, (PlatformNotAuthenticated, "401 Unauthorized")),
        (429, {"message": "slow down"}, (PlatformUnreachable, "HTTP 429")),
        (503, {"message": "no"}, (PlatformUnreachable, "HTTP 503")),
        (302, {}, (PlatformProtocolError, "sends us elsewhere")),
        (201, b"<html>login</html>", (PlatformProtocolError, "not Kubernetes's own")),
        (201, b'{"status": {"allo', (PlatformProtocolError, "not Kubernetes's own")),
        (201, b"[" * 100_000, (PlatformProtocolError, "not Kubernetes's own")),
        ("silence", None, (PlatformTimeout, "did not answer within")),
    ],
)
async def test_an_answer_that_is_none_is_told_as_that(fake, path, status, body, told):
    fake.answers[REVIEWS] = status, body
    await fails(path, *told, deadline=1.0 if status == "silence" else 30.0)


async def test_an_answer_without_an_end_is_cut_off(fake, path, monkeypatch):
    monkeypatch.setattr(api, "BODY_CAP", 1000)
    fake.answers[REVIEWS] = 201, b'{"status": "' + b"x" * 2000 + b'"}'
    await fails(path, PlatformProtocolError, "larger than 1000 bytes")


async def test_a_server_that_is_gone_is_told_at_once(fake, tmp_path):
    with serving(fake) as server:
        path = kubeconfig(tmp_path, server)
    started = time.monotonic()
    await fails(path, PlatformUnreachable, "connection refused")
    assert time.monotonic() - started < 10


async def test_a_certificate_that_has_ended_is_told_as_that(fake, tmp_path):
    with serving(fake, EXPIRED) as server:
        trust = {"certificate-authority": str(EXPIRED)}
        path = kubeconfig(tmp_path, server, cluster=trust)
        await fails(path, PlatformUnreachable, "certificate has expired")


async def test_no_tls_at_all_is_told_as_that(fake, tmp_path):
    with serving(fake) as server:
        path = kubeconfig(tmp_path, server.replace("http:", "https:"))
        await fails(path, PlatformUnreachable, "TLS")


@pytest.mark.parametrize(
    ("forbidden", "verdict", "told"),
    [
        ("nodes", Verdict.CANNOT_TELL, "nodes"),
        ("resourcequotas", Verdict.YES, "image"),
        ("limitranges", Verdict.YES, "image"),
        ("pods", Verdict.YES, "other pods"),
        ("priorityclasses", Verdict.YES, "image"),
        ("storageclasses", Verdict.YES, "image"),
    ],
)
async def test_what_is_forbidden_to_see_is_told_and_not_guessed(
    fake, path, forbidden, verdict, told
):
    fake.forbidden = {forbidden}
    asked = kubernetes(path)
    snapshot = await asked.snapshot(Ask())
    answer = await asked.ask(task(cores=1000), snapshot, Ask())
    assert answer.verdict is verdict
    assert told in answer.reasons[0].message
    assert any(forbidden in e.source and "forbidden" in e.text for e in answer.evidence)


async def test_a_server_that_fails_while_asked_costs_this_answer_alone(fake, path):
    asked = kubernetes(path)
    snapshot = await asked.snapshot(Ask())
    fake.answers[PODS] = 500, {"message": "etcdserver: request timed out"}
    with pytest.raises(PlatformUnreachable, match="etcdserver"):
        await asked.ask(task(), snapshot, Ask())


async def test_pods_that_do_not_end_in_time_leave_room_now_unknown(fake, path):
    fake.answers["/api/v1/pods"] = "silence", None
    asked = kubernetes(path)
    snapshot = await asked.snapshot(Ask(deadline=1.5))
    assert not snapshot.complete
    fake.released.set()
    answer = await asked.ask(task(cores=1000), snapshot, Ask())
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.CANNOT_TELL)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("clusters: [", "is broken"),
        ("- a list", "expected a mapping"),
        ("clusters: {a: b}", "clusters: expected a list"),
        ("current-context: x\n", "no context 'x'"),
        ("contexts: []\n", "names no current context"),
        ("a: &a [x]\nb: *nosuch\n", "is broken"),
        ("\x00", "is broken"),
    ],
)
async def test_a_broken_kubeconfig_is_told_with_its_place(tmp_path, text, words):
    path = tmp_path / "kubeconfig"
    path.write_text(text)
    await fails(path, PlatformMisconfigured, words)


async def test_a_context_without_its_cluster_is_told(tmp_path):
    path = kubeconfig(tmp_path, "https://127.0.0.1:1", clusters=[])
    await fails(path, PlatformMisconfigured, "cannot be used for context 'here'")


async def test_certificates_that_are_none_are_told(tmp_path):
    data = base64.b64encode(b"no certificate").decode()
    path = kubeconfig(
        tmp_path, "https://127.0.0.1:1", cluster={"certificate-authority-data": data}
    )
    await fails(path, PlatformMisconfigured, "certificates")


async def test_no_kubeconfig_at_all_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nosuch"))
    await fails("", PlatformMisconfigured, "there is no kubeconfig")


async def test_a_client_library_that_is_missing_is_told(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kubernetes_asyncio", None)
    error = await fails(path, PlatformMisconfigured, "kubernetes_asyncio is not installed")
    assert "pip install" in error.hint


def plugin(tmp_path, text):
    """A kubeconfig user who logs in by a program."""
    program = tmp_path / "login"
    program.write_text(f"#!{sys.executable}\n{text}")
    program.chmod(0o755)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(program)}}


SAYS = """import json, os
assert json.loads(os.environ["KUBERNETES_EXEC_INFO"])["kind"] == "ExecCredential"
print(json.dumps({"status": %s}))
"""


async def test_a_login_program_gives_the_token_and_is_run_once(fake, tmp_path):
    runs = []

    class Counting(LocalCommand):
        async def run(self, argv, **options):
            runs.append(argv)
            return await super().run(argv, **options)

    user = plugin(
        tmp_path,
        SAYS % f'{{"token": "{TOKEN}", "expirationTimestamp": "2999-01-01T00:00:00Z"}}',
    )
    with serving(fake) as server:
        asked = kubernetes(kubeconfig(tmp_path, server, user), Edges(command=Counting()))
        snapshot = await asked.snapshot(Ask(deadline=30))
        await asked.ask(task(), snapshot, Ask(deadline=30))
    assert {sent for _, _, sent in fake.asked} == {f"Bearer {TOKEN}"}
    assert len(runs) == 1


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (
            "import time; time.sleep(60)",
            PlatformTimeout,
            "login program of the kubeconfig hangs",
        ),
        ("raise SystemExit('log in first')", PlatformNotAuthenticated, "log in first"),
        ("print('hello')", PlatformProtocolError, "printed no credential"),
        (SAYS % "{}", PlatformProtocolError, "gave no credential"),
    ],
)
async def test_a_login_program_that_fails_is_told(tmp_path, text, kind, words):
    path = kubeconfig(tmp_path, "https://127.0.0.1:1", plugin(tmp_path, text))
    await fails(path, kind, words, deadline=1.0 if "sleep" in text else 30.0)


async def test_a_login_program_that_is_missing_is_told(tmp_path):
    user = {"exec": {"apiVersion": "v1", "command": str(tmp_path / "nosuch-login")}}
    path = kubeconfig(tmp_path, "https://127.0.0.1:1", user)
    await fails(path, PlatformUnreachable, "login program of the kubeconfig is missing")


def web_token(ends):
    part = base64.urlsafe_b64encode(json.dumps({"exp": ends}).encode()).decode().rstrip("=")
    return f"head.{part}.signature"


def openid(**config):
    return {"auth-provider": {"name": "oidc", "config": config}}


async def test_an_openid_token_is_used_and_one_that_has_ended_is_never_refreshed(
    fake, tmp_path
):
    token = web_token(time.time() + 3600)
    with serving(fake) as server:
        await kubernetes(kubeconfig(tmp_path, server, openid(**{"id-token": token}))).snapshot(
            Ask()
        )
        assert {sent for _, _, sent in fake.asked} == {f"Bearer {token}"}
        old = {"id-token": web_token(time.time() - 5), "refresh-token": "precious"}
        path = kubeconfig(tmp_path, server, openid(**old))
        before = path.read_text()
        await fails(path, PlatformNotAuthenticated, "has ended")
    assert path.read_text() == before


async def test_a_provider_that_kubernetes_dropped_is_named(tmp_path):
    path = kubeconfig(tmp_path, "https://127.0.0.1:1", {"auth-provider": {"name": "gcp"}})
    await fails(path, PlatformMisconfigured, "auth-provider 'gcp'")


async def test_a_pod_asks_as_its_own_service_account(fake, tmp_path, monkeypatch):
    from kubernetes_asyncio.config import incluster_config

    from jupyter_canidothis.platforms.kubernetes import Kubernetes
    from jupyter_canidothis.platforms.kubernetes import kubeconfig as files

    (tmp_path / "token").write_text("account-token")
    (tmp_path / "namespace").write_text("inside\n")
    (tmp_path / "ca.crt").write_bytes(EXPIRED.read_bytes())
    monkeypatch.setattr(files, "ACCOUNT", tmp_path)
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "1")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nosuch"))
    (entry,) = Kubernetes.discover()
    asked = Kubernetes.configure(entry)
    with pytest.raises(PlatformUnreachable):
        await asked.snapshot(Ask(deadline=5))
    assert asked._place.namespace == "inside"
    assert asked._login.configuration.api_key["BearerToken"] == "Bearer account-token"


def test_no_process_of_a_login_program_is_left():
    import psutil

    mine = [child.cmdline() for child in psutil.Process(os.getpid()).children(recursive=True)]
    assert not any("login" in str(line) for line in mine)
