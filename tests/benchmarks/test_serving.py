"""G3: processor time of a plan request beside a trivial authenticated handler.

The server runs in a process of its own and its time is read from the process table, so
that nothing of the client counts. Both requests go over one kept connection, in turns.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROUNDS, BATCH, SEED = 10, 200, 20211
GIB = 2**30
TOKEN = "benchmark"
CORES = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64]
MEMORY = [2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256]
HOURS = [1, 2, 4, 8, 12, 24, 48]


def declared(rng, number, ways):
    """One place with several ways in, the limits of each drawn from ladders."""
    return {
        "kind": "declared",
        "name": f"place {number}",
        "tasktypes": ["uri://jupyter-notebook"],
        "interfaces": [
            {
                "name": f"way {way}",
                "servicetype": "uri://jupyter-hub",
                "endpoint": f"https://hub{number}.example.org/{way}",
                "resources": {
                    "maxcores": rng.choice(CORES),
                    "maxmemory": f"{rng.choice(MEMORY)}G",
                    "maxduration": f"{rng.choice(HOURS)}h",
                },
            }
            for way in range(ways)
        ],
    }


def question(rng, asked):
    """Ask what most ways (``some``) or all of them (``none``) refuse.

    No amount is asked twice, as when somebody drags a slider: nothing said before helps.
    """
    most = {"cores": CORES[-1] * 1000, "memory": MEMORY[-1] * GIB, "duration": HOURS[-1] * 3600}
    amounts = {name: rng.randrange(top // 4, top) for name, top in most.items()}
    if asked == "none":
        short = rng.choice(list(most))
        amounts[short] = rng.randrange(most[short] + 1, most[short] * 2)
    resources = {name: {"min": amount} for name, amount in amounts.items()}
    executable = {"type": "uri://jupyter-notebook"}
    return json.dumps({"task": {"executable": executable, "resources": resources}})


class Server:
    """A Jupyter server in a process of its own."""

    def __init__(self, folder, platforms):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        names = ("jupyter_canidothis", "trivial_handler")
        config = {
            "ServerApp": {
                "jpserver_extensions": dict.fromkeys(names, True),
                "root_dir": str(folder),
            },
            "IdentityProvider": {"token": TOKEN},
            "CanIDoThis": {"platforms": platforms, "discover": False},
        }
        (folder / "config.json").write_text(json.dumps(config))
        places = {f"JUPYTER_{place}_DIR": str(folder) for place in ("DATA", "RUNTIME")}
        places |= {"JUPYTER_CONFIG_DIR": str(folder), "JUPYTER_NO_CONFIG": "1"}
        options = ["--ip=127.0.0.1", f"--port={self.port}", "--ServerApp.port_retries=0"]
        options += [f"--config={folder / 'config.json'}", "--no-browser", "--allow-root"]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyter", "server", *options],
                env={**os.environ, **places, "PYTHONPATH": str(Path(__file__).parent)},
                stdout=log,
                stderr=log,
            )
        self.counted = psutil.Process(self.process.pid)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def wait(self):
        """Return once the server answers."""
        for _ in range(600):
            try:
                return self.ask("trivial", '{"task": 1}')
            except ConnectionRefusedError:
                self.connection.close()
                assert self.process.poll() is None, "the server ended"
                time.sleep(0.1)
        raise AssertionError("the server never answered")

    def ask(self, path, body):
        """Send one request over the kept connection and read all of its answer."""
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
        self.connection.request("POST", "/" + path, body, headers)
        response = self.connection.getresponse()
        answer = response.read()
        assert response.status == 200, answer
        return answer

    def spent(self):
        """Processor time of the server so far, in seconds."""
        times = self.counted.cpu_times()
        return times.user + times.system

    def stop(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def server(request, tmp_path):
    number, ways, _ = request.param
    rng = random.Random(SEED)
    made = Server(tmp_path, [declared(rng, place, ways) for place in range(number)])
    try:
        made.wait()
        yield made
    finally:
        made.stop()


def check(server, body, number):
    """Refuse to measure a plan in which anybody is missing or anything unexplained."""
    lines = [json.loads(line) for line in server.ask("canidothis/plan", body).splitlines()]
    answers = [line["answer"] for line in lines if line["type"] == "answer"]
    assert len(answers) == number
    for answer in answers:
        assert answer["evidence"]
        explained = answer.get("reasons") and answer.get("changes")
        assert answer.get("offers") if answer["verdict"] == "YES" else explained
    return sum(answer["verdict"] == "YES" for answer in answers)


def turns(server, rng, kind):
    """Processor time of one request for each path, the paths taking turns, in seconds."""
    spent = dict.fromkeys(("canidothis/plan", "trivial"), 0.0)
    for _ in range(ROUNDS):
        for path in spent:
            asked = [question(rng, kind) for _ in range(BATCH)]
            before = server.spent()
            for body in asked:
                server.ask(path, body)
            spent[path] += server.spent() - before
    return {path: total / ROUNDS / BATCH for path, total in spent.items()}


CASES = [(1, 1, "none"), (5, 4, "none"), (20, 5, "none"), (200, 20, "none"), (200, 20, "some")]


@pytest.mark.parametrize(
    "server", CASES, indirect=True, ids=lambda case: "x".join(map(str, case))
)
def test_g3_a_plan_request_against_a_trivial_handler(server, benchmark, request):
    number, _, kind = request.node.callspec.params["server"]
    rng = random.Random(SEED)
    saying_yes = sum(check(server, question(rng, kind), number) for _ in range(20)) / 20
    size = len(server.ask("canidothis/plan", question(rng, kind)))
    spent = turns(server, rng, kind)
    plan, trivial = spent["canidothis/plan"], spent["trivial"]
    benchmark.extra_info.update(
        R3=round(plan / trivial, 2),
        platforms_saying_yes=saying_yes,
        plan_us=round(plan * 1e6),
        trivial_us=round(trivial * 1e6),
        answer_kb=round(size / 1024),
    )
    print("\n", benchmark.extra_info)  # noqa: T201 - the figures are what it is run for
    body = question(rng, kind)
    benchmark.pedantic(server.ask, args=("canidothis/plan", body), rounds=20)
    assert saying_yes == 0 or kind == "some"
