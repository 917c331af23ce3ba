"""One request, one answer."""

import asyncio
import gzip
import socket
import ssl
from pathlib import Path

import pytest
from farm import Farm, answers, says

from jupyter_canidothis.credentials import Credential
from jupyter_canidothis.errors import (
    ConfigurationError,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from jupyter_canidothis.transport import Transport
from jupyter_canidothis.transport.client import BODY_CAP, LARGE_CAP, STARTS, _Pace

LOOPBACK = Path(__file__).parent / "loopback.pem"


async def test_an_answer_comes_back_with_its_status_headers_and_body():
    async with Farm() as farm:
        port = await farm.serve(answers(b'{"a": [1, 2.5, null]}', X_Thing="yes"))
        response = await Transport().fetch(f"http://127.0.0.1:{port}/path?key=secret")
    assert response.status == 200
    assert response.header("x-thing") == "yes"
    assert response.json() == {"a": [1, 2.5, None]}
    assert response.url == f"http://127.0.0.1:{port}/path"


async def test_a_question_goes_out_with_its_method_headers_and_body():
    async with Farm() as farm:
        port = await farm.serve(answers())
        url = f"http://127.0.0.1:{port}/x?a=b"
        await Transport().fetch(url, method="POST", body=b"{}", headers={"X-One": "1"})
        sent = farm.received[port]
    assert sent.startswith(b"POST /x?a=b HTTP/1.1\r\n")
    assert b"\r\nX-One: 1\r\n" in sent
    assert b"\r\nAccept-Encoding: identity\r\n" in sent
    assert sent.endswith(b"\r\n\r\n{}")


async def test_a_post_without_a_body_is_sent_empty():
    async with Farm() as farm:
        port = await farm.serve(answers())
        response = await Transport().fetch(f"http://127.0.0.1:{port}/", method="POST")
    assert response.status == 200


async def test_a_gzip_answer_that_nobody_asked_for_is_read():
    async with Farm() as farm:
        port = await farm.serve(answers(gzip.compress(b'{"a":1}'), Content_Encoding="gzip"))
        assert (await Transport().fetch(f"http://127.0.0.1:{port}/")).json() == {"a": 1}


async def test_a_long_list_is_read_only_where_it_is_expected():
    body = b"[" + b" " * BODY_CAP + b"1]"
    async with Farm() as farm:
        url = f"http://127.0.0.1:{await farm.serve(answers(body))}/"
        with pytest.raises(PlatformProtocolError, match=f"more than {BODY_CAP} bytes"):
            await Transport().fetch(url, deadline=30)
        assert (await Transport().fetch(url, deadline=30, large=True)).json() == [1]


async def test_a_long_list_has_an_end_too():
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {LARGE_CAP + 1}\r\n\r\n".encode()
    async with Farm() as farm:
        url = f"http://127.0.0.1:{await farm.serve(says(head))}/"
        with pytest.raises(PlatformProtocolError, match=f"more than {LARGE_CAP} bytes"):
            await Transport().fetch(url, deadline=30, large=True)


async def test_a_credential_is_sent_to_its_own_origin(monkeypatch):
    monkeypatch.setenv("TOKEN", "s3cret")
    async with Farm() as farm:
        port = await farm.serve(answers())
        url = f"http://127.0.0.1:{port}/x"
        await Transport().fetch(url, credential=Credential.bind(url, token_env="TOKEN"))
        assert b"\r\nAuthorization: Bearer s3cret\r\n" in farm.received[port]


async def test_a_credential_for_another_origin_stops_the_request(monkeypatch):
    monkeypatch.setenv("TOKEN", "s3cret")
    credential = Credential.bind("http://127.0.0.1:1/", token_env="TOKEN")
    async with Farm() as farm:
        port = await farm.serve(answers())
        with pytest.raises(ConfigurationError):
            await Transport().fetch(f"http://127.0.0.1:{port}/", credential=credential)
        assert farm.received[port] == b""


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "example.org",
        "",
        "http://",
        "http://example.org:99999/",
        "http://exa mple.org/",
        "http://example.org/\r\nX: y",
        "http://example.org\\@127.0.0.1/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://[::1/",
    ],
)
async def test_an_address_that_cannot_be_asked_is_refused(url):
    with pytest.raises(PlatformUnreachable, match=r"no address may hold|not an absolute"):
        await Transport().fetch(url)


