import base64
import json

import pytest
from registry_fake import FakeTransport, digest, image, index, json_answer

from jupyter_canidothis.command import Completed, LocalCommand
from jupyter_canidothis.errors import (
    ConfigurationError,
    PlatformNotAuthenticated,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformRateLimited,
    PlatformTimeout,
    PlatformUnreachable,
)
from jupyter_canidothis.images.architecture import Architecture
from jupyter_canidothis.images.logins import Logins
from jupyter_canidothis.images.reference import Reference
from jupyter_canidothis.images.registry import Registry, RegistryRules
from jupyter_canidothis.transport import Transport

HOST = Architecture.of("linux", "x86_64")
QUAY = "https://quay.io/v2/astro/box"
LOCAL = "http://127.0.0.1:5000/v2/astro/box"
OPEN = RegistryRules()
TRUSTED = RegistryRules(trusted=frozenset({"127.0.0.1:5000"}))


def registry(table, files=(), rules=OPEN, command=None):
    http = table if isinstance(table, Transport) else FakeTransport(table)
    return Registry(http, Logins(command or LocalCommand(), files), rules)


async def look(table, name="quay.io/astro/box:1", **options):
    return await registry(table, **options).look(Reference.parse(name), HOST, 5.0)


def served(root=QUAY, **options):
    table, manifest = image(root, **options)
    return table | {
        f"{root}/manifests/1": json_answer(manifest, Docker_Content_Digest="sha256:d")
    }


def docker_config(tmp_path, **content):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(content))
    return (path,)


def auth(user="ann", password="hush"):
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


async def test_one_image_has_a_digest_a_size_an_architecture_and_labels():
    found = await look(served(labels={"a": "b"}))
    assert found.digest == "sha256:d"
    assert found.size == 300
    assert found.built == (HOST,)
    assert found.labels == {"a": "b"}
    assert found.evidence[0].source == f"GET {QUAY}/manifests/1"


async def test_of_an_index_the_image_for_the_host_is_sized():
    table, top = index(QUAY, "linux/arm64/v8", "linux/amd64")
    found = await look(table | {f"{QUAY}/manifests/1": json_answer(top)})
    assert {str(one) for one in found.built} == {"linux/arm64", "linux/amd64"}
    assert found.size == 300


async def test_an_index_without_the_hosts_architecture_still_says_what_there_is():
    table, top = index(QUAY, "linux/arm64")
    found = await look(table | {f"{QUAY}/manifests/1": json_answer(top)})
    assert [str(one) for one in found.built] == ["linux/arm64"]
    assert found.size is None


async def test_a_recorded_registry_is_read():
    from pathlib import Path

    recorded = Path(__file__).parent.parent / "recorded" / "registry"
    body = (recorded / "manifest.txt").read_text().replace("\r\n", "\n").partition("\n\n")[2]
    config = (recorded / "config-blob.json").read_bytes().rstrip(b"\n")
    table = {
        f"{QUAY}/manifests/1": json_answer(body.encode()),
        f"{QUAY}/blobs/{digest(config)}": json_answer(config),
    }
    found = await look(table)
    assert found.size == 1064346 + 1064339
    assert found.labels["org.opencontainers.image.title"] == "astrobox"


async def test_an_image_that_is_not_there_is_no_error():
    assert await look({}) is None


async def test_a_blob_that_lies_elsewhere_is_fetched_without_credentials_and_proved():
    table = served()
    (blob,) = [url for url in table if "/blobs/" in url]
    elsewhere = "https://cdn.example.org/blob"
    moved = {elsewhere: table[blob], blob: json_answer(b"", 307, Location=elsewhere)}
    http = FakeTransport(table | moved)
    found = await look(http)
    assert found.built == (HOST,)
    assert (elsewhere, {}, True) in http.asked

    lying = moved | {elsewhere: json_answer({"architecture": "arm64", "os": "linux"})}
    with pytest.raises(PlatformProtocolError, match="something else"):
        await look(table | lying)


def wanting(token, realm="https://quay.io/auth", scheme="Bearer"):
    challenge = f'{scheme} realm="{realm}",service="quay",scope="*"'

    def answer(rest):
        def asked(sent):
            if sent.get("Authorization") == token:
                return rest
            return json_answer({}, 401, WWW_Authenticate=challenge)

        return asked

    return answer


def behind(table, guard):
    return {url: guard(answer) for url, answer in table.items()}


async def test_an_anonymous_token_is_fetched_for_a_public_image():
    table = behind(served(), wanting("Bearer t0ken"))
    table["https://quay.io/auth"] = json_answer({"token": "t0ken"})
    http = FakeTransport(table)
    assert (await look(http)).size == 300
    (realm,) = [sent for url, sent, _ in http.asked if url.startswith("https://quay.io/auth")]
    assert "Authorization" not in realm


async def test_a_login_goes_to_the_token_service_of_its_registry_only(tmp_path):
    table = behind(served(), wanting("Bearer t0ken"))
    table["https://quay.io/auth"] = json_answer({"access_token": "t0ken"})
    http = FakeTransport(table)
    files = docker_config(tmp_path, auths={"quay.io": auth()})
    found = await look(http, files=files)
    (realm,) = [sent for url, sent, _ in http.asked if url.startswith("https://quay.io/auth")]
    assert realm["Authorization"] == "Basic " + auth()["auth"]
    assert "hush" not in repr(found) and auth()["auth"] not in repr(found)


