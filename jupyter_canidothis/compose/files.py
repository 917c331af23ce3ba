"""Compose files and what they pull in: ``include`` and ``extends``, of local files only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ..errors import RequestError
from ..wire import strict_yaml
from .interpolation import interpolate

__all__ = ["Source", "load_services"]

_DEEPEST: Final = 8
_OVERRIDDEN: Final = frozenset({"command", "entrypoint", "healthcheck"})
"""Lists that replace each other instead of being joined ("Merge", exceptions)."""
_NOT_INHERITED: Final = frozenset(
    {"extends", "depends_on", "links", "volumes_from", "profiles"}
)


class Source:
    """One Compose file, by value or by path, with the files beside it.

    Parameters
    ----------
    text
        The file itself.
    folder
        Where it lies, when it lies here; files in there may be read too.
    variables
        For interpolation.
    name
        What to call it in errors.
    """

    def __init__(
        self,
        text: str,
        folder: Path | None = None,
        variables: Mapping[str, str] | None = None,
        name: str = "composefile",
    ) -> None:
        self.folder = folder
        self.root = folder
        self.variables = variables or {}
        self.name = name
        self.tree = _mapping(strict_yaml.load(text, name), name)

    @classmethod
    def at(cls, path: Path, text: str = "", name: str = "composefile") -> Source:
        """Read a file here, with the variables of ``.env`` beside it.

        Parameters
        ----------
        path
            Where it lies.
        text
            The file itself, where somebody has read it already.
        name
            What to call it in errors.

        Raises
        ------
        RequestError
            It cannot be read, or is no YAML.
        """
        folder = path.parent.resolve()
        return cls(text or _read(path, name), folder, _dotenv(folder / ".env"), name)

    def beside(self, given: Any, field: str) -> Source:
        """Return another file, which has to lie in the folder of this one.

        Raises
        ------
        RequestError
            It is remote, or lies elsewhere.
        """
        if not isinstance(given, str) or "://" in given or given.startswith("git@"):
            raise RequestError(field, given, "a local file; nothing remote is fetched")
        if self.folder is None or self.root is None:
            raise RequestError(
                field, given, "one file that stands alone, when it is sent by value"
            )
        path = (self.folder / given).resolve()
        if not path.is_relative_to(self.root):
            raise RequestError(field, given, "a file in the folder of the Compose file")
        source = Source(_read(path, field), path.parent, self.variables, given)
        source.root = self.root
        return source


def load_services(source: Source, depth: int = 0) -> dict[str, dict[str, Any]]:
    """Return all services of a file, included ones too, with ``extends`` resolved.

    Raises
    ------
    RequestError
        Something is not as the specification has it; names service and key.
    """
    if depth > _DEEPEST:
        raise RequestError(f"{source.name}: include", source.name, f"at most {_DEEPEST} levels")
    found: dict[str, dict[str, Any]] = {}
    for place, entry in enumerate(_list(source.tree.get("include"), f"{source.name}: include")):
        paths = entry.get("path") if isinstance(entry, dict) else entry
        for path in paths if isinstance(paths, list) else [paths]:
            field = f"{source.name}: include[{place}]"
            found |= load_services(source.beside(path, field), depth + 1)
    for name in _mapping(source.tree.get("services"), f"{source.name}: services"):
        found[name] = _resolved(source, name, ())
    return found


def _resolved(source: Source, name: str, seen: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Return one service with what it extends merged in."""
    field = f"{source.name}: services.{name}"
    services = _mapping(source.tree.get("services"), f"{source.name}: services")
    if name not in services:
        raise RequestError(f"{field}.extends", name, f"one of {', '.join(list(services)[:10])}")
    own = _mapping(interpolate(services[name], source.variables, field), field)
    extends = own.pop("extends", None)
    if extends is None:
        return own
    asked = (
        {"service": extends}
        if isinstance(extends, str)
        else _mapping(extends, f"{field}.extends")
    )
    here = (source.name, name)
    if here in seen or len(seen) > _DEEPEST:
        raise RequestError(f"{field}.extends", name, "services that do not extend each other")
    other = source
    if file := asked.get("file"):
        other = source.beside(file, f"{field}.extends.file")
    base = _resolved(other, str(asked.get("service", "")), (*seen, here))
    inherited = {key: value for key, value in base.items() if key not in _NOT_INHERITED}
    return _merged(inherited, own)


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Merge as the specification does: mappings by key, lists joined, the rest replaced."""
    made = dict(base)
    for key, value in own.items():
        before = made.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            made[key] = _merged(before, value)
        elif isinstance(before, list) and isinstance(value, list) and key not in _OVERRIDDEN:
            made[key] = [*before, *value]
        else:
            made[key] = value
    return made


def _mapping(value: Any, field: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RequestError(field, value, "a mapping")
    return dict(value)


def _list(value: Any, field: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise RequestError(field, value, "a list")
    return value


def _read(path: Path, field: str) -> str:
    try:
        if not path.is_file():
            raise RequestError(field, str(path), "a file that is there")
        with path.open(encoding="utf-8") as stream:
            return stream.read(strict_yaml.SIZE + 1)
    except OSError as error:
        raise RequestError(
            field, str(path), f"a file that can be read ({error.strerror})"
        ) from error
    except UnicodeDecodeError as error:
        raise RequestError(field, str(path), "a text file in UTF-8") from error


def _dotenv(path: Path) -> dict[str, str]:
    """Read ``.env`` ("NAME=value" lines, quotes around values)."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.removeprefix("export ").partition("=") for line in lines)
    return {
        name.strip(): value.strip().strip("'\"")
        for name, equals, value in pairs
        if equals and not name.lstrip().startswith("#")
    }
