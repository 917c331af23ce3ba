r"""What one cell says: Python, magics, shell commands, and files it writes.

IPython's own syntax is undone here, by the rules of
https://ipython.readthedocs.io/en/stable/interactive/reference.html (sections
"IPython as a system shell", "Magic command system", "Dynamic object
information", "Automatic parentheses and quotes"): escapes count only where a
statement begins, so ``"%s" % x`` and ``80 %\n!important`` in a string survive.
"""

from __future__ import annotations

import ast
import functools
import itertools
import re
from collections import Counter
from dataclasses import dataclass, field
from importlib import resources
from typing import Final, NamedTuple

import msgspec

__all__ = [
    "Code",
    "Command",
    "Foreign",
    "Magic",
    "Script",
    "Written",
    "read_source",
    "skim_source",
]

_MARK: Final = re.compile(r"[%!?/,;]")
"""What every escape has one of."""
_ESCAPED: Final = re.compile(r"(?P<indent>[ \t]*)(?P<mark>%{1,2}|!{1,2}(?!=))")
_ASSIGNED: Final = re.compile(
    r"(?P<indent>[ \t]*)(?P<target>[A-Za-z_][\w.,*\[\]'\" ()]*?)\s*=\s*"
    r"(?P<mark>!{1,2}(?!=)|%{1,2}(?=[A-Za-z_]))"
)
_HELP: Final = re.compile(
    r"(?P<indent>[ \t]*)(?:\?{1,2}[%\w].*|[^#'\"\n]*[\w\])*]\?{1,2}\s*(?:[#;].*)?)$"
)
_AUTOCALL: Final = re.compile(r"(?P<indent>[ \t]*)[,;/][A-Za-z_]")
_PROMPT: Final = re.compile(r"^(?:>>> ?|\.\.\. ?|In \[\d+\]: ?|[ \t]+\.{3,}: ?)", re.MULTILINE)
_TOKEN: Final = re.compile(
    r"\"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)|'''(?:\\.|[^\\])*?(?:'''|\Z)"
    r"|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?"
    r"|\#[^\n]*|\\\n|[()\[\]{}]|\n|[^\"'\#\\()\[\]{}\n]+|\\",
    re.DOTALL,
)
_PLAIN_LINE: Final = re.compile(r"[^\"'#\\()\[\]{}\n]*\n")
"""A line that opens nothing, which most are: it ends where it ends."""
_IMPORT_LINE: Final = re.compile(
    r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+import[ \t]*(?:\([^()]*\)|[\w*., \t]+)"
    r"|import[ \t]+[\w., \t]+)",
    re.MULTILINE,
)
_BLANK: Final = re.compile(r"(?:[ \t\r\f]*\n)*")
IMPORTS_CAP: Final = 2000
"""Most import lines picked out of one cell, or different ones of all cells that are skimmed."""
_TARGET_CAP: Final = 1000
"""How far into a statement its IPython mark is looked for, in characters."""
_NESTING: Final = 4
"""Deepest nesting of cell magics that is followed."""
_UNPARSABLE: Final = (SyntaxError, ValueError, RecursionError, MemoryError)


class Code(NamedTuple):
    """A piece of Python."""

    tree: ast.Module
    """Its syntax tree."""
    offset: int
    """Lines of the cell before its first line."""
    certain: bool
    """False when the cell could not be parsed and only its imports were picked out."""


class Magic(NamedTuple):
    """One magic, of a line or of a cell."""

    name: str
    rest: str
    line: int
    cell: bool


class Command(NamedTuple):
    """One shell command line."""

    text: str
    line: int


class Written(NamedTuple):
    """One file that a cell writes when it runs."""

    name: str
    content: str
    line: int


class Foreign(NamedTuple):
    """The body of a cell magic that is in another language."""

    magic: str
    text: str
    offset: int
    """Lines of the cell before its first line."""


