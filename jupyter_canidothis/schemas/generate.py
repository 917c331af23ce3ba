"""Make the published schemas from the types."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from ..answer import Look, Nearest, Plan
from ..task import Task
from ..wire import documents as texts
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
    Look,
    texts.PlatformList,
    texts.AddRequest,
    texts.LookRequest,
    texts.TaskText,
    texts.TaskDocument,
    texts.WriteTaskRequest,
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


def _json(
    summary: str, description: str, answer: type, request: type | None = None
) -> dict[str, Any]:
    """Describe an operation that answers with, and perhaps takes, one of our types."""
    body = {"requestBody": _body({JSON: _ref(request.__name__)})} if request else {}
    answered = _answer(description, {JSON: _ref(answer.__name__)})
    return _operation(summary, answered, **body)


def _required(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {
        "name": name,
        "in": "query",
        "required": True,
        "schema": schema,
        "description": description,
    }


JSON: Final = "application/json"
_PLATFORMS: Final = texts.PlatformList
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
            "post": _json(
                "Search one platform's answers for the nearest YES.",
                "Checked changes, smallest first, and how far each quantity goes.",
                Nearest,
                wire.NearestRequest,
            )
        },
        "/canidothis/estimate": {
            "post": _json(
                "What is known already; no platform is read or asked.",
                "Answers, each an estimate.",
                live.Estimate,
                live.EstimateRequest,
            )
        },
        "/canidothis/map": {
            "post": _json(
                "How many platforms would accept a task as two of its amounts vary.",
                "A count for each pair of values, by estimate.",
                live.Map,
                live.MapRequest,
            )
        },
        "/canidothis/handover": {
            "post": _json(
                "What takes up an offer; nothing is submitted.",
                "A script or manifest.",
                live.HandedOver,
                live.HandoverRequest,
            )
        },
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
                parameters=[_required("kernel_id", "Id of a running kernel")],
            )
        },
        "/canidothis/platforms": {
            "get": _json("What is configured or discovered.", "Every platform.", _PLATFORMS),
            "post": _json(
                "Add a platform to the user's own configuration file.",
                "Every platform, the new one among them.",
                _PLATFORMS,
                texts.AddRequest,
            ),
            "delete": {
                **_json("Remove a platform that the user added.", "The others.", _PLATFORMS),
                "parameters": [_required("name", "Name of the platform")],
            },
        },
        "/canidothis/platforms/look": {
            "post": _json("Read a platform afresh.", "How that went.", Look, texts.LookRequest)
        },
        "/canidothis/task/read": {
            "post": _json(
                "Read a task from text.",
                "The task, and what the text leaves open.",
                texts.TaskDocument,
                texts.TaskText,
            )
        },
        "/canidothis/task/write": {
            "post": _json(
                "Write a task as text.",
                "The text and the name to save it under.",
                texts.TaskText,
                texts.WriteTaskRequest,
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
