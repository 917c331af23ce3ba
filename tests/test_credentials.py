"""Secrets by reference, for one origin each."""

import pytest

from jupyter_canidothis.credentials import Credential, Origin
from jupyter_canidothis.errors import ConfigurationError

URL = "https://platform.example/api"


@pytest.fixture
def credential(monkeypatch):
    monkeypatch.setenv("TOKEN", "s3cret+/=")
    return Credential.bind(URL, token_env="TOKEN")


def test_the_secret_is_revealed_for_its_own_origin(credential):
    expected = {"Authorization": "Bearer s3cret+/="}
    for url in (URL, "https://platform.example/other?x=1", "HTTPS://PLATFORM.example:443/"):
        assert credential.reveal_for(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://platform.example/api",
        "https://platform.example:8443/api",
        "https://sub.platform.example/api",
        "https://platform.example.evil.example/",
        "https://platform.example@evil.example/",
        "https://evil.example/#https://platform.example/",
        "//platform.example/",
        "",
        "https://platform.example:x/",
    ],
)
def test_the_secret_is_never_revealed_for_another_origin(credential, url):
    with pytest.raises(ConfigurationError) as caught:
        credential.reveal_for(url)
    assert "s3cret" not in caught.value.message + caught.value.hint


def test_neither_repr_nor_text_show_the_secret(credential):
    credential.reveal_for(URL)
    assert "s3cret" not in f"{credential!r} {credential}"


def test_revealed_secrets_are_redacted_from_any_text(credential):
    text = "a s3cret+/= b s3cret%2B%2F%3D c"
    assert credential.redact(text) == text
    credential.reveal_for(URL)
    assert credential.redact(text) == "a [redacted] b [redacted] c"


def test_a_rotated_secret_is_read_again_and_both_are_redacted(credential, monkeypatch):
    credential.reveal_for(URL)
    monkeypatch.setenv("TOKEN", "n3xt")
    assert credential.reveal_for(URL) == {"Authorization": "Bearer n3xt"}
    assert credential.redact("s3cret+/= n3xt") == "[redacted] [redacted]"


def test_header_and_prefix_can_be_set(monkeypatch):
    monkeypatch.setenv("TOKEN", "abc")
    credential = Credential.bind(URL, token_env="TOKEN", header="X-Token", prefix="")
    assert credential.reveal_for(URL) == {"X-Token": "abc"}


def test_a_token_file_is_read_at_each_use(tmp_path):
    path = tmp_path / "token"
    path.write_text("one\n")
    path.chmod(0o600)
    credential = Credential.bind(URL, token_file=str(path))
    assert credential.reveal_for(URL) == {"Authorization": "Bearer one"}
    path.write_text("two\n")
    assert credential.reveal_for(URL) == {"Authorization": "Bearer two"}


@pytest.mark.parametrize(("mode", "warnings"), [(0o644, 1), (0o600, 0), (0o640, 0)])
def test_a_token_file_that_others_can_read_is_warned_about_once(
    tmp_path, caplog, mode, warnings
):
    path = tmp_path / "token"
    path.write_text("s3cret")
    path.chmod(mode)
    credential = Credential.bind(URL, token_file=str(path))
    credential.reveal_for(URL)
    credential.reveal_for(URL)
    assert len(caplog.records) == warnings
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("content", ["", "  \n", "a\nb", "a\x00b", "ü", "x" * 70_000])
def test_a_token_that_no_header_may_hold_is_refused_and_not_shown(tmp_path, content):
    path = tmp_path / "token"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError) as caught:
        Credential.bind(URL, token_file=str(path)).reveal_for(URL)
    assert str(path) in caught.value.message
    assert not content.strip() or content not in caught.value.message


def test_a_missing_secret_names_where_it_should_be(tmp_path, monkeypatch):
    monkeypatch.delenv("NOWHERE", raising=False)
    with pytest.raises(ConfigurationError, match="environment variable NOWHERE is not set"):
        Credential.bind(URL, token_env="NOWHERE").reveal_for(URL)
    with pytest.raises(ConfigurationError, match="No such file"):
        Credential.bind(URL, token_file=str(tmp_path / "none")).reveal_for(URL)


def test_a_credential_needs_one_reference_and_an_origin():
    assert Credential.bind(URL) is None
    with pytest.raises(ConfigurationError, match="one of them"):
        Credential.bind(URL, token_env="A", token_file="b")
    with pytest.raises(ConfigurationError, match="url"):
        Credential.bind("platform.example", token_env="A")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://a.example", "http://a.example"),
        ("https://A.example:443/x?y", "https://a.example"),
        ("https://a.example:80/", "https://a.example:80"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://a.example:0/", "http://a.example:0"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url, shown):
    assert str(Origin.of(url)) == shown