@dataclass(slots=True)
class Script:
    """What one cell says."""

    code: list[Code] = field(default_factory=list)
    magics: list[Magic] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    files: list[Written] = field(default_factory=list)
    foreign: list[Foreign] = field(default_factory=list)
    broken: bool = False
    """Whether some Python of it could not be parsed."""


class _Magics(msgspec.Struct, frozen=True):
    """Names of magics by what follows them (``data/magics.json``)."""

    python: frozenset[str]
    """Cells whose body is Python for this kernel."""
    shell: frozenset[str]
    """Cells and lines that hold shell commands."""
    file: frozenset[str]
    """Cells that are written to a file."""
    other: frozenset[str]
    """Cells in another language, or for another process."""
    line: frozenset[str]
    """Lines that end in Python."""


@functools.cache
def _magics() -> _Magics:
    file = resources.files(__package__) / "data" / "magics.json"
    return msgspec.json.decode(file.read_bytes(), type=_Magics)


def read_source(source: str) -> Script:
    """Read one cell; what cannot be parsed costs only itself."""
    script = Script()
    _cell(source, 0, script, depth=0)
    return script


def skim_source(source: str, known: Counter[str], most: int) -> Script | None:
    """Pick only the imports out of a cell, where there is too much code to read it all.

    Parameters
    ----------
    source
        The cell.
    known
        How often each import line was picked before; counted on here.
    most
        How often the same line is picked at most.

    Returns
    -------
    Script or None
        None when it says nothing new.
    """
    if "import" not in source:
        return None
    script = Script()
    _pick_imports(source, 0, script, certain=True, known=known, most=most)
    return script if script.code else None


def _cell(source: str, offset: int, script: Script, depth: int) -> None:
    text = source[_BLANK.match(source).end() :]  # type: ignore[union-attr]
    offset += source.count("\n", 0, len(source) - len(text))
    if text.lstrip().startswith("%%") and depth < _NESTING:
        _cell_magic(text.lstrip(), offset, script, depth)
        return
    if text.startswith((" ", "\t")):
        text = _dedent(text)
    _python(text, offset, script)


def _cell_magic(text: str, offset: int, script: Script, depth: int) -> None:
    head, _, body = text.partition("\n")
    name, _, rest = head[2:].strip().partition(" ")
    rest = rest.strip()
    script.magics.append(Magic(name, rest, offset + 1, cell=True))
    if name in _magics().file:
        if rest:
            script.files.append(Written(rest.split()[-1].strip("'\""), body, offset + 1))
    elif name in _magics().shell:
        script.commands += shell_lines(body, offset + 1)
    elif name in _magics().other:
        script.foreign.append(Foreign(name, body, offset + 1))
    else:
        broken = script.broken
        _cell(body, offset + 1, script, depth + 1)
        if name not in _magics().python:
            _forget_doubtful(script)
            script.broken = broken


def _forget_doubtful(script: Script) -> None:
    """Drop imports picked out of what may be no Python at all."""
    script.code = [code for code in script.code if code.certain]


def shell_lines(body: str, offset: int) -> list[Command]:
    """Split a shell script into command lines, continuations joined."""
    commands: list[Command] = []
    pending, start = "", 0
    for number, line in enumerate(body.split("\n"), offset + 1):
        start = start if pending else number
        pending += line.rstrip("\r")
        if pending.endswith("\\"):
            pending = pending[:-1] + " "
            continue
        if pending.strip():
            commands.append(Command(pending.strip(), start))
        pending = ""
    return commands


def _dedent(text: str) -> str:
    indent = re.match(r"[ \t]*", text)
    width = indent.end() if indent else 0
    prefix = text[:width]
    return "\n".join(
        line[width:] if line.startswith(prefix) else line for line in text.split("\n")
    )


def _python(text: str, offset: int, script: Script) -> None:
    tree = parse(text)
    if tree is None:
        tree = _parse_escaped(text, offset, script)
    if tree is None:
        script.broken = True
        _pick_imports(text, offset, script, certain=False)
        return
    script.code.append(Code(tree, offset, certain=True))


