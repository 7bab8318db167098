"""What a package holds: its attachments, digests and certificate; files and octets for those who may read them."""

from typing import Final
from urllib.parse import quote

from aiohttp import web

from docaxis.hub.acts import act
from docaxis.web.clerk.document_found import Found, find, number_of
from docaxis.web.clerk.document_ports import DOCUMENTS
from docaxis.web.render import render
from docaxis.web.site import SITE
from docaxis.web.state import VISIT

_SHOWN: Final = frozenset({"application/pdf", "image/png", "image/jpeg", "text/plain"})
"""Types that are named as they are; anything else is handed over as octets, and nothing is ever shown inside the pages."""


async def show_package(request: web.Request) -> web.Response:
    """Show what is in the package; an addressee whose system has not fetched it is told that instead."""
    found = await find(request, events_for=())
    package = await request.app[DOCUMENTS].package(found.document.digest) if found.may_read_content else None
    return render(
        request,
        "clerk/package.html",
        found=found,
        document=found.document,
        number=number_of(found.document),
        package=package,
    )


async def send_attachment(request: web.Request) -> web.StreamResponse:
    """Send a file of the package, in constant memory where it lies in the blob store; who took it stands in the log."""
    found = await find(request, events_for=())
    if not found.may_read_content:
        raise web.HTTPNotFound
    file = await request.app[DOCUMENTS].attachment(found.document.digest, request.match_info["content_id"])
    if file is None:
        raise web.HTTPNotFound
    await _note(request, found, "export:attachment", file.size_bytes)
    response = web.StreamResponse(
        headers={
            "Content-Type": file.content_type if file.content_type in _SHOWN else "application/octet-stream",
            "Content-Disposition": _attachment(file.name),
            # A stranger's file: even opened on its own it may run nothing and reach nothing.
            "Content-Security-Policy": "sandbox; default-src 'none'",
            # What is sent while it is read has left before the headers of pages are put on.
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
    )
    response.content_length = file.size_bytes
    await response.prepare(request)
    async for chunk in file.chunks:
        await response.write(chunk)
    await response.write_eof()
    return response


async def send_octets(request: web.Request) -> web.Response:
    """Send the package as it was signed, so that it can be verified elsewhere."""
    found = await find(request, events_for=())
    octets = await request.app[DOCUMENTS].octets(found.document.digest) if found.may_read_content else None
    if octets is None:
        raise web.HTTPNotFound
    await _note(request, found, "export:package", len(octets))
    return web.Response(
        body=octets,
        headers={
            "Content-Type": "application/octet-stream",
            "Content-Disposition": _attachment(f"{number_of(found.document).replace('/', '-')}.edxml"),
        },
    )


async def _note(request: web.Request, found: Found, kind: str, size_bytes: int) -> None:
    visit = request[VISIT]
    body: dict[str, str | int] = {"login": visit.person.login, "organ_id": visit.organ_id, "size_bytes": size_bytes}
    await request.app[DOCUMENTS].record(act(kind, request.app[SITE].now(), body, found.document.document_key))


def _attachment(name: str) -> str:
    """Return a Content-Disposition that always saves and never shows (RFC 6266)."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "_" for sign in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
