"""Kernels behind a real gateway: a second Jupyter server, whose kernels the first cannot reach."""

import json
import os
import re
import secrets
import subprocess
import sys
import threading
from contextlib import asynccontextmanager

import pytest
from jupyter_client.session import Session, json_default
from jupyter_server.gateway.gateway_client import GatewayClient

from jupyter_canidothis.notebook.kernel import ELSEWHERE

BOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "language": "python"}},
    "cells": [{"cell_type": "code", "source": "import msgspec", "metadata": {}, "outputs": []}],
}
REPLIES = {"debug_request": "debug_reply", "execute_request": "execute_reply"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """Start the server that holds the kernels; give its address and token."""
    folder = tmp_path_factory.mktemp("gateway")
    token = secrets.token_hex(8)
    argv = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--port=0"]
    argv += [f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={token}"]
    folders = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("RUNTIME", "DATA")}
    with subprocess.Popen(
        argv,
        env={**os.environ, **folders, "JUPYTER_NO_CONFIG": "1"},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        lines = []
        found = None
        while found is None and (line := process.stderr.readline()):
            lines.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield found[0] if found else pytest.fail("".join(lines)), token
        process.terminate()


@pytest.fixture
def jp_server_config(gateway):
    url, token = gateway
    # A server that ran before in this process has left its own, without a gateway.
    GatewayClient.clear_instance()
    yield {
        "ServerApp": {"jpserver_extensions": {"jupyter_canidothis": True}},
        "CanIDoThis": {"platforms": [], "discover": False},
        "GatewayClient": {"url": url, "auth_token": token},
    }
    GatewayClient.clear_instance()


class FrontEnd:
    """Sends messages as a browser does, through the first server."""

    def __init__(self, fetch, socket, kernel_id):
        self._fetch = fetch
        self._socket = socket
        self.kernel_id = kernel_id
        self._session = Session()

    async def send(self, channel, kind, content):
        """Send one message; return its id."""
        message = {**self._session.msg(kind, content), "channel": channel, "buffers": []}
        await self._socket.write_message(json.dumps(message, default=json_default))
        return message["header"]["msg_id"]

    async def until(self, asked, *kinds):
        """Return the last content of each kind of answer, when all have come."""
        found = {}
        while not found.keys() >= set(kinds):
            message = json.loads(await self._socket.read_message())
            if message["parent_header"].get("msg_id") == asked:
                found[_kind(message)] = message["content"]
        return found

    async def ask(self, channel, kind, content):
        """Return the reply, when the kernel has told everybody that it is done with it."""
        asked = await self.send(channel, kind, content)
        return (await self.until(asked, REPLIES[kind], "status idle"))[REPLIES[kind]]

    async def state(self):
        # Only the list of all kernels is fetched anew from the gateway.
        listed = json.loads((await self._fetch("api", "kernels")).body)
        return {one["id"]: one["execution_state"] for one in listed}[self.kernel_id]

    async def questions(self):
        params = {"kernel_id": self.kernel_id}
        reply = await self._fetch("canidothis", "describe", "questions", params=params)
        return json.loads(reply.body)

    async def describe(self, **more):
        body = {"notebook": BOOK, "kernel_id": self.kernel_id, **more}
        reply = await self._fetch(
            "canidothis", "describe", method="POST", body=json.dumps(body)
        )
        return json.loads(reply.body)


def _kind(message):
    state = message["content"].get("execution_state")
    return f"{message['msg_type']} {state}" if state else message["msg_type"]


def heard(need):
    return [one["source"] for one in need["evidence"] if one["how"] == "kernel"]


@pytest.fixture
def front_end(jp_fetch, jp_ws_fetch):
    @asynccontextmanager
    async def opened():
        body = json.dumps({"name": "python3"})
        started = await jp_fetch("api", "kernels", method="POST", body=body)
        kernel_id = json.loads(started.body)["id"]
        socket = await jp_ws_fetch("api", "kernels", kernel_id, "channels")
        yield FrontEnd(jp_fetch, socket, kernel_id)
        socket.close()
        await jp_fetch("api", "kernels", kernel_id, method="DELETE")

    return opened


async def test_an_idle_kernel_behind_a_gateway_is_described_by_what_it_told(front_end):
    async with front_end() as browser:
        code = {"code": "import msgspec; big = b'x' * 700_000_000", "silent": False}
        await browser.ask("shell", "execute_request", code)
        questions = await browser.questions()
        replies = {
            "modules": await browser.ask("control", "debug_request", questions["modules"]),
            "inside": await browser.ask("shell", "execute_request", questions["inside"]),
            "busy": False,
        }
        task = await browser.describe(kernel_replies=replies)

    (need,) = task["software"]
    assert re.fullmatch(r"==\d.*", need["version"])
    assert heard(need) == ["debug_request modules", "silent execute_request"]
    assert task["resources"]["memory"]["min"] == 2**30
    assert "objects take" in task["evidence"]["resources.memory"][0]["text"]
    assert task["notes"][0] == ELSEWHERE


async def test_a_busy_kernel_behind_a_gateway_tells_its_modules_and_stays_busy(front_end):
    async with front_end() as browser:
        code = {"code": "import msgspec\nwhile True: pass", "silent": False}
        running = await browser.send("shell", "execute_request", code)
        await browser.until(running, "execute_input")
        questions = await browser.questions()
        loaded = await browser.ask("control", "debug_request", questions["modules"])
        task = await browser.describe(kernel_replies={"modules": loaded, "busy": True})
        state = await browser.state()

    (need,) = task["software"]
    assert heard(need) == ["debug_request modules"]
    assert state == "busy"
    assert task["notes"][1].startswith("the kernel runs a cell")


async def test_a_kernel_behind_a_gateway_that_nobody_asked_is_a_note(front_end):
    async with front_end() as browser:
        task = await browser.describe()

    assert task["notes"][0] == ELSEWHERE
    # A kernel spec of the same name on this host is not where that kernel runs.
    assert "version" not in task["software"][0]


async def test_behind_a_gateway_the_environment_here_is_never_taken_for_the_kernel_s(jp_fetch):
    reply = await jp_fetch(
        "canidothis", "describe", method="POST", body=json.dumps({"notebook": BOOK})
    )

    assert "version" not in json.loads(reply.body)["software"][0]
