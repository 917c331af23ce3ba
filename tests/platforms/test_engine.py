"""Docker and Podman on recorded answers, over a real socket."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from contract import PlatformContract, check
from engine_fake import GIB, FakeEngine, image, table
from registry_fake import FakeTransport, json_answer
from registry_fake import image as served_image

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.command import LocalCommand
from jupyter_canidothis.errors import (
    ConfigurationError,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.engine import Docker, Podman, client
from jupyter_canidothis.resources import Gpu, Range, Resources
from jupyter_canidothis.task import Executable, Software, Task

ASK = Ask(deadline=30.0)
ROOT = "https://quay.io/v2/astro/box"
NAME = "quay.io/astro/box:1"


def container(image="", **amounts):
    ranges = {name: Range(*amount) for name, amount in amounts.items()}
    return Task(Executable("uri://docker-container", image=image), Resources(**ranges))


def notebook(image="", *needs, languages=("python",)):
    executable = Executable(
        "uri://jupyter-notebook", location="a b.ipynb", image=image, languages=languages
    )
    return Task(executable, software=tuple(Software(name) for name in needs))


class Engines:
    """A platform on a fake engine, and its registry."""

    def __init__(self, engine, platform, http):
        self.engine, self.platform, self.http = engine, platform, http

    async def ask(self, task):
        snapshot = await self.platform.snapshot(ASK)
        answer = check(await self.platform.ask(task, snapshot, ASK), self.platform)
        assert self.engine.methods <= {"GET"}, "asking only reads"
        return answer


@pytest.fixture
def start(tmp_path):
    """Start fake engines; all gone at the end."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def begin(served=None, kind=Docker, registry=None, **config):
            served = table(kind.kind) if served is None else served
            engine = stack.enter_context(FakeEngine(served))
            http = FakeTransport(registry or {})
            entry = {"kind": kind.kind, "host": engine.host, "login_files": [], **config}
            platform = kind(
                msgspec.convert(entry, kind.config_type), Edges(http=http), root=tmp_path
            )
            return Engines(engine, platform, http)

        yield begin


class TestDocker(PlatformContract):
    asking = ASK

    @pytest.fixture
    def platform(self, start):
        return start(table(images={"box:1": image()})).platform

    @pytest.fixture
    def accepted(self):
        return container("box:1", cores=(1000, 2000), memory=(GIB,))

    @pytest.fixture
    def refused(self):
        return container("box:1", cores=(64000,), memory=(2**40,))


class TestPodman(TestDocker):
    @pytest.fixture
    def platform(self, start):
        return start(table("podman", images={"box:1": image()}), Podman).platform


@pytest.mark.parametrize("kind", [Docker, Podman])
async def test_what_engines_accept_and_cannot_give_is_refused(start, kind):
    told = await start(kind=kind).ask(container(cores=(64000,), memory=(2**40,), gpus=(1,)))
    assert told.verdict is Verdict.NO
    assert [(one.code, one.field) for one in told.reasons] == [
        ("limit-exceeded", "/resources/cores/min"),
        ("limit-exceeded", "/resources/memory/min"),
        ("no-such-resource", "/resources/gpus/min"),
    ]


async def test_limits_of_running_containers_count_for_now_and_not_for_ever(start):
    running = [
        {"Memory": 20 * GIB, "NanoCpus": 10**9},
        {"CpuQuota": 50000, "CpuPeriod": 100000},
    ]
    busy = start(table(running=running))
    told = await busy.ask(container(cores=(1000,), memory=(GIB,)))
    assert (told.verdict, told.now) == (Verdict.YES, Verdict.NO)
    (reason,) = told.reasons
    assert (reason.code, reason.limit, reason.used) == ("full-now", 2000, 1500)
    assert [(one.field, one.at, one.beyond) for one in told.cliffs if "cores" in one.field] == [
        ("/resources/cores/min", 2000, "no"),
        ("/resources/cores/min", 500, "later"),
    ]
    told = await busy.ask(container(cores=(1000,), startup=(None, 60)))
    assert told.verdict is Verdict.CANNOT_TELL


async def test_a_limit_the_kernel_cannot_keep_is_said(start):
    told = await start(table(MemoryLimit=False)).ask(container(memory=(GIB, 2 * GIB)))
    assert told.verdict is Verdict.YES
    assert [one.field for one in told.reasons] == ["/resources/memory"]
    assert "cannot enforce" in told.reasons[0].message


