"""Lists what a Python can import; also sent as text to the interpreter of a kernel.

Standard library only, any Python from 3.8; nothing of what is listed is imported.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and sys.path and not sys.path[0]:
    # Where a script would look first is not where a kernel does.
    del sys.path[0]

import json
import pkgutil
import re
from importlib import metadata
from pathlib import Path
from typing import Any


def inventory() -> dict[str, object]:
    """Return distributions and conda packages with versions, modules and search path."""
    found = []
    for one in metadata.distributions():
        told: Any = one.metadata
        if told and "Name" in told:
            found.append((told["Name"], told.get("Version", "")))
    packages = (
        re.fullmatch(r"(.+)-([^-]+)-[^-]+", file.stem)
        for file in Path(sys.prefix, "conda-meta").glob("*.json")
    )
    return {
        "found": found,
        "conda": [match.groups() for match in packages if match],
        "modules": [one.name for one in pkgutil.iter_modules()],
        "path": [folder for folder in sys.path if folder],
    }


if __name__ == "__main__":
    json.dump(inventory(), sys.stdout)
