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
_REFERENCE = "#/components/schemas/{model}"
_CONDITIONAL = {"ETag": "To ask again with, as If-None-Match"}
_COUNTED = {
    "RateLimit": "Requests left and seconds until they are counted anew",
    "RateLimit-Policy": "Requests a minute",
}
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
    shared = _shared_models(operations)
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
            "schemas": {**shared, "Problem": _PROBLEM},
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


def _shared_models(operations: Iterable[Operation]) -> Json:
    """Return the schemas of all models, what is taken as it is read and what is given as it is written."""
    taken = {one.body for one in operations if isinstance(one.body, type)}
    given = {one.answer for one in operations if isinstance(one.answer, type)}
    wanted = [(form, "validation") for form in taken] + [(form, "serialization") for form in given]
    ordered = sorted(wanted, key=lambda pair: pair[0].__name__)
    _, shared = models_json_schema(ordered, ref_template=_REFERENCE)  # type: ignore[arg-type] # of literals
    return dict(shared.get("$defs", {}))


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
        "responses": {**_successes(one), **_problems(one)},
    }
    if one.partial:
        made["parameters"].append(_header("Range", "bytes=first-last: a part of the octets"))
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
    named, required = schema.get("$defs", {}), set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": held.get("description", ""),
            "schema": _inline({key: value for key, value in held.items() if key != "description"}, named),
        }
        for name, held in schema.get("properties", {}).items()
    ]


def _inline(schema: Json, named: Json) -> Json:
    """Return the schema of a parameter with what it refers to in it: nowhere else would a reference lead to.

    None is what a parameter is that was left out; nobody writes it.
    """
    if "$ref" in schema:
        found = {key: value for key, value in named[schema["$ref"].rpartition("/")[2]].items() if key != "description"}
        return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}
    if "anyOf" in schema:
        kinds = [_inline(one, named) for one in schema["anyOf"] if one.get("type") != "null"]
        rest = {key: value for key, value in schema.items() if key != "anyOf" and value is not None}
        return {**kinds[0], **rest} if len(kinds) == 1 else {**rest, "anyOf": kinds}
    return schema


def _header_parameters(headers: Mapping[str, str]) -> list[Json]:
    return [_header(name, about) for name, about in headers.items()]


def _header(name: str, about: str) -> Json:
    return {"name": name, "in": "header", "required": False, "description": about, "schema": {"type": "string"}}


def _successes(one: Operation) -> Json:
    headers = {**one.headers, **(_CONDITIONAL if one.is_conditional else {}), **({} if one.is_open else _COUNTED)}
    made: Json = {"description": one.summary}
    if headers:
        made["headers"] = {
            name: {"description": about, "schema": {"type": "string"}} for name, about in headers.items()
        }
    content = {"content": _content(one.answer)} if one.answer is not None else {}
    found = {str(status): {**made, **content} for status in (one.status, *one.also)}
    if one.partial:
        found["206"] = {**made, **content, "description": "The part that was asked for"}
    if one.is_conditional:
        found["304"] = {**made, "description": "You hold it already (If-None-Match)"}
    return found


def _content(form: Answer) -> Json:
    if isinstance(form, Content):
        return {form.media_type: {"schema": {"type": "string", "format": "binary", "description": form.description}}}
    name = form.__name__ if form is not None else ""
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _problems(one: Operation) -> Json:
    asked = (ProblemCode.REQUEST_INVALID,) if one.query or one.body or one.request_headers else ()
    codes = dict.fromkeys((*one.problems, *asked, *(() if one.is_open else _CLOSED), *_ALWAYS))
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