async def test_no_limit_is_asked_for_that_a_rootless_podman_may_not_set(start):
    served = table("podman", images={"box:1": image()})
    served["/v4.0.0/libpod/info"]["host"]["cgroupControllers"] = ["memory", "pids"]
    podman = start(served, Podman)
    task = container("box:1", cores=(1000,), memory=(GIB,))
    told = await podman.ask(task)
    assert told.verdict is Verdict.YES
    assert [one.field for one in told.reasons] == ["/resources/cores"]
    made = podman.platform.handover(task, told.offers[0])
    assert "--memory" in made.content and "--cpus" not in made.content


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"Runtimes": {"nvidia": {}, "runc": {}}}, Verdict.CANNOT_TELL),
        ({"DiscoveredDevices": [{"Source": "cdi", "ID": f"nvidia.com/gpu={n}"} for n in ("0", "GPU-1", "all")]}, Verdict.YES),
        ({"GenericResources": [{"NamedResourceSpec": {"Kind": "NVIDIA-GPU", "Value": "GPU-1"}}]}, Verdict.YES),
        ({"GenericResources": [{"DiscreteResourceSpec": {"Kind": "SSD", "Value": 3}}]}, Verdict.NO),
    ],
)  # fmt: skip
async def test_gpus_count_as_far_as_they_are_published(start, changes, verdict):
    engine = start(table(**changes))
    assert (await engine.ask(container(gpus=(1,)))).verdict is verdict
    many = (await engine.ask(container(gpus=(2,)))).verdict
    assert many is (Verdict.CANNOT_TELL if verdict is Verdict.CANNOT_TELL else Verdict.NO)


async def test_podman_gives_the_gpus_that_cdi_files_name(start, tmp_path):
    folder = tmp_path / "etc" / "cdi"
    folder.mkdir(parents=True)
    spec = {
        "kind": "nvidia.com/gpu",
        "devices": [{"name": "0"}, {"name": "1"}, {"name": "all"}],
    }
    (folder / "nvidia.json").write_text(json.dumps(spec))
    podman = start(kind=Podman)
    assert (await podman.ask(container(gpus=(2,)))).verdict is Verdict.YES
    assert (await podman.ask(container(gpus=(3,)))).verdict is Verdict.NO
    model = container(gpus=(1,))
    model = msgspec.structs.replace(
        model, resources=msgspec.structs.replace(model.resources, gpu=Gpu(model="a100"))
    )
    assert (await podman.ask(model)).verdict is Verdict.CANNOT_TELL


async def test_a_device_that_is_there_and_not_published_leaves_it_open(start, tmp_path):
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "nvidiactl").touch()
    assert (await start().ask(container(gpus=(1,)))).verdict is Verdict.CANNOT_TELL


async def test_an_image_for_another_architecture_is_named(start):
    told = await start(table(images={"box:1": image("arm64")})).ask(container("box:1"))
    (reason,) = told.reasons
    assert reason.code == "arch-mismatch"
    assert "linux/arm64 only; this engine is linux/amd64" in reason.message


async def test_podman_takes_a_short_name_for_its_own_image(start):
    held = {"localhost/box:1": image()}
    assert (await start(table("podman", images=held), Podman).ask(container("box:1"))).offers
    assert not (await start(table(images=held)).ask(container("box:1"))).offers


async def test_an_emulator_leaves_it_open(start, tmp_path):
    folder = tmp_path / "proc/sys/fs/binfmt_misc"
    folder.mkdir(parents=True)
    (folder / "qemu-aarch64").touch()
    told = await start(table(images={"box:1": image("arm64")})).ask(container("box:1"))
    assert told.verdict is Verdict.CANNOT_TELL


def distributed(answer, **served):
    return table() | {f"/distribution/{NAME}/json": answer} | served


THERE = {"Descriptor": {"digest": "sha256:d"}, "Platforms": [{"architecture": "amd64", "os": "linux"}]}  # fmt: skip


async def test_what_has_to_be_pulled_is_told_with_what_is_here_already(start):
    registry, manifest = served_image(ROOT, sizes=(3 * GIB, GIB))
    registry[f"{ROOT}/manifests/1"] = json_answer(manifest)
    other = image() | {"RootFS": {"Layers": [f"sha256:{0:064d}", "sha256:other"]}}
    served = distributed(THERE) | {"/images/json": [{"Id": "sha256:1"}], "/images/sha256:1/json": other}  # fmt: skip
    told = await start(served, registry=registry).ask(container(NAME))
    assert told.verdict is Verdict.YES
    assert told.evidence[-1].text == "4 GiB to pull, 3 GiB already here"
    assert told.offers[0].start.latest is None
    assert "1 GiB has to be pulled" in told.offers[0].start.basis


