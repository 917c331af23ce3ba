"""Which modules a piece of Python imports, and whether it can do without them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

__all__ = ["Import", "find_imports"]

_IMPORT_ERRORS: Final = frozenset(
    ["ImportError", "ModuleNotFoundError", "Exception", "BaseException"]
)
_GIVING_UP: Final = frozenset(["exit", "quit", "_exit"])


class Import(NamedTuple):
    """One imported module."""

    module: str
    """Dotted name, with the leading dots of a relative import."""
    names: tuple[str, ...]
    """What is taken from it by ``from``; empty for a plain ``import``."""
    line: int
    """Line in its piece of code."""
    needed: bool
    """False inside ``try`` with a way out, or under a condition."""

    @property
    def top(self) -> str:
        """First part of the name; empty for a relative import."""
        return self.module.partition(".")[0]

    @property
    def paths(self) -> tuple[str, ...]:
        """Every dotted name that it may load: the module, with each name taken from it."""
        return tuple(f"{self.module}.{name}" for name in self.names) or (self.module,)


def find_imports(tree: ast.Module, *, main: bool = True) -> list[Import]:
    """List the imports of a module, those inside functions and branches included.

    Parameters
    ----------
    tree
        What to read.
    main
        Whether it runs as a program, as a notebook does, and not as a module.

    Returns
    -------
    list of Import
        In the order of their lines.

    Notes
    -----
    An import is not needed when its ``try`` catches the failure without giving
    up, when it stands under an ``if``, or in ``with suppress(ImportError)``. It
    is needed all the same when every branch imports it.
    """
    found: list[Import] = []
    stack: list[tuple[Iterable[ast.stmt], bool, frozenset[str]]] = [
        (tree.body, True, frozenset())
    ]
    while stack:
        body, needed, sure = stack.pop()
        for node in body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                found += (
                    one if needed or one.top not in sure else one._replace(needed=True)
                    for one in _read(node, needed)
                )
            else:
                stack += _inside(node, needed, sure, main=main)
    return found


def _read(node: ast.Import | ast.ImportFrom, needed: bool) -> list[Import]:
    if isinstance(node, ast.Import):
        return [Import(name.name, (), node.lineno, needed) for name in node.names]
    module = "." * node.level + (node.module or "")
    names = tuple(name.name for name in node.names)
    return [Import(module, names, node.lineno, needed)]


def _inside(
    node: ast.stmt, needed: bool, sure: frozenset[str], *, main: bool
) -> Iterator[tuple[Iterable[ast.stmt], bool, frozenset[str]]]:
    """Yield the statements inside a compound statement, with what its branches mean."""
    if isinstance(node, ast.If):
        yield from _branches(node, needed, sure, main=main)
    elif isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
        yield from _attempts(node, needed, sure)  # type: ignore[arg-type]
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        yield node.body, needed and not _suppresses(node), sure
    elif isinstance(node, ast.Match):
        yield from ((case.body, False, sure) for case in node.cases)
    else:
        yield getattr(node, "body", ()), needed, sure
        yield getattr(node, "orelse", ()), needed, sure


def _branches(
    node: ast.If, needed: bool, sure: frozenset[str], *, main: bool
) -> Iterator[tuple[Iterable[ast.stmt], bool, frozenset[str]]]:
    constant = node.test.value if isinstance(node.test, ast.Constant) else None
    both = sure | (_tops(node.body) & _tops(node.orelse)) if needed else sure
    runs = main and _is_main_guard(node.test)
    yield node.body, needed and (bool(constant) or runs), both
    yield node.orelse, needed and constant is not None and not constant, both


def _attempts(
    node: ast.Try, needed: bool, sure: frozenset[str]
) -> Iterator[tuple[Iterable[ast.stmt], bool, frozenset[str]]]:
    catching = [handler for handler in node.handlers if _catches(handler)]
    survives = any(not _gives_up(handler.body) for handler in catching)
    again = (
        frozenset.intersection(*(_tops(h.body) for h in catching)) if catching else frozenset()
    )
    both = sure | (again & _tops(node.body)) if needed else sure
    yield node.body, needed and not survives, both
    for handler in node.handlers:
        yield handler.body, False, both
    yield node.orelse, needed and not survives, both
    yield node.finalbody, needed, sure


def _tops(body: Iterable[ast.stmt]) -> frozenset[str]:
    return frozenset(
        one.top
        for node in body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for one in _read(node, needed=True)
    )


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(_last_name(one) in _IMPORT_ERRORS for one in types)


def _gives_up(body: list[ast.stmt]) -> bool:
    """Whether a handler ends in ``raise`` or in leaving the program."""
    last = body[-1]
    if isinstance(last, ast.Raise):
        return True
    return (
        isinstance(last, ast.Expr)
        and isinstance(last.value, ast.Call)
        and _last_name(last.value.func) in _GIVING_UP
    )


def _suppresses(node: ast.With | ast.AsyncWith) -> bool:
    calls = [
        item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)
    ]
    return any(
        _last_name(call.func) == "suppress"
        and any(_last_name(argument) in _IMPORT_ERRORS for argument in call.args)
        for call in calls
    )


def _is_main_guard(test: ast.expr) -> bool:
    """Whether this is ``__name__ == "__main__"``, which is true in a notebook."""
    return isinstance(test, ast.Compare) and _last_name(test.left) == "__name__"


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
