"""Looking at platforms, and adding one's own, through the HTTP door."""

from __future__ import annotations

import json

import pytest
from tornado.httpclient import HTTPClientError

ENTRY = {
    "kind": "declared",
    "name": "mine",
    "tasktypes": ["uri://jupyter-notebook"],
    "servicetype": "uri://jupyter-hub",
}
OWN_FILE = "jupyter_canidothis_config.json"


@pytest.fixture(autouse=True)
def own_file(jp_environ, monkeypatch, tmp_path):
    """The user's configuration file, which is nobody else's."""
    monkeypatch.delenv("JUPYTER_NO_CONFIG", raising=False)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "own"))
    return tmp_path / "own" / OWN_FILE


async def call(jp_fetch, *path, method="GET", params=None, **body):
    content = json.dumps(body) if method == "POST" else None
    reply = await jp_fetch("canidothis", *path, method=method, body=content, params=params)
    return json.loads(reply.body)


async def refused(jp_fetch, *path, **circumstances):
    with pytest.raises(HTTPClientError) as caught:
        await call(jp_fetch, *path, **circumstances)
    return caught.value.code, json.loads(caught.value.response.body)


def names(listed):
    return {info["name"]: info["source"] for info in listed["platforms"]}


async def test_what_is_added_is_asked_written_and_removed_again(jp_fetch, own_file):
    own_file.parent.mkdir(parents=True, exist_ok=True)
    own_file.write_text('{"CanIDoThis": {"deadline": 3}, "Other": 1}')

    listed = await call(jp_fetch, "platforms", method="POST", entry=ENTRY)
    assert names(listed)["mine"] == "added"
    assert json.loads(own_file.read_text()) == {
        "CanIDoThis": {"deadline": 3, "added": [ENTRY]},
        "Other": 1,
    }
    assert own_file.stat().st_mode & 0o077 == 0

    look = await call(jp_fetch, "platforms", "look", method="POST", platform="mine")
    assert look["platform"] == "mine"
    assert "problem" not in look

    listed = await call(jp_fetch, "platforms", method="DELETE", params={"name": "mine"})
    assert "mine" not in names(listed)
    assert json.loads(own_file.read_text())["CanIDoThis"]["added"] == []


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        ({"kind": "nosuch", "name": "x"}, "nosuch"),
        ({"name": "x"}, "kind"),
        ({**ENTRY, "token": "secret"}, "token"),
        ({**ENTRY, "name": "hub"}, "a name that no other platform has"),
        ({"kind": "planner", "name": "x"}, "url"),
        ({**ENTRY, "name": "a\nb"}, "name"),
        ({**ENTRY, "name": "x" * 300}, "name"),
        ({**ENTRY, "timeout": -1}, "timeout"),
        ({**ENTRY, "users": ["x" * 2**17]}, "too large"),
    ],
)
async def test_an_entry_that_could_not_be_asked_is_refused_and_nothing_is_written(
    jp_fetch, own_file, entry, word
):
    status, problem = await refused(jp_fetch, "platforms", method="POST", entry=entry)

    assert status == 400
    assert word in problem["message"]
    assert not own_file.exists()


async def test_a_file_that_is_a_link_stays_one(jp_fetch, own_file, tmp_path):
    kept = tmp_path / "settings.json"
    kept.write_text("{}")
    own_file.parent.mkdir(parents=True, exist_ok=True)
    own_file.symlink_to(kept)

    await call(jp_fetch, "platforms", method="POST", entry=ENTRY)

    assert own_file.is_symlink()
    assert json.loads(kept.read_text())["CanIDoThis"]["added"] == [ENTRY]
    assert list(own_file.parent.iterdir()) == [own_file]


async def test_a_file_that_cannot_be_read_is_left_as_it_is(jp_fetch, own_file):
    # The server has read its files by then; a person broke this one since.
    await call(jp_fetch, "platforms")
    own_file.parent.mkdir(parents=True, exist_ok=True)
    own_file.write_text("{broken")

    status, problem = await refused(jp_fetch, "platforms", method="POST", entry=ENTRY)

    assert status == 500
    assert OWN_FILE in problem["message"]
    assert own_file.read_text() == "{broken"


async def test_only_what_was_added_can_be_removed(jp_fetch):
    status, problem = await refused(
        jp_fetch, "platforms", method="DELETE", params={"name": "hub"}
    )

    assert status == 400
    assert problem["accepted"] == "a platform that was added in the panel"


async def test_looking_says_what_is_wrong_with_an_entry(jp_fetch):
    look = await call(jp_fetch, "platforms", "look", method="POST", platform="wrong")

    assert look["problem"]["code"] == "misconfigured"


async def test_looking_at_what_is_not_there_names_what_is(jp_fetch):
    status, problem = await refused(
        jp_fetch, "platforms", "look", method="POST", platform="nosuch"
    )

    assert status == 400
    assert "hub" in problem["accepted"]


class TestWhereTheAdministratorForbidsIt:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        settings = {**jp_server_config["CanIDoThis"], "may_add": False}
        return {**jp_server_config, "CanIDoThis": settings}

    async def test_nobody_adds_or_removes(self, jp_fetch, own_file):
        listed = await call(jp_fetch, "platforms")
        assert listed["may_add"] is False

        for circumstances in (
            {"method": "POST", "entry": ENTRY},
            {"method": "DELETE", "params": {"name": "hub"}},
        ):
            status, problem = await refused(jp_fetch, "platforms", **circumstances)
            assert (status, problem["code"]) == (403, "not-authorised")
        assert not own_file.exists()
