"""What the Python of a notebook calls, by full name, and the texts it names.

One walk over each syntax tree collects everything that the rules about hidden
needs, data and resources look at.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["Call", "Calls", "Text"]

_PARTS: Final = 12
"""Longest dotted name that is put together."""


_PLACE: Final = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]{1,20}://|(?:vos|arc|mast|cadc):)")
"""How a URL or an archive's own identifier begins."""


class Call(NamedTuple):
    """One call."""

    name: str
    """Full dotted name through the imports, ``pandas.read_csv``; ``.head`` for a method
    of something unknown."""
    arguments: tuple[ast.expr, ...]
    keywords: dict[str, ast.expr]
    where: tuple[int, int]
    """Cell index and line in that cell."""

    @property
    def method(self) -> str:
        """Last part of its name."""
        return self.name.rpartition(".")[2]


class Slice(NamedTuple):
    """The first so many of something: ``files[:10]``."""

    value: ast.expr
    length: int
    where: tuple[int, int]


class Text(NamedTuple):
    """One text that stands in the code."""

    value: str
    where: tuple[int, int]


class Calls:
    """The calls, texts and constant variables of all cells."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.texts: list[Text] = []
        """URLs and archive identifiers."""
        self.slices: list[Slice] = []
        self.variables: list[Text] = []
        """Environment variables that are read."""
        self.modules: dict[str, tuple[int, int]] = {}
        self._names: dict[str, str] = {}
        self._constants: dict[str, ast.expr | None] = {}
        self._waiting: list[tuple[ast.Call, tuple[int, int]]] = []

    def walk(self, tree: ast.AST, cell: int, offset: int) -> None:
        """Collect what one piece of code says; `finish` puts names to it."""
        stack = [tree]
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind is ast.Constant:
                self._text(node, cell, offset)  # type: ignore[arg-type]
                continue
            if kind is ast.Name:
                continue
            if kind is ast.Call:
                self._call(node, cell, offset)  # type: ignore[arg-type]
            elif kind is ast.Subscript:
                self._slice(node, cell, offset)  # type: ignore[arg-type]
            elif kind is ast.Assign:
                self._assign(node)  # type: ignore[arg-type]
            elif kind is ast.Import or kind is ast.ImportFrom:
                self._import(node, cell, offset)  # type: ignore[arg-type]
                continue
            stack += _children(node)

    def finish(self) -> None:
        """Give every call its full name, now that all imports are known."""
        for node, where in self._waiting:
            name = self.dotted(node.func)
            if name:
                keywords = {word.arg: word.value for word in node.keywords if word.arg}
                self.calls.append(Call(name, tuple(node.args), keywords, where))
        self._waiting.clear()

    def dotted(self, node: ast.expr) -> str:
        """Return the full dotted name of an expression, ``.last`` where its root is unknown."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute) and len(parts) < _PARTS:
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            root = self._names.get(node.id)
            if root is not None:
                return ".".join([root, *reversed(parts)])
            if not parts:
                return node.id
        return f".{parts[0]}" if parts else ""

    def string(self, node: ast.expr | None, depth: int = 0) -> str | None:
        """Return the text that an expression is known to be, or None.

        Constants, variables assigned once, ``+``, f-strings of known parts,
        ``Path(...)``, ``os.path.join(...)`` and ``Path / text``.
        """
        if node is None or depth > _PARTS:
            return None
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self.string(self._constants.get(node.id), depth + 1)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Div)):
            left, right = self.string(node.left, depth + 1), self.string(node.right, depth + 1)
            glue = "/" if isinstance(node.op, ast.Div) else ""
            return None if left is None or right is None else f"{left}{glue}{right}"
        if isinstance(node, ast.JoinedStr):
            return self._all(node.values, "", depth)
        if isinstance(node, ast.FormattedValue) and node.format_spec is None:
            return self.string(node.value, depth + 1)
        if isinstance(node, ast.Call):
            return self._built(node, depth)
        return None

    def _built(self, node: ast.Call, depth: int) -> str | None:
        name = self.dotted(node.func)
        if name in ("pathlib.Path", "pathlib.PurePath", "str", "os.path.join"):
            return self._all(node.args, "/", depth)
        if name in ("os.getcwd", "pathlib.Path.cwd"):
            return "."
        if name in ("os.path.expanduser", "os.path.abspath") and len(node.args) == 1:
            return self.string(node.args[0], depth + 1)
        return None

    def _all(self, nodes: list[ast.expr], glue: str, depth: int) -> str | None:
        parts = [self.string(node, depth + 1) for node in nodes]
        known = [part for part in parts if part is not None]
        return glue.join(known) if known and len(known) == len(parts) else None

    def _assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                # A second assignment makes the value unknown.
                again = target.id in self._constants
                self._constants[target.id] = None if again else node.value

    def _call(self, node: ast.Call, cell: int, offset: int) -> None:
        self._waiting.append((node, (cell, node.lineno + offset)))

    def _import(self, node: ast.Import | ast.ImportFrom, cell: int, offset: int) -> None:
        where = (cell, node.lineno + offset)
        if isinstance(node, ast.Import):
            for name in node.names:
                self.modules.setdefault(name.name, where)
                top = name.name.partition(".")[0]
                self._names[name.asname or top] = name.name if name.asname else top
        elif not node.level and node.module:
            self.modules.setdefault(node.module, where)
            for name in node.names:
                self.modules.setdefault(f"{node.module}.{name.name}", where)
                self._names[name.asname or name.name] = f"{node.module}.{name.name}"

    def _slice(self, node: ast.Subscript, cell: int, offset: int) -> None:
        part = node.slice
        if isinstance(part, ast.Constant) and isinstance(node.ctx, ast.Load):
            self._variable(node.value, part, (cell, node.lineno + offset))
        if isinstance(part, ast.Slice) and part.lower is None and part.step is None:
            upper = part.upper
            if isinstance(upper, ast.Constant) and type(upper.value) is int and upper.value > 0:
                self.slices.append(Slice(node.value, upper.value, (cell, node.lineno + offset)))

    def _variable(self, node: ast.expr, name: ast.Constant, where: tuple[int, int]) -> None:
        """Keep what is read from ``os.environ``."""
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "environ"
            and type(name.value) is str
        ):
            self.variables.append(Text(name.value, where))

    def constant(self, node: ast.expr) -> ast.expr:
        """Return what a variable assigned once stands for, or the expression itself."""
        for _ in range(_PARTS):
            value = self._constants.get(node.id) if isinstance(node, ast.Name) else None
            if value is None:
                break
            node = value
        return node

    def number(self, node: ast.expr | None) -> int | None:
        """Return the whole number that an expression is known to be, or None."""
        node = self.constant(node) if node is not None else None
        sign = 1
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            node, sign = node.operand, -1
        if isinstance(node, ast.Constant) and type(node.value) is int:
            return sign * node.value
        return None

    def _text(self, node: ast.Constant, cell: int, offset: int) -> None:
        if isinstance(node.value, str) and _PLACE.match(node.value):
            self.texts.append(Text(node.value, (cell, node.lineno + offset)))

    def strings(self, node: ast.expr | None) -> list[str]:
        """Return the known texts of a list or tuple, or of a single expression."""
        nodes = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
        return [text for one in nodes if (text := self.string(one)) is not None]

    def imports(self, module: str) -> bool:
        """Whether a module, or anything inside it, is imported."""
        return module in self.modules or any(
            name.startswith(module + ".") for name in self.modules
        )


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            for item in value:
                if isinstance(item, ast.AST):
                    yield item
        elif isinstance(value, ast.AST):
            yield value
