"""Notebooks kept as text: MyST and Jupytext Markdown, and the percent format.

Formats: https://myst-nb.readthedocs.io (``{code-cell}`` fences) and
https://jupytext.readthedocs.io/en/latest/formats-markdown.html, formats-scripts.html.
Only what finding code needs is read: fences, cell marks, and the kernel spec
of the front matter.
"""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["read_markdown", "read_percent"]

_FENCE: Final = re.compile(r"^(?P<fence>`{3,}|~{3,}|:{3,})\s*(?P<info>[^\n`]*)$")
_MYST: Final = re.compile(r"^\{code-cell\}")
_PLAIN: Final = re.compile(r"^(i?python3?|r|julia)\b", re.IGNORECASE)
_KEY: Final = re.compile(r"^\s+(name|language|display_name|version):\s*['\"]?([^'\"\n#]*)")
_MARK: Final = re.compile(r"^# %%[^\n]*$", re.MULTILINE)


def read_markdown(text: str) -> dict[str, Any]:
    """Turn a Markdown notebook into the model that a front end would hold."""
    head, body = _front_matter(text)
    # Plain fences are cells in Jupytext Markdown, and only shown in MyST.
    code = _MYST if "{code-cell}" in body else _PLAIN
    cells: list[dict[str, Any]] = []
    fence = ""
    kind = "markdown"
    lines: list[str] = []
    for line in [*body.splitlines(), "```"]:
        mark = _FENCE.match(line)
        if fence and line.strip() == fence:
            _close(cells, kind, lines)
            fence, kind, lines = "", "markdown", []
        elif mark and not fence:
            _close(cells, kind, lines)
            fence = mark["fence"]
            kind, lines = "code" if code.match(mark["info"].strip()) else "markdown", []
        else:
            lines.append(line)
    _close(cells, kind, lines)
    return {"cells": cells, "metadata": head}


def read_percent(text: str) -> dict[str, Any]:
    """Turn a script in the percent format, or any script, into a model."""
    head, _ = _front_matter(re.sub(r"^# ?", "", text, flags=re.MULTILINE))
    body = text.split("# ---\n", 2)[-1] if head else text
    cells: list[dict[str, Any]] = []
    marks = [*_MARK.finditer(body)]
    starts = [0, *(mark.end() + 1 for mark in marks)]
    ends = [*(mark.start() for mark in marks), len(body)]
    kinds = ["code", *("markdown" if "[markdown]" in m[0] else "code" for m in marks)]
    for kind, start, end in zip(kinds, starts, ends, strict=True):
        _close(
            cells, kind, [re.sub(r"^# (?=[!%])", "", x) for x in body[start:end].splitlines()]
        )
    return {"cells": cells, "metadata": head}


def _close(cells: list[dict[str, Any]], kind: str, lines: list[str]) -> None:
    if kind == "code":
        lines = _without_options(lines)
    source = "\n".join(lines)
    if source.strip():
        cells.append({"cell_type": kind, "source": source, "metadata": {}})


def _without_options(lines: list[str]) -> list[str]:
    """Blank the options of a MyST cell, so that line numbers stay those of the cell."""
    count = 0
    if lines and lines[0].strip() == "---":
        ends = (i for i, line in enumerate(lines[1:], 1) if line.strip() == "---")
        count = next(ends, -1) + 1
    while count < len(lines) and re.match(r"^:[\w-]+:", lines[count]):
        count += 1
    return [""] * count + lines[count:]


def _front_matter(text: str) -> tuple[dict[str, Any], str]:
    match = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    if match is None:
        return {}, text
    head: dict[str, Any] = {}
    section: dict[str, str] = {}
    for line in match[1].splitlines():
        if re.match(r"^\s*(kernelspec|language_info):", line):
            section = head.setdefault(line.strip().rstrip(":"), {})
        elif key := _KEY.match(line):
            section.setdefault(key[1], key[2].strip())
    return head, text[match.end() :]
