"""The OpenAPI 3.1 document, made from the table of operations and the models: it cannot say what the code does not do."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from docaxis import __version__
from docaxis.api.v1.operations import Answer, Content, Form, Operation
from docaxis.api.v1.problems import SAID, ProblemCode

PREFIX = "/api/v1"
Json = dict[str, Any]

_ALWAYS = (ProblemCode.TOO_MANY, ProblemCode.FAULT, ProblemCode.UNAVAILABLE)
_CLOSED = (ProblemCode.UNAUTHORIZED, ProblemCode.TOKEN_INVALID)
_PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string", "description": "What happened and what to do, in the client's language"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": [one.value for one in ProblemCode]},
        "request_id": {"type": "string", "description": "To quote to the operator"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["at", "detail"],
                "properties": {
                    "at": {"type": "string", "description": "JSON Pointer, `?parameter`, or path in the package"},
                    "detail": {"type": "string"},
                    "code": {"type": "string"},
                },
            },
        },
    },
}


def openapi(operations: Iterable[Operation], public_url: str) -> Json:
    """Return the document; every operation of the table is in it."""
    operations = tuple(operations)
    models = {form for one in operations for form in (one.answer, one.body) if isinstance(form, type)}
    ordered = sorted(models, key=lambda form: form.__name__)
    _, shared = models_json_schema(
        [(form, "serialization") for form in ordered], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, Json] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "docaxis",
            "version": __version__,
            "description": "The hub for signed official documents: submit, follow, fetch and prove.",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": public_url + PREFIX}],
        "security": [{"token": []}, {"certificate": []}],
        "paths": paths,
        "components": {
            "schemas": {**shared.get("$defs", {}), "Problem": _PROBLEM},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "Signed by a registered key: iss and sub the endpoint, aud this server, jti, exp within 300 s",
                },
                "certificate": {
                    "type": "mutualTLS",
                    "description": "A certificate that is registered for the endpoint",
                },
            },
        },
    }


def _operation(one: Operation) -> Json:
    made: Json = {
        "operationId": one.name,
        "summary": one.summary,
        "tags": [one.tag] if one.tag else [],
        "parameters": [
            *_path_parameters(one.path),
            *_query_parameters(one.query),
            *_header_parameters(one.request_headers),
        ],
        "responses": {str(one.status): _success(one), **_problems(one)},
    }
    if one.is_open:
        made["security"] = []
    if one.body is not None:
        made["requestBody"] = {"required": True, "content": _content(one.body)}
    return made


def _path_parameters(path: str) -> list[Json]:
    names = [part[1:-1].split(":")[0] for part in path.split("/") if part.startswith("{")]
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in names
    ]


def _query_parameters(form: type[Form] | None) -> list[Json]:
    if form is None:
        return []
    schema = form.model_json_schema(mode="validation")
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": held.pop("description", ""),
            "schema": held,
        }
        for name, held in schema.get("properties", {}).items()
    ]


def _header_parameters(headers: Mapping[str, str]) -> list[Json]:
    return [
        {"name": name, "in": "header", "required": False, "description": about, "schema": {"type": "string"}}
        for name, about in headers.items()
    ]


def _success(one: Operation) -> Json:
    made: Json = {"description": one.summary}
    if one.headers:
        made["headers"] = {
            name: {"description": about, "schema": {"type": "string"}} for name, about in one.headers.items()
        }
    if one.answer is not None:
        made["content"] = _content(one.answer)
    return made


def _content(form: Answer) -> Json:
    if isinstance(form, Content):
        return {form.media_type: {"schema": {"type": "string", "format": "binary", "description": form.description}}}
    name = form.__name__ if form is not None else ""
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _problems(one: Operation) -> Json:
    codes = dict.fromkeys((*one.problems, *(() if one.is_open else _CLOSED), *_ALWAYS))
    grouped: dict[int, list[ProblemCode]] = {}
    for code in codes:
        grouped.setdefault(SAID[code].status, []).append(code)
    return {
        str(status): {
            "description": " / ".join(f"{code}: {SAID[code].en}" for code in same),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, same in sorted(grouped.items())
    }
