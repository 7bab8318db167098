"""The first page: what needs the clerk today, most urgent first, and beside it what is due next, today's figures, the line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from multidict import MultiDict
from yarl import URL

from docaxis.domain.calendar import VIETNAM, day_of
from docaxis.domain.people import Role
from docaxis.hub.views.clerk import Overdue, Refused
from docaxis.hub.views.documents import DocumentView
from docaxis.hub.views.lists import RECEIVED_STATES, SENT_STATES, Count
from docaxis.hub.views.work import SavedView
from docaxis.web.clerk.lists import visit_of
from docaxis.web.clerk.lists_wanted import read_asked
from docaxis.web.clerk.matrix_rows import short_name
from docaxis.web.clerk.ports import LISTS, SAVED_VIEWS
from docaxis.web.counts import tell_counts
from docaxis.web.desk import DESK
from docaxis.web.render import address, render
from docaxis.web.routing import PAGES
from docaxis.web.site import SITE

LOOKED_AT = 100
"""Rows of each kind of work that are counted; of more it is said that there are more."""
SHOWN = 20
"""Rows of each kind that the page shows."""
DEADLINES, VIEWS = 6, 8
COUNTED_OF_VIEW = 100

FIRST_PAGES: Mapping[Role, Sequence[str]] = {
    Role.AUDITOR: ("log", "verify", "indicators", "account"),
    Role.OPERATOR: ("board", "queues", "indicators", "account"),
    Role.ADMINISTRATOR: ("people", "proposals", "configuration", "account"),
}
"""Where the others begin their day: the first of these pages that there is."""

About = TypeVar("About", Overdue, Refused)


@dataclass(frozen=True, slots=True)
class Group(Generic[About]):
    """A document with its addressees that something is to be done about."""

    document: DocumentView
    rows: Sequence[About]


@dataclass(frozen=True, slots=True)
class CountedView:
    """A saved view with how many documents it holds now; None where its address is no list of ours any more."""

    view: SavedView
    count: Count | None


async def show_home(request: web.Request) -> web.Response:
    """Show the clerk's day, or lead to the first page of another role."""
    visit = visit_of(request)
    if visit.person.role is not Role.CLERK:
        return _first_page(request, visit.person.role)
    lists, organ_id, now = request.app[LISTS], visit.organ_id, request.app[SITE].now()
    overdue = await lists.overdue(sender=organ_id, limit=LOOKED_AT + 1)
    refused = await lists.refused_still(organ_id, LOOKED_AT + 1)
    waiting = await lists.waiting_here(organ_id, LOOKED_AT + 1)
    asked_back = await lists.asked_back(organ_id, LOOKED_AT + 1)
    endpoint = request.app[SITE].directory().endpoint_of(organ_id)
    others = sum(min(len(rows), LOOKED_AT) for rows in (overdue, refused, asked_back))
    number = others + min(len(waiting), LOOKED_AT)
    tell_counts(request, number - others, others)
    return render(
        request,
        "clerk/home.html",
        day=day_of(now),
        short=short_name,
        number=number,
        more=any(len(rows) > LOOKED_AT for rows in (overdue, refused, waiting, asked_back)),
        overdue=_grouped(sorted(overdue[:LOOKED_AT], key=_urgency)[:SHOWN]),
        refused=_grouped(refused[:SHOWN]),
        waiting=sorted(waiting[:LOOKED_AT], key=lambda one: _due(one.document, one.due_at))[:SHOWN],
        asked_back=asked_back[:SHOWN],
        counts={
            "overdue": _count(overdue),
            "refused": _count(refused),
            "waiting": _count(waiting),
            "asked_back": _count(asked_back),
        },
        coming=await lists.coming(organ_id, now, DEADLINES),
        today=await lists.sent_since(organ_id, datetime.combine(day_of(now), time(), VIETNAM)),
        views=[await _counted(request, one) for one in (await _views(request))[:VIEWS]],
        line=await lists.line(endpoint) if endpoint else None,
        acts=DESK in request.app and request.app[DESK].serves(organ_id),
    )


def _first_page(request: web.Request, role: Role) -> web.Response:
    for name in FIRST_PAGES[role]:
        if name in request.app[PAGES]:
            raise web.HTTPSeeOther(address(request, name))
    raise web.HTTPNotFound


async def _views(request: web.Request) -> Sequence[SavedView]:
    return await request.app[SAVED_VIEWS].of(visit_of(request).person.person_id)


async def _counted(request: web.Request, view: SavedView) -> CountedView:
    """Count what a saved list holds for the agency that the clerk acts for now."""
    parts = urlsplit(view.address)
    sent, received = (address(request, name) for name in ("sent", "received"))
    if parts.path not in {sent, received}:
        return CountedView(view, None)
    is_sent = parts.path == sent
    query = MultiDict(URL(view.address).query)
    asked = read_asked(query, SENT_STATES if is_sent else RECEIVED_STATES, request.app[SITE].directory())
    found = await request.app[LISTS].count_listed(
        visit_of(request).organ_id, asked.wanted, sent=is_sent, most=COUNTED_OF_VIEW
    )
    return CountedView(view, found)


def _grouped(rows: Iterable[About]) -> Sequence[Group[About]]:
    """Put rows of one document together, in the order of the first of each."""
    groups: dict[object, list[About]] = {}
    for row in rows:
        groups.setdefault(row.document.document_key, []).append(row)
    return [Group(found[0].document, found) for found in groups.values()]


def _count(rows: Sequence[object]) -> Count:
    return Count(min(len(rows), LOOKED_AT), exact=len(rows) <= LOOKED_AT)


def _urgency(row: Overdue) -> tuple[int, datetime]:
    return (-row.document.priority, row.due_at)


def _due(document: DocumentView, due_at: datetime | None) -> tuple[int, datetime]:
    return (-document.priority, due_at or document.accepted_at)
