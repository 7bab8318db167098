"""Lists of documents: what an endpoint's agencies sent or received, searched, or what is still to be done about it."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from aiohttp import web
from pydantic import Field

from docaxis.api.v1.answering import answered, read_query
from docaxis.api.v1.client import CLIENT
from docaxis.api.v1.document_forms import Documents, Listed, Standing, document_form, written
from docaxis.api.v1.listing import PageQuery, cursor_of, link_of, place_of, rest_of
from docaxis.api.v1.ports import PORTS, Lists
from docaxis.api.v1.problems import refused
from docaxis.domain.folding import fold
from docaxis.domain.organ import parse_organ_id
from docaxis.hub.views.clerk import ByAddressee, ByDuty, Overdue, Recalled, Refused, Unfinished
from docaxis.hub.views.documents import Cursor, DocumentView

_PLAIN = r"^[^\x00-\x1f]*$"


class Only(StrEnum):
    """What is still to be done."""

    UNFINISHED = "unfinished"
    OVERDUE = "overdue"
    REFUSED = "refused"
    RECALLED = "recalled"


class DocumentsQuery(PageQuery):
    """Which documents; sender or received_by is an agency of yours, and your only agency where neither is given (as sender)."""

    q: str = Field(
        "",
        max_length=200,
        pattern=_PLAIN,
        description="Words of number, notation and subject; marks and case do not count, `nghi*`",
    )
    number: str = Field("", max_length=80, pattern=_PLAIN, description="12, 12/QĐ-UBND, or the beginning of it")
    sender: str = Field("", max_length=35, description="Agency code")
    received_by: str = Field("", max_length=35, description="Agency code")
    only: Only | None = Field(None, description="unfinished, refused: of a sender; overdue, recalled: of either")


class _Row(NamedTuple):
    document: DocumentView
    place: tuple[object, ...]
    listed: Callable[[], Listed]


class _Wanted(NamedTuple):
    query: DocumentsQuery
    sender: str | None
    received_by: str | None


async def list_documents(request: web.Request) -> web.StreamResponse:
    """List documents, newest first; a page may hold fewer rows than asked for and still have a next one."""
    query = read_query(request, DocumentsQuery)
    wanted = _wanted(request, query)
    kind, read = _READ[query.only] if query.only else (Cursor, _plain)
    after = place_of(request, query, kind)
    ports = request.app[PORTS]
    rows, more = rest_of(await read(ports.lists, wanted, after, query.limit + 1), query.limit)
    # An agency may have had another endpoint before: only what went through this one is shown.
    seen: Mapping[UUID, Any] = await ports.exchange.parties(
        request[CLIENT].endpoint, {row.document.document_key for row in rows}
    )
    following = cursor_of(request, rows[-1].place) if more else None
    items = [row.listed() for row in rows if row.document.document_key in seen and _matches(row.document, wanted)]
    return answered(request, Documents(items=items, next=following), headers=link_of(request, following))


def _wanted(request: web.Request, query: DocumentsQuery) -> _Wanted:
    directory, endpoint = request.app[PORTS].directory(), request[CLIENT].endpoint
    found: dict[str, str | None] = {}
    for name, given in (("sender", query.sender), ("received_by", query.received_by)):
        agency = directory.find(parse_organ_id(given) or "") if given else None
        if given and agency is None:
            raise refused(f"?{name}", "no such agency")
        found[name] = agency.organ_id if agency else None
    sender, received_by = found["sender"], found["received_by"]
    if sender is None and received_by is None:
        own = [code for code, holder in directory.connections.items() if holder == endpoint]
        if len(own) != 1:
            raise refused(
                "?sender", "sender or received_by is needed: this endpoint stands for several agencies or none"
            )
        sender = own[0]
    mine = [code for code in (sender, received_by) if code and directory.serves(endpoint, code)]
    if not mine:
        raise refused("?sender" if sender else "?received_by", "one of them must be an agency of this endpoint")
    if query.q and query.number:
        raise refused("?number", "either q or number")
    if query.only and (query.q or query.number or (sender and received_by)):
        raise refused("?only", "not together with q or number, nor with both sender and received_by")
    if query.only in {Only.UNFINISHED, Only.REFUSED} and sender is None:
        raise refused("?only", "of a sender")
    return _Wanted(query, sender, received_by)


def _matches(document: DocumentView, wanted: _Wanted) -> bool:
    """Whether the number is the one asked for, where words stood in for it."""
    number = wanted.query.number
    return not number or fold(document.code_number) == fold(number.partition("/")[0])


async def _plain(lists: Lists, wanted: _Wanted, after: Cursor | None, limit: int) -> Sequence[_Row]:
    query = wanted.query
    if query.number and wanted.received_by is None:
        found = await lists.numbered(query.number, sender=wanted.sender, after=after, limit=limit)
    else:
        # By addressee, a number is found as words: together they lead through one index.
        words = query.q or query.number.replace("/", " ")
        found = await lists.documents(
            words, sender=wanted.sender, received_by=wanted.received_by, after=after, limit=limit
        )
    return [_Row(one, one.cursor, lambda one=one: _listed(one)) for one in found]  # type: ignore[misc]


async def _unfinished(lists: Lists, wanted: _Wanted, after: Cursor | None, limit: int) -> Sequence[_Row]:
    found = await lists.unfinished(wanted.sender or "", after, limit)
    return [_Row(one.document, one.document.cursor, lambda one=one: _of_unfinished(one)) for one in found]  # type: ignore[misc]


async def _overdue(lists: Lists, wanted: _Wanted, after: ByDuty | None, limit: int) -> Sequence[_Row]:
    found = await lists.overdue(sender=wanted.sender, organ_id=wanted.received_by, after=after, limit=limit)
    return [_Row(one.document, one.cursor, lambda one=one: _of_overdue(one)) for one in found]  # type: ignore[misc]


async def _refused_ones(lists: Lists, wanted: _Wanted, after: ByAddressee | None, limit: int) -> Sequence[_Row]:
    found = await lists.refused(wanted.sender, after, limit)
    return [_Row(one.document, one.cursor, lambda one=one: _of_refused(one)) for one in found]  # type: ignore[misc]


async def _recalled(lists: Lists, wanted: _Wanted, after: ByAddressee | None, limit: int) -> Sequence[_Row]:
    found = await lists.recalled(sender=wanted.sender, organ_id=wanted.received_by, after=after, limit=limit)
    return [_Row(one.document, one.cursor, lambda one=one: _of_recalled(one)) for one in found]  # type: ignore[misc]


_READ: dict[Only, tuple[type[Any], Callable[..., Any]]] = {
    Only.UNFINISHED: (Cursor, _unfinished),
    Only.OVERDUE: (ByDuty, _overdue),
    Only.REFUSED: (ByAddressee, _refused_ones),
    Only.RECALLED: (ByAddressee, _recalled),
}


def _listed(
    document: DocumentView, addressees: Mapping[str, int] | None = None, standing: Standing | None = None
) -> Listed:
    told = dict(addressees) if addressees is not None else None
    return Listed(document=document_form(document), addressees=told, standing=standing)


def _of_unfinished(one: Unfinished) -> Listed:
    return _listed(one.document, addressees=one.addressees)


def _of_overdue(one: Overdue) -> Listed:
    return _listed(
        one.document,
        standing=Standing(
            organ_id=one.organ_id, duty=one.kind, due_at=one.due_at, since=one.noticed_at, cause=one.cause,
            attributable=one.attributable, status=written(one.status), description=None,
        ),
    )  # fmt: skip


def _of_refused(one: Refused) -> Listed:
    return _listed(one.document, standing=_stands(one.organ_id, one.refused_at, "02", one.description))


def _of_recalled(one: Recalled) -> Listed:
    return _listed(one.document, standing=_stands(one.organ_id, one.asked_at, written(one.status), one.description))


def _stands(organ_id: str, since: Any, status: str | None, description: str) -> Standing:  # noqa: ANN401 - a moment
    return Standing(
        organ_id=organ_id, duty=None, due_at=None, since=since, cause=None, attributable=None, status=status,
        description=description,
    )  # fmt: skip