async def test_a_realm_on_a_strange_origin_gets_nothing(tmp_path):
    evil = "https://evil.example.org/token"
    http = FakeTransport(behind(served(), wanting("Bearer t", realm=evil)))
    files = docker_config(tmp_path, auths={"quay.io": auth()})
    with pytest.raises(PlatformNotAuthenticated, match=r"evil\.example\.org"):
        await look(http, files=files)
    assert not [url for url, _, _ in http.asked if "evil" in url]


async def test_a_realm_may_be_configured():
    there = "https://login.example.org/token"
    table = behind(served(), wanting("Bearer t", realm=there))
    table[there] = json_answer({"token": "t"})
    rules = RegistryRules(realms={"quay.io": frozenset({"https://login.example.org"})})
    assert (await look(table, rules=rules)).size == 300


async def test_basic_logins_work_on_a_trusted_private_registry(tmp_path):
    guard = wanting("Basic " + auth()["auth"], scheme="Basic")
    table = behind(served(LOCAL), guard)
    files = docker_config(tmp_path, auths={"127.0.0.1:5000": auth()})
    found = await look(table, "127.0.0.1:5000/astro/box:1", files=files, rules=TRUSTED)
    assert found.size == 300
    with pytest.raises(PlatformNotAuthenticated, match="wants a login"):
        await look(table, "127.0.0.1:5000/astro/box:1", rules=TRUSTED)


async def test_a_registry_nobody_configured_is_asked_as_strangers_are():
    http = FakeTransport({})
    await look(http, "internal.example.org/a:1")
    assert [(url.split("/v2")[0], strict) for url, _, strict in http.asked] == [
        ("https://internal.example.org", True)
    ]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (json_answer({}, 429), PlatformRateLimited),
        (json_answer({}, 403), PlatformNotAuthorised),
        (json_answer({}, 500), PlatformUnreachable),
        (json_answer(b"<html>log in</html>"), PlatformProtocolError),
        (json_answer(b'{"schemaVersion": 1}'), PlatformProtocolError),
        (json_answer(b"[" * 100_000), PlatformProtocolError),
        (
            json_answer({"config": {"digest": "x"}, "layers": [{"digest": "d", "size": -5}]}),
            PlatformProtocolError,
        ),
        (PlatformTimeout("slow"), PlatformTimeout),
    ],
)
async def test_every_trouble_is_its_own_error(answer, error):
    with pytest.raises(error):
        await look({f"{QUAY}/manifests/1": answer})


class Helper(LocalCommand):
    def __init__(self, returncode=0, stdout="", stderr=""):
        self.done = Completed(("h",), returncode, stdout, stderr, 1)
        self.ran = []

    async def run(self, argv, **options):
        self.ran.append((tuple(argv), options.get("stdin")))
        return self.done


async def test_a_credential_helper_is_asked_for_the_registry(tmp_path):
    helper = Helper(stdout=json.dumps({"Username": "ann", "Secret": "hush"}))
    files = docker_config(tmp_path, credHelpers={"quay.io": "pass"}, credsStore="other")
    login = await Logins(helper, files).find(Reference.parse("quay.io/a/b"), 1.0)
    assert helper.ran == [(("docker-credential-pass", "get"), b"quay.io")]
    assert login.user == "ann" and "hush" not in repr(login)


async def test_the_store_is_asked_for_docker_hub_by_its_old_name(tmp_path):
    helper = Helper(1, stdout="credentials not found in native keychain")
    logins = Logins(helper, docker_config(tmp_path, credsStore="desktop"))
    assert await logins.find(Reference.parse("ubuntu"), 1.0) is None
    assert helper.ran[0][1] == b"https://index.docker.io/v1/"


@pytest.mark.parametrize("helper", [Helper(1, stderr="locked"), Helper(stdout="{}")])
async def test_a_helper_that_fails_means_no_login(tmp_path, helper):
    logins = Logins(helper, docker_config(tmp_path, credsStore="desktop"))
    with pytest.raises(PlatformNotAuthenticated, match="docker-credential-desktop"):
        await logins.find(Reference.parse("ubuntu"), 1.0)


@pytest.mark.parametrize("name", ["../evil", "a b", "a/b"])
async def test_a_helper_is_a_plain_name(tmp_path, name):
    logins = Logins(Helper(), docker_config(tmp_path, credsStore=name))
    with pytest.raises(ConfigurationError, match="credHelpers"):
        await logins.find(Reference.parse("ubuntu"), 1.0)


async def test_the_login_filed_closest_to_the_image_wins(tmp_path):
    files = docker_config(
        tmp_path, auths={"quay.io": auth("far"), "quay.io/astro": auth("near")}
    )
    login = await Logins(Helper(), files).find(Reference.parse("quay.io/astro/box"), 1.0)
    assert login.user == "near"


async def test_a_broken_login_file_is_named_and_not_shown(tmp_path):
    path = tmp_path / "auth.json"
    path.write_text('{"auths": {"quay.io": {"auth": "hush')
    with pytest.raises(ConfigurationError, match=r"auth\.json") as caught:
        await Logins(Helper(), (path,)).find(Reference.parse("quay.io/a/b"), 1.0)
    assert "hush" not in str(caught.value)
