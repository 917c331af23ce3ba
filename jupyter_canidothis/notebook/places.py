"""What kind of place a text names: a file, a URL, a service; and how large it is."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Final

__all__ = ["file_size", "is_file_name", "is_remote", "matches", "without_user"]

_REMOTE: Final = re.compile(
    r"(?:https?|ftps?|s3|gs|gcs|abfss?|az|adl|ivo|root|davs?|webdavs?|hdfs|rucio|srm|globus)://"
    r"|(?:vos|arc|mast|cadc|rucio|doi):\S",
    re.IGNORECASE,
)
_DATA: Final = re.compile(
    r"[^./\\]\.(?:fits?|fts|fz|csv|tsv|txt|dat|data|asc|ascii|jsonl?|geojson|h5|hdf5?|he5|nc4?|cdf|zarr"
    r"|parquet|parq|feather|arrow|np[yz]|asdf|vot|votable|xml|xlsx?|ods|pkl|pickle|joblib|png"
    r"|jpe?g|gif|bmp|tiff?|jp2|ecsv|ya?ml|toml|ini|cfg|gz|bz2|xz|zst|tar|tgz|zip|7z|db|sqlite3?"
    r"|root|mat|sav|dta|wav|mp[34]|avi|reg|lst|list|tbl|cat|par|tim|ms|uvfits|sdf|evt|pha|arf"
    r"|rmf|lc|grib2?|shp|gpkg|las|pt|pth|ckpt|onnx|safetensors|model|bin|raw|ply|obj|stl|db3"
    r"|html?|md)(?:\[[\w,]*\])?$",
    re.IGNORECASE,
)
NAME_CAP: Final = 500
"""Longest file name."""
FILES_CAP: Final = 2000
"""How many files of a folder or pattern are looked at for their number and size."""


def is_remote(text: str) -> bool:
    """Whether reading this needs the network."""
    return _REMOTE.match(text) is not None


def is_file_name(text: str) -> bool:
    """Whether this looks like the name of a data file, and not like content."""
    return 0 < len(text) <= NAME_CAP and "\n" not in text and _DATA.search(text) is not None


def without_user(url: str) -> str:
    """Drop user and password, and the query, where a token may be."""
    return re.sub(r"(?<=://)[^/@\s]*@", "", url).partition("?")[0]


def file_size(text: str, folder: Path | None) -> int | None:
    """Return the bytes of a local file or folder; None when absent or too much to count."""
    try:
        path = Path(text).expanduser()
        path = path if path.is_absolute() or folder is None else folder / path
        if folder is None and not path.is_absolute():
            return None
        if path.is_file():
            return path.stat().st_size
        if path.is_dir():
            return _folder_size(path)
    except (OSError, ValueError, RuntimeError):
        return None
    return None


def _folder_size(folder: Path) -> int | None:
    files = [*itertools.islice(folder.rglob("*"), FILES_CAP + 1)]
    if len(files) > FILES_CAP:
        return None
    return sum(file.stat().st_size for file in files if file.is_file())


def matches(pattern: str, folder: Path | None) -> list[Path]:
    """List the files that a pattern finds from a notebook's folder, up to a cap.

    Only the last two parts may be patterns, and none recursive: anything else
    may walk the whole disk.
    """
    parts = pattern.split("/")
    wild = [part for part in parts[:-2] if set(part) & set("*?[")]
    if folder is None or wild or "**" in pattern or len(pattern) > NAME_CAP:
        return []
    try:
        start = Path(pattern).expanduser()
        root, rest = (
            (Path(start.anchor), start.relative_to(start.anchor))
            if start.is_absolute()
            else (folder, start)
        )
        return [*itertools.islice(root.glob(str(rest)), FILES_CAP)]
    except (OSError, ValueError, RuntimeError, NotImplementedError, IndexError):
        return []
