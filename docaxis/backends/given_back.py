"""Copies that an endpoint gives back unread: they leave its window as fetched ones do, and are withdrawn where asked for."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.fetch_ranges import FetchedRanges
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import deliveries, documents
from docaxis.domain.status import is_recall_asked
from docaxis.hub.ports import FetchRange, GivenBack, KnownDelivery, KnownDocument
from docaxis.hub.rows import Batch

Compose = Callable[[Sequence[GivenBack], Sequence[FetchRange]], Batch]


class GivenBackCopies:
    """The statements, built once for a dialect."""

    def __init__(self, dialect: str, fetched: FetchedRanges) -> None:
        """Build the statements."""
        self._fetched = fetched
        self._named = _named(dialect)

    async def take(
        self, connection: AsyncConnection, ranges: Sequence[FetchRange], at: datetime, compose: Compose
    ) -> Batch | None:
        """Count what is new of the ranges, and return what compose makes of it; None where all of it was known."""
        new = await self._fetched.add(connection, ranges, at)
        if not new:
            return None
        rows = [(one.endpoint, one.lane, one.first, one.last) for one in new]
        asked, others = [], []
        for row in await connection.execute(self._named, json_rows(rows)):
            if row.copy_state == "dispatched" and is_recall_asked(row.statuses):
                delivery = KnownDelivery(
                    row.organ_id, row.copy_endpoint, row.lane, row.sequence, row.copy_state, row.statuses
                )
                document = KnownDocument(
                    row.document_key, row.sender, row.document_id, row.endpoint, row.state, row.business_type
                )
                asked.append(GivenBack(document, delivery))
            else:
                others.append(FetchRange(row.copy_endpoint, row.lane, row.sequence, row.sequence))
        return compose(asked, list(dict.fromkeys(others)))


def _named(dialect: str) -> Select[Any]:
    wanted = rowset(dialect, {"endpoint": Text(), "lane": Text(), "first": BigInteger(), "last": BigInteger()})
    return (
        select(
            documents.c.document_key,
            documents.c.sender,
            documents.c.document_id,
            documents.c.endpoint,
            documents.c.state,
            documents.c.business_type,
            deliveries.c.organ_id,
            deliveries.c.endpoint.label("copy_endpoint"),
            deliveries.c.lane,
            deliveries.c.sequence,
            deliveries.c.state.label("copy_state"),
            deliveries.c.statuses,
        )
        .select_from(wanted)
        .join(
            deliveries,
            (deliveries.c.endpoint == wanted.c.endpoint)
            & (deliveries.c.lane == wanted.c.lane)
            & deliveries.c.sequence.between(wanted.c.first, wanted.c.last),
        )
        .join(documents, documents.c.document_key == deliveries.c.document_key)
        .order_by(deliveries.c.document_key, deliveries.c.organ_id)
    )
