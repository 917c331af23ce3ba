"""``python -m jupyter_canidothis.demo up slurm | down slurm | status``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .slurm import DemoError, SlurmCluster

__all__ = ["default_folder", "main"]


def default_folder() -> Path:
    """Return this user's folder for the demo cluster, the same in every terminal."""
    return Path(tempfile.gettempdir()) / f"canidothis-demo-{os.getuid()}" / "slurm"


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


def _up(cluster: SlurmCluster) -> None:
    _private(cluster.folder)
    cluster.start()
    sys.stdout.write(f"export SLURM_CONF={cluster.conf}\n")


def _down(cluster: SlurmCluster) -> None:
    cluster.stop()
    sys.stderr.write("slurm: stopped\n")


def _status(cluster: SlurmCluster) -> None:
    state = f"up, SLURM_CONF={cluster.conf}" if cluster.ready() else "down"
    sys.stdout.write(f"slurm: {state}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 when the platform cannot be started."""
    parser = argparse.ArgumentParser(
        prog="python -m jupyter_canidothis.demo", description=__doc__
    )
    parser.add_argument("command", choices=("up", "down", "status"))
    parser.add_argument("platform", choices=("slurm",), nargs="?", default="slurm")
    parser.add_argument("--folder", type=Path, default=default_folder())
    options = parser.parse_args(argv)
    cluster = SlurmCluster(options.folder)
    try:
        {"up": _up, "down": _down, "status": _status}[options.command](cluster)
    except DemoError as error:
        sys.stderr.write(f"slurm: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
