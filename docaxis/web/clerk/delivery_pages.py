"""One addressee's copy on its way: the timeline in two bands, the thing to do now, and the proof of each stop."""

from functools import partial
from typing import Final

from aiohttp import web
from markupsafe import Markup

from docaxis.hub.views.documents import EventView
from docaxis.hub.views.package import PackageView
from docaxis.hub.views.timeline import DeliveryView
from docaxis.web.clerk.acts import BY_NAME, open_to_addressee, open_to_sender
from docaxis.web.clerk.delivery_advice import Advice, advice_to_addressee, advice_to_sender, lacks_annex
from docaxis.web.clerk.delivery_stops import stops
from docaxis.web.clerk.document_found import Found, find, number_of, row_of
from docaxis.web.clerk.document_ports import DOCUMENTS
from docaxis.web.clerk.matrix_rows import Row
from docaxis.web.desk import DESK
from docaxis.web.render import address, render, spoken
from docaxis.web.routing import PAGES
from docaxis.web.site import SITE
from docaxis.web.state import PREFERENCES, VISIT
from docaxis.web.words import mark as _
from docaxis.web.written import Written

_COMPOSED: Final = {"update": _("Gửi bản cập nhật"), "reply": _("Trả lời nơi nhận"), "replace": _("Thay thế")}
CHECKED_BYTES: Final = 8 * 1024 * 1024
"""Packages that are opened to compare a refusal with; a larger one is opened on its own page alone."""


async def show_delivery(request: web.Request) -> web.Response:
    """Show the way of one copy; an addressee sees its own alone."""
    found = await find(request)
    copy = _copy_of(found, request.match_info["organ_id"])
    row = row_of(request, found.timeline, copy)
    now = request.app[SITE].now()
    story = stops(found.timeline, copy, row, now)
    if found.is_sender:
        offered: tuple[str, ...] = open_to_sender(found.timeline, (copy.organ_id,) if row.late_by is not None else ())
        advice = advice_to_sender(found.timeline, copy, row)
    else:
        offered = open_to_addressee(found.timeline, copy)
        advice = advice_to_addressee(found.timeline, copy, offered)
    package = await _package(request, found) if advice and advice.case in {"missing", "refused"} else None
    return render(
        request,
        "clerk/delivery.html",
        found=found,
        document=found.document,
        number=number_of(found.document),
        copy=copy,
        row=row,
        stops=story,
        advice=advice,
        offered=offered,
        acts=BY_NAME,
        package=package,
        lacks_annex=package is not None and advice is not None and lacks_annex(advice.reason, package),
        facts=_facts(request, copy, row, await _contact(request, found, copy)),
        does=DESK in request.app and request.app[DESK].serves(request[VISIT].organ_id),
        way=partial(_way, request, found, copy),
        way_words=partial(_way_words, request, advice),
        entry_href=partial(_entry, request, found, copy),
    )


async def show_entry(request: web.Request) -> web.Response:
    """Show what the log holds of one act: its kind, its place and its hash; what it says only where it is this document's own.

    Acts on many copies at once name other documents too, so of them nothing but place and hash is shown.
    """
    found = await find(request)
    event = _event_of(found, request.match_info["event_id"])
    is_own = event.document_key == found.document.document_key
    return render(
        request,
        "clerk/entry.html",
        found=found,
        document=found.document,
        number=number_of(found.document),
        event=event,
        is_shown=is_own and found.is_sender,
        said=event.canonical.decode("utf-8", "replace") if is_own and found.is_sender else "",
        body=event.body if is_own and found.is_sender else {},
        back=_back(request, found),
    )


def _way(request: web.Request, found: Found, copy: DeliveryView, name: str) -> str:
    """Return the address of an act or of the page that composes, empty where this reader has no such page."""
    key, pages = found.document.document_key, request.app[PAGES]
    if name in BY_NAME:
        query = {} if BY_NAME[name].side == "addressee" else {"to": copy.organ_id}
        return address(request, name, query, key=key)
    if not name or "compose" not in pages:
        return ""
    # The sender answers what an addressee says of its document by a letter to it: the document is no letter of theirs.
    return address(request, "compose", {"to": copy.organ_id} if name == "reply" else {name: str(key)})


