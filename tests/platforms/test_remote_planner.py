"""Another Execution Planner, asked as a platform."""

import json

import pytest
from contract import PlatformContract, check
from farm import Farm, answers, says

from jupyter_canidothis.answer import Answer, Offer, Reason, Verdict
from jupyter_canidothis.errors import (
    ConfigurationError,
    PlatformNotAuthenticated,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformUnreachable,
)
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.planner import RemotePlanner
from jupyter_canidothis.task import Data, Executable, Range, Resources, Software, Task
from jupyter_canidothis.transport import Response, Transport
from jupyter_canidothis.wire import accepts

GIB = 2**30
HELM = Task(
    Executable("uri://kubernetes-helm", location="https://example.org/chart.tgz"),
    Resources(
        cores=Range(min=220_000), memory=Range(min=360 * GIB), duration=Range(min=32_400)
    ),
)
GAIA = {
    "reponseword": "YES",
    "servicetype": "uri://kubernetes-helm",
    "serviceinfo": {"endpoint": "https://example.org/kubernetes"},
    "resources": {"mincores": 220, "maxcores": 240, "minmemory": "360G", "maxmemory": "400G"},
}


class Scribe(Transport):
    """Answers every request alike and writes down what was sent."""

    def __init__(self, reply, status=200):
        super().__init__()
        self.reply, self.status = reply, status
        self.sent = []

    async def fetch(self, url, **options):
        self.sent.append((url, options))
        body = self.reply if isinstance(self.reply, bytes) else json.dumps(self.reply).encode()
        return Response(self.status, {}, body, url)


def planner(transport, **keys):
    entry = {"kind": "planner", "name": "far", "url": "https://far.example/canidothis/", **keys}
    return RemotePlanner.configure(entry, Edges(http=transport, clock=lambda: 1_700_000_000.5))


async def put(platform, task=HELM, **circumstances):
    circumstances = {"plan_id": "p1", **circumstances}
    ask = Ask(**circumstances)
    return check(await platform.ask(task, await platform.snapshot(ask), ask), platform)


class Far(Transport):
    """Another planner with a platform of at most 240 cores behind it."""

    async def fetch(self, url, **options):
        request = accepts.decode("POST", "application/json", "", options["body"])
        asked = request.task.resources
        if (asked.cores.min or 0) <= 240_000:
            offer = Offer(
                "uri://kubernetes-helm", resources=asked.replace("cores", max=240_000)
            )
            answer = Answer("k8s", Verdict.YES, offers=(offer,))
        else:
            answer = Answer("k8s", Verdict.NO, reasons=(Reason("limit-exceeded", "240 cores"),))
        _, body = accepts.encode(request, [answer])
        return Response(200, {}, body, url)


class TestContract(PlatformContract):
    suggests = False

    @pytest.fixture
    def platform(self):
        return planner(Far())

    @pytest.fixture
    def accepted(self):
        return HELM

    @pytest.fixture
    def refused(self):
        resources = HELM.resources.replace("cores", min=241_000)
        return Task(HELM.executable, resources)


async def test_a_range_that_overlaps_is_granted_as_far_as_it_was_asked():
    task = Task(Executable("uri://kubernetes-helm"), Resources(cores=Range(4_000, 64_000)))
    reply = {"reponseword": "YES", "resources": {"mincores": 8, "maxcores": 128}}
    [offer] = (await put(planner(Scribe(reply)), task)).offers
    assert offer.resources.cores == Range(8_000, 64_000)
    assert offer.filled == {"cores.min": "offered"}


async def test_the_task_goes_out_in_the_notes_own_words():
    transport = Scribe(GAIA)
    await put(planner(transport), via=("p0",), deadline=5.0)
    [(url, sent)] = transport.sent
    assert url == "https://far.example/canidothis/accepts"
    assert json.loads(sent["body"]) == {
        "tasktype": "uri://kubernetes-helm",
        "taskinfo": {"chart": "https://example.org/chart.tgz"},
        "resources": {"mincores": 220, "minmemory": "360G", "minduration": "9h"},
    }
    assert sent["headers"]["X-CanIDoThis-Via"] == "p0, p1"
    assert sent["headers"]["X-CanIDoThis-Deadline"] == "4500"
    assert sent["deadline"] == 5.0
    assert sent["credential"] is None


