"""The only reader of foreign YAML: bounded in time, depth and size.

A loader fed with foreign text can be hung by 483 bytes of merge keys, filled
with gigabytes by aliases, or (the C loader) crashed by brackets. Here one pass
over the pure Python parser's events both counts and builds, so nothing is
built that was not counted: an alias costs as much as what it stands for.

A scalar that YAML 1.1 and the YAML 1.2 core schema read differently stays text:
``no``, ``12:30:45``, ``017``, ``1e3``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner, ScannerError

from ..errors import RequestError

__all__ = ["ALIASES", "DEPTH", "NODES", "SIZE", "load", "load_all"]

SIZE: Final = 128 * 2**10
"""Largest document, in characters; the pure Python scanner reads about 1 MB/s."""
DEPTH: Final = 64
"""Deepest nesting."""
ALIASES: Final = 50
"""Most aliases."""
NODES: Final = 10_000
"""Most scalars, sequences and mappings, with every alias counted as what it stands for.

Ten times the largest Compose files; building that many takes 0.15 s."""

T = TypeVar("T")

_LONGEST_NUMBER: Final = 40
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+][0-9]+)?")
_NOT_A_NUMBER: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: Final[dict[str, bool | None]] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TEXT_TAGS: Final = ("!", "tag:yaml.org,2002:str")


class _Events(Reader, Scanner, Parser):
    """PyYAML's pure Python reader, scanner and parser, without its constructors."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def fetch_flow_collection_start(self, TokenClass: type[yaml.Token]) -> None:  # noqa: N803
        # The scanner runs 1024 characters ahead of its events, at quadratic cost.
        if self.flow_level > DEPTH:
            raise ScannerError(None, None, f"more than {DEPTH} brackets", self.get_mark())
        super().fetch_flow_collection_start(TokenClass)


def load(text: str, field: str = "body") -> Any:
    """Read one YAML document into dicts with text keys, lists and scalars.

    Parameters
    ----------
    text
        The document.
    field
        What the document is, for the error.

    Returns
    -------
    Any
        None when the document is empty.

    Raises
    ------
    RequestError
        Not YAML, a duplicate key, a tag, or beyond a bound; names line and column.
    """
    return _read(text, field, SIZE, NODES, _Builder.document)


def load_all(
    text: str, field: str = "body", *, size: int = SIZE, nodes: int = NODES
) -> list[Any]:
    """Read all documents of a YAML stream, as `load` reads one; empty ones are left out.

    Parameters
    ----------
    text
        The documents.
    field
        What they are, for the error.
    size
        Most characters.
    nodes
        Most nodes of all documents together.

    Raises
    ------
    RequestError
        As for `load`.
    """
    return _read(text, field, size, nodes, _Builder.documents)


def _read(text: str, field: str, size: int, nodes: int, build: Callable[[_Builder], T]) -> T:
    if len(text) > size:
        raise RequestError(field, f"{len(text)} characters", f"YAML of at most {size}")
    try:
        return build(_Builder(_Events(text), field, nodes))
    except yaml.MarkedYAMLError as error:
        place = _place(field, error.problem_mark)
        raise RequestError(place, error.problem or "this", "YAML") from error
    except yaml.reader.ReaderError as error:
        raise RequestError(field, f"character {error.character!r}", "YAML text") from error


def _place(field: str, mark: Any) -> str:
    return f"{field}, line {mark.line + 1}, column {mark.column + 1}" if mark else field


class _Builder:
    """Count and build in one pass."""

    def __init__(self, events: _Events, field: str, most: int) -> None:
        self._events = events
        self._field = field
        self._most = most
        self._nodes = 0
        self._aliases = 0
        self._anchors: dict[str, tuple[Any, int]] = {}

    def document(self) -> Any:
        self._next()  # StreamStart
        if self._events.check_event(yaml.StreamEndEvent):
            return None
        self._next()  # DocumentStart
        value = self._node(self._next(), 0)
        self._next()  # DocumentEnd
        if not self._events.check_event(yaml.StreamEndEvent):
            self._refuse(self._next(), "a second document", "one YAML document")
        return value

    def documents(self) -> list[Any]:
        self._next()  # StreamStart
        found = []
        while not self._events.check_event(yaml.StreamEndEvent):
            self._next()  # DocumentStart
            self._anchors.clear()
            if (value := self._node(self._next(), 0)) is not None:
                found.append(value)
            self._next()  # DocumentEnd
        return found

    def _next(self) -> Any:
        return self._events.get_event()  # type: ignore[no-untyped-call]

    def _refuse(self, event: Any, given: str, accepted: str) -> NoReturn:
        raise RequestError(_place(self._field, event.start_mark), given, accepted)

    def _count(self, event: Any, size: int) -> None:
        self._nodes += size
        if self._nodes > self._most:
            most = f"at most {self._most} nodes, aliases written out"
            self._refuse(event, "this node", most)

    def _node(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if depth > DEPTH:
            self._refuse(event, "this nesting", f"at most {DEPTH} levels")
        before = self._nodes
        self._count(event, 1)
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event)
        elif event.tag is not None:
            self._refuse(event, event.tag, "plain YAML without tags")
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(depth)
        else:
            value = self._mapping(depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._nodes - before)
        return value

    def _alias(self, event: Any) -> Any:
        self._aliases += 1
        if self._aliases > ALIASES:
            self._refuse(event, "this alias", f"at most {ALIASES} aliases")
        if event.anchor not in self._anchors:
            self._refuse(event, f"*{event.anchor}", "an alias of an anchor that is complete")
        value, size = self._anchors[event.anchor]
        self._count(event, size)
        return value

    def _sequence(self, depth: int) -> list[Any]:
        items = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse(event, "this key", "text as a key")
            self._count(event, 1)
            value = self._node(self._next(), depth + 1)
            if event.value == "<<" and event.implicit[0]:
                self._merge(event, value, merged)
            elif event.value in own:
                self._refuse(event, event.value, "each key once")
            else:
                own[event.value] = value
        return {**merged, **own}

    def _merge(self, event: Any, value: Any, merged: dict[str, Any]) -> None:
        # YAML 1.1 merge key: earlier mappings win over later ones, own keys over all.
        for source in value if isinstance(value, list) else [value]:
            if not isinstance(source, dict):
                self._refuse(event, "<<", "a mapping, or a list of mappings, to merge")
            for key, item in source.items():
                merged.setdefault(key, item)

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        text: str = event.value
        if event.tag is not None and event.tag not in _TEXT_TAGS:
            self._refuse(event, event.tag, "plain YAML without tags")
        if event.tag is not None or not event.implicit[0]:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _NOT_A_NUMBER.fullmatch(text):
            self._refuse(event, text, "a finite number")
        return self._number(event, text) if len(text) <= _LONGEST_NUMBER else text

    def _number(self, event: yaml.ScalarEvent, text: str) -> int | float | str:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _HEXADECIMAL.fullmatch(text):
            return int(text, 16)
        if not _FLOAT.fullmatch(text):
            return text
        number = float(text)
        if not math.isfinite(number):
            self._refuse(event, text, "a finite number")
        return number