def _way_words(request: web.Request, advice: Advice | None, name: str) -> str:
    if name == "update" and advice is not None and advice.case == "missing":
        return spoken(request, _("Bổ sung và gửi lại"))
    return spoken(request, BY_NAME[name].title if name in BY_NAME else _COMPOSED[name])


def _entry(request: web.Request, found: Found, copy: DeliveryView, event_id: str) -> str:
    key = found.document.document_key
    return address(request, "document-entry", {"of": copy.organ_id}, key=key, event_id=event_id)


def _facts(request: web.Request, copy: DeliveryView, row: Row, contact: PackageView | None) -> list[tuple[str, object]]:
    """Return what stands beside the timeline: names and values."""
    site, written = request.app[SITE], Written(request[PREFERENCES].language)
    facts: list[tuple[str, object]] = [(spoken(request, _("Nơi nhận")), _named(row.name, copy.organ_id))]
    for cell in row.cells:
        if cell.due_at is not None:
            said = _("%(at)s, còn %(span)s") if cell.kind == "wait" else _("%(at)s, quá hạn %(span)s")
            span = written.span(cell.span) if cell.span is not None else ""
            named = _("Hạn trả lời") if cell.step == "06" else _("Hạn báo đến")
            facts.append((spoken(request, named), spoken(request, said, at=written.moment(cell.due_at), span=span)))
    if contact is not None:
        ways = [part for part in (contact.staff, contact.telephone, contact.email) if part]
        facts.append((spoken(request, _("Liên hệ")), ", ".join(ways)))
    facts.append((spoken(request, _("Đầu mối của nơi nhận")), copy.endpoint))
    if copy.via:
        facts.append((spoken(request, _("Gửi qua")), site.name_of(copy.via)))
    return facts


def _copy_of(found: Found, organ_id: str) -> DeliveryView:
    if found.is_sender:
        for copy in found.timeline.deliveries:
            if copy.organ_id == organ_id:
                return copy
    if found.own is not None and found.own.organ_id == organ_id:
        return found.own
    raise web.HTTPNotFound


def _event_of(found: Found, event_id: str) -> EventView:
    event = next((one for one in found.timeline.events if one.event_id.hex == event_id), None)
    if event is None or (not found.is_sender and not _concerns(found, event)):
        raise web.HTTPNotFound
    return event


def _concerns(found: Found, event: EventView) -> bool:
    """Whether an act stands on the way of the addressee's own copy, so that its timeline leads to it."""
    copy = found.own
    if copy is None:
        return False
    if event.kind == "document:accepted":
        return True
    if event.kind == "copies:dispatched":
        return event.at == copy.dispatched_at
    if event.kind == "copies:fetched":
        return True
    body = event.body
    listed = [one for name in ("addressees", "withdrawn") for one in body.get(name, ())]
    listed += [one[1:] for one in body.get("effects", ()) if isinstance(one, list)]
    return body.get("organ") == copy.organ_id or any(isinstance(o, list) and o[:1] == [copy.organ_id] for o in listed)


def _back(request: web.Request, found: Found) -> str:
    """Return the addressee whose timeline led here, where the address says so and it is one."""
    organ_id = request.query.get("of", "")
    known = {copy.organ_id for copy in found.timeline.deliveries} if found.is_sender else {request[VISIT].organ_id}
    return organ_id if organ_id in known else ""


async def _package(request: web.Request, found: Found) -> PackageView | None:
    if found.document.size_bytes > CHECKED_BYTES:
        return None
    return await request.app[DOCUMENTS].package(found.document.digest)


async def _contact(request: web.Request, found: Found, copy: DeliveryView) -> PackageView | None:
    """Return the last status package of the addressee: it may name whom to ask."""
    if not found.is_sender:
        return None
    told = [one for one in found.timeline.statuses if one.organ_id == copy.organ_id and one.author == copy.organ_id]
    if not told:
        return None
    package = await request.app[DOCUMENTS].package(told[-1].digest)
    return package if package and (package.staff or package.telephone or package.email) else None


def _named(name: str, organ_id: str) -> Markup:
    """Return an agency with its code; names are Vietnamese on every page."""
    return Markup('<span lang="vi">{}</span> ({})').format(name, organ_id)