async def test_an_address_with_a_password_is_refused_and_not_repeated():
    async with Farm() as farm:
        port = await farm.serve(answers())
        with pytest.raises(PlatformUnreachable, match="user name or password") as caught:
            await Transport().fetch(f"http://user:canary@127.0.0.1:{port}/")
        assert farm.received[port] == b""
    assert "canary" not in caught.value.message


@pytest.mark.parametrize("name", ["X-A\r\nB", "X\x00", "X-Ü"])
async def test_a_header_name_that_could_split_the_request_is_refused(name):
    with pytest.raises(ConfigurationError):
        await Transport().fetch("http://127.0.0.1:1/", headers={name: "x"})


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\x00b", "ü"])
async def test_a_header_value_that_could_split_the_request_is_refused_and_not_shown(value):
    with pytest.raises(ConfigurationError) as caught:
        await Transport().fetch("http://127.0.0.1:1/", headers={"X-A": "canary" + value})
    assert "canary" not in caught.value.message


async def test_an_unknown_method_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="BREW"):
        await Transport().fetch("http://127.0.0.1:1/", method="BREW")


async def test_nobody_listening_is_unreachable():
    # Bound but not listening: nobody else can take the port meanwhile.
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(PlatformUnreachable, match="Connection refused"):
            await Transport().fetch(f"http://127.0.0.1:{closed.getsockname()[1]}/")


async def test_a_name_that_nobody_knows_is_unreachable():
    with pytest.raises(PlatformUnreachable, match="not known here"):
        await Transport().fetch(f"http://{'a' * 63}.invalid/", deadline=5)


async def test_a_host_name_that_cannot_be_one_is_refused():
    with pytest.raises(PlatformProtocolError):
        await Transport().fetch(f"http://{'a' * 64}.example/")


async def test_a_plain_server_asked_by_https_is_unreachable():
    async with Farm() as farm:
        port = await farm.serve(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), patient=False)
        with pytest.raises(PlatformUnreachable, match="TLS failed"):
            await Transport().fetch(f"https://127.0.0.1:{port}/", deadline=0.3)


def tls_server():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(LOOPBACK)
    return context


async def test_a_certificate_that_nobody_signed_is_not_trusted():
    async with Farm() as farm:
        port = await farm.serve(answers(), ssl=tls_server())
        with pytest.raises(PlatformUnreachable, match="certificate is not trusted"):
            await Transport().fetch(f"https://localhost:{port}/")
        assert farm.received[port] == b""


async def test_a_trusted_certificate_is_good_for_its_own_name_only():
    trusting = Transport(tls=ssl.create_default_context(cafile=str(LOOPBACK)))
    async with Farm() as farm:
        port = await farm.serve(answers(b'{"a":1}'), ssl=tls_server())
        assert (await trusting.fetch(f"https://localhost:{port}/")).json() == {"a": 1}
        with pytest.raises(PlatformUnreachable, match="certificate is not trusted"):
            await trusting.fetch(f"https://127.0.0.1:{port}/")


def test_one_transport_serves_one_event_loop_after_another():
    transport = Transport()

    async def ask():
        async with Farm() as farm:
            port = await farm.serve(answers())
            return (await transport.fetch(f"http://127.0.0.1:{port}/")).status

    async def twice():
        return await asyncio.wait_for(ask(), 5), len(transport._lanes)

    assert [asyncio.run(twice()) for _ in range(3)] == [(200, 1)] * 3


def test_making_a_transport_costs_nothing():
    assert Transport()._lanes == {}


async def test_starts_are_paced():
    pace, order = _Pace(), []

    async def start(number):
        await pace.turn()
        order.append(number)

    starts = [asyncio.ensure_future(start(number)) for number in range(3 * STARTS)]
    await asyncio.sleep(0)
    assert order == list(range(STARTS))
    starts[STARTS].cancel()
    done = await asyncio.gather(*starts, return_exceptions=True)
    assert order == [number for number in range(3 * STARTS) if number != STARTS]
    assert [type(result) for result in done].count(asyncio.CancelledError) == 1


async def test_two_hundred_requests_at_once_all_come_back():
    transport = Transport()
    async with Farm() as farm:
        port = await farm.serve(answers(b'{"a":1}'), backlog=300)
        got = await asyncio.gather(
            *(transport.fetch(f"http://127.0.0.1:{port}/") for _ in range(200))
        )
    assert [answer.json() for answer in got] == [{"a": 1}] * 200


async def test_a_deadline_that_is_over_before_the_start_is_a_timeout():
    with pytest.raises(PlatformTimeout):
        await Transport().fetch("http://127.0.0.1:1/", deadline=0.0)
