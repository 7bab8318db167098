"""`/openapi.json`, and the same document as a page: rendered here, so that it needs neither scripts nor another host."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from aiohttp import hdrs, web

from docaxis.api.v1.app import OPERATIONS
from docaxis.api.v1.openapi import Json, openapi
from docaxis.api.v1.problems import SAID
from docaxis.web.render import render
from docaxis.web.routing import NOBODY_YET, Page
from docaxis.web.state import PREFERENCES

PUBLIC_URL = web.AppKey("public_url", str)
"""Where the document says that the API is."""


class Shown(NamedTuple):
    """An operation as the page shows it."""

    method: str
    path: str
    name: str
    summary: str
    is_open: bool
    parameters: list[tuple[str, str, str, str]]
    takes: list[tuple[str, str]]
    gives: list[tuple[str, str, str]]


class Model(NamedTuple):
    """A schema as the page shows it: fields with their kinds."""

    name: str
    description: str
    fields: list[tuple[str, str, str]]


@cache
def document_of(public_url: str) -> Json:
    """Return the OpenAPI document of everything that is served; made when it is first asked for, since that takes 0.1 s."""
    return openapi(OPERATIONS, public_url)


async def send_openapi(request: web.Request) -> web.StreamResponse:
    """Send the OpenAPI document."""
    text = json.dumps(document_of(request.app[PUBLIC_URL]), ensure_ascii=False)
    return web.Response(text=text, content_type="application/json", headers={hdrs.CACHE_CONTROL: "public, max-age=300"})


async def show_reference(request: web.Request) -> web.StreamResponse:
    """Show operations, models and problems."""
    document = document_of(request.app[PUBLIC_URL])
    groups: dict[str, list[Shown]] = {}
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            groups.setdefault(one["tags"][0], []).append(_shown(method, path, one))
    language = request[PREFERENCES].language
    problems = [(code.value, said.status, said.vi if language == "vi" else said.en) for code, said in SAID.items()]
    models = [_model(name, schema) for name, schema in document["components"]["schemas"].items()]
    return render(
        request,
        "api/reference.html",
        groups=groups,
        models=[one for one in models if one.fields],
        problems=problems,
        server=document["servers"][0]["url"],
    )


def _shown(method: str, path: str, one: Mapping[str, Any]) -> Shown:
    parameters = [
        (held["name"], held["in"], _kind(held["schema"]), held.get("description", "")) for held in one["parameters"]
    ]
    takes = [(media, _kind(held["schema"])) for media, held in one.get("requestBody", {}).get("content", {}).items()]
    gives = [
        (status, ", ".join(_kind(held["schema"]) for held in answer.get("content", {}).values()), answer["description"])
        for status, answer in one["responses"].items()
    ]
    is_open = one.get("security") == []
    return Shown(method.upper(), path, one["operationId"], one["summary"], is_open, parameters, takes, gives)


def _model(name: str, schema: Mapping[str, Any]) -> Model:
    fields = [(field, _kind(held), held.get("description", "")) for field, held in schema.get("properties", {}).items()]
    return Model(name, schema.get("description", ""), fields)


def _kind(schema: Mapping[str, Any]) -> str:
    """Return in a word or two what a value is."""
    return " | ".join(_kinds(schema)) or "any"


def _kinds(schema: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2]
    elif "enum" in schema:
        yield from schema["enum"]
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _kinds(one)
    elif schema.get("type") == "array":
        yield f"[{_kind(schema.get('items', {}))}]"
    elif "format" in schema:
        yield schema["format"]
    elif "type" in schema:
        yield schema["type"]


PAGES: tuple[Page, ...] = (
    Page("/openapi.json", send_openapi, NOBODY_YET, "openapi"),
    Page("/api", show_reference, NOBODY_YET, "api"),
)
