"""``python -m jupyter_canidothis.demo up|down|status [slurm|gridengine]``."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from .daemons import DemoError
from .gridengine import GridEngineCluster
from .slurm import SlurmCluster

__all__ = ["default_folder", "main"]

_Cluster = SlurmCluster | GridEngineCluster
_PLATFORMS: Final[Mapping[str, type[_Cluster]]] = {
    "slurm": SlurmCluster,
    "gridengine": GridEngineCluster,
}


def default_folder(platform: str = "slurm") -> Path:
    """Return this user's folder for a demo cluster, the same in every terminal."""
    return Path(tempfile.gettempdir()) / f"canidothis-demo-{os.getuid()}" / platform


def _private(folder: Path) -> None:
    """Refuse a parent folder that somebody else could have prepared.

    Raises
    ------
    DemoError
        It belongs to another user or is open to others.
    """
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.parent.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise DemoError(f"{folder.parent} is not private to you; choose another by --folder")


def _variables(cluster: _Cluster) -> str:
    return " ".join(f"{key}={shlex.quote(value)}" for key, value in cluster.env.items())


def _up(_platform: str, cluster: _Cluster) -> None:
    _private(cluster.folder)
    cluster.start()
    sys.stdout.write(f"export {_variables(cluster)}\n")


def _down(platform: str, cluster: _Cluster) -> None:
    cluster.stop()
    sys.stderr.write(f"{platform}: stopped\n")


def _status(platform: str, cluster: _Cluster) -> None:
    state = f"up, {_variables(cluster)}" if cluster.ready() else "down"
    sys.stdout.write(f"{platform}: {state}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 when the platform cannot be started."""
    parser = argparse.ArgumentParser(
        prog="python -m jupyter_canidothis.demo", description=__doc__
    )
    parser.add_argument("command", choices=("up", "down", "status"))
    parser.add_argument("platform", choices=tuple(_PLATFORMS), nargs="?", default="slurm")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args(argv)
    name = options.platform
    cluster = _PLATFORMS[name](options.folder or default_folder(name))
    commands = {"up": _up, "down": _down, "status": _status}
    try:
        commands[options.command](name, cluster)
    except DemoError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
