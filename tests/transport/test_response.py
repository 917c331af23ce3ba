"""What an answer's status and challenge mean."""

import pytest

from jupyter_canidothis.errors import (
    PlatformNotAuthenticated,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformUnreachable,
)
from jupyter_canidothis.transport import Response, challenge

URL = "https://platform.example/ask"


def response(status=200, body=b"{}", **headers):
    return Response(status, {k.replace("_", "-"): v for k, v in headers.items()}, body, URL)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, PlatformNotAuthenticated),
        (407, PlatformNotAuthenticated),
        (403, PlatformNotAuthorised),
        (429, PlatformUnreachable),
        (500, PlatformUnreachable),
        (503, PlatformUnreachable),
        (400, PlatformProtocolError),
        (404, PlatformProtocolError),
        (304, PlatformProtocolError),
    ],
)
def test_a_status_that_is_no_success_is_a_typed_error(status, expected):
    with pytest.raises(expected) as caught:
        response(status, b"<p>secret page</p>").json()
    assert "secret page" not in caught.value.message


@pytest.mark.parametrize("status", [200, 201, 204])
def test_success_returns_the_answer_itself(status):
    answer = response(status)
    assert answer.require_ok() is answer


def test_a_challenge_is_shown_and_never_followed():
    wanted = 'Bearer realm="x", ivoa_bearer discovery_url="https://login.example/oidc?state=1"'
    with pytest.raises(PlatformNotAuthenticated) as caught:
        response(401, www_authenticate=wanted).require_ok()
    assert caught.value.message == (
        f'{URL}: this platform wants a login from "x" (Bearer) or https://login.example (ivoa_bearer)'
    )


def test_a_401_without_a_challenge_says_so_plainly():
    with pytest.raises(PlatformNotAuthenticated, match=r"wants a login$"):
        response(401).require_ok()


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("", ""),
        ("Basic", "Basic"),
        ('Basic realm="My \\"site\\""', '"My "site"" (Basic)'),
        (
            "ivoa_cookie access_url=https://a.example/login, ivoa_x509",
            "https://a.example (ivoa_cookie) or ivoa_x509",
        ),
        ("Bearer, Bearer, Bearer", "Bearer"),
        (
            'Bearer authorization_uri="https://b.example:8443/auth", error="invalid_token"',
            "https://b.example:8443 (Bearer)",
        ),
        ("=== ,,, \x00", ""),
        ('realm="nobody"', ""),
    ],
)
def test_challenges_are_read_as_they_come(header, shown):
    assert challenge.describe(header) == shown


def test_a_challenge_full_of_noise_is_short_and_shows_what_it_is():
    noise = 'Bearer realm="\u202e' + "x" * 100_000 + '"' + ", a" * 10_000
    shown = challenge.describe(noise)
    assert len(shown) <= 300
    assert "\u202e" not in shown


@pytest.mark.parametrize("body", [b"  <html>", b"<?xml version='1.0'?>"])
def test_a_page_instead_of_json_is_named(body):
    with pytest.raises(PlatformProtocolError, match="HTML or XML instead of JSON"):
        response(body=body).json()
