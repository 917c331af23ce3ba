"""Typed values out of foreign JSON and YAML, with errors that name the field."""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar

import msgspec

from ..errors import RequestError

__all__ = ["convert", "decode_into", "decode_json"]

_AT: Final = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_GIVEN: Final = re.compile(r"^Expected (?P<accepted>.*?)(?:, got (?P<given>.*))?$")
_MISSING: Final = re.compile(r"^Object missing required field `(?P<name>[^`]*)`$")

DecodedT = TypeVar("DecodedT")


def decode_json(decoder: msgspec.json.Decoder[DecodedT], body: bytes) -> DecodedT:
    """Read a JSON body.

    Raises
    ------
    RequestError
        Names the field; ``body`` when it is no JSON.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _misfit(str(error), "body") from error
    except msgspec.DecodeError as error:
        raise RequestError("body", str(error), "JSON") from error
    except RecursionError as error:
        raise RequestError("body", "this nesting", "JSON that is not nested so deep") from error
    except UnicodeDecodeError as error:
        raise RequestError("body", "a byte that is not UTF-8", "JSON in UTF-8") from error


def decode_into(into: type[DecodedT], body: bytes) -> DecodedT:
    """Read a JSON body whose type says all there is to check.

    Raises
    ------
    RequestError
        Names the field; ``body`` when it is no JSON.
    """
    return decode_json(msgspec.json.Decoder(into), body)


def convert(value: Any, into: type[DecodedT], whole: str) -> DecodedT:
    """Read a value that was parsed already, e.g. from YAML.

    Parameters
    ----------
    value
        Mappings, lists and scalars.
    into
        What it has to be.
    whole
        What to call the whole of it in an error.

    Raises
    ------
    RequestError
        Names the field.
    """
    try:
        return msgspec.convert(value, into)
    except msgspec.ValidationError as error:
        raise _misfit(str(error), whole) from error


def _misfit(text: str, whole: str) -> RequestError:
    """Take msgspec's sentence apart: what was wrong, and where."""
    at = _AT.search(text)
    path = at["path"] if at else ""
    sentence = text[: at.start()] if at else text
    if missing := _MISSING.match(sentence):
        name = missing["name"]
        return RequestError(f"{path}.{name}" if path else name, None, "this required field")
    if parts := _GIVEN.match(sentence):
        given = (parts["given"] or "this value").replace("`", "")
        return RequestError(path or whole, given, parts["accepted"].replace("`", ""))
    return RequestError(path or whole, sentence, "a value of the published schema")