async def test_a_yes_becomes_an_offer_with_what_was_asked_and_what_was_filled_in():
    answer = await put(planner(Scribe(GAIA)))
    [offer] = answer.offers
    assert (answer.verdict, answer.platform, answer.kind) == (Verdict.YES, "far", "planner")
    assert offer.service_type == "uri://kubernetes-helm"
    assert offer.service_info == {"endpoint": "https://example.org/kubernetes"}
    assert offer.resources == Resources(
        cores=Range(220_000, 240_000),
        memory=Range(360 * GIB, 400 * GIB),
        duration=Range(min=32_400),
    )
    assert offer.filled == {"cores.max": "offered", "memory.max": "offered"}
    [evidence] = answer.evidence
    assert evidence.source == "POST https://far.example/canidothis/accepts"
    assert json.loads(evidence.text) == GAIA
    assert evidence.at == 1_700_000_000


async def test_every_interface_becomes_an_offer():
    ways = [{"servicetype": f"uri://s{n}", "serviceinfo": {}} for n in range(3)]
    answer = await put(planner(Scribe({"reponseword": "YES", **ways[0], "interfaces": ways})))
    assert [offer.service_type for offer in answer.offers] == [
        "uri://s0",
        "uri://s1",
        "uri://s2",
    ]


async def test_a_yes_that_offers_less_than_was_asked_is_not_believed():
    reply = {"reponseword": "YES", "servicetype": "uri://s", "resources": {"maxcores": 4}}
    answer = await put(planner(Scribe(reply)))
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.reasons[0].code == "bad-answer"


async def test_a_plain_no_is_a_no():
    answer = await put(planner(Scribe({"reponseword": "NO"})))
    assert answer.verdict is Verdict.NO
    assert answer.reasons[0].code == "refused"


@pytest.mark.parametrize(
    ("httpcode", "verdict", "code"),
    [
        (403, Verdict.NO, "not-authorised"),
        (401, Verdict.CANNOT_TELL, "not-authenticated"),
        (422, Verdict.NO, "refused"),
        (504, Verdict.CANNOT_TELL, "timed-out"),
        (508, Verdict.CANNOT_TELL, "loop"),
    ],
)
async def test_a_reason_keeps_its_meaning_and_its_words(httpcode, verdict, code):
    reasons = [{"httpcode": httpcode, "text": "their \u202ewords"}]
    reply = {"reponseword": "NO", "reponseinfo": {"reasons": reasons}}
    answer = await put(planner(Scribe(reply)))
    assert (answer.verdict, answer.reasons[0].code) == (verdict, code)
    assert answer.reasons[0].text == "their \N{REPLACEMENT CHARACTER}words"
    assert answer.reasons[0].evidence == (0,)


async def test_cannot_tell_survives_our_own_wire():
    here = await put(planner(Scribe({"reponseword": "NO"})), via=("p1",))
    request = accepts.decode("GET", "", "tasktype=uri://kubernetes-helm", b"")
    answer = await put(planner(Scribe(accepts.reply_to(request, [here]))))
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.CANNOT_TELL, "loop")


@pytest.mark.parametrize("via", [("p1",), ("a", "p1", "b"), ("a", "a"), tuple("abcdefgh")])
async def test_a_loop_is_not_asked_again(via):
    transport = Scribe(GAIA)
    answer = await put(planner(transport), via=via)
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.CANNOT_TELL, "loop")
    assert transport.sent == []


async def test_the_eighth_planner_of_a_chain_is_still_asked():
    transport = Scribe(GAIA)
    assert (await put(planner(transport), via=tuple("abcdefg"))).verdict is Verdict.YES


