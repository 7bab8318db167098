"""scratch"""
import asyncio, json, socket, os
import pytest
from tests.web.desk import Desk, ORIGIN, BEGIN
from tests.web.conftest import *
from docaxis.web.routing import PAGES
from docaxis.domain.people import Grant

async def raw(desk, data: bytes) -> bytes:
    url = desk.client.make_url("/")
    r, w = await asyncio.open_connection(url.host, url.port)
    w.write(data); await w.drain()
    try:
        out = await asyncio.wait_for(r.read(65536), 3)
    except TimeoutError:
        out = b"TIMEOUT"
    w.close()
    return out

async def test_raw(desk: Desk):
    await desk.sign_in("clerk")
    host = b"Host: x\r\nConnection: close\r\n"
    for what in (
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n" + host + b"\r\n",
        b"GET /sign-in HTTP/1.1\r\nAccept: text/html\r\nBad Header<script>: x\r\n\r\n",
        b"GET /sign-in HTTP/1.1\r\n" + host + b"X: " + b"a"*10000 + b"\r\n\r\n",
        b"GET /sign-in HTTP/1.1\r\n" + host + b"Cookie: docaxis=\xff\xfe\r\n\r\n",
        b"GET /sign-in HTTP/1.1\r\n" + host + b"Cookie: docaxis-open=\xff\xfe.1.2\r\n\r\n",
        b"GET /sign-in HTTP/1.1\r\n" + host + b"Cookie: docaxis-view=\xff\xfe\r\n\r\n",
        b"GET /sign-in HTTP/1.1\r\n" + host + b"Cookie: docaxis-view=" + b"["*5000 + b"\r\n\r\n",
        b"GET /sign-in?next=%ff HTTP/1.1\r\n" + host + b"Accept-Language: \xff;q=a,\xfe-\xff\r\n\r\n",
        b"GET /nowhere%0d%0aSet-Cookie:x HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /sign-in?lang=vi%00&next=%00 HTTP/1.1\r\n" + host + b"\r\n",
        b"OPTIONS * HTTP/1.1\r\n" + host + b"\r\n",
        b"TRACE /sign-in HTTP/1.1\r\n" + host + b"\r\n",
        b"GET http://evil/sign-in HTTP/1.1\r\n" + host + b"\r\n",
        b"GET //evil.example/ HTTP/1.1\r\n" + host + b"\r\n",
        b"PUT /sign-in HTTP/1.1\r\n" + host + b"Content-Length: 0\r\n\r\n",
        b"POST /sign-in HTTP/1.1\r\n" + host + b"Expect: nonsense\r\nContent-Length: 0\r\n\r\n",
        b"POST /sign-in HTTP/1.1\r\n" + host + b"Origin: http://pages.test\r\nX-Form-Token: \xff\r\nContent-Length: 0\r\n\r\n",
        b"POST /sign-in HTTP/1.1\r\n" + host + b"Origin: http://pages.test\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        b"GET /static/x/app.css HTTP/1.1\r\n" + host + b"Range: bytes=0-1\r\n\r\n",
        b"GET /static/x/..%2fapp.css HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /check/%00%ff%f0 HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /api/v1/documents HTTP/1.1\r\n" + host + b"Authorization: Bearer \xff.\xfe.x\r\n\r\n",
        b"GET /api/v1/documents HTTP/1.1\r\n" + host + b"Authorization: Bearer eyJraWQiOiJcdWQ4MDAifQ.x.y\r\n\r\n",
        b"GET /api/v1/nowhere HTTP/1.1\r\n" + host + b"\r\n",
        b"DELETE /api/v1/documents HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /api HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /api/openapi.json HTTP/1.1\r\n" + host + b"\r\n",
    ):
        out = await raw(desk, what)
        head, _, body = out.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        has = {h: any(l.lower().startswith(h) for l in lines) for h in (b"content-security-policy", b"x-content-type-options", b"cache-control", b"x-request-id")}
        server = [l for l in lines if l.lower().startswith(b"server")]
        print(what[:60], "->", lines[0], server, [k for k, v in has.items() if not v], body[:90] if b"doctype" not in body.lower() else b"HTML")

async def test_sessions(desk: Desk):
    from aiohttp import FormData
    await desk.sign_out()
    # many file parts before sign in
    await desk.get("/sign-in")
    tok = desk.cookie("docaxis-open")
    f = FormData()
    f.add_field("csrf", tok)
    for i in range(400):
        f.add_field(f"f{i}", b"x", filename="a")
    a = await desk.post("/sign-in", f)
    print("parts", a.status)
    a = await desk.post("/sign-in", [("x", "y")] * 3000)
    print("fields", a.status)
    await desk.sign_in("clerk")
    a = await desk.post("/account/language", [("x", "y")] * 3000)
    print("fields in", a.status)
