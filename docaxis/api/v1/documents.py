"""Documents: lists, the story of one, its package, receipt and statuses; for those that sent or received it."""

from dataclasses import replace
from uuid import UUID

from aiohttp import web

from docaxis.api.v1.answering import answered
from docaxis.api.v1.client import CLIENT
from docaxis.api.v1.document_forms import (
    Document,
    Documents,
    Statuses,
    Story,
    act_form,
    addressee_form,
    document_form,
    missed_form,
    status_form,
    tie_form,
)
from docaxis.api.v1.document_lists import DocumentsQuery, list_documents
from docaxis.api.v1.listing import LINK_HEADER
from docaxis.api.v1.operations import Content, Operation
from docaxis.api.v1.ports import PORTS
from docaxis.api.v1.problems import ApiProblem, ProblemCode
from docaxis.api.v1.sending import send_octets, send_stream
from docaxis.hub.views.machines import Parties
from docaxis.hub.views.timeline import Timeline

XML = "application/xml"


def told_to(timeline: Timeline, parties: Parties) -> Timeline:
    """Return what a party of a document may see: its sender all, an addressee what concerns its own copies.

    A document that was taken back in time has never existed for an addressee, and other addressees are none of its business.
    """
    if parties.sent:
        return timeline
    own = frozenset(parties.addressees)
    return replace(
        timeline,
        submissions=(),
        deliveries=tuple(one for one in timeline.deliveries if one.organ_id in own),
        statuses=tuple(one for one in timeline.statuses if one.organ_id in own),
        links=tuple(one for one in timeline.links if one.direction == "of" or one.sender in own),
        misses=tuple(one for one in timeline.misses if one.organ_id in own),
        reports=(),
        events=(),
    )


async def show_document(request: web.Request) -> web.StreamResponse:
    """Return one document."""
    timeline, _ = await _found(request)
    return answered(request, document_form(timeline.document))


async def show_timeline(request: web.Request) -> web.StreamResponse:
    """Return what happened to a document."""
    timeline, parties = await _found(request)
    told = told_to(timeline, parties)
    story = Story(
        document=document_form(told.document),
        addressees=[addressee_form(one) for one in told.deliveries],
        statuses=[status_form(one) for one in told.statuses],
        ties=[tie_form(one) for one in told.links],
        missed=[missed_form(one) for one in told.misses],
        acts=[act_form(one) for one in told.events],
    )
    return answered(request, story)


async def show_statuses(request: web.Request) -> web.StreamResponse:
    """Return the statuses of a document."""
    timeline, parties = await _found(request)
    return answered(request, Statuses(items=[status_form(one) for one in told_to(timeline, parties).statuses]))


async def send_package(request: web.Request) -> web.StreamResponse:
    """Send the package as its sender signed it."""
    timeline, _ = await _found(request)
    ports, digest = request.app[PORTS], timeline.document.digest
    octets = await ports.exchange.package(digest)
    if octets is not None:
        return await send_octets(request, octets, XML)
    size_bytes = await ports.attachments.size_bytes(request[CLIENT].endpoint, digest)
    if size_bytes is None:
        raise ApiProblem(ProblemCode.NOT_FOUND)
    return await send_stream(
        request, lambda first, last: ports.attachments.read_stream(digest, first, last), size_bytes, digest, XML
    )


async def send_document_receipt(request: web.Request) -> web.StreamResponse:
    """Send the receipt that the sender was given."""
    timeline, parties = await _found(request)
    given = next((one for one in timeline.submissions if one.submission_id == timeline.document.document_key), None)
    if given is None or not parties.sent:
        raise ApiProblem(ProblemCode.NOT_FOUND)
    return await send_octets(request, given.receipt, XML)


async def send_note(request: web.Request) -> web.StreamResponse:
    """Send the delivery note that goes with every copy."""
    timeline, _ = await _found(request)
    note = await request.app[PORTS].exchange.note(timeline.document.document_key)
    if not note:
        raise ApiProblem(ProblemCode.NOT_FOUND)
    return await send_octets(request, note, XML)


async def _found(request: web.Request) -> tuple[Timeline, Parties]:
    """Return a document that the client sent or received; raises ApiProblem as for one that does not exist."""
    try:
        key = UUID(request.match_info["key"])
    except ValueError:
        raise ApiProblem(ProblemCode.NOT_FOUND) from None
    exchange = request.app[PORTS].exchange
    parties = (await exchange.parties(request[CLIENT].endpoint, [key])).get(key)
    timeline = await exchange.document(key) if parties else None
    if parties is None or timeline is None:
        raise ApiProblem(ProblemCode.NOT_FOUND)
    return timeline, parties


def _octets(path: str, name: str, summary: str, handler: object, about: str) -> Operation:
    return Operation(
        "GET", f"/documents/{{key}}/{path}", name, summary, handler, Content(XML, about),  # type: ignore[arg-type]
        problems=(ProblemCode.NOT_FOUND, ProblemCode.RANGE_INVALID), partial=True, tag="documents",
    )  # fmt: skip


_MISSING = (ProblemCode.NOT_FOUND,)
OPERATIONS = (
    Operation(
        "GET", "/documents", "documents", "Documents that your agencies sent or received", list_documents, Documents,
        query=DocumentsQuery, problems=(ProblemCode.CURSOR_INVALID,), headers=LINK_HEADER, tag="documents",
    ),
    Operation(
        "GET", "/documents/{key}", "document", "One document", show_document, Document, problems=_MISSING,
        tag="documents",
    ),
    Operation(
        "GET", "/documents/{key}/timeline", "timeline", "What happened to a document", show_timeline, Story,
        problems=_MISSING, tag="documents",
    ),
    Operation(
        "GET", "/documents/{key}/statuses", "statuses", "What was reported of a document", show_statuses, Statuses,
        problems=_MISSING, tag="documents",
    ),
    _octets("package", "package", "The package as its sender signed it", send_package, "The signed package"),
    _octets("receipt", "receipt", "The sender's receipt", send_document_receipt, "The receipt as the hub signed it"),
    _octets("note", "note", "The delivery note", send_note, "The delivery note as the hub signed it"),
)  # fmt: skip
