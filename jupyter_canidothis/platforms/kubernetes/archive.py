"""Chart archives: foreign files, taken apart so that they can do no harm.

Bounded in size and number, plain files only, and nothing outside the folder.
"""

from __future__ import annotations

import base64
import binascii
import io
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Final

from ...errors import RequestError
from ...evidence import trim

__all__ = ["by_value", "chart_folder", "from_file", "unpack"]

ARCHIVE_CAP: Final = 5 * 2**20
"""Largest chart archive, in bytes; the API server takes releases of 1 MiB."""
UNPACKED_CAP: Final = 20 * 2**20
"""Largest chart, unpacked, in bytes."""
FILES_CAP: Final = 2_000
"""Most files of a chart."""
_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31
"""Tells zlib to expect gzip, with the largest window."""
_FIELD: Final = "executable.location"


def by_value(content: str) -> bytes | None:
    """Return an archive in base64; None when the content is something else."""
    text = content.strip()
    if not text.startswith("H4sI"):
        return None
    if len(text) > ARCHIVE_CAP * 4 // 3 + 4:
        raise RequestError("executable.content", f"{len(text)} characters", "a smaller chart")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise RequestError("executable.content", "base64 that is broken", "a chart") from error


def chart_folder(location: str) -> Path | None:
    """Return the folder of a chart that lies open; None when it is no folder.

    Raises
    ------
    RequestError
        A folder that holds no chart.
    """
    path = Path(location).expanduser()
    if not path.is_dir():
        return None
    if not (path / "Chart.yaml").is_file():
        raise RequestError(_FIELD, location, "a folder with a Chart.yaml")
    return path.resolve()


def from_file(location: str) -> bytes:
    """Read an archive of this machine.

    Raises
    ------
    RequestError
        There is none, or it is too large.
    """
    path = Path(location).expanduser()
    try:
        if path.stat().st_size > ARCHIVE_CAP:
            raise RequestError(
                _FIELD, str(path), f"a chart archive of at most {ARCHIVE_CAP} bytes"
            )
        return path.read_bytes()
    except OSError as error:
        raise RequestError(
            _FIELD, str(path), "a chart: a folder, a .tgz or an address"
        ) from error


def unpack(archive: bytes, folder: Path) -> Path:
    """Unpack a chart archive and return the folder of the chart in it.

    Only plain files are taken, each below the folder; what is larger than the caps once
    unpacked, links out or climbs out is refused before anything of it is written.
    """
    if not archive.startswith(_GZIP) or len(archive) > ARCHIVE_CAP:
        raise RequestError(_FIELD, "this archive", f"a .tgz of at most {ARCHIVE_CAP} bytes")
    try:
        content, whole = _plain(archive)
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
            _extract(tar, folder)
    except (tarfile.TarError, zlib.error, OSError, EOFError) as error:
        raise RequestError(_FIELD, "this archive", "a whole .tgz") from error
    if not whole:
        raise RequestError(_FIELD, "this archive", "a whole .tgz")
    charts = sorted(folder.glob("*/Chart.yaml"))
    if len(charts) != 1:
        raise RequestError(_FIELD, "this archive", "one folder with a Chart.yaml")
    return charts[0].parent


def _plain(archive: bytes) -> tuple[bytes, bool]:
    """Decompress, bounded, and say whether the end was reached.

    Before anything is read of it: a header may itself claim to be gigabytes long.
    """
    plain = zlib.decompressobj(_GZIP_WINDOW)
    content = plain.decompress(archive, UNPACKED_CAP)
    if plain.unconsumed_tail:
        raise RequestError(_FIELD, "this archive", f"at most {UNPACKED_CAP} bytes unpacked")
    return content, plain.eof


def _extract(tar: tarfile.TarFile, folder: Path) -> None:
    for count, member in enumerate(tar):
        path = PurePosixPath(member.name)
        if (
            path.is_absolute()
            or ".." in path.parts
            or "\\" in member.name
            or "\0" in member.name
        ):
            raise RequestError(_FIELD, trim(member.name, 80), "paths inside the chart")
        if count >= FILES_CAP:
            raise RequestError(_FIELD, "this archive", f"at most {FILES_CAP} files")
        if member.isdir():
            continue
        if not member.isreg():
            raise RequestError(
                _FIELD, trim(member.name, 80), "plain files, no links or devices"
            )
        target, source = folder / path, tar.extractfile(member)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read() if source else b"")
