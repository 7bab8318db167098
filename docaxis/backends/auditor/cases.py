"""The entries of a few agencies, document by document, newest document first: each agency's own index leads to them.

The documents that an agency sent lie in the order of their acceptance, those that it got and the packages refused to it in
the order of their keys. A document that both sent and got counts as sent, so that each has one place in the list.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, func, null, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.auditor.rows import events_within, log_row
from docaxis.backends.auditor.scope import IS_REFUSED, Scope
from docaxis.backends.auditor.walk import of_kinds
from docaxis.backends.columns import UtcDateTime
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import deliveries, documents, events, submissions
from docaxis.hub.ids import first_id, time_of_id
from docaxis.hub.views.audit import LogPage, LogRow, LogWanted

CASES_AT_ONCE = 50
CASES_MAX = 200
"""Documents that one page looks through where a kind of entry is asked for that few of them have."""
CASES_SHOWN = 10
"""Documents whose entries are read at once: with a handful each, most pages are full after these."""

DEFERRED_MOST = timedelta(days=30)
"""How long before its acceptance a document's key can have been made: while it could not be decided."""

_KEYS = frozenset(("document_key", "submission_id"))
_NO_PLACE = null().cast(UtcDateTime()).label("accepted_at")
_NO_EVENT = null().cast(submissions.c.event_id.type).label("event_id")


class Case(NamedTuple):
    """A document or a refused package at its place in the list; is_sure: that this is its place is known."""

    at: datetime
    key: UUID
    event_id: UUID | None = None
    is_sure: bool = True


