"""The platforms that a user adds, in the user's own configuration file.

They stand under ``CanIDoThis.added`` of ``jupyter_canidothis_config.json`` in the
first folder of the Jupyter configuration path. The rest of that file is kept.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from .errors import ConfigurationError, EntryRefused, RequestError
from .platforms import registry

__all__ = ["FILE", "add", "remove"]

FILE: Final = "jupyter_canidothis_config.json"
"""Name of the file, see `config.read_files`."""
MOST: Final = 100
"""Most platforms that one user may add."""
LARGEST: Final = 2**16
"""Most characters of one of them: every door reads the file when it opens."""


def add(folder: Path, entry: Mapping[str, Any], taken: frozenset[str]) -> str:
    """Add one platform and return its name.

    Parameters
    ----------
    folder
        The user's Jupyter configuration folder.
    entry
        As in ``c.CanIDoThis.platforms``. It can hold no secret, only references:
        no kind has a key for one.
    taken
        Names of the platforms there are.

    Raises
    ------
    EntryRefused
        The entry is not one that could be asked; names its key.
    RequestError
        Its name is taken, or there are too many.
    ConfigurationError
        The file cannot be read or written; it is left as it is.
    """
    (built,) = registry.build((), added=(entry,))
    info = built.info
    if built.platform is None:
        raise EntryRefused(info.error.partition(": ")[2])
    if info.name in taken:
        raise RequestError("entry.name", info.name, "a name that no other platform has")
    if len(json.dumps(entry)) > LARGEST:
        raise EntryRefused(f"the entry is too large; at most {LARGEST} characters as JSON")
    content, own = _read(folder / FILE)
    if len(own) >= MOST:
        raise RequestError("entry", info.name, f"at most {MOST} platforms of your own")
    own.append(dict(entry))
    _write(folder / FILE, content)
    return info.name


def remove(folder: Path, name: str) -> None:
    """Remove one platform that was added.

    Raises
    ------
    RequestError
        None of this name was added.
    ConfigurationError
        The file cannot be read or written; it is left as it is.
    """
    content, own = _read(folder / FILE)
    kept = [one for one in own if (one.get("name") or one.get("kind")) != name]
    if len(kept) == len(own):
        raise RequestError("name", name, "a platform that was added in the panel")
    own[:] = kept
    _write(folder / FILE, content)


def _read(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the whole file, and the list in it that holds the added platforms."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        content = {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{path.name} cannot be read, so nothing was added to it or removed from it",
            hint="see that it is a JSON file in your Jupyter configuration folder",
        ) from error
    section = content.setdefault("CanIDoThis", {}) if isinstance(content, dict) else None
    own = section.setdefault("added", []) if isinstance(section, dict) else None
    if not isinstance(own, list) or not all(isinstance(one, dict) for one in own):
        raise ConfigurationError(f"{path.name}: CanIDoThis.added is not a list of mappings")
    return content, own


def _write(path: Path, content: dict[str, Any]) -> None:
    """Replace the file in one step, readable by its owner only.

    A link to a file elsewhere, as people keep their settings, stays one.
    """
    name = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = path.resolve()
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
            file.write("\n")
        Path(name).replace(target)
    except (OSError, RuntimeError) as error:  # the latter is a link to itself
        if name is not None:
            Path(name).unlink(missing_ok=True)
        why = getattr(error, "strerror", None) or "it is a link in a circle"
        raise ConfigurationError(f"{path.name} cannot be written: {why}") from error
