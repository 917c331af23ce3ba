"""Configuration files for tests."""

import json


def write_config(folder, platforms, suffix="json"):
    """Write a configuration file as Python or JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (
        f"c.CanIDoThis.platforms = {platforms!r}\nc.CanIDoThis.discover = False\n"
        if suffix == "py"
        else json.dumps({"CanIDoThis": {"platforms": platforms, "discover": False}})
    )
    (folder / f"jupyter_canidothis_config.{suffix}").write_text(text)
