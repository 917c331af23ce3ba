from __future__ import annotations

import re
from importlib.metadata import EntryPoint

import pytest
from config_files import write_config

from jupyter_canidothis.config import CanIDoThis, load_planner
from jupyter_canidothis.errors import ConfigurationError
from jupyter_canidothis.platforms import registry
from jupyter_canidothis.platforms.base import Platform

HUB = {
    "kind": "declared",
    "name": "hub",
    "tasktypes": ["uri://jupyter-notebook"],
    "servicetype": "uri://jupyter-hub",
}


def infos(*platforms, **traits):
    planner = CanIDoThis(platforms=list(platforms), discover=False, **traits).planner()
    return {entry.info.name: entry.info for entry in planner.entries}


@pytest.mark.parametrize("suffix", ["py", "json"])
def test_the_same_file_is_read_whoever_asks(monkeypatch, tmp_path, suffix):
    monkeypatch.delenv("JUPYTER_NO_CONFIG")
    write_config(tmp_path / "jupyter-config", [HUB], suffix)

    assert [entry.info.name for entry in load_planner().entries] == ["hub"]


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"name": "x"}, "kind"),
        ({"kind": "nosuch"}, "installed kinds: .*declared"),
        ({**HUB, "nosuchkey": 1}, "nosuchkey"),
        ({**HUB, "resources": {"maxcores": "many"}}, "maxcores"),
        ({**HUB, "resources": {"mincores": 9, "maxcores": 1}}, "cores"),
        ({"kind": "planner", "name": "x"}, "url"),
    ],
)
def test_a_bad_entry_is_named_with_its_key_and_the_others_still_work(entry, named):
    found = infos({**entry, "name": "bad"}, HUB)

    assert re.search(rf"platforms\[0\].*{named}", found["bad"].error)
    assert not found["hub"].error


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("jupyter_canidothis_config.py", "raise ValueError('boom')"),
        ("jupyter_canidothis_config.py", "c.CanIDoThis.platforms = ["),
        ("jupyter_canidothis_config.json", '{"CanIDoThis": {"platforms": ['),
    ],
)
def test_a_configuration_file_that_cannot_be_read_is_an_error_and_not_fewer_platforms(
    monkeypatch, tmp_path, name, text
):
    monkeypatch.delenv("JUPYTER_NO_CONFIG")
    folder = tmp_path / "jupyter-config"
    folder.mkdir()
    (folder / name).write_text(text)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(folder))

    with pytest.raises(ConfigurationError, match="cannot be read: .*Error"):
        load_planner()


def test_a_name_is_taken_once():
    found = infos(HUB, HUB)

    assert "taken" in found["hub (platforms[1])"].error


def test_this_machine_is_discovered_unless_it_is_configured():
    by_itself = CanIDoThis(platforms=[HUB]).planner()
    configured = CanIDoThis(platforms=[{"kind": "local", "name": "mine"}]).planner()

    assert "local" in {entry.info.kind for entry in by_itself.entries}
    assert [e.info.name for e in configured.entries if e.info.kind == "local"] == ["mine"]


class Broken(Platform):
    """Somebody's adapter with a mistake in it."""

    kind = "broken"

    @classmethod
    def configure(cls, entry, edges=None):
        raise KeyError("oops")

    @classmethod
    def discover(cls):
        raise OSError("oops")


def test_an_adapter_with_a_mistake_harms_no_other(monkeypatch, caplog):
    point = EntryPoint("broken", "nowhere:Broken", registry.GROUP)
    load, known = registry.load, registry.kinds()
    monkeypatch.setattr(registry, "kinds", lambda: {"broken": point, **known})
    monkeypatch.setattr(registry, "load", lambda k: Broken if k == "broken" else load(k))
    found = CanIDoThis(platforms=[{"kind": "broken", "name": "bad"}, HUB]).planner()

    by_name = {entry.info.name: entry for entry in found.entries}
    assert "platforms[0]: the adapter of kind 'broken' failed" in by_name["bad"].info.error
    assert by_name["bad"].platform is None
    assert not by_name["hub"].info.error
    assert "local" in {entry.info.kind for entry in found.entries}
    assert "KeyError" in caplog.text


def test_a_trait_of_the_wrong_type_is_a_configuration_error():
    with pytest.raises(ConfigurationError, match=r"c\.CanIDoThis"):
        load_planner(platforms="slurm")
