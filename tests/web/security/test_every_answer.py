"""The headers that keep an answer to itself stand on every kind of answer, and none names what the server is made of."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import web

from docaxis.web.headers import POLICY
from docaxis.web.people.ports import RULES
from docaxis.web.site import SITE
from docaxis.wiring.plain_runner import PlainRunner
from tests.web.desk import Desk

EVERYWHERE = {"x-content-type-options": "nosniff", "server": "docaxis", "cross-origin-resource-policy": "same-origin"}
Told = tuple[int, Mapping[str, str], bytes]


async def told(host: str, port: int, octets: bytes) -> Told:
    """Send octets as they are and return status, headers and the beginning of the body; the stream need not end."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(octets)
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 90)).decode("latin-1").split("\r\n")
    body = await reader.read(2000) if "Connection: close" in octets.decode("latin-1") else b""
    writer.close()
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    return int(head[0].split()[1]), headers, body


def asked(line: str, *headers: str) -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", "Host: pages.test", *headers, "", ""]).encode("latin-1")


@pytest.mark.parametrize(
    ("line", "headers", "status"),
    [
        ("GET /sign-in", (), 200),
        ("GET /nowhere", (), 404),
        ("PUT /sign-in", ("Content-Length: 0",), 405),
        ("TRACE /sign-in", (), 405),
        ("OPTIONS *", (), 404),
        ("POST /sign-in", ("Expect: wonders", "Content-Length: 0"), 417),
        ("POST /sign-in", ("Content-Length: 0",), 403),
        ("GET /account", (), 303),
        ("GET /static/x/app.css", (), 200),
        ("GET /static/x/..%2f..%2fapp.py", (), 404),
        ("GET /openapi.json", (), 200),
        ("GET /api/v1/documents", (), 401),
        ("GET /api/v1/nowhere", (), 404),
        ("PUT /api/v1/documents", ("Content-Length: 0",), 405),
        ("GET /api/v1/documents", ("Authorization: Bearer eyJraWQiOiJcdWQ4MDAifQ.x.y",), 401),
        ("GET /api/v1/submissions/%00", ("Authorization: Bearer x",), 401),
    ],
)
async def test_headers_of(desk: Desk, line: str, headers: tuple[str, ...], status: int) -> None:
    """v5.0.0-3.4.3 to 3.4.8, v5.0.0-13.4.6: pages, redirects, files, JSON, refusals of the pages and of the library."""
    url = desk.client.make_url("/")
    answer = await told(str(url.host), int(url.port or 0), asked(line, "Connection: close", *headers))
    assert answer[0] == status
    assert {name: answer[1].get(name) for name in EVERYWHERE} == EVERYWHERE
    assert answer[1]["content-security-policy"] == POLICY
    assert answer[1]["x-request-id"]
    assert b"aiohttp" not in answer[2]
    if line not in {"GET /static/x/app.css", "GET /openapi.json"}:
        assert "public" not in answer[1]["cache-control"]


@pytest.mark.parametrize(("role", "path"), [("clerk", "/changes"), ("auditor", "/verify/stream")])
async def test_headers_of_streams(desk: Desk, role: str, path: str) -> None:
    await desk.sign_in(role)
    url = desk.client.make_url("/")
    cookie = f"Cookie: docaxis={desk.cookie('docaxis')}"
    status, headers, _ = await told(str(url.host), int(url.port or 0), asked(f"GET {path}", cookie))
    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
    assert {name: headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert headers["content-security-policy"] == POLICY
    assert headers["cache-control"] == "no-store"


@pytest.fixture
async def served() -> AsyncIterator[tuple[str, int]]:
    app = web.Application()

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="served")

    app.router.add_get("/", answer)
    runner = PlainRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][:2]
    await runner.cleanup()


@pytest.mark.parametrize(
    "octets",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nAccept: text/html\r\nBad <script>: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 10_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_what_is_no_request_learns_nothing(served: tuple[str, int], octets: bytes) -> None:
    """v5.0.0-13.4.6, v5.0.0-16.5.1: neither name nor version, and nothing of what was sent comes back."""
    reader, writer = await asyncio.open_connection(*served)
    writer.write(octets)
    answer = await asyncio.wait_for(reader.read(), 90)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert body == b"400 Bad Request\n"
    assert b"aiohttp" not in head
    assert b"nosniff" in head


async def test_what_is_a_request_is_served(served: tuple[str, int]) -> None:
    assert (await told(*served, asked("GET /", "Connection: close")))[0::2] == (200, b"served")


async def test_behind_https_cookies_and_transport_are_kept_to_it(desk: Desk) -> None:
    """v5.0.0-3.3.1, v5.0.0-3.3.3, v5.0.0-3.4.1: Secure, HttpOnly, SameSite, the __Host- prefix; HSTS on every answer."""
    object.__setattr__(desk.app[SITE], "public_url", "https://pages.test")
    answer = await desk.get("/sign-in")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    set_cookie = answer.headers["Set-Cookie"]
    assert set_cookie.startswith("__Host-docaxis-open=")
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in set_cookie
    assert "Domain" not in set_cookie
    assert desk.app[RULES].idle.total_seconds() == 15 * 60
    assert desk.app[RULES].longest.total_seconds() == 8 * 3600
