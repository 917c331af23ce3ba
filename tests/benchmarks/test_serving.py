"""G3: processor time of a plan request beside a trivial authenticated handler, one server."""

from __future__ import annotations

import json
import statistics
import time

import pytest
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

ROUNDS, BATCH = 15, 20
GIB = 2**30


def declared(number, ways):
    """One place with several ways in, their limits on a ladder."""
    return {
        "kind": "declared",
        "name": f"place {number}",
        "tasktypes": ["uri://jupyter-notebook"],
        "interfaces": [
            {
                "servicetype": "uri://jupyter-hub",
                "endpoint": f"https://hub{number}.example.org/{way}",
                "resources": {
                    "maxcores": 2 ** ((number + way) % 7),
                    "maxmemory": f"{4 * 2 ** ((number * 3 + way) % 6)}G",
                },
            }
            for way in range(ways)
        ],
    }


class Trivial(APIHandler):
    """The least an authenticated handler can do."""

    @web.authenticated
    @authorized(action="read", resource="canidothis")
    async def post(self):
        self.finish(json.dumps({"echo": self.get_json_body()["task"] is not None}))


@pytest.fixture
def places(request):
    return request.param


@pytest.fixture
def jp_server_config(places):
    number, ways = places
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_canidothis": True}},
        "CanIDoThis": {
            "platforms": [declared(n, ways) for n in range(number)],
            "discover": False,
        },
    }


@pytest.mark.parametrize("places", [(1, 1), (5, 4), (20, 5), (200, 20)], indirect=True)
async def test_g3_a_plan_request_against_a_trivial_handler(
    jp_fetch, jp_serverapp, benchmark, places
):
    base = jp_serverapp.web_app.settings["base_url"]
    jp_serverapp.web_app.add_handlers(".*$", [(base + "trivial", Trivial)])
    task = {
        "executable": {"type": "uri://jupyter-notebook"},
        "resources": {"cores": {"min": 16000}, "memory": {"min": 32 * GIB}},
    }
    body = json.dumps({"task": task})

    async def spent(*path):
        started = time.process_time()
        for _ in range(BATCH):
            await jp_fetch(*path, method="POST", body=body)
        return (time.process_time() - started) / BATCH

    await spent("trivial")
    await spent("canidothis", "plan")
    plan, trivial = [], []
    for _ in range(ROUNDS):
        plan.append(await spent("canidothis", "plan"))
        trivial.append(await spent("trivial"))
    benchmark.extra_info.update(
        platforms=places[0],
        ways=places[1],
        R3=round(statistics.median(plan) / statistics.median(trivial), 2),
        plan_us=round(statistics.median(plan) * 1e6),
        trivial_us=round(statistics.median(trivial) * 1e6),
        note="client and server share the process, so both sides carry the client's cost",
    )
    benchmark.pedantic(json.dumps, args=(task,), rounds=1)
