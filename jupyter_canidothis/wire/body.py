"""Turn the bytes of a request into nested fields, whatever their media type.

Dotted names of queries and forms (``taskinfo.languages``) become nested
mappings, so that everything after this module sees one form.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import parse_qsl

import msgspec
import yaml
from tornado.httputil import HTTPFile, HTTPInputError, parse_multipart_form_data

from ..errors import RequestError
from . import strict_yaml

__all__ = ["Format", "Upload", "preferred", "read_body", "read_query", "write"]

Format = Literal["json", "yaml"]

FIELDS: Final = 200
"""Most fields in a query or form."""

_JSON: Final = ("application/json", "text/json")
_YAML: Final = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_UNDECLARED: Final = ("", "text/plain", "application/octet-stream")
_ACCEPTED: Final = f"{_JSON[0]}, {_YAML[0]} or {_MULTIPART}"


class Upload(NamedTuple):
    """A file that came by value in a form."""

    filename: str
    """What the client calls it."""
    content: str
    """The file, decoded as UTF-8."""


def read_query(query: str) -> dict[str, Any]:
    """Read the part of a URL after ``?``, or a form body in the same spelling.

    Raises
    ------
    RequestError
        Not UTF-8, too many fields, or a field that is both a value and a group.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=FIELDS, errors="strict")
    except ValueError as error:
        raise RequestError("query", query, f"at most {FIELDS} fields in UTF-8") from error
    return _nest(pairs)


def read_body(content_type: str, body: bytes) -> dict[str, Any]:
    """Read a request body.

    Parameters
    ----------
    content_type
        The header; without one the body is JSON or YAML.
    body
        The body, already capped.

    Raises
    ------
    RequestError
        Unknown media type, or a body that does not fit its type; says where.
    """
    media = content_type.partition(";")[0].strip().lower()
    if media == _MULTIPART:
        return _multipart(content_type, body)
    text = _text("body", body)
    if media == _FORM and not text.lstrip().startswith("{"):
        return read_query(text)
    if media in _JSON or media.endswith("+json"):
        return _mapping(_json(text))
    if media in (*_YAML, *_UNDECLARED, _FORM) or media.endswith("+yaml"):
        return _mapping(_json_or_yaml(text))
    raise RequestError("Content-Type", content_type, _ACCEPTED)


def preferred(accept: str) -> Format:
    """Choose the format of the answer from an ``Accept`` header; JSON where it is open.

    RFC 9110 section 12.5.1, reduced to the two formats we write.
    """
    best: tuple[float, Format] = (0.0, "json")
    for item in accept.split(",")[:20]:
        media, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        weight = float(quality) if quality.replace(".", "", 1).isdecimal() else 0.0
        chosen: Format = "yaml" if media in _YAML else "json"
        known = media in (*_YAML, *_JSON, "*/*", "application/*")
        if known and weight > best[0]:
            best = (weight, chosen)
    return best[1]


def write(value: Any, accept: str) -> tuple[str, bytes]:
    """Return the media type and the body of an answer."""
    if preferred(accept) == "json":
        return "application/json", msgspec.json.encode(value)
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True)
    return "application/yaml", text.encode()


def _text(field: str, body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(field, body[error.start : error.end], "text in UTF-8") from error


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise RequestError("body", why, "JSON") from error


def _json_or_yaml(text: str) -> Any:
    # JSON is tried first: it may be larger, and its errors are not YAML's.
    if text.lstrip()[:1] == "{":
        try:
            return msgspec.json.decode(text)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            return strict_yaml.load(text)
    return strict_yaml.load(text)


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RequestError("body", value, "an object with tasktype, taskinfo and resources")
    return value


def _nest(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        group, dot, leaf = name.partition(".")
        place = fields.setdefault(group, {}) if dot else fields
        if not isinstance(place, dict):
            raise RequestError(name, value, f"{group} as a value or as a group, not both")
        key = leaf if dot else group
        # A name that is repeated is a list: languages=md&languages=python.
        place[key] = [*_listed(place[key]), value] if key in place else value
    return fields


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _multipart(content_type: str, body: bytes) -> dict[str, Any]:
    boundary = _boundary(content_type)
    texts: dict[str, list[bytes]] = {}
    files: dict[str, list[HTTPFile]] = {}
    try:
        parse_multipart_form_data(boundary, body, texts, files)
    except (HTTPInputError, UnicodeDecodeError) as error:
        raise RequestError("body", str(error), "multipart/form-data (RFC 7578)") from error
    if len(texts) + len(files) > FIELDS:
        raise RequestError("body", f"{len(texts) + len(files)} parts", f"at most {FIELDS}")
    pairs: list[tuple[str, Any]] = []
    for name, values in texts.items():
        pairs += [(name, _text(name, value).strip()) for value in values]
    for name, uploads in files.items():
        pairs += [(name, _upload(name, upload)) for upload in uploads]
    return _nest(pairs)


def _boundary(content_type: str) -> bytes:
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "boundary" and value.strip('"'):
            return value.strip('"').encode(errors="replace")
    raise RequestError("Content-Type", content_type, "multipart/form-data with a boundary")


def _upload(name: str, upload: HTTPFile) -> Any:
    text = _text(name, upload["body"])
    # A whole group may come as a file, in JSON or YAML; any other file is the thing itself.
    return (
        _json_or_yaml(text)
        if name in ("taskinfo", "resources")
        else Upload(upload["filename"], text)
    )
