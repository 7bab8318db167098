"""The log as the notifier reads it: entries in order, and the documents and copies that they speak of."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Row, Select, Text, Uuid, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import deliveries, documents, events, log_entries
from docaxis.hub.change_facts import Entry, Facts, Origin, Range, Standing
from docaxis.hub.changes import documents_of, ranges_of

DOCUMENTS_AT_ONCE = 200
"""An entry of a busy hub names hundreds: a portion of many such would hold up everything else in the process."""

_COPY = (
    deliveries.c.document_key,
    deliveries.c.organ_id,
    deliveries.c.endpoint,
    deliveries.c.lane,
    deliveries.c.sequence,
    deliveries.c.state,
)


class LogFacts:
    """Reads with the writing half's connections: short look-ups by key; raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        """Build the statements."""
        self._database = database
        self._named = rowset(database.dialect, {"document_key": Uuid()})
        self._ranges = rowset(
            database.dialect, {"endpoint": Text(), "lane": Text(), "first": BigInteger(), "last": BigInteger()}
        )

    async def read(self, first: int, limit: int, endpoints: frozenset[str]) -> tuple[Sequence[Entry], Facts]:
        """Return at most so many entries from `first` on, with what they speak of where it concerns the endpoints."""

        async def work(connection: AsyncConnection) -> tuple[Sequence[Entry], Facts]:
            entries = _bounded([_entry(row) for row in await connection.execute(_portion(first, limit))])
            return entries, await self._facts(connection, documents_of(entries), ranges_of(entries), endpoints)

        return await self._database.run(work)

    async def time_of(self, index: int) -> datetime | None:
        """Return the time of an entry, None where there is none yet."""
        query = select(events.c.at).join(log_entries, log_entries.c.event_id == events.c.event_id)

        async def work(connection: AsyncConnection) -> datetime | None:
            at: datetime | None = await connection.scalar(query.where(log_entries.c.leaf_index == index))
            return at

        return await self._database.run(work)

    async def _facts(
        self, connection: AsyncConnection, keys: set[UUID], ranges: set[Range], endpoints: Collection[str]
    ) -> Facts:
        # Whoever sent or received it: of any other document not even the key is read.
        concerns = or_(documents.c.endpoint.in_(endpoints), deliveries.c.endpoint.in_(endpoints))
        copies = select(*_COPY).join(documents, documents.c.document_key == deliveries.c.document_key).where(concerns)
        found: list[Standing] = []
        if ranges:
            wanted = self._ranges
            within = and_(
                deliveries.c.endpoint == wanted.c.endpoint,
                deliveries.c.lane == wanted.c.lane,
                deliveries.c.sequence.between(wanted.c.first, wanted.c.last),
            )
            found += await _standing(connection, copies.join(wanted, within), sorted(ranges))
        if keys:
            named = copies.where(deliveries.c.document_key.in_(select(self._named.c.document_key)))
            found += await _standing(connection, named, ((key,) for key in keys))
        keys |= {one.document_key for one in found}
        origins: list[Origin] = []
        if keys:
            concerned = {one.document_key for one in found}
            asked = select(documents.c.document_key, documents.c.endpoint, documents.c.sender, documents.c.document_id)
            asked = asked.where(documents.c.document_key.in_(select(self._named.c.document_key)))
            rows = [Origin(*row) for row in await connection.execute(asked, json_rows((key,) for key in keys))]
            origins = [one for one in rows if one.endpoint in endpoints or one.document_key in concerned]
        return Facts(endpoints, origins, found)


def _portion(first: int, limit: int) -> Select[Any]:
    return (
        select(
            log_entries.c.leaf_index, events.c.kind, events.c.at, events.c.document_key, events.c.canonical, events.c.leaf_hash
        )
        .join(events, events.c.event_id == log_entries.c.event_id)
        .where(log_entries.c.leaf_index >= first, log_entries.c.leaf_index < first + limit)
        .order_by(log_entries.c.leaf_index)
    )  # fmt: skip


def _bounded(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return the first entry and those behind it, while together they speak of few documents."""
    documents_seen = 0
    for number, one in enumerate(entries):
        documents_seen += len(documents_of([one])) + sum(wanted.last - wanted.first + 1 for wanted in ranges_of([one]))
        if number and documents_seen > DOCUMENTS_AT_ONCE:
            return entries[:number]
    return entries


def _entry(row: Row[Any]) -> Entry:
    try:
        body = dict(json.loads(row.canonical)["body"])
    except (ValueError, KeyError, TypeError):
        body = {}  # nobody can be told of it, and those behind it must be
    return Entry(row.leaf_index, row.kind, row.at, row.leaf_hash.hex(), row.document_key, body)


async def _standing(
    connection: AsyncConnection, query: Select[Any], rows: Iterable[Sequence[str | int | UUID]]
) -> list[Standing]:
    return [Standing(*row) for row in await connection.execute(query, json_rows(rows))]