@pytest.mark.parametrize(
    ("answer", "verdict", "code"),
    [
        ((404, {"message": "manifest unknown"}), Verdict.NO, "image-missing"),
        ((403, {"message": "denied: requested access"}), Verdict.NO, "image-missing"),
        ((500, {"message": "toomanyrequests: You have reached your pull rate limit"}), Verdict.CANNOT_TELL, "rate-limited"),
        ((500, {"message": "connection refused"}), Verdict.CANNOT_TELL, "unreachable"),
        ((500, {"message": "unauthorized: authentication required"}), Verdict.NO, "image-missing"),
    ],
)  # fmt: skip
async def test_why_an_image_cannot_be_had_is_its_own_reason(start, answer, verdict, code):
    told = await start(distributed(answer)).ask(container(NAME))
    assert (told.verdict, [one.code for one in told.reasons]) == (verdict, [code])


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "not-authenticated"), (403, "not-authorised"), (429, "rate-limited"), (500, "unreachable")],
)  # fmt: skip
async def test_what_a_registry_says_of_an_image_reaches_the_answer(start, status, code):
    registry = {f"{ROOT}/manifests/1": json_answer({}, status)}
    told = await start(kind=Podman, registry=registry).ask(container(NAME))
    assert told.verdict is Verdict.CANNOT_TELL
    assert [one.code for one in told.reasons] == [code]


async def test_what_we_see_of_an_image_proves_nothing_where_the_engine_sees_none(start):
    registry, manifest = served_image(ROOT)
    registry[f"{ROOT}/manifests/1"] = json_answer(manifest)
    served = distributed((500, {"message": "no such host"}))
    told = await start(served, registry=registry).ask(container(NAME))
    assert told.verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize("name", ["UPPER CASE", "a:b:c", "../../etc"])
async def test_a_name_that_is_none_is_no_image(start, name):
    engine = start()
    told = await engine.ask(container(name))
    assert [one.code for one in told.reasons] == ["image-missing"]
    assert not [path for _, path in engine.engine.asked if "image" in path]


async def test_a_notebook_needs_an_image(start):
    assert [one.code for one in (await start().ask(notebook())).reasons] == ["image-missing"]


@pytest.mark.parametrize(
    ("labels", "task", "verdict", "code"),
    [
        ({"canidothis.languages": "python", "canidothis.packages": "numpy"}, notebook("box:1", "NumPy"), Verdict.YES, ""),
        ({"canidothis.languages": "python", "canidothis.packages": ""}, notebook("box:1", "numpy"), Verdict.NO, "software-missing"),
        ({"canidothis.languages": "python"}, notebook("box:1", "numpy"), Verdict.CANNOT_TELL, "not-published"),
        ({"canidothis.languages": "r"}, notebook("box:1"), Verdict.NO, "software-missing"),
        ({}, notebook("box:1"), Verdict.CANNOT_TELL, "not-published"),
    ],
)  # fmt: skip
async def test_a_notebook_finds_in_an_image_what_it_needs_or_we_say_so(
    start, labels, task, verdict, code
):
    told = await start(table(images={"box:1": image(labels=labels)})).ask(task)
    assert (told.verdict, told.reasons[0].code if told.reasons else "") == (verdict, code)


async def test_a_configured_image_is_for_notebooks_that_name_none(start):
    name = "quay.io/jupyter/scipy-notebook:1"
    engine = start(table(images={name: image()}), image=name)
    assert (await engine.ask(notebook("", "scipy"))).verdict is Verdict.YES
    assert (await engine.ask(notebook("", "scipy", languages=("r",)))).verdict is Verdict.NO
    assert (await engine.ask(notebook("", "torch"))).verdict is Verdict.CANNOT_TELL


async def test_an_estimate_needs_no_engine_once_the_image_was_seen(start):
    engine = start(table(images={"box:1": image()}))
    platform, task = engine.platform, container("box:1", cores=(1000,))
    snapshot = await platform.snapshot(ASK)
    assert platform.estimate(task, snapshot, ASK) is None
    asked = await platform.ask(task, snapshot, ASK)
    before = len(engine.engine.asked)
    told = platform.estimate(task, snapshot, ASK)
    assert msgspec.structs.replace(told, at=asked.at) == asked
    bare = platform.estimate(container(cores=(1000,)), snapshot, ASK)
    assert bare.verdict is Verdict.YES
    large = container("box:1", cores=(64000,))
    assert platform.estimate(large, snapshot, ASK).verdict is Verdict.NO
    assert len(engine.engine.asked) == before


