"""One document: its sender sees it against all addressees, an addressee sees its own copy and what is to be done."""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from aiohttp import web

from docaxis.domain.spreadsheet import harmless
from docaxis.hub.acts import act
from docaxis.hub.views.documents import SubmissionView
from docaxis.hub.views.timeline import LinkView
from docaxis.web.clerk.acts import BY_NAME, Side, open_to_addressee, open_to_sender
from docaxis.web.clerk.delivery_advice import advice_to_addressee
from docaxis.web.clerk.delivery_stops import stops
from docaxis.web.clerk.document_found import Found, find, matrix_of, number_of, row_of
from docaxis.web.clerk.document_ports import DOCUMENTS
from docaxis.web.clerk.matrix import ATTENTION, Matrix, Wanted
from docaxis.web.clerk.matrix_rows import HANDLING, TRANSPORT, Cell
from docaxis.web.desk import DESK
from docaxis.web.render import address, render
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, VISIT
from docaxis.web.written import Written

SENT_MAX: Final = 20
_MESSAGE_ID: Final = re.compile(r"[\w.:-]{1,200}")


@dataclass(frozen=True, slots=True)
class Sent:
    """A package that a clerk has just sent about this document: what the hub has decided of it, None while it has not."""

    message_id: str
    answer: SubmissionView | None


async def show_document(request: web.Request) -> web.Response:
    """Show the matrix to the sender, the own copy to an addressee."""
    told: Sequence[Side] = ("addressee",)
    found = await find(request, told)
    context = {
        "found": found,
        "document": found.document,
        "number": number_of(found.document),
        "sent": [one async for one in _sent(request)],
        "does": _does(request),
        "acts": BY_NAME,
        "href_of": lambda key: address(request, "document", key=key),
    }
    if found.is_sender and request.query.get("as") != "addressee":
        return await _show_matrix(request, found, context)
    return _show_received(request, found, context)


async def _show_matrix(request: web.Request, found: Found, context: dict[str, Any]) -> web.Response:
    query = request.query
    standing = query.get("state", "")
    wanted = Wanted(
        standing if standing in ATTENTION else "",
        query.get("q", "").strip()[:200],
        frozenset(query.getall("open", [])),
    )
    table = matrix_of(request, found.timeline, wanted)
    ahead = {
        copy.organ_id: await request.app[DOCUMENTS].ahead(copy.endpoint, copy.lane, copy.sequence)
        for copy in [one for one in found.timeline.deliveries if one.transport == "waiting"][:SENT_MAX]
    }
    own = next((s for s in found.timeline.submissions if s.submission_id == found.document.document_key), None)
    return render(
        request,
        "clerk/document.html",
        table=table,
        wanted=wanted,
        ahead=ahead,
        submitted_at=own.received_at if own else None,
        offered=open_to_sender(found.timeline, table.late),
        steps=(*TRANSPORT, *HANDLING),
        opened=partial(_opened, request, wanted),
        **context,
    )


def _show_received(request: web.Request, found: Found, context: dict[str, Any]) -> web.Response:
    copy = found.own
    if copy is None:
        raise web.HTTPNotFound
    row = row_of(request, found.timeline, copy)
    offered = open_to_addressee(found.timeline, copy)
    return render(
        request,
        "clerk/document_received.html",
        copy=copy,
        row=row,
        stops=stops(found.timeline, copy, row, request.app[SITE].now()),
        advice=advice_to_addressee(found.timeline, copy, offered),
        offered=offered,
        entry_href=lambda event_id: address(
            request, "document-entry", key=found.document.document_key, event_id=event_id
        ),
        links=tuple(_links_for_addressee(found, copy.organ_id)),
        others=[one.organ_id for one in found.timeline.deliveries if one.organ_id != copy.organ_id],
        **context,
    )


def _links_for_addressee(found: Found, organ_id: str) -> Iterator[LinkView]:
    """Yield what an addressee may know of other documents: its own replies, and what its package or the hub has told it.

    Only its own lead anywhere: of the others nobody knows here whether it is an addressee of them.
    """
    for tie in found.timeline.links:
        if tie.direction == "by" and tie.sender == organ_id:
            yield tie
        elif tie.direction == "of" or tie.sender == found.document.sender:
            yield replace(tie, document_key=None)


async def send_table(request: web.Request) -> web.Response:
    """Send the matrix as CSV (UTF-8 with its mark, so that Excel reads it); to the sender alone, and written into the log."""
    found = await find(request, events_for=())
    if not found.is_sender:
        raise web.HTTPNotFound
    visit = request[VISIT]
    table_rows = len(found.timeline.deliveries)
    table = matrix_of(request, found.timeline, Wanted(unfolded=_levels(request), rows_max=table_rows))
    fact: dict[str, str | int] = {"login": visit.person.login, "organ_id": visit.organ_id, "rows": table.addressees}
    event = act("export:document-table", request.app[SITE].now(), fact, found.document.document_key)
    await request.app[DOCUMENTS].record(event)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["organ_id", "name", "level", "state", *TRANSPORT, *HANDLING])
    writer.writerows(_lines(table, Written(request[PREFERENCES].language)))
    name = re.sub(r"[^\w-]+", "-", number_of(found.document), flags=re.ASCII).strip("-") or "document"
    return web.Response(
        body=file.getvalue().encode("utf-8-sig"),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}.csv"',
        },
    )


def _lines(table: Matrix, written: Written) -> Iterator[Sequence[str]]:
    for group in table.groups:
        for row in group.rows:
            cells = {cell.step: _told(cell, written) for cell in row.cells}
            line = [row.organ_id, row.name, group.level.name, row.standing]
            yield [harmless(text) for text in (*line, *(cells.get(step, "") for step in (*TRANSPORT, *HANDLING)))]


def _told(cell: Cell, written: Written) -> str:
    if cell.at is not None:
        return written.moment(cell.at, seconds=True)
    if cell.span is not None:
        return f"{cell.says} {written.span(cell.span)}"
    return "" if cell.kind in {"none", "done"} else cell.says


def _levels(request: web.Request) -> frozenset[str]:
    return frozenset({"", *(level.name for level in request.app[SITE].directory().levels)})


def _opened(request: web.Request, wanted: Wanted, level: str, *, is_open: bool) -> str:
    """Return the address with a group unfolded or folded."""
    levels = wanted.unfolded - {level} if is_open else wanted.unfolded | {level}
    query = request.rel_url.query.copy()
    for name in ("open", "lang", "sent"):
        query.popall(name, None)
    for one in sorted(levels):
        query.add("open", one)
    return f"{request.rel_url.with_query(query)}#level-{level}"


def _does(request: web.Request) -> bool:
    """Whether the pages may send for this agency; else its own system does it."""
    return DESK in request.app and request.app[DESK].serves(request[VISIT].organ_id)


async def _sent(request: web.Request) -> AsyncIterator[Sent]:
    named = [one for one in request.query.get("sent", "").split(",") if _MESSAGE_ID.fullmatch(one)]
    for message_id in named[:SENT_MAX]:
        yield Sent(message_id, await request.app[DOCUMENTS].answer(message_id, request[VISIT].organ_id))


def back_to(request: web.Request, found: Found, message_ids: Sequence[str] = ()) -> str:
    """Return the address of the document's page, where what was just sent is told."""
    query = {"sent": ",".join(message_ids)} if message_ids else None
    return address(request, "document", query, key=found.document.document_key)
