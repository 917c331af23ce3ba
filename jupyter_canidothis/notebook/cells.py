"""The code cells of a notebook: every nbformat, MyST Markdown, or a live model.

Nothing is validated against a schema: a notebook that a front end shows has to
be readable here too, so each field is taken when it has the right type and
ignored when it has not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from ..errors import NotebookError
from .markdown import read_markdown, read_percent

__all__ = ["FILE_CAP", "Cell", "Notebook", "read_notebook"]

FILE_CAP: Final = 256 * 2**20
"""Largest notebook file that is read, in bytes."""

_OTHER_KERNELS: Final = (("ir", "r"), ("julia", "julia"), ("octave", "octave"))
_UNREADABLE: Final = "open it in Jupyter to see whether it is damaged, or save it again"


class Cell(NamedTuple):
    """One code cell."""

    number: int
    """Position among all cells of the notebook, from 1."""
    source: str
    """Its text."""
    metadata: Mapping[str, Any]
    """Its metadata, where timings and tags are."""

    def at(self, line: int) -> str:
        """Name a line of this cell for evidence."""
        return f"cell {self.number}, line {line}"


class Notebook(NamedTuple):
    """What is read of a notebook before any of its code is."""

    cells: tuple[Cell, ...]
    """Code cells in order."""
    metadata: Mapping[str, Any]
    """Notebook metadata."""
    kernel: str
    """Name of its kernel spec; empty when it was never saved with one."""
    language: str
    """Lower-case language of its cells."""
    language_known: bool
    """Whether the notebook says its language, or we assume Python."""
    version: str
    """Language version of the kernel that last ran it, or empty."""


def read_notebook(source: Mapping[str, Any] | bytes | Path) -> Notebook:
    """Read a notebook from a live model, the bytes of a file, or a file.

    Raises
    ------
    NotebookError
        It cannot be read, or it is no notebook.
    """
    model = source if isinstance(source, Mapping) else _parse(source)
    metadata = mapping(model.get("metadata"))
    kernelspec = mapping(metadata.get("kernelspec"))
    info = mapping(metadata.get("language_info"))
    kernel = text(kernelspec.get("name"))
    language = text(kernelspec.get("language")) or text(info.get("name"))
    language = language.lower() or _language_of(kernel)
    return Notebook(
        cells=tuple(_code_cells(model)),
        metadata=metadata,
        kernel=kernel,
        language="python" if language in ("", "ipython", "python3") else language,
        language_known=bool(language),
        version=text(info.get("version")),
    )


def mapping(value: object) -> Mapping[str, Any]:
    """Return the value when it is a mapping, else an empty one."""
    # An exact dict is far the most common, and the abstract check slow.
    return value if type(value) is dict or isinstance(value, Mapping) else {}


def text(value: object) -> str:
    """Return nbformat's multi-line text, a string or a list of strings, as one string."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return "".join(part for part in value if isinstance(part, str))
    return ""


def _language_of(kernel: str) -> str:
    name = kernel.lower()
    if name.startswith("python"):
        return "python"
    for prefix, language in _OTHER_KERNELS:
        if name == prefix or re.match(rf"{prefix}[-_0-9. ]", name):
            return language
    return ""


def _parse(source: bytes | Path) -> Mapping[str, Any]:
    suffix = ""
    if isinstance(source, Path):
        suffix = source.suffix.lower()
        source = _load(source)
    content = source.lstrip(b"\xef\xbb\xbf \t\r\n")
    if suffix in (".md", ".myst") or content.startswith(b"---\n"):
        return read_markdown(content.decode(errors="replace"))
    if suffix == ".py" or content.startswith((b"# ---\n", b"# %%")):
        return read_percent(content.decode(errors="replace"))
    try:
        return _decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotebookError("not a notebook: it is not JSON", hint=_UNREADABLE) from error


class _PlainCell(msgspec.Struct, gc=False):
    """What is read of a cell of nbformat 4; its outputs are skipped unread."""

    cell_type: str
    source: str | list[str]
    metadata: dict[str, Any] = {}


class _PlainModel(msgspec.Struct):
    """A notebook of nbformat 4, as nearly all are."""

    cells: list[_PlainCell]
    metadata: dict[str, Any] = {}


_plain: Final = msgspec.json.Decoder(_PlainModel)


def _decode(content: bytes) -> Mapping[str, Any]:
    try:
        return msgspec.structs.asdict(_plain.decode(content))
    except msgspec.ValidationError:
        model = msgspec.json.decode(content)
    if not isinstance(model, dict):
        raise NotebookError("not a notebook: its JSON is no object", hint=_UNREADABLE)
    return model


def _load(path: Path) -> bytes:
    try:
        if path.stat().st_size > FILE_CAP:
            raise NotebookError(f"the notebook is larger than {FILE_CAP // 2**20} MiB")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise NotebookError(
            f"cannot read {path.name or path}: {reason}",
            hint="check the path and its permissions",
        ) from error


def _code_cells(model: Mapping[str, Any]) -> Iterator[Cell]:
    """Yield the code cells of nbformat 4 (``cells``) and 1 to 3 (``worksheets``, ``input``).

    Formats: nbformat's JSON schemas v1 to v4; v1 keeps the source in ``code``.
    """
    cells = model.get("cells")
    if not isinstance(cells, (list, tuple)):
        sheets = model.get("worksheets")
        if not isinstance(sheets, (list, tuple)):
            raise NotebookError("not a notebook: it has no list of cells", hint=_UNREADABLE)
        found = [mapping(sheet).get("cells") for sheet in sheets]
        cells = [cell for part in found if isinstance(part, (list, tuple)) for cell in part]
    for number, cell in enumerate(cells, 1):
        if type(cell) is _PlainCell:
            if cell.cell_type == "code" and (written := text(cell.source)):
                yield Cell(number, written, cell.metadata)
            continue
        cell = mapping(cell)  # noqa: PLW2901 - what is no mapping is no cell
        if cell.get("cell_type") != "code":
            continue
        source = cell.get("source") or cell.get("input") or cell.get("code")
        if written := text(source):
            yield Cell(number, written, mapping(cell.get("metadata")))
