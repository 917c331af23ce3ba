"""Whatever a server does, one typed error comes back before the deadline."""

import asyncio
import contextlib
import gzip
import random
import time

import pytest
from farm import Farm, answers, resets, says, says_and_hangs, says_for_ever

from jupyter_canidothis.credentials import Credential
from jupyter_canidothis.errors import (
    PlatformError,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from jupyter_canidothis.transport import BODY_CAP, Transport

DEADLINE = 0.3
SLACK = 0.5
"""Seconds that a busy machine may take beyond the deadline."""
CANARY = "canary-7f3a9c"

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LONG = OK + b"Content-Length: 10\r\n\r\n"
BOMB = gzip.compress(b"0" * 30 * 2**20)


def redirect(status, target):
    return (
        f"HTTP/1.1 {status} Moved\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
    )


CASES = {
    "hangs before the answer": (says_and_hangs(b""), PlatformTimeout),
    "hangs in the body": (says_and_hangs(LONG + b"{"), PlatformTimeout),
    "drips": (says_for_ever(OK + b"Content-Length: 1000\r\n\r\n", b" ", 0.05), PlatformTimeout),
    "endless chunks": (
        says_for_ever(CHUNKED, b"1000\r\n" + b"0" * 4096 + b"\r\n"),
        PlatformProtocolError,
    ),
    "10 GB announced": (
        says_and_hangs(OK + b"Content-Length: 10000000000\r\n\r\n"),
        PlatformProtocolError,
    ),
    "gzip bomb": (answers(BOMB, Content_Encoding="gzip"), PlatformProtocolError),
    "10 MB header": (says_for_ever(OK + b"X: ", b"y" * 65536), PlatformProtocolError),
    "200000 headers": (says(OK + b"a: b\r\n" * 200_000 + b"\r\n{}"), PlatformProtocolError),
    "endless early hints": (
        says_for_ever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        PlatformProtocolError,
    ),
    "redirect loop": (says(redirect(302, "/")), PlatformProtocolError),
    "bad status line": (says(b"HTTP/1.1 many OK\r\n\r\n{}"), PlatformProtocolError),
    "two lengths": (
        says(OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
        PlatformProtocolError,
    ),
    "reset": (resets(LONG), (PlatformUnreachable, PlatformProtocolError)),
    "negative chunk": (says(CHUNKED + b"-1\r\n{}\r\n0\r\n\r\n"), PlatformProtocolError),
    "huge chunk": (says_and_hangs(CHUNKED + b"ffffffffffff\r\n{}"), PlatformProtocolError),
    "NUL in a header": (
        says(OK + b"X: a\x00b\r\nContent-Length: 2\r\n\r\n{}"),
        PlatformProtocolError,
    ),
    "HTML": (
        answers(b"<!doctype html><p>hello", Content_Type="text/html"),
        PlatformProtocolError,
    ),
    "HTTP/0.9": (says(b"<p>hello</p>"), PlatformProtocolError),
    "redirect to a host": (
        says(redirect(301, "http://elsewhere.invalid/")),
        PlatformProtocolError,
    ),
    "redirect to a port": (says(redirect(307, "http://127.0.0.1:9/")), PlatformProtocolError),
    "redirect to a scheme": (says(redirect(308, "https://127.0.0.1/")), PlatformProtocolError),
    "deep JSON": (answers(b"[" * 100_000), PlatformProtocolError),
    "NaN": (answers(b'{"a": NaN}'), PlatformProtocolError),
    "cut off": (says(LONG + b'{"a":'), PlatformProtocolError),
    "100 MB": (
        says_and_hangs(OK + b"Content-Length: 104857600\r\n\r\n" + b"0" * BODY_CAP),
        PlatformProtocolError,
    ),
    "not JSON": (answers(b"hello"), PlatformProtocolError),
    "not UTF-8": (answers(b'"\xff"'), PlatformProtocolError),
    "broken gzip": (answers(b"{}", Content_Encoding="gzip"), PlatformProtocolError),
    "brotli": (answers(b"{}", Content_Encoding="br"), PlatformProtocolError),
    "silent close": (says(b""), PlatformProtocolError),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_hostile_server_costs_one_typed_error_before_the_deadline(name, caplog):
    talk, expected = CASES[name]
    caplog.set_level(0)
    async with Farm() as farm:
        port = await farm.serve(talk)
        url = f"http://127.0.0.1:{port}/ask?key={CANARY}"
        started = time.monotonic()
        with pytest.raises(expected) as caught:
            (await Transport().fetch(url, deadline=DEADLINE)).json()
        assert time.monotonic() - started < DEADLINE + SLACK
    assert CANARY not in repr(caught.value) + caught.value.hint + caplog.text
    assert len(caught.value.message) < 300


WELL_FORMED = (
    OK + b'Content-Length: 7\r\nX-Thing: yes\r\n\r\n{"a":1}',
    CHUNKED + b'4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n',
    b"HTTP/1.1 103 Early Hints\r\n\r\n" + redirect(302, "http://elsewhere.invalid/x"),
)


def garbled(seed):
    """One well-formed answer with a few bytes changed, dropped or repeated."""
    dice = random.Random(seed)
    raw = bytearray(dice.choice(WELL_FORMED))
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(raw))
        length = dice.randint(0, 3)
        raw[at : at + length] = dice.choice(
            [
                b"",
                dice.randbytes(2),
                bytes(raw[at : at + 9]),
                b"\r\n",
                b":",
                b"\x00",
                b"999999999",
            ]
        )
    return bytes(raw)


async def test_garbled_answers_are_an_answer_or_a_typed_error():
    transport = Transport()

    async def ask(farm, seed):
        port = await farm.serve(says(garbled(seed)))
        with contextlib.suppress(PlatformError):
            (await transport.fetch(f"http://127.0.0.1:{port}/", deadline=DEADLINE)).json()

    async with Farm() as farm:
        await asyncio.gather(*(ask(farm, seed) for seed in range(300)))


async def test_a_healthy_server_is_not_disturbed_by_hostile_ones_beside_it():
    transport = Transport()
    async with Farm() as farm:
        healthy = await farm.serve(answers(b'{"a":1}'))
        bad = [await farm.serve(talk) for talk, _ in CASES.values()]
        ports = [port for port in bad for _ in range(2)] + [healthy] * 20
        got = await asyncio.gather(
            *(
                transport.fetch(f"http://127.0.0.1:{port}/", deadline=DEADLINE)
                for port in ports
            ),
            return_exceptions=True,
        )
    assert [answer.json() for answer in got[-20:]] == [{"a": 1}] * 20


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_credential_never_reaches_another_origin(status, monkeypatch, caplog):
    caplog.set_level(0)
    monkeypatch.setenv("CANARY", CANARY)
    async with Farm() as farm:
        other = await farm.serve(answers())
        port = await farm.serve(
            says(redirect(status, f"http://127.0.0.1:{other}/take?{CANARY}"))
        )
        url = f"http://127.0.0.1:{port}/"
        credential = Credential.bind(url, token_env="CANARY")
        with pytest.raises(PlatformProtocolError) as caught:
            await Transport().fetch(url, credential=credential)
        assert CANARY.encode() in farm.received[port]
        assert farm.received[other] == b""
    assert caught.value.message.endswith(
        f"redirects to http://127.0.0.1:{other}; redirects are not followed"
    )
    assert CANARY not in caught.value.message + caplog.text


async def test_a_platform_that_echoes_the_secret_does_not_get_it_shown(monkeypatch):
    monkeypatch.setenv("CANARY", CANARY)
    async with Farm() as farm:
        port = await farm.serve(
            answers(
                f'{{"you": "{CANARY}"}}'.encode(), WWW_Authenticate=f'Basic realm="{CANARY}"'
            )
        )
        url = f"http://127.0.0.1:{port}/"
        response = await Transport().fetch(
            url, credential=Credential.bind(url, token_env="CANARY")
        )
    assert response.json() == {"you": "[redacted]"}
    assert CANARY not in repr(response)
