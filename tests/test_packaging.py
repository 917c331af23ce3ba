from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

import jupyter_canidothis

ROOT = Path(__file__).parents[1]


def test_the_lock_file_holds_no_download_address():
    lock = (ROOT / "labextension" / "package-lock.json").read_text()

    assert '"resolved"' not in lock
    assert '"integrity"' in lock


def test_python_and_npm_have_one_version():
    package = json.loads((ROOT / "labextension" / "package.json").read_text())

    assert jupyter_canidothis.__version__ == package["version"]
    assert metadata.version("jupyter_canidothis") == package["version"]


def test_a_plain_installation_enables_the_server_extension():
    config = ROOT / "jupyter_canidothis/etc/jupyter_server_config.d/jupyter_canidothis.json"

    enabled = json.loads(config.read_text())["ServerApp"]["jpserver_extensions"]
    assert enabled == {"jupyter_canidothis": True}


def test_the_package_says_that_it_is_typed():
    assert (Path(jupyter_canidothis.__file__).parent / "py.typed").is_file()