async def read_cases(connection: AsyncConnection, scope: Scope, wanted: LogWanted, after: str, limit: int) -> LogPage:
    """Return a page of entries; raises ValueError for a place that is none."""
    before, first, begun = _place(after)
    rows: list[LogRow] = []
    places: list[str] = []
    for _ in range(CASES_MAX // CASES_AT_ONCE):
        cases = await _cases(connection, scope, before, CASES_AT_ONCE)
        is_last = len(cases) < CASES_AT_ONCE
        if first is not None:
            cases.insert(0, first)
        if not cases:
            return LogPage(rows)
        placed = await _placed(connection, scope, cases)
        for start in range(0, len(placed), CASES_SHOWN):
            found = await _events(connection, scope, wanted, placed[start : start + CASES_SHOWN], begun, limit + 1)
            rows += [row for _, row in found]
            places += [_written(case, row.event.event_id) for case, row in found]
            if len(rows) > limit:
                return LogPage(rows[:limit], places[limit - 1], is_full=True)
            begun = None
        if is_last:
            return LogPage(rows)
        before, first, begun = cases[-1], None, None
    return LogPage(rows, _written(before, None) if before else "")


async def _cases(connection: AsyncConnection, scope: Scope, before: Case | None, limit: int) -> list[Case]:
    codes = sorted(scope.agencies or ())
    wanted, rows = rowset(connection.dialect.name, {"code": Text()}), json_rows((code,) for code in codes)
    found: set[Case] = set()
    for source, mine in _sources(scope, before):
        if connection.dialect.name == "postgresql":
            # Agency by agency, each along its own index: one search for all of them would read and sort all they have.
            newest = source.where(mine == wanted.c.code).limit(limit).lateral("newest")
            # A document that many of them got is one place; where it was sent its time goes before its key.
            query = select(newest).select_from(wanted.join(newest, true())).distinct()
            query = query.order_by(newest.c.accepted_at.desc(), *(one.desc() for one in newest.c if one.name in _KEYS))
            query = query.limit(limit)
        else:
            query = source.where(mine.in_(select(wanted.c.code))).limit(limit)
        for key, accepted_at, event_id in await connection.execute(query, rows):
            is_sure = accepted_at is not None or event_id is not None
            found.add(Case(accepted_at or time_of_id(key), key, event_id, is_sure))
    return sorted(found, reverse=True)[:limit]


async def _placed(connection: AsyncConnection, scope: Scope, cases: Sequence[Case]) -> list[Case]:
    """Leave out what was got from one of the same agencies: its place is where it was sent."""
    unsure = [one.key for one in cases if not one.is_sure]
    if not unsure:
        return list(cases)
    known = select(documents.c.document_key, documents.c.sender).where(documents.c.document_key.in_(unsure))
    senders = {row.document_key: row.sender for row in await connection.execute(known)}
    mine = scope.agencies or frozenset()
    return [one for one in cases if one.is_sure or senders.get(one.key, "") not in mine]


def _sources(scope: Scope, before: Case | None) -> Iterator[tuple[Select[Any], ColumnElement[str]]]:
    """Yield key, place (NULL: that of the key) and event of what was sent, got and refused, newest first, and whose it is."""
    in_time = (documents.c.accepted_at >= scope.since, documents.c.accepted_at < scope.until)
    sent = select(documents.c.document_key, documents.c.accepted_at, _NO_EVENT).where(*in_time)
    if before is not None:
        place = (documents.c.accepted_at, documents.c.document_key)
        sent = sent.where(tuple_(*place) < tuple_(before.at, before.key, types=[one.type for one in place]))
    yield sent.order_by(documents.c.accepted_at.desc(), documents.c.document_key.desc()), documents.c.sender
    low, high = _key_bounds(scope, before)
    # From the index alone: the documents of those that make the page are looked at later.
    got = select(deliveries.c.document_key, _NO_PLACE, _NO_EVENT).where(
        deliveries.c.document_key >= low, deliveries.c.document_key < high
    )
    yield got.order_by(deliveries.c.document_key.desc()), deliveries.c.organ_id
    refused = select(submissions.c.submission_id, _NO_PLACE, submissions.c.event_id).where(
        IS_REFUSED,
        submissions.c.submission_id >= low,
        submissions.c.submission_id < high,
        submissions.c.received_at >= scope.since,
        submissions.c.received_at < scope.until,
    )
    yield refused.order_by(submissions.c.submission_id.desc()), submissions.c.sender


def _key_bounds(scope: Scope, before: Case | None) -> tuple[UUID, UUID]:
    """Return the keys between which those lie whose place is the time of the key, and comes after `before`."""
    low, high = first_id(scope.since - DEFERRED_MOST), first_id(scope.until)
    if before is None:
        return low, high
    begins = first_id(before.at)
    if time_of_id(begins) < before.at:
        begins = UUID(int=begins.int + (1 << 80))
    elif time_of_id(before.key) == before.at:
        begins = before.key
    return low, min(high, begins)


async def _events(
    connection: AsyncConnection, scope: Scope, wanted: LogWanted, cases: Sequence[Case], begun: UUID | None, most: int
) -> list[tuple[Case, LogRow]]:
    """Return the newest entries of each of these documents, so many of each: a letter to all communes has thousands."""
    by_key = {one.key: one for one in cases if one.event_id is None}
    by_event = {one.event_id: one for one in cases if one.event_id is not None}
    mine = or_(events.c.document_key.in_(by_key), events.c.event_id.in_(by_event))
    asked = [mine, *of_kinds(connection, wanted)]
    if begun is not None:
        # The first document's entries that were shown already.
        at = (await connection.execute(select(events.c.at).where(events.c.event_id == begun))).scalar_one_or_none()
        place = (events.c.at, events.c.event_id)
        seen = tuple_(*place) >= tuple_(at, begun, types=[one.type for one in place])
        is_first = or_(events.c.document_key == cases[0].key, events.c.event_id == begun)
        asked += [~and_(is_first, seen)] if at is not None else []
    newest_first = (events.c.at.desc(), events.c.event_id.desc())
    nth = func.row_number().over(partition_by=events.c.document_key, order_by=newest_first).label("nth")
    numbered = select(events.c.event_id, nth).where(*asked).subquery()
    # The packages that were refused have no document: they count as one, with an entry each.
    newest = select(numbered.c.event_id).where(numbered.c.nth <= max(most, len(cases)))
    shown = (await connection.execute(newest)).scalars().all()
    rows = [log_row(row) for row in await connection.execute(events_within(scope).where(events.c.event_id.in_(shown)))]
    found = [(by_event.get(row.event.event_id) or by_key[row.event.document_key], row) for row in rows]  # type: ignore[index]
    return sorted(
        found, key=lambda one: (one[0].at, one[0].key.int, one[1].event.at, one[1].event.event_id), reverse=True
    )


def _written(case: Case, event_id: UUID | None) -> str:
    """Write a place: time, key, the refused package's event or the entry that was shown last."""
    refused = case.event_id.hex if case.event_id else ""
    return f"{case.at.isoformat()}_{case.key.hex}_{refused}_{event_id.hex if event_id else ''}"


def _place(after: str) -> tuple[Case | None, Case | None, UUID | None]:
    """Return the case that was passed, the one that is to be shown from within, and its last entry that was shown."""
    if not after:
        return None, None, None
    at, key, refused, shown = after.split("_")
    case = Case(datetime.fromisoformat(at), UUID(key), UUID(refused) if refused else None)
    if case.at.tzinfo is None:
        raise ValueError("a place without its zone")
    return case, case if shown else None, UUID(shown) if shown else None
