"""Taking evidence out: what is asked for as a file, and every such act as an entry of the log."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from aiohttp import hdrs, web

from docaxis.domain.people import Mandate
from docaxis.hub.views.audit import EntryView
from docaxis.web.auditor.asked import Asked, read_asked
from docaxis.web.auditor.evidence import as_csv, as_json_lines, as_zip
from docaxis.web.auditor.log import read_entry, read_page
from docaxis.web.auditor.mandate import within_mandate
from docaxis.web.auditor.ports import AUDIT
from docaxis.web.render import render
from docaxis.web.site import SITE
from docaxis.web.state import VISIT

EXPORTED_MOST = 500
"""Entries of one export; what is more is exported in several, by days."""
_PAGES_MOST = 30
_ASKED_MOST = 2_000
_ROWS = 200

_FORMATS: Mapping[str, tuple[str, Callable[[Sequence[EntryView], Mandate, str], bytes]]] = {
    "zip": ("application/zip", as_zip),
    "jsonl": ("application/jsonl", lambda entries, _mandate, _hub: as_json_lines(entries)),
    "csv": ("text/csv", lambda entries, _mandate, _hub: as_csv(entries)),
}


@within_mandate
async def show_exports(request: web.Request, mandate: Mandate) -> web.Response:
    """Show what the reader took out; what others took is not shown, it may lie outside the mandate."""
    past = await request.app[AUDIT].past("export:evidence", request[VISIT].person.login)
    return render(request, "auditor/exports.html", mandate=mandate, past=past, most=EXPORTED_MOST)


@within_mandate
async def take_evidence(request: web.Request, mandate: Mandate) -> web.Response:
    """Record that evidence is taken out, then send it: one entry, or those that an address of the log asks for."""
    form = await request.post()
    form_name = str(form.get("format", "zip"))
    if form_name not in _FORMATS:
        raise web.HTTPBadRequest
    chosen, text = str(form.get("entry", "")), str(form.get("asked", ""))
    if len(text) > _ASKED_MOST:
        # What is asked for stands in the log, whole.
        raise web.HTTPBadRequest
    asked = {"entry": chosen} if chosen else {"asked": text}
    if chosen:
        entries = [(await read_entry(request, mandate, chosen))[0]]
        is_whole = True
    else:
        entries, is_whole = await _entries_of(request, mandate, text)
    content_type, write = _FORMATS[form_name]
    octets = await asyncio.to_thread(write, entries, mandate, request.app[SITE].hub)
    await _record(request, mandate, form_name, octets, entries, {**asked, "whole": is_whole})
    now = request.app[SITE].now()
    name = f"chung-cu-{now:%Y%m%d-%H%M%S}.{form_name}"
    headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"'}
    return web.Response(body=octets, content_type=content_type, headers=headers)


async def _entries_of(request: web.Request, mandate: Mandate, query: str) -> tuple[list[EntryView], bool]:
    """Return the entries that an address of the log asks for, and whether these are all of them."""
    asked = read_asked(request, mandate, dict(parse_qsl(query)))
    ids, is_whole = await _ids(request, mandate, asked)
    audit = request.app[AUDIT]
    entries = [await audit.entry(mandate, one) for one in ids]
    return [one for one in entries if one is not None], is_whole


async def _ids(request: web.Request, mandate: Mandate, asked: Asked) -> tuple[list[UUID], bool]:
    found: list[UUID] = []
    for _ in range(_PAGES_MOST):
        _, page = await read_page(request, mandate, asked, _ROWS)
        found += [row.event.event_id for row in page.rows]
        if len(found) > EXPORTED_MOST:
            return found[:EXPORTED_MOST], False
        if not page.following:
            return found, True
        asked = asked.continued(page.following)
    return found, False


async def _record(
    request: web.Request,
    mandate: Mandate,
    form_name: str,
    octets: bytes,
    entries: Sequence[EntryView],
    asked: Mapping[str, Any],
) -> None:
    places = [one.row.event.leaf_index for one in entries if one.row.event.leaf_index is not None]
    body = {
        "login": request[VISIT].person.login,
        "decision": mandate.decision,
        "format": form_name,
        "entries": len(entries),
        "first": min(places, default=None),
        "last": max(places, default=None),
        "digest": f"sha256:{hashlib.sha256(octets).hexdigest()}",
        **asked,
    }
    await request.app[AUDIT].record("export:evidence", request.app[SITE].now(), body)
