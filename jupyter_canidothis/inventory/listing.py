"""Lists what a Python can import; also sent as text to the interpreter of a kernel.

Standard library only, any Python from 3.8; nothing of what is listed is imported.
Top-level names come from ``top_level.txt`` or from ``RECORD`` (PyPA specification
"Recording installed projects"), origins from ``direct_url.json`` (PEP 610), conda's
packages from ``conda-meta/*.json``.
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

_TOP = re.compile(
    r"^(?!\.\.)([^/,\n]+?)(?:\.(?:cpython|abi3|cp\d|pypy)[^,/]*)?(?:\.py|\.so|\.pyd)?[,/]",
    re.MULTILINE,
)


def listing(*, files: bool = False) -> dict[str, object]:
    """Return distributions and conda packages with versions, modules and search path.

    Parameters
    ----------
    files
        Read also which files each distribution has, which takes longer: adds where each
        one comes from, in the order of ``found``, and who owns which import.
    """
    distributions = [
        (one, told) for one in metadata.distributions() if "Name" in (told := _told(one))
    ]
    packages = (
        re.fullmatch(r"(.+)-([^-]+)-[^-]+", file.stem)
        for file in Path(sys.prefix, "conda-meta").glob("*.json")
    )
    listed: dict[str, object] = {
        "found": [(told["Name"], told.get("Version", "")) for _, told in distributions],
        "conda": [match.groups() for match in packages if match],
        "modules": [one.name for one in pkgutil.iter_modules()],
        "path": [folder for folder in sys.path if folder],
    }
    if files:
        listed["version"] = ".".join(map(str, sys.version_info[:3]))
        listed["stdlib"] = sorted(getattr(sys, "stdlib_module_names", ()))
        listed["origins"] = [_origin(one) for one, _ in distributions]
        listed["owners"] = _owners([(told["Name"], one) for one, told in distributions])
    return listed


def _told(one: metadata.Distribution) -> Any:
    return one.metadata or {}


def _origin(one: metadata.Distribution) -> dict[str, object]:
    place = str(getattr(one, "_path", "") or "")
    return {
        "installer": (one.read_text("INSTALLER") or "").strip(),
        "url": json.loads(one.read_text("direct_url.json") or "{}"),
        "path": place,
        "changed": _changed(place),
    }


def _owners(distributions: list[tuple[str, metadata.Distribution]]) -> dict[str, list[str]]:
    owners: dict[str, list[str]] = {}
    records: dict[str, list[str]] = {}
    for name, one in distributions:
        record = one.read_text("RECORD") or ""
        listed = (one.read_text("top_level.txt") or "").split() or _TOP.findall(record)
        for top in sorted({t for t in listed if t.isidentifier() and t != "__pycache__"}):
            owners.setdefault(top, []).append(name)
            records.setdefault(top, []).append(record)
    _tell_apart(owners, records)
    return owners


def _tell_apart(owners: dict[str, list[str]], records: dict[str, list[str]]) -> None:
    """Add the deeper names of a top-level name that several distributions share."""
    for top in [top for top, names in owners.items() if len(set(names)) > 1]:
        deep = re.compile(
            rf"^({re.escape(top)}(?:/[A-Za-z_]\w*){{1,2}})(?:\.py|/)", re.MULTILINE
        )
        for name, record in zip(owners[top], records[top]):  # noqa: B905 - older Pythons run this
            for path in set(deep.findall(record)):
                parts = path.split("/")
                for count in range(2, len(parts) + 1):
                    names = owners.setdefault(".".join(parts[:count]), [])
                    if name not in names:
                        names.append(name)


def _changed(place: str) -> float:
    try:
        return Path(place).stat().st_mtime
    except OSError:
        return 0.0


if __name__ == "__main__":
    json.dump(listing(files="files" in sys.argv[1:]), sys.stdout)
