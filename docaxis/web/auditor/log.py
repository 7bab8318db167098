"""The log: a smart box, filters, a list, and one entry at the side."""

import json
from functools import partial
from typing import Any
from uuid import UUID

from aiohttp import web

from docaxis.domain.people import Mandate
from docaxis.domain.sentences import sentence
from docaxis.hub.views.audit import EntryView, Found, LogPage, PackageReport
from docaxis.web.address import with_query
from docaxis.web.auditor.asked import Asked, read_asked
from docaxis.web.auditor.kinds import KINDS, MEANINGS, OUTCOMES, RESULTS, STATUSES
from docaxis.web.auditor.mandate import within_mandate
from docaxis.web.auditor.offline import commands_of
from docaxis.web.auditor.ports import AUDIT
from docaxis.web.auditor.recognise import TEXT_MAX, recognise
from docaxis.web.clerk.matrix_rows import short_name
from docaxis.web.render import render, spoken
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES

ROWS = 50
CHOSEN_FROM = 40
"""Agencies of a mandate that are offered as a list."""


@within_mandate
async def show_log(request: web.Request, mandate: Mandate) -> web.Response:
    """Show the entries that are asked for, and one of them at the side."""
    asked = read_asked(request, mandate)
    meaning, page = await read_page(request, mandate, asked, ROWS)
    chosen = request.query.get("entry", "")
    entry, report = await read_entry(request, mandate, chosen) if chosen else (None, None)
    return render(
        request,
        "auditor/log.html",
        422 if asked.errors else 200,
        asked=asked,
        meaning=meaning,
        page=page,
        following=with_query(request, after=page.following, entry=None) if page.following else "",
        same=partial(_same, request),
        offered=_agencies(request, mandate),
        named=lambda code: short_name(request.app[SITE].name_of(code)),
        kind_options=[
            ("", spoken(request, "Mọi sự kiện")),
            *((key, spoken(request, one)) for key, one in KINDS.items()),
        ],
        result_options=[
            ("", spoken(request, "Mọi kết quả")),
            *((key, spoken(request, one[0])) for key, one in RESULTS.items()),
        ],
        **_words(request, mandate),
        **about_entry(entry, report),
    )


@within_mandate
async def show_entry(request: web.Request, mandate: Mandate) -> web.Response:
    """Show one entry on a page of its own."""
    entry, report = await read_entry(request, mandate, request.match_info["event_id"])
    return render(request, "auditor/entry.html", **_words(request, mandate), **about_entry(entry, report))


@within_mandate
async def tell_meaning(request: web.Request, mandate: Mandate) -> web.Response:
    """Say what a text that is being typed will be taken for."""
    del mandate
    likeliest = recognise(request.query.get("q", "")[:TEXT_MAX]).likeliest
    said = spoken(request, "Nhận ra: %(what)s", what=spoken(request, MEANINGS[likeliest])) if likeliest else ""
    return web.json_response({"said": said})


async def read_page(request: web.Request, mandate: Mandate, asked: Asked, limit: int) -> tuple[Found | None, LogPage]:
    """Return what a pasted text was taken for (None: nothing was pasted), and the entries that are asked for."""
    audit = request.app[AUDIT]
    if asked.text:
        for found, text in asked.recognised.meanings.items():
            rows = await audit.find(mandate, found, text)
            if rows:
                return found, LogPage([row for row in rows if asked.keeps(row)])
        return asked.recognised.likeliest, LogPage(())
    wanted = asked.wanted
    if wanted is None:
        return None, LogPage(())
    try:
        return None, await audit.entries(mandate, wanted, asked.after, limit)
    except (ValueError, OverflowError):
        raise web.HTTPNotFound from None


async def read_entry(request: web.Request, mandate: Mandate, event_id: str) -> tuple[EntryView, PackageReport | None]:
    """Return an entry and what its package came to; 404 for one outside the mandate as for one that is none."""
    try:
        key = UUID(event_id)
    except ValueError:
        raise web.HTTPNotFound from None
    audit = request.app[AUDIT]
    entry = await audit.entry(mandate, key)
    if entry is None:
        raise web.HTTPNotFound
    return entry, await audit.report(mandate, key)


def about_entry(entry: EntryView | None, report: PackageReport | None) -> dict[str, Any]:
    """Return what the template of an entry needs."""
    if entry is None:
        return {"entry": None, "report": None}
    raw = entry.row.event.canonical.decode("utf-8", "replace")
    return {
        "entry": entry,
        "report": report,
        "raw": raw,
        "pretty": _pretty(raw),
        "commands": commands_of(entry),
    }


def _pretty(raw: str) -> str:
    try:
        return json.dumps(json.loads(raw), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return raw


def _words(request: web.Request, mandate: Mandate) -> dict[str, Any]:
    return {
        "mandate": mandate,
        "kinds": KINDS,
        "outcomes": OUTCOMES,
        "statuses": STATUSES,
        "meanings": MEANINGS,
        "sentence": lambda code: sentence(code, request[PREFERENCES].language),
    }


def _same(request: web.Request, **changed: object) -> str:
    """Return this page's address with some parameters changed; the place in the list stays unless it is named."""
    return with_query(request, **{"after": request.query.get("after"), **changed})


def _agencies(request: web.Request, mandate: Mandate) -> list[tuple[str, str]]:
    """Return the agencies to choose from; none where they are too many to look through, then a name is typed."""
    if len(mandate.agencies) > CHOSEN_FROM:
        return []
    name_of = request.app[SITE].name_of
    return sorted(((code, f"{name_of(code)} ({code})") for code in mandate.agencies), key=lambda one: one[1])
