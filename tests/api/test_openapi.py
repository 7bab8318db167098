"""The OpenAPI document is whole and valid, says what is served, and a stranger's tool that follows it finds no fault."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from openapi_spec_validator import validate

from docaxis.api.reference import document_of
from docaxis.api.v1.app import OPERATIONS
from docaxis.api.v1.openapi import PREFIX, openapi
from docaxis.api.v1.problems import SAID, ProblemCode
from tests.api.conftest import Exchange

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def test_document_is_valid() -> None:
    validate(document_of("https://docaxis.test"))


def test_document_says_the_same_each_time() -> None:
    assert json.dumps(openapi(OPERATIONS, "https://x")) == json.dumps(openapi(OPERATIONS, "https://x"))


async def test_every_route_is_in_the_document_and_nothing_else(exchange: Exchange) -> None:
    document = document_of("https://docaxis.test")
    said = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    served = {
        (route.method, str(route.resource.canonical).removeprefix(PREFIX))
        for route in exchange.desk.app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith(f"{PREFIX}/")
    }
    # Every GET answers HEAD as well.
    heads = {("HEAD", path) for method, path in said if method == "GET"}
    assert served - heads == said - heads


def test_every_operation_has_a_name_of_its_own_and_tells_its_problems() -> None:
    document = document_of("https://docaxis.test")
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names)) == len(OPERATIONS)
    for one in operations:
        assert "500" in one["responses"]
        assert one.get("security") == [] or "401" in one["responses"], one["operationId"]


def test_every_problem_has_its_words() -> None:
    assert set(SAID) == set(ProblemCode)
    for said in SAID.values():
        assert 400 <= said.status < 600
        assert said.vi != said.en


def test_documentation_tells_every_problem() -> None:
    rows = re.findall(
        r"^\| `(API\.[A-Z_]+)` \| (\d{3}) \| (.*?) \| (.*?) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE
    )
    wanted = [(code.value, str(said.status), said.vi, said.en) for code, said in SAID.items()]
    expected = "\n".join(f"| `{a}` | {b} | {c} | {d} |" for a, b, c, d in wanted)
    assert rows == wanted, f"docs/api.md, expected rows:\n{expected}"


def test_documentation_tells_every_operation() -> None:
    text = DOCS.read_text(encoding="utf-8")
    missing = [f"{one.method} {one.path}" for one in OPERATIONS if f"`{one.method} {one.path}`" not in text]
    assert not missing, "docs/api.md: " + ", ".join(f"`{one}`" for one in missing)


async def test_document_and_page_are_open_to_all(exchange: Exchange) -> None:
    document = await exchange.desk.get("/openapi.json")
    assert document.status == 200
    assert json.loads(document.text)["openapi"] == "3.1.0"
    for language, word in (("vi", "Tài liệu API"), ("en", "API reference")):
        page = await exchange.desk.get(f"/api?lang={language}")
        assert page.status == 200
        assert word in page.text
        for one in OPERATIONS:
            assert f'id="{one.name}"' in page.text
        for code in ProblemCode:
            assert f'id="{code}"' in page.text
        assert "http://" not in page.text.replace("http://pages.test", "").replace("http://www.w3.org", "")


@pytest.mark.parametrize(("language", "word"), [("vi-VN,en;q=0.5", "tài nguyên"), ("en", "resource"), ("", "resource")])
async def test_problems_speak_the_clients_language(exchange: Exchange, language: str, word: str) -> None:
    headers = {"Accept-Language": language} if language else {}
    answer = await exchange.sender.get("/submissions/unknown", headers)
    assert (answer.status, answer.code) == (404, "API.NOT_FOUND")
    assert word in answer.json["title"]
    assert answer.json["type"] == "http://pages.test/api#API.NOT_FOUND"
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


async def test_wrong_method_and_wrong_path_are_problems_too(exchange: Exchange) -> None:
    wrong = await exchange.sender.ask("DELETE", "/documents")
    assert (wrong.status, wrong.code) == (405, "API.METHOD")
    assert "GET" in wrong.headers["Allow"]
    assert (await exchange.sender.get("/nothing")).code == "API.NOT_FOUND"
    for path in ("/submissions/%00", "/submissions/%00/receipt", "/agencies/%00"):
        assert (await exchange.sender.get(path)).code == "API.NOT_FOUND"


async def test_fault_tells_nothing_of_itself(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    from docaxis.api.v1.ports import PORTS

    (inner,) = exchange.desk.app._subapps
    assert isinstance(inner, web.Application)

    async def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(inner[PORTS].exchange, "waiting", fail)
    answer = await exchange.sender.get("/deliveries")
    assert (answer.status, answer.code) == (500, "API.FAULT")
    assert b"secret" not in answer.body


async def test_rates_are_told_and_bound(exchange: Exchange) -> None:
    first = await exchange.sender.get("/endpoints/self")
    assert first.headers["RateLimit-Policy"] == '"endpoint";q=600;w=60'
    left = re.search(r"r=(\d+)", first.headers["RateLimit"])
    assert left
    assert 0 < int(left[1]) < 600
