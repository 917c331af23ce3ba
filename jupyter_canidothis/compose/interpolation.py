"""Variables in a Compose file (Compose Specification, "Interpolation")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ..errors import RequestError

__all__ = ["interpolate"]

_NAME: Final = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_DEEPEST: Final = 8
_LONGEST: Final = 64 * 2**10
_ACCEPTED: Final = (
    '"$NAME", "${NAME}", "${NAME:-default}", "${NAME:?error}", "${NAME:+text}" or "$$"'
)


def interpolate(value: Any, variables: Mapping[str, str], field: str) -> Any:
    """Return a value of a Compose file with its variables replaced; keys stay as they are.

    A variable that is not set is empty, as Compose has it.

    Parameters
    ----------
    value
        Text, number, list or mapping.
    variables
        What is set; never the environment of this process, which holds secrets.
    field
        What the value is, for errors.

    Raises
    ------
    RequestError
        A variable that is required is not set, or this is no substitution.
    """
    if isinstance(value, str):
        return _text(value, variables, field, 0) if "$" in value else value
    if isinstance(value, list):
        return [
            interpolate(one, variables, f"{field}[{place}]") for place, one in enumerate(value)
        ]
    if isinstance(value, dict):
        return {
            key: interpolate(one, variables, f"{field}.{key}") for key, one in value.items()
        }
    return value


def _text(text: str, variables: Mapping[str, str], field: str, depth: int) -> str:
    if depth > _DEEPEST:
        raise RequestError(field, text, f"variables nested at most {_DEEPEST} deep")
    made, place = [], 0
    while (dollar := text.find("$", place)) >= 0:
        made.append(text[place:dollar])
        rest = text[dollar + 1 :]
        if rest.startswith("$"):
            made.append("$")
            place = dollar + 2
        elif rest.startswith("{"):
            end = _closing(text, dollar + 2, field)
            made.append(_braced(text[dollar + 2 : end], variables, field, depth))
            place = end + 1
        elif name := _NAME.match(rest):
            made.append(variables.get(name[0], ""))
            place = dollar + 1 + name.end()
        else:
            raise RequestError(field, text, _ACCEPTED)
        if sum(map(len, made)) > _LONGEST:
            raise RequestError(field, text, f"at most {_LONGEST} characters once replaced")
    return "".join(made) + text[place:]


def _closing(text: str, start: int, field: str) -> int:
    depth = 1
    for place in range(start, len(text)):
        if text[place] == "}":
            depth -= 1
            if depth == 0:
                return place
        elif text.startswith("${", place):
            depth += 1
    raise RequestError(field, text, _ACCEPTED)


def _braced(inside: str, variables: Mapping[str, str], field: str, depth: int) -> str:
    name = _NAME.match(inside)
    if name is None:
        raise RequestError(field, inside, _ACCEPTED)
    value, rest = variables.get(name[0]), inside[name.end() :]
    if not rest:
        return value or ""
    # With a colon, an empty value counts as unset.
    there = bool(value) if rest.startswith(":") else value is not None
    operator, text = rest.removeprefix(":")[:1], rest.removeprefix(":")[1:]
    if operator == "-":
        return value or "" if there else _text(text, variables, field, depth + 1)
    if operator == "+":
        return _text(text, variables, field, depth + 1) if there else ""
    if operator == "?" and there:
        return value or ""
    if operator == "?":
        raise RequestError(
            field, f"${{{name[0]}}}", f"a value for it: {text or 'it is required'}"
        )
    raise RequestError(field, inside, _ACCEPTED)
