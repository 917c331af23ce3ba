"""A real ipykernel: what is learned of it, and that it shows no trace of the asking."""

import json
import time

import pytest
from jupyter_client.manager import start_new_kernel

from jupyter_canidothis.notebook.kernel import look_at
from jupyter_canidothis.notebook.live import describe_live

USER = """
import random, sys, time, collections
import msgspec
random.seed(1)
numbers = list(range(1000))
text = "x" * 3_000_000
class Loud:
    def __repr__(self): seen.append("repr"); return "loud"
    def __getattr__(self, name): seen.append(name); raise AttributeError(name)
    def __len__(self): seen.append("len"); return 3
    def __eq__(self, other): seen.append("eq"); return False
    def __hash__(self): seen.append("hash"); return 1
seen = []
loud = Loud()
listed = [loud, loud]
get_ipython().events.register("pre_execute", lambda: seen.append("pre_execute"))
"""
SNAPSHOT = """
import json as _json, random as _random
_shell = get_ipython()
print(_json.dumps({
    "names": sorted(n for n in _shell.user_ns if n[:1] != "_"),
    "count": _shell.execution_count,
    "history": len(_shell.user_ns["In"]),
    "outputs": sorted(map(str, _shell.user_ns["Out"])),
    "under": repr(_shell.user_ns["_"]),
    "random": hash(_random.getstate()),
    "seen": [x for x in seen if x != "pre_execute"],
}))
"""


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel(kernel_name="python3", stdout=-3, stderr=-3)
    run(client, USER)
    run(client, "numbers[:3]")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.context.destroy(linger=0)


def run(client, code):
    shown = []

    def show(message):
        if message["msg_type"] == "stream":
            shown.append(message["content"]["text"])

    reply = client.execute_interactive(code, output_hook=show, timeout=30)
    assert reply["content"]["status"] == "ok", reply
    return "".join(shown)


def snapshot(client, *, cells=0):
    """What a user can see, less the cells that a test ran itself since the last one."""
    found = json.loads(run(client, SNAPSHOT))
    found["count"] -= cells
    found["history"] -= cells
    return found


def pid(manager):
    return manager.provisioner.pid


async def test_an_idle_kernel_tells_what_it_holds_and_loaded(kernel):
    manager, _ = kernel
    found = await look_at(pid=pid(manager), connection_file=manager.connection_file)
    assert [(one.name, one.type) for one in found.objects[:2]] == [
        ("text", "str"),
        ("numbers", "list"),
    ]
    assert found.objects[0].size >= 3_000_000
    assert found.modules["msgspec"].endswith("msgspec/__init__.py")
    assert found.versions["msgspec"]
    assert found.process.memory > 10 * 2**20
    assert found.notes == ()


async def test_looking_at_an_idle_kernel_leaves_no_trace(kernel):
    manager, client = kernel
    before = snapshot(client)
    for _ in range(3):
        await look_at(pid=pid(manager), connection_file=manager.connection_file)
    assert snapshot(client, cells=1) == before
    assert before["seen"] == []


async def test_looking_at_an_idle_kernel_shows_nothing_and_fires_no_hook(kernel):
    manager, client = kernel
    run(client, "seen.clear()")
    while client.iopub_channel.msg_ready():
        client.get_iopub_msg()
    await look_at(pid=pid(manager), connection_file=manager.connection_file)
    assert run(client, "print(seen)").strip() == "['pre_execute']"


async def test_a_busy_kernel_is_read_without_touching_its_shell_or_status(kernel):
    manager, client = kernel
    before = snapshot(client)
    asked = client.execute("open_end = time.time() + 2\nwhile time.time() < open_end: pass")
    states = []
    while "busy" not in states:
        states.append(client.get_iopub_msg(timeout=10)["content"].get("execution_state"))
    started = time.monotonic()
    found = await look_at(pid=pid(manager), connection_file=manager.connection_file, busy=True)
    took = time.monotonic() - started
    assert found.modules["msgspec"]
    assert found.objects == ()
    assert found.notes == ("the kernel runs a cell: its objects are looked at when it is idle",)
    assert took < 2
    idle = None
    while idle is None:
        message = client.get_iopub_msg(timeout=10)
        if message["content"].get("execution_state") == "idle":
            # Only what a server takes for activity may say idle before the cell ends.
            parent = message["parent_header"]
            assert parent["msg_type"] == "debug_request" or parent["msg_id"] == asked
            idle = message if parent["msg_id"] == asked else None
    client.get_shell_msg(timeout=10)
    run(client, "del open_end")
    assert snapshot(client, cells=3) == before


async def test_a_live_description_points_to_the_kernel(kernel, book):
    manager, _ = kernel
    task = await describe_live(
        book("import msgspec"), pid=pid(manager), connection_file=manager.connection_file
    )
    (one,) = task.software
    hows = {evidence.how for evidence in one.evidence}
    assert hows == {"static", "kernel", "live-read"}
    memory = " ".join(evidence.text for evidence in task.evidence["resources.memory"])
    assert "biggest objects: text (str, 2.86 MiB)" in memory


async def test_a_connection_file_that_leads_nowhere_is_a_note(tmp_path):
    found = await look_at(connection_file=str(tmp_path / "none.json"))
    assert found.notes == (
        "the kernel did not tell which modules are loaded",
        "the kernel did not tell what it holds",
    )


async def test_a_server_still_says_busy_after_its_kernel_was_looked_at(jp_serverapp, jp_fetch):
    manager = jp_serverapp.kernel_manager
    kernel_id = await manager.start_kernel(kernel_name="python3")
    kernel = manager.get_kernel(kernel_id)
    client = kernel.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=30)
        asked = client.execute("import time; time.sleep(30)")
        await _until(client, lambda m: _is(m, asked, "execute_input"))
        for _ in range(2):
            await look_at(
                pid=kernel.provisioner.pid, connection_file=kernel.connection_file, busy=True
            )
            # Only when its last message has come by has it had its effect on the server.
            await _until(client, _ends_debug_request)
            response = await jp_fetch("api", "kernels", kernel_id)
            assert json.loads(response.body)["execution_state"] == "busy"
    finally:
        client.stop_channels()
        client.context.destroy(linger=0)
        await manager.shutdown_kernel(kernel_id, now=True)


async def _until(client, wanted):
    while not wanted(await client.get_iopub_msg(timeout=10)):
        continue


def _is(message, asked, kind):
    return message["parent_header"].get("msg_id") == asked and message["msg_type"] == kind


def _ends_debug_request(message):
    parent, state = message["parent_header"], message["content"].get("execution_state")
    return parent.get("msg_type") == "debug_request" and state == "idle"
