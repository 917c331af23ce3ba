"""Prints what is installed where it runs; sent as text to the kernel's interpreter.

Standard library only, any Python from 3.8, nothing of what is installed is
imported. Top-level names come from ``top_level.txt`` or from ``RECORD`` (PyPA
specification "Recording installed projects"), origins from ``direct_url.json``
(PEP 610), conda's packages from ``conda-meta/*.json``.
"""

from __future__ import annotations

import sys

if sys.path and not sys.path[0]:
    # Where a script would look first is not where a kernel does.
    del sys.path[0]

import json
import re
from importlib import metadata
from pathlib import Path

_TOP = re.compile(
    r"^(?!\.\.)([^/,\n]+?)(?:\.(?:cpython|abi3|cp\d|pypy)[^,/]*)?(?:\.py|\.so|\.pyd)?[,/]",
    re.MULTILINE,
)


def _inventory() -> tuple[list[dict[str, object]], dict[str, list[str]]]:
    """Collect everything as plain JSON values."""
    found: list[dict[str, object]] = []
    owners: dict[str, list[str]] = {}
    records: dict[str, list[str]] = {}
    for one in metadata.distributions():
        name = one.metadata["Name"] if one.metadata else None
        if not name:
            continue
        record = one.read_text("RECORD") or ""
        listed = (one.read_text("top_level.txt") or "").split() or _TOP.findall(record)
        tops = sorted({t for t in listed if t.isidentifier() and t != "__pycache__"})
        place = str(getattr(one, "_path", "") or "")
        found.append(
            {
                "name": name,
                "version": str(one.version),
                "installer": (one.read_text("INSTALLER") or "").strip(),
                "url": json.loads(one.read_text("direct_url.json") or "{}"),
                "path": place,
                "changed": _changed(place),
            }
        )
        for top in tops:
            owners.setdefault(top, []).append(name)
            records.setdefault(top, []).append(record)
    _tell_apart(owners, records)
    return found, owners


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


def _conda() -> list[str]:
    return sorted(file.stem for file in Path(sys.prefix, "conda-meta").glob("*.json"))


def _main() -> None:
    found, owners = _inventory()
    answer = {
        "version": ".".join(map(str, sys.version_info[:3])),
        "conda": _conda(),
        "stdlib": sorted(getattr(sys, "stdlib_module_names", ())),
        "found": found,
        "owners": owners,
        "path": sys.path,
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    _main()
