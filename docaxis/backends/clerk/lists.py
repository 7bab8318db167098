"""What an agency sent and received, by any of a clerk's filters: a page at a time, each in a few indexed statements."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.clerk.summaries import duties_of, standings_of
from docaxis.backends.clerk.walks import Walk, day_bounds, walk_received, walk_sent
from docaxis.backends.clerk_queries import ClerkQueries
from docaxis.backends.reading import DOCUMENT_COLUMNS, PAGE
from docaxis.backends.tables import deliveries, documents
from docaxis.backends.word_search import holds
from docaxis.domain.folding import folded_words
from docaxis.domain.status import business, recall
from docaxis.hub.views.documents import DocumentView
from docaxis.hub.views.lists import Count, ListPage, Place, ReceivedRow, SentRow, Wanted

_WIDTH = len(DOCUMENT_COLUMNS)
COUNTED = 10_000
"""Rows that are counted one by one; of more it is said that there are more."""


class ClerkLists(ClerkQueries):
    """The lists; every method raises StoreUnavailable when the database cannot be read now."""

    async def list_sent(
        self, organ_id: str, wanted: Wanted, after: Place | None = None, limit: int = PAGE
    ) -> ListPage[SentRow]:
        """Return a page of what an agency sent, with how all addressees of each document stand."""

        async def work(connection: AsyncConnection) -> ListPage[SentRow]:
            found = await self._found(connection, organ_id, wanted, after, limit, sent=True)
            views = [DocumentView(*row[:_WIDTH]) for row in found.rows]
            standings = await standings_of(connection, [one.document_key for one in views])
            rows = [SentRow(one, standings[one.document_key]) for one in views]
            return ListPage(rows, found.following, found.is_cut)

        return await self._run(work)

    async def list_received(
        self, organ_id: str, wanted: Wanted, after: Place | None = None, limit: int = PAGE
    ) -> ListPage[ReceivedRow]:
        """Return a page of what was sent out to an agency, with how far it has come there."""

        async def work(connection: AsyncConnection) -> ListPage[ReceivedRow]:
            found = await self._found(connection, organ_id, wanted, after, limit, sent=False)
            duties = await duties_of(connection, organ_id, [row.document_key for row in found.rows])
            rows = [_received(row, duties) for row in found.rows]
            return ListPage(rows, found.following, found.is_cut)

        return await self._run(work)

    async def count_listed(self, organ_id: str, wanted: Wanted, *, sent: bool, most: int = 100) -> Count:
        """Count what a list holds, up to so many."""

        async def work(connection: AsyncConnection) -> Count:
            found = await self._found(connection, organ_id, wanted, None, most, sent=sent, columns=())
            return Count(len(found.rows), exact=found.following is None)

        return await self._run(work)

    async def count_all(self, organ_id: str, *, sent: bool) -> Count:
        """Count all that an agency sent or received, up to COUNTED; read from the index alone."""
        mine = documents.c.sender == organ_id if sent else deliveries.c.organ_id == organ_id
        some = select(literal(1)).where(mine).limit(COUNTED + 1).subquery()

        async def work(connection: AsyncConnection) -> Count:
            number = (await connection.execute(select(func.count()).select_from(some))).scalar_one()
            return Count(min(number, COUNTED), exact=number <= COUNTED)

        return await self._run(work)

    async def _found(
        self,
        connection: AsyncConnection,
        organ_id: str,
        wanted: Wanted,
        after: Place | None,
        limit: int,
        *,
        sent: bool,
        columns: Sequence[ColumnElement[Any]] = DOCUMENT_COLUMNS,
    ) -> ListPage[Row[Any]]:
        words = folded_words(wanted.words)
        if wanted.words.strip() and not words:
            return ListPage(())
        walks = (walk_sent if sent else walk_received)(organ_id, wanted, words, after, limit, connection.dialect.name)
        rows, horizon = [], None
        for walk in walks:
            query = _of_sender(walk, columns) if sent else _of_addressee(walk, organ_id, columns)
            query = query.where(*walk.conditions, *_besides(wanted, words, sent=sent))
            place = [walk.rows.c[name].desc() for name in walk.order]
            found = (await connection.execute(query.order_by(*place).limit(limit + 1))).all()
            rows += found
            if len(found) > limit and len(walks) == 1:
                break  # the page ends before the walk does
            end = (await connection.execute(walk.end)).one_or_none()
            if end is not None:
                horizon = max(filter(None, (horizon, _end(*end))))
        # Below the newest place at which a walk was left, rows may be missing.
        rows = sorted((row for row in rows if horizon is None or _place(row) >= horizon), key=_place, reverse=True)
        if len(rows) > limit:
            return ListPage(rows[:limit], _place(rows[limit - 1]))
        return ListPage(rows, horizon, is_cut=horizon is not None)


def _of_sender(walk: Walk, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    return select(*columns, *_placed(walk)).join_from(
        walk.rows, documents, documents.c.document_key == walk.rows.c.document_key
    )


def _of_addressee(walk: Walk, organ_id: str, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    copy = (deliveries.c.document_key == walk.rows.c.document_key) & (deliveries.c.organ_id == organ_id)
    return (
        select(*columns, *_placed(walk), deliveries.c.state.label("copy_state"), deliveries.c.statuses)
        .join_from(walk.rows, documents, documents.c.document_key == walk.rows.c.document_key)
        .join(deliveries, copy)
        .where(deliveries.c.state == "dispatched")
    )


def _placed(walk: Walk) -> list[ColumnElement[Any]]:
    return [walk.rows.c[name].label(f"place_{name}") for name in Place._fields]


def _besides(wanted: Wanted, words: Sequence[str], *, sent: bool) -> list[ColumnElement[bool]]:
    """Return what no index tells: urgency, days, words, and who stands at the other end."""
    conditions = day_bounds(wanted)
    if words:
        conditions.append(holds(words))
    if wanted.urgency:
        conditions.append(documents.c.priority >= wanted.urgency)
    if wanted.other and sent:
        to_it = (deliveries.c.document_key == documents.c.document_key, deliveries.c.organ_id == wanted.other)
        conditions.append(exists().where(*to_it).correlate(documents))
    elif wanted.other:
        conditions.append(documents.c.sender == wanted.other)
    return conditions


_EPOCH = datetime.fromtimestamp(0, UTC)


def _end(at: datetime | None, key: Any, organ_id: str, kind: str) -> Place:  # noqa: ANN401
    return Place(at or _EPOCH, key, organ_id, kind)


def _place(row: Row[Any]) -> Place:
    return _end(row.place_at, row.place_document_key, row.place_organ_id, row.place_kind)


def _received(row: Row[Any], duties: Any) -> ReceivedRow:  # noqa: ANN401
    due_at, is_late = duties.get(row.document_key, (None, False))
    return ReceivedRow(
        DocumentView(*row[:_WIDTH]), row.copy_state, business(row.statuses), recall(row.statuses), due_at, is_late
    )
