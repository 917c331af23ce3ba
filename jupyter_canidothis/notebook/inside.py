"""Looks at a Python kernel from inside; sent as text to an idle one, called by the magic.

Standard library only, any Python from 3.8. Sizes are metadata of objects whose
exact type is known: no attribute of anything else is ever touched, since a
``hasattr`` may already read a file. Nothing is imported, nothing is bound in
the user's namespace, no value leaves the kernel.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

BUDGET = 0.1
MOST = 10
SAMPLE = 100


def look(namespace: Mapping[str, Any], budget: float = BUDGET) -> dict[str, Any]:
    """Return the biggest objects, loaded versions and GPU use as plain JSON values."""
    started = time.perf_counter()
    names = [n for n in list(namespace) if type(n) is str and not n.startswith("_")]
    sizes: list[tuple[int, str, str]] = []
    seen: set[int] = set()
    asked = 0
    rules = _rules()
    for name in names:
        if time.perf_counter() - started > budget:
            break
        asked += 1
        value = namespace.get(name)
        rule = rules.get(id(type(value)))
        if rule is None or id(value) in seen:
            continue
        seen.add(id(value))
        label, size = rule
        try:
            sizes.append((int(size(value)), name, label))
        except Exception:  # noqa: BLE001, S112 - a foreign object costs only its own line
            continue
    sizes.sort(reverse=True)
    return {
        "objects": [{"name": n, "type": t, "size": s} for s, n, t in sizes[:MOST]],
        "looked_at": asked,
        "names": len(names),
        "versions": _versions(),
        "gpu": _gpu(),
    }


def _rules() -> dict[int, tuple[str, Callable[[Any], int]]]:
    """Map the identity of exact types to their name and how their size is read."""
    rules: dict[int, tuple[str, Callable[[Any], int]]] = {}
    for kind in (list, tuple, dict, set, frozenset):
        rules[id(kind)] = (kind.__name__, _container)
    for text in (str, bytes, bytearray):
        rules[id(text)] = (text.__name__, sys.getsizeof)
    for module, name, size in (
        ("numpy", "ndarray", _array),
        ("pandas", "DataFrame", lambda x: int(x.memory_usage(deep=False).sum())),
        ("pandas", "Series", lambda x: int(x.memory_usage(deep=False))),
        ("torch", "Tensor", lambda x: x.element_size() * x.nelement()),
        ("cupy", "ndarray", lambda x: x.nbytes),
        ("astropy.table", "Table", _table),
        ("pyarrow", "Table", lambda x: x.nbytes),
        ("polars", "DataFrame", lambda x: x.estimated_size()),
    ):
        found = _own(sys.modules.get(module)).get(name)
        if isinstance(found, type):
            rules[id(found)] = (module.partition(".")[0] + "." + name, size)
    return rules


def _own(module: Any) -> dict[str, Any]:
    """Return the namespace of a real module, without any ``__getattr__`` of its own."""
    return module.__dict__ if type(module) is type(sys) else {}


def _array(value: Any) -> int:
    """Count an array once: a view holds no memory of its own."""
    return value.nbytes if value.base is None else 0


def _table(value: Any) -> int:
    nbytes = type.__getattribute__(sys.modules["numpy"].ndarray, "nbytes")
    return sum(nbytes.__get__(column) for column in value.columns.values())


def _container(value: Any) -> int:
    """Estimate a container by its own size and a sample of plain elements."""
    size, count = sys.getsizeof(value), len(value)
    plain = (int, float, complex, str, bytes, bool)
    sample = [item for _, item in zip(range(SAMPLE), value)]  # noqa: B905 - older Pythons run this
    if type(value) is dict:
        sample += [dict.__getitem__(value, key) for key in sample if type(key) in plain]
    inner = sum(sys.getsizeof(item) for item in sample if type(item) in plain)
    return size + inner * count // max(1, min(count, SAMPLE))


def _versions() -> dict[str, str]:
    """Return ``__version__`` of loaded top-level modules where it is a plain text."""
    found: dict[str, str] = {}
    for name, module in list(sys.modules.items()):
        if type(name) is str and "." not in name:
            version = _own(module).get("__version__")
            if type(version) is str:
                found[name] = version[:100]
    return found


def _gpu() -> dict[str, int]:
    """Return bytes held on GPUs by library, for those that have started using one."""
    held: dict[str, int] = {}
    cuda = _own(sys.modules.get("torch.cuda"))
    try:
        if cuda and cuda["is_initialized"]():
            held["torch"] = sum(
                cuda["memory_allocated"](i) for i in range(cuda["device_count"]())
            )
        if "cupy" in sys.modules:
            held["cupy"] = sys.modules["cupy"].get_default_memory_pool().total_bytes()
    except Exception:  # noqa: BLE001, S110 - a broken GPU library says nothing
        pass
    return held
