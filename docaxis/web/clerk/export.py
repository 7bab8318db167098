"""Sending a list as a file: what the filters in the address say, up to a number of rows, and an entry in the log each time."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

from docaxis.hub.acts import act
from docaxis.hub.views.lists import RECEIVED_STATES, SENT_STATES, ListPage, Place
from docaxis.web.clerk.export_files import FILES, STREAMS, Cells, File, Heading
from docaxis.web.clerk.export_rows import RECEIVED_COLUMNS, ROWS_MOST, SENT_COLUMNS, ExportColumn
from docaxis.web.clerk.lists import visit_of
from docaxis.web.clerk.lists_wanted import Asked, read_asked
from docaxis.web.clerk.ports import JOURNAL, LISTS
from docaxis.web.render import spoken
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES
from docaxis.web.words import mark as _
from docaxis.web.written import Written

AT_ONCE = 2
"""Workbooks and printed lists that are made at the same time in one process; others wait for their turn."""
_PORTION = 200
_CHUNK_BYTES = 256 * 1024

TURN = web.AppKey("export_turn", asyncio.Semaphore)


async def export_sent(request: web.Request) -> web.Response:
    """Send what the agency sent."""
    asked = read_asked(request.query, SENT_STATES, request.app[SITE].directory())
    title = spoken(request, _("Văn bản đã gửi"))
    return await _export(request, "sent", title, asked, request.app[LISTS].list_sent, SENT_COLUMNS)


async def export_received(request: web.Request) -> web.Response:
    """Send what the agency received."""
    asked = read_asked(request.query, RECEIVED_STATES, request.app[SITE].directory())
    title = spoken(request, _("Văn bản đã nhận"))
    return await _export(request, "received", title, asked, request.app[LISTS].list_received, RECEIVED_COLUMNS)


async def _export(
    request: web.Request,
    name: str,
    title: str,
    asked: Asked,
    read: Callable[..., Awaitable[ListPage[Any]]],
    columns: Sequence[ExportColumn[Any]],
) -> web.Response:
    wanted_format = str((await request.post()).get("format", ""))
    if wanted_format not in {*STREAMS, *FILES} or asked.troubles:
        raise web.HTTPBadRequest
    heading = _heading(request, title, columns)
    portions = _portions(read, visit_of(request).organ_id, asked, columns)
    await _record(request, name, wanted_format)
    if wanted_format in STREAMS:
        content_type, stream = STREAMS[wanted_format]
        body = stream(heading, portions)
    else:
        content_type, make = FILES[wanted_format]
        async with request.app[TURN]:
            body = await _made(make, heading, portions)
    headers = {
        hdrs.CONTENT_TYPE: content_type,
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}-{request.app[SITE].now():%Y%m%d-%H%M}.{wanted_format}"',
    }
    return web.Response(body=body, headers=headers)


async def _portions(
    read: Callable[..., Awaitable[ListPage[Any]]], organ_id: str, asked: Asked, columns: Sequence[ExportColumn[Any]]
) -> AsyncIterator[Sequence[Cells]]:
    """Yield the cells of a page of the list after the other."""
    after: Place | None = None
    left = ROWS_MOST
    while left:
        page = await read(organ_id, asked.wanted, after, min(_PORTION, left))
        yield [[column.value(row) for column in columns] for row in page.rows]
        left -= len(page.rows)
        after = page.following
        if after is None:
            return


async def _made(
    make: Callable[[Path, Heading], File], heading: Heading, portions: AsyncIterator[Sequence[Cells]]
) -> AsyncIterator[bytes]:
    """Make a file beside the loop and return its octets; the folder goes with the last of them."""
    folder = tempfile.TemporaryDirectory(prefix="docaxis-export-")
    try:
        path = Path(folder.name) / "list"
        file = await asyncio.to_thread(make, path, heading)
        async for rows in portions:
            await asyncio.to_thread(file.add, rows)
        await asyncio.to_thread(file.finish)
    except BaseException:
        folder.cleanup()
        raise
    return _sent(folder, path)


async def _sent(folder: "tempfile.TemporaryDirectory[str]", path: Path) -> AsyncIterator[bytes]:
    try:
        with path.open("rb") as stream:
            while octets := await asyncio.to_thread(stream.read, _CHUNK_BYTES):
                yield octets
    finally:
        folder.cleanup()


async def _record(request: web.Request, name: str, wanted_format: str) -> None:
    visit = visit_of(request)
    facts: dict[str, str | int] = {
        "login": visit.person.login,
        "organ_id": visit.organ_id,
        "list": name,
        "query": request.rel_url.raw_query_string,
        "format": wanted_format,
        "rows_most": ROWS_MOST,
    }
    await request.app[JOURNAL].record(act("export:list", request.app[SITE].now(), facts))


def _heading(request: web.Request, title: str, columns: Sequence[ExportColumn[Any]]) -> Heading:
    site, visit = request.app[SITE], visit_of(request)
    written = Written(request[PREFERENCES].language)
    made = spoken(
        request,
        _("Lập lúc %(at)s (giờ Việt Nam), %(person)s, nhiều nhất %(most)s dòng"),
        at=written.moment(site.now()),
        person=visit.person.name,
        most=written.number(ROWS_MOST),
    )
    return Heading(
        title=title,
        issuer=site.name_of(visit.organ_id),
        at=made,
        keys=[one.key for one in columns],
        heads=[spoken(request, one.head) for one in columns],
        widths_mm=[one.width_mm for one in columns],
        foot=spoken(request, _("Bảng từ trục liên thông, không phải văn bản hành chính")),
        test_mark=spoken(request, _("DỮ LIỆU THỬ")) if site.test_data else "",
        written=written,
    )
