"""Make the published schemas from the types."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from ..answer import Nearest, Plan, PlatformInfo
from ..task import Task
from ..wire import live
from ..wire import plan as wire
from . import OPENAPI, SCHEMA

__all__ = ["documents"]

_LINES: Final = (
    wire.PlanLine,
    wire.AnswerLine,
    wire.SummaryLine,
    wire.AliveLine,
    wire.ErrorLine,
)
_TYPES: Final = (
    Task,
    Plan,
    PlatformInfo,
    Nearest,
    wire.PlanRequest,
    wire.NearestRequest,
    live.EstimateRequest,
    live.Estimate,
    live.MapRequest,
    live.Map,
    live.HandoverRequest,
    live.HandedOver,
    wire.DescribeRequest,
    wire.KernelQuestions,
    wire.Problem,
    *_LINES,
)


def documents() -> dict[str, str]:
    """Return the text of each published schema by file name."""
    return {SCHEMA: _text(_json_schema()), OPENAPI: _text(_openapi())}


def _text(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def _components(ref: str) -> dict[str, Any]:
    _, components = msgspec.json.schema_components(_TYPES, ref_template=ref + "{name}")
    return components


def _json_schema() -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "PlanStreamLine",
        "description": "One line of the plan stream; the nouns are under $defs.",
        "anyOf": [{"$ref": f"#/$defs/{line.__name__}"} for line in _LINES],
        "$defs": _components("#/$defs/"),
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _body(media: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {kind: {"schema": s} for kind, s in media.items()}}


def _answer(description: str, media: dict[str, Any]) -> dict[str, Any]:
    content = {kind: {"schema": schema} for kind, schema in media.items()}
    return {
        "200": {"description": description, "content": content},
        "default": {
            "description": "What was wrong: 400 and 422 name the field, 403 needs a login.",
            "content": {"application/json": {"schema": _ref("Problem")}},
        },
    }


def _operation(summary: str, answer: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"summary": summary, "responses": answer, **more}


def _exchange(summary: str, answer: str, asked: str, told: str) -> dict[str, Any]:
    media = {"application/json": _ref(told)}
    body = _body({"application/json": _ref(asked)})
    return {"post": _operation(summary, _answer(answer, media), requestBody=body)}


_ANY: Final[dict[str, Any]] = {"type": "object"}


def _paths() -> dict[str, Any]:
    accepted = _answer(
        "YES with the service and the filled-in resources, or NO with reasons.",
        {"application/json": _ANY, "application/yaml": _ANY},
    )
    asking = _body(
        {"application/json": _ANY, "application/yaml": _ANY, "multipart/form-data": _ANY}
    )
    query = [
        {"name": name, "in": "query", "schema": {"type": "string"}, "description": text}
        for name, text in (
            ("tasktype", "Task type URI, e.g. uri://jupyter-notebook"),
            ("taskinfo.languages", "Languages, comma separated"),
        )
    ]
    accepts = {
        "get": _operation("Can I run a task of this type?", accepted, parameters=query),
        "post": _operation("Can I run this task?", accepted, requestBody=asking),
    }
    stream = {"application/x-ndjson": {"anyOf": [_ref(line.__name__) for line in _LINES]}}
    platforms = {"type": "object", "required": ["platforms"], "properties": {}}
    platforms["properties"] = {"platforms": {"type": "array", "items": _ref("PlatformInfo")}}
    return {
        "/canidothis/accepts": accepts,
        "/canidothis/accept": accepts,
        "/canidothis/plan": {
            "post": _operation(
                "Ask every platform; answers stream as they arrive.",
                _answer("One JSON object a line.", stream),
                requestBody=_body({"application/json": _ref("PlanRequest")}),
            )
        },
        "/canidothis/nearest": {
            "post": _operation(
                "Search one platform's answers for the nearest YES.",
                _answer(
                    "Checked changes, smallest first, and how far each quantity goes.",
                    {"application/json": _ref("Nearest")},
                ),
                requestBody=_body({"application/json": _ref("NearestRequest")}),
            )
        },
        "/canidothis/estimate": _exchange(
            "What is known already; no platform is read or asked.",
            "Answers, each an estimate.",
            "EstimateRequest",
            "Estimate",
        ),
        "/canidothis/map": _exchange(
            "How many platforms would accept a task as two of its amounts vary.",
            "A count for each pair of values, by estimate.",
            "MapRequest",
            "Map",
        ),
        "/canidothis/handover": _exchange(
            "What takes up an offer; nothing is submitted.",
            "A script or manifest.",
            "HandoverRequest",
            "HandedOver",
        ),
        "/canidothis/describe": {
            "post": _operation(
                "Describe what a notebook needs.",
                _answer(
                    "The task, each need with its evidence.", {"application/json": _ref("Task")}
                ),
                requestBody=_body({"application/json": _ref("DescribeRequest")}),
            )
        },
        "/canidothis/describe/questions": {
            "get": _operation(
                "What to ask a kernel that only the front end reaches.",
                _answer(
                    "Contents of the messages; none when the server asks itself.",
                    {"application/json": _ref("KernelQuestions")},
                ),
                parameters=[
                    {
                        "name": "kernel_id",
                        "in": "query",
                        "required": True,
                        "schema": {"type": "string"},
                        "description": "Id of a running kernel",
                    }
                ],
            )
        },
        "/canidothis/platforms": {
            "get": _operation(
                "What is configured or discovered.",
                _answer("Every platform.", {"application/json": platforms}),
            )
        },
        "/canidothis/schema": {
            "get": _operation(
                "The JSON Schema of all nouns.",
                _answer("JSON Schema 2020-12.", {"application/schema+json": _ANY}),
            )
        },
        "/canidothis/openapi.json": {
            "get": _operation(
                "This document.", _answer("OpenAPI 3.1.", {"application/json": _ANY})
            )
        },
        "/canidothis/capabilities": {
            "get": _operation(
                "VOSI capabilities.",
                _answer("VOSI 1.1 XML.", {"application/xml": {"type": "string"}}),
            )
        },
    }


def _openapi() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Can I do this?",
            "version": "1",
            "description": (
                "Asks whether a task could run, where and when. "
                "Asking never changes a platform."
            ),
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "paths": _paths(),
        "components": {
            "schemas": _components("#/components/schemas/"),
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "Authorization"}
            },
        },
        "security": [{"token": []}],
    }