async def test_files_and_local_paths_stay_here():
    transport = Scribe({"reponseword": "YES", "servicetype": "uri://jupyter-hub"})
    task = Task(
        Executable(
            "uri://jupyter-notebook",
            "/home/me/secret.ipynb",
            '{"cells": ["secret"]}',
            ("python",),
        ),
        software=(Software("numpy"),),
        data=(Data("/home/me/secret.fits"),),
    )
    answer = await put(planner(transport), task)
    body = transport.sent[0][1]["body"]
    assert b"secret" not in body
    assert json.loads(body)["taskinfo"] == {"languages": ["python"]}
    assert (
        answer.evidence[1].text == "The task's software and data were not part of the question."
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, PlatformNotAuthenticated),
        (403, PlatformNotAuthorised),
        (404, PlatformProtocolError),
        (503, PlatformUnreachable),
    ],
)
async def test_a_status_is_the_planners_business(status, expected):
    with pytest.raises(expected):
        await put(planner(Scribe(b"<html>", status)))


@pytest.mark.parametrize(
    "reply", [b"<html>", b'{"reponseword": "YES"', {"reponseword": "PERHAPS"}, []]
)
async def test_an_answer_in_another_language_is_a_protocol_error(reply):
    with pytest.raises(PlatformProtocolError):
        await put(planner(Scribe(reply)))


async def test_a_missing_token_says_which_and_nothing_is_sent(monkeypatch):
    monkeypatch.delenv("FAR_TOKEN", raising=False)
    async with Farm() as farm:
        port = await farm.serve(answers(json.dumps(GAIA).encode()))
        keys = {"url": f"http://127.0.0.1:{port}", "token_env": "FAR_TOKEN"}
        answer = await put(planner(Transport(), **keys))
        assert farm.received[port] == b""
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.CANNOT_TELL, "misconfigured")
    assert "FAR_TOKEN" in answer.reasons[0].message


async def test_a_token_goes_to_the_planner_and_nowhere_into_the_answer(monkeypatch):
    monkeypatch.setenv("FAR_TOKEN", "canary-9")
    async with Farm() as farm:
        reply = {**GAIA, "serviceinfo": {"note": "canary-9"}}
        port = await farm.serve(answers(json.dumps(reply).encode()))
        keys = {"url": f"http://127.0.0.1:{port}/ep", "token_env": "FAR_TOKEN"}
        answer = await put(planner(Transport(), **keys))
        assert b"\r\nAuthorization: Bearer canary-9\r\n" in farm.received[port]
        assert farm.received[port].startswith(b"POST /ep/accepts HTTP/1.1\r\n")
    assert answer.verdict is Verdict.YES
    assert "canary-9" not in repr(answer)


async def test_a_planner_that_redirects_is_not_followed(monkeypatch):
    monkeypatch.setenv("FAR_TOKEN", "canary-9")
    async with Farm() as farm:
        other = await farm.serve(answers(json.dumps(GAIA).encode()))
        moved = f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:{other}/accepts\r\nContent-Length: 0\r\n\r\n"
        port = await farm.serve(says(moved.encode()))
        keys = {"url": f"http://127.0.0.1:{port}", "token_env": "FAR_TOKEN"}
        with pytest.raises(PlatformProtocolError, match="not followed"):
            await put(planner(Transport(), **keys))
        assert farm.received[other] == b""


@pytest.mark.parametrize(
    "keys",
    [
        {"url": ""},
        {"url": "far.example"},
        {"url": "ftp://far.example/"},
        {"url": "https://me:password@far.example/"},
        {"url": "https://far.example/?token=password"},
        {"url": 7},
        {"token_env": "A", "token_file": "b"},
        {"tocken_env": "A"},
    ],
)
def test_an_entry_that_cannot_be_used_names_the_key_and_no_secret(keys):
    with pytest.raises(ConfigurationError) as caught:
        planner(Scribe(GAIA), **keys)
    assert next(iter(keys)).split("_")[0] in caught.value.message
    assert "password" not in caught.value.message + caught.value.hint


def test_without_a_url_the_entry_is_refused():
    with pytest.raises(ConfigurationError, match="url"):
        RemotePlanner.configure({"kind": "planner"})
