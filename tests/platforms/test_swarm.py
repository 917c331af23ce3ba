"""Docker Swarm on answers as a manager gives them."""

from __future__ import annotations

import msgspec
import pytest
from contract import PlatformContract, check
from engine_fake import GIB, FakeEngine, image, info
from registry_fake import FakeTransport

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.errors import PlatformError
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.engine import Swarm
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task

ASK = Ask(deadline=30.0)


def node(
    name, cores=4, memory=8, *, arch="x86_64", state="ready", availability="active", gpus=0
):
    kinds = [{"DiscreteResourceSpec": {"Kind": "NVIDIA-GPU", "Value": gpus}}] if gpus else None
    return {
        "ID": name,
        "Spec": {"Availability": availability},
        "Status": {"State": state},
        "Description": {
            "Hostname": name,
            "Platform": {"Architecture": arch, "OS": "linux"},
            "Resources": {
                "NanoCPUs": cores * 10**9,
                "MemoryBytes": memory * GIB,
                "GenericResources": kinds,
            },
        },
    }


def reserved(name, cores, memory, state="running"):
    amounts = {"NanoCPUs": cores * 10**9, "MemoryBytes": memory * GIB}
    return {
        "NodeID": name,
        "Spec": {"Resources": {"Reservations": amounts}},
        "Status": {"State": state},
    }


def swarm(nodes, tasks=(), *, images=None, manager=True):
    state = {"LocalNodeState": "active", "ControlAvailable": manager}
    served = {"/info": info(Swarm=state), "/nodes": list(nodes), "/tasks": list(tasks)}
    return served | {f"/images/{name}/json": one for name, one in (images or {}).items()}


def container(image="", **amounts):
    ranges = {name: Range(*amount) for name, amount in amounts.items()}
    return Task(Executable("uri://docker-container", image=image), Resources(**ranges))


def platform_on(engine):
    entry = {"kind": "swarm", "host": engine.host, "login_files": []}
    return Swarm(msgspec.convert(entry, Swarm.config_type), Edges(http=FakeTransport({})))


async def told(served, task):
    with FakeEngine(served) as engine:
        platform = platform_on(engine)
        answer = await platform.ask(task, await platform.snapshot(ASK), ASK)
        assert engine.methods == {"GET"}
        return check(answer, platform)


class TestSwarm(PlatformContract):
    asking = ASK

    @pytest.fixture
    def platform(self):
        with FakeEngine(swarm([node("a"), node("b", 2)])) as engine:
            yield platform_on(engine)

    @pytest.fixture
    def accepted(self):
        return container(cores=(4000,), memory=(GIB,))

    @pytest.fixture
    def refused(self):
        return container(cores=(5000,), memory=(GIB,))


async def test_a_container_has_to_fit_on_one_node():
    nodes = [node("a", 4, 8), node("b", 16, 2)]
    answer = await told(swarm(nodes), container(cores=(8000,), memory=(4 * GIB,)))
    assert answer.verdict is Verdict.NO
    assert answer.reasons[0].scope == "node"
    assert (await told(swarm(nodes), container(cores=(8000,)))).verdict is Verdict.YES


async def test_reservations_count_for_now_until_their_task_ends():
    tasks = [reserved("a", 3, 1), reserved("a", 1, 1, "complete")]
    answer = await told(swarm([node("a")], tasks), container(cores=(2000,)))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert [(one.code, one.limit) for one in answer.reasons] == [("full-now", 1000)]
    assert (await told(swarm([node("a")], tasks), container(cores=(1000,)))).now is Verdict.YES


@pytest.mark.parametrize("state", [{"state": "down"}, {"availability": "drain"}])
async def test_a_node_that_takes_no_work_does_not_count(state):
    answer = await told(swarm([node("a", **state)]), container(cores=(1000,)))
    assert [one.code for one in answer.reasons] == ["closed"]
    both = swarm([node("a", 64, **state), node("b")])
    assert (await told(both, container(cores=(8000,)))).verdict is Verdict.NO


async def test_an_image_goes_to_nodes_it_is_built_for():
    held = {"box:1": image("arm64")}
    answer = await told(swarm([node("a")], images=held), container("box:1"))
    assert [one.code for one in answer.reasons] == ["arch-mismatch"]
    answer = await told(swarm([node("a", arch="aarch64")], images=held), container("box:1"))
    assert answer.verdict is Verdict.YES


async def test_an_image_that_only_the_manager_holds_leaves_it_open():
    served = swarm([node("a"), node("b")], images={"box:1": image()})
    assert (await told(served, container("box:1"))).verdict is Verdict.CANNOT_TELL


async def test_gpus_are_generic_resources():
    served = swarm([node("a", gpus=2)])
    assert (await told(served, container(gpus=(2,)))).verdict is Verdict.YES
    assert (await told(served, container(gpus=(3,)))).verdict is Verdict.NO


async def test_an_engine_that_is_no_manager_cannot_be_asked():
    with (
        FakeEngine(swarm([], manager=False)) as engine,
        pytest.raises(PlatformError, match="manages no Swarm"),
    ):
        await platform_on(engine).snapshot(ASK)


async def test_the_script_reserves_what_was_offered():
    with FakeEngine(swarm([node("a")])) as engine:
        platform = platform_on(engine)
        task = container(cores=(500,), memory=(GIB,))
        answer = await platform.ask(task, await platform.snapshot(ASK), ASK)
        made = platform.handover(container("box:1"), answer.offers[0])
    assert f"--reserve-cpu=0.5 --reserve-memory={GIB} box:1" in made.content