def _pick_imports(
    text: str,
    offset: int,
    script: Script,
    *,
    certain: bool,
    known: Counter[str] | None = None,
    most: int = 0,
) -> None:
    counted = 0
    for match in itertools.islice(_IMPORT_LINE.finditer(text), IMPORTS_CAP):
        line = match[0].strip()
        if known is not None:
            known[line] += 1
            if known[line] > most or len(known) > IMPORTS_CAP:
                continue
        offset += text.count("\n", counted, match.start())
        counted = match.start()
        tree = _parse_line(line)
        if tree is not None:
            script.code.append(Code(tree, offset, certain))


@functools.lru_cache(maxsize=1024)
def _parse_line(text: str) -> ast.Module | None:
    return parse(text)


def parse(text: str) -> ast.Module | None:
    """Parse Python, or return None when this is none."""
    try:
        return ast.parse(text)
    except _UNPARSABLE:
        return None


def _parse_escaped(text: str, offset: int, script: Script) -> ast.Module | None:
    if ">>>" in text or "In [" in text:
        text = _PROMPT.sub("", text)
    found = Script()
    plain = _undo_escapes(text, offset, found)
    tree = parse(plain)
    script.magics += found.magics
    script.commands += found.commands
    script.code += found.code
    return tree


def _undo_escapes(text: str, offset: int, script: Script) -> str:
    """Replace every statement in IPython's own syntax by one in Python, line for line."""
    plain: list[str] = []
    position, line = 0, offset + 1
    while position < len(text):
        end = _escape_end(text, position)
        statement = text[position:end]
        replaced = _replace(statement, line, script) if _MARK.search(statement) else None
        if replaced is None:
            end = _statement_end(text, position)
            replaced = text[position:end]
        plain.append(replaced)
        line += text.count("\n", position, end)
        position = end
    return "".join(plain)


def _escape_end(text: str, position: int) -> int:
    """Return the end of a line and the lines that a backslash joins to it."""
    while True:
        newline = text.find("\n", position)
        if newline < 0:
            return len(text)
        if text[newline - 1 : newline] != "\\":
            return newline + 1
        position = newline + 1


def _statement_end(text: str, position: int) -> int:
    """Return where the next line begins that is not inside brackets or a string."""
    if plain := _PLAIN_LINE.match(text, position):
        return plain.end()
    depth = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return len(text)
        part, position = match[0], match.end()
        if part in ("(", "[", "{"):
            depth += 1
        elif part in (")", "]", "}"):
            depth = max(0, depth - 1)
        elif part == "\n" and depth == 0:
            return position
    return position


def _replace(statement: str, line: int, script: Script) -> str | None:
    """Turn one escaped statement into Python of as many lines, or return None."""
    joined = statement.replace("\\\n", " ").rstrip("\n")
    tail = "\n" * statement.count("\n")
    for pattern in (_ESCAPED, _ASSIGNED):
        # A target is short; matching a long line against it takes quadratic time.
        if match := pattern.match(joined, 0, _TARGET_CAP):
            _note_escape(match["mark"], joined[match.end() :].strip(), line, script)
            left = f"{match['target']} = None" if pattern is _ASSIGNED else "pass"
            return f"{match['indent']}{left}{tail}"
    if match := _HELP.match(joined) or _AUTOCALL.match(joined):
        return f"{match['indent']}pass{tail}"
    return None


def _note_escape(mark: str, rest: str, line: int, script: Script) -> None:
    if mark.startswith("!"):
        script.commands.append(Command(rest, line))
        return
    name, _, arguments = rest.partition(" ")
    arguments = arguments.strip()
    script.magics.append(Magic(name, arguments, line, cell=False))
    if name in _magics().shell:
        script.commands.append(Command(arguments, line))
    elif name in _magics().line:
        code = re.sub(r"^(?:-\w+(?:\s*\d+)?\s+)+", "", arguments)
        tree = parse(code)
        if tree is not None:
            script.code.append(Code(tree, line - 1, certain=True))