async def test_a_uws_service_is_offered_where_one_is_configured(start):
    told = await start(uws="https://uws.example.org/jobs").ask(container())
    (offer,) = told.offers
    assert offer.service_type == "uri://docker-uws"
    assert offer.service_info == {"endpoint": "https://uws.example.org/jobs"}


@pytest.mark.parametrize(
    ("served", "error"),
    [
        ({"/info": b"<html>log in</html>"}, PlatformProtocolError),
        ({"/info": {"NCPU": "two"}}, PlatformProtocolError),
        (
            {"/info": (403, {"message": "authorization denied by plugin"})},
            PlatformNotAuthorised,
        ),
        ({"/info": (500, {"message": "broken"})}, PlatformUnreachable),
        ({"/info": b"[" * (9 * 2**20)}, PlatformProtocolError),
        ({}, PlatformProtocolError),
    ],
)
async def test_an_engine_that_talks_nonsense_is_its_own_error(start, served, error):
    with pytest.raises(error):
        await start(served).platform.snapshot(ASK)


async def test_an_engine_that_hangs_ends_at_the_deadline(start):
    engine = start()
    engine.engine.hanging = {"/info"}
    with pytest.raises(PlatformTimeout, match="did not answer in time"):
        await engine.platform.snapshot(Ask(deadline=0.5))
    engine.engine.hang.set()


async def test_a_socket_that_is_not_there_is_named(tmp_path):
    platform = Docker.configure({"kind": "docker", "host": f"unix://{tmp_path}/none"})
    with pytest.raises(PlatformUnreachable, match="there is no engine"):
        await platform.snapshot(ASK)


async def test_a_socket_that_may_not_be_used_is_not_authorised(start, monkeypatch):
    def denied(path, left):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(client, "_knock", denied)
    with pytest.raises(PlatformNotAuthorised, match="permission denied"):
        await start().platform.snapshot(ASK)


async def test_a_login_file_that_cannot_be_read_is_the_administrators(start, tmp_path):
    path = tmp_path / "config.json"
    path.write_text("{")
    engine = start(kind=Podman, login_files=[str(path)])
    told = await engine.ask(container("registry.example.org/a:1"))
    assert [one.code for one in told.reasons] == ["misconfigured"]


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"host": "/var/run/docker.sock"}, "host"),
        ({"host": "unix:///s", "context": "x"}, "context"),
        ({"context": "no-such-context"}, "no-such-context"),
        ({"host": "tcp://h:1", "tls_cert": "c"}, "tls_key"),
        ({"host": "ssh://me:hush@h"}, "password"),
    ],
)
def test_a_wrong_address_is_named(entry, named):
    with pytest.raises(ConfigurationError, match=named):
        Docker.configure({"kind": "docker", **entry})


def test_only_an_engine_the_user_chose_is_discovered(monkeypatch, tmp_path):
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert (Docker.discover(), Podman.discover()) == ((), ())
    (tmp_path / "config.json").write_text('{"currentContext": "far"}')
    assert [one["kind"] for one in Docker.discover()] == ["docker"]
    monkeypatch.setenv("CONTAINER_HOST", "unix:///x")
    assert [one["kind"] for one in Podman.discover()] == ["podman"]


def test_the_current_context_of_docker_is_followed(monkeypatch, tmp_path):
    from docker.context import config

    (tmp_path / "config.json").write_text('{"currentContext": "far"}')
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    meta = Path(config.get_meta_file("far"))
    meta.parent.mkdir(parents=True)
    endpoint = {"Host": "tcp://far.example.org:2376", "SkipTLSVerify": False}
    meta.write_text(
        json.dumps({"Name": "far", "Metadata": {}, "Endpoints": {"docker": endpoint}})
    )
    platform = Docker.configure({"kind": "docker"})
    assert platform.endpoint.host == "tcp://far.example.org:2376"
    assert platform.endpoint.options == ("--context", "far")


async def test_the_script_runs_a_notebook_within_the_offer(start, tmp_path):
    engine = start(table(images={"box:1": image(labels={"canidothis.languages": "python"})}))
    task = msgspec.structs.replace(
        notebook("box:1"), resources=Resources(cores=Range(500), memory=Range(None, GIB))
    )
    told = await engine.ask(task)
    made = engine.platform.handover(task, told.offers[0])
    assert made.name == "a-b.docker.sh"
    assert (
        f"docker --host {engine.engine.host} run --rm --cpus=0.5 --memory={GIB}" in made.content
    )
    assert "target=/canidothis.ipynb,readonly" in made.content
    assert "> 'a b.out.ipynb'" in made.content
    syntax = await LocalCommand().run(("sh", "-n"), stdin=made.content.encode(), deadline=30)
    assert syntax.returncode == 0, syntax.stderr
