"""The ``resources`` block of the Execution Planner protocol: ``mincores``, ``maxmemory``, ...

The client's own spelling is kept beside the parsed amounts, because the answer
echoes it (EP note, "Computing resources").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from ..errors import RequestError
from ..resources import DIMENSIONS, Gpu, Resources
from ..units import parse_memory, spell_duration, spell_memory

__all__ = ["read", "spell", "write"]


def _spell_cores(millicores: int) -> int | float:
    return millicores // 1000 if millicores % 1000 == 0 else millicores / 1000


_SPELL: Final[dict[str, Callable[[int], int | float | str]]] = {
    "cores": _spell_cores,
    "memory": spell_memory,
    "startup": spell_duration,
    "duration": spell_duration,
    "gpus": int,
    "disk": spell_memory,
    "nodes": int,
}
"""The dimensions in the order of the wire, and how it spells an amount."""

_STORE: Final = "store"
"""What the EP note calls disk; read and echoed, never chosen by us."""
_ENDS: Final = ("min", "max")
_GPU: Final = ("gpuvendor", "gpumodel", "gpumemory")
"""What each GPU has to be; ours, the note has no GPUs."""


def read(fields: Mapping[str, Any]) -> tuple[Resources, dict[str, Any]]:
    """Read amounts, and remember how each was spelled.

    Parameters
    ----------
    fields
        The ``resources`` block, or the whole query; unknown keys are ignored.

    Returns
    -------
    tuple
        The amounts, and the known keys with their values, open ends included.

    Raises
    ------
    RequestError
        Names the key, such as ``resources.minmemory``.
    """
    spelled: dict[str, Any] = {}
    resources = Resources()
    for name in _SPELL:
        word = _word(name, fields)
        for end in _ENDS:
            key = end + word
            if key in fields:
                spelled[key] = fields[key]
                resources = resources.replace(name, **{end: _amount(name, key, fields[key])})
        _check(resources, name, word, spelled)
    return _with_gpu(resources, fields, spelled), spelled


def _word(name: str, fields: Mapping[str, Any]) -> str:
    stored = name == "disk" and any(end + _STORE in fields for end in _ENDS)
    return _STORE if stored else name


def _amount(name: str, key: str, value: Any) -> int | None:
    if value is None or value == "":
        return None
    return DIMENSIONS[name].parse(value, f"resources.{key}")


def _check(resources: Resources, name: str, word: str, spelled: Mapping[str, Any]) -> None:
    asked = getattr(resources, name)
    if asked.min is not None and asked.max is not None and asked.min > asked.max:
        least, most = spelled[f"min{word}"], spelled[f"max{word}"]
        raise RequestError(f"resources.min{word}", least, f"at most max{word}, which is {most}")


def _with_gpu(
    resources: Resources, fields: Mapping[str, Any], spelled: dict[str, Any]
) -> Resources:
    for key in _GPU:
        value = fields.get(key)
        if value is None or value == "":
            continue
        if key != "gpumemory" and not isinstance(value, str):
            raise RequestError(f"resources.{key}", value, "text")
        spelled[key] = value
    if not any(key in spelled for key in _GPU):
        return resources
    memory = spelled.get("gpumemory")
    gpu = Gpu(
        vendor=spelled.get("gpuvendor"),
        model=spelled.get("gpumodel"),
        memory=None if memory is None else parse_memory(memory, "resources.gpumemory"),
    )
    return msgspec.structs.replace(resources, gpu=gpu)


def write(asked: Resources, spelled: Mapping[str, Any], offered: Resources) -> dict[str, Any]:
    """Echo what was asked in its own spelling, and fill the open ends from an offer.

    Only dimensions that the client mentioned are answered; an end that the
    platform changed is printed as the platform changed it.
    """
    filled: dict[str, Any] = {}
    for name in _SPELL:
        word = _word(name, spelled)
        keys = [end + word for end in _ENDS]
        if not any(key in spelled for key in keys):
            continue
        for end, key in zip(_ENDS, keys, strict=True):
            wanted, granted = (
                getattr(getattr(asked, name), end),
                getattr(getattr(offered, name), end),
            )
            if granted is not None and granted != wanted:
                filled[key] = _SPELL[name](granted)
            elif wanted is not None:
                filled[key] = spelled[key]
    return {**filled, **{key: spelled[key] for key in _GPU if key in spelled}}


def spell(resources: Resources) -> dict[str, Any]:
    """Write amounts as a client does; open ends are left out."""
    fields: dict[str, Any] = {}
    for name, canonical in _SPELL.items():
        for end in _ENDS:
            amount = getattr(getattr(resources, name), end)
            if amount is not None:
                fields[end + name] = canonical(amount)
    if gpu := resources.gpu:
        memory = None if gpu.memory is None else spell_memory(gpu.memory)
        values = (gpu.vendor, gpu.model, memory)
        fields |= {key: value for key, value in zip(_GPU, values, strict=True) if value}
    return fields
