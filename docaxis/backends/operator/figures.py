"""The figures of the operator's board, each by a statement that stays on indexes; asked in the background, never by a page."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, Text, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.covered import is_covered
from docaxis.backends.pending import read_pending
from docaxis.backends.people_tables import client_keys, quarantine_ends
from docaxis.backends.reading import Reading
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import (
    deliveries,
    documents,
    events,
    fetch_ranges,
    lanes,
    log_entries,
    quarantine,
    submissions,
)
from docaxis.domain.wire import LANES
from docaxis.hub.ports import Pending

DISPATCHES_READ = 200
"""Acts of dispatch that are looked at for the time from reception to dispatch; each holds a batch of documents."""
LATENCIES_MAX = 2000


class InboxCounts(NamedTuple):
    """The counters of an endpoint's inbox, both lanes together."""

    dispatched: int
    fetched: int
    waiting: int


class Log(NamedTuple):
    """The size of the log and the moment of its last entry (None: it is empty)."""

    size: int
    last_at: datetime | None


class Held(NamedTuple):
    """Deferred submissions: since when the longest, and when the next is tried."""

    since: datetime | None
    next_at: datetime | None


class OperatorFigures(Reading):
    """Each method raises StoreUnavailable when the database cannot be read now."""

    async def pending(self) -> Pending:
        """Return what has not come to its end yet."""
        return await self._run(read_pending)

    async def inboxes(self) -> Mapping[str, InboxCounts]:
        """Return endpoint → counters, of all endpoints that were ever sent anything."""
        sums = [func.sum(lanes.c[name]) for name in ("dispatched", "fetched", "waiting")]
        query = select(lanes.c.endpoint, *sums).group_by(lanes.c.endpoint)

        async def work(connection: AsyncConnection) -> dict[str, InboxCounts]:
            return {row[0]: InboxCounts(*map(int, row[1:])) for row in await connection.execute(query)}

        return await self._run(work)

    async def log(self) -> Log:
        """Return the end of the log."""
        last = select(log_entries.c.leaf_index, events.c.at).join(events, events.c.event_id == log_entries.c.event_id)
        query = last.order_by(log_entries.c.leaf_index.desc()).limit(1)

        async def work(connection: AsyncConnection) -> Log:
            row = (await connection.execute(query)).one_or_none()
            return Log(row[0] + 1, row[1]) if row else Log(0, None)

        return await self._run(work)

    async def held(self) -> Held:
        """Return since when and until when submissions are deferred."""
        kind = submissions.c.retry_at.type
        query = select(
            func.min(submissions.c.received_at, type_=kind), func.min(submissions.c.retry_at, type_=kind)
        ).where(submissions.c.outcome == "deferred")

        async def work(connection: AsyncConnection) -> Held:
            return Held(*(await connection.execute(query)).one())

        return await self._run(work)

    async def accepted(self, first: datetime, end: datetime) -> int:
        """Count documents accepted from first on and before end."""
        at = documents.c.accepted_at
        return await self._number(select(func.count()).select_from(documents).where(at >= first, at < end))

    async def rejected(self, first: datetime, end: datetime) -> int:
        """Count submissions received from first on and before end that were refused."""
        at = submissions.c.received_at
        return await self._number(
            select(func.count()).where(at >= first, at < end, submissions.c.outcome == "rejected")
        )

    async def received(self, first: datetime, end: datetime) -> Mapping[str, int]:
        """Count submissions received in a span by the lane they came in."""
        at = submissions.c.received_at
        query = select(submissions.c.lane, func.count()).where(at >= first, at < end).group_by(submissions.c.lane)

        async def work(connection: AsyncConnection) -> dict[str, int]:
            return {row[0]: row[1] for row in await connection.execute(query)}

        return await self._run(work)

    async def latencies(self, since: datetime) -> Sequence[float]:
        """Return seconds from reception to first dispatch, ascending, of documents received since then."""
        query = (
            select(events.c.at, events.c.canonical)
            .where(events.c.document_key.is_(None), events.c.kind == "copies:dispatched", events.c.at >= since)
            .order_by(events.c.at.desc())
            .limit(DISPATCHES_READ)
        )

        async def work(connection: AsyncConnection) -> list[float]:
            first_at: dict[UUID, datetime] = {}
            for row in await connection.execute(query):
                for key, _ in json.loads(row.canonical)["body"]["dispatched"]:
                    first_at[UUID(key)] = row.at
                if len(first_at) >= LATENCIES_MAX:
                    break
            keys = list(first_at)[:LATENCIES_MAX]
            found = await connection.execute(
                select(submissions.c.submission_id, submissions.c.received_at).where(
                    submissions.c.submission_id.in_(keys), submissions.c.received_at >= since
                )
            )
            return sorted((first_at[row.submission_id] - row.received_at).total_seconds() for row in found)

        return await self._run(work)

    async def quarantined(self) -> int:
        """Count messages in quarantine that nobody has released or discarded."""
        ended = select(quarantine_ends.c.event_id).where(quarantine_ends.c.event_id == quarantine.c.event_id)
        return await self._number(select(func.count()).select_from(quarantine).where(~ended.exists()))

    async def seen(self, endpoints: Sequence[str]) -> Mapping[str, tuple[datetime | None, datetime | None]]:
        """Return endpoint → when it last sent, and when it last fetched."""

        async def work(connection: AsyncConnection) -> dict[str, tuple[datetime | None, datetime | None]]:
            wanted = rowset(connection.dialect.name, {"endpoint": Text()})
            sent = (
                select(submissions.c.received_at)
                .where(submissions.c.endpoint == wanted.c.endpoint)
                .order_by(submissions.c.received_at.desc())
                .limit(1)
                .scalar_subquery()
            )
            fetched = [
                select(fetch_ranges.c.fetched_at)
                .where(fetch_ranges.c.endpoint == wanted.c.endpoint, fetch_ranges.c.lane == lane)
                .order_by(fetch_ranges.c.first_sequence.desc())
                .limit(1)
                .scalar_subquery()
                for lane in LANES
            ]
            rows = await connection.execute(
                select(wanted.c.endpoint, sent, *fetched), json_rows([(one,) for one in endpoints])
            )
            return {row[0]: (row[1], max((at for at in row[2:] if at), default=None)) for row in rows}

        return await self._run(work)

    async def oldest_unfetched(self, endpoint: str) -> datetime | None:
        """Return when the longest unfetched copy of an inbox was accepted; None where there is none."""

        async def work(connection: AsyncConnection) -> datetime | None:
            counts = select(lanes.c.lane, lanes.c.dispatched - lanes.c.fetched).where(lanes.c.endpoint == endpoint)
            found: list[datetime | None] = [
                (await connection.execute(_oldest(endpoint, lane, unfetched))).scalar_one()
                for lane, unfetched in (await connection.execute(counts)).all()
                if unfetched > 0
            ]
            return min((at for at in found if at), default=None)

        return await self._run(work)

    async def client_keys(self) -> Sequence[tuple[str, str, bytes]]:
        """Return endpoint, kind and octets of the keys and certificates in force that endpoints show."""
        query = select(client_keys.c.endpoint, client_keys.c.kind, client_keys.c.public_key).where(
            client_keys.c.revoked_at.is_(None)
        )
        return await self._rows(query, lambda *row: row)

    async def _number(self, query: Select[Any]) -> int:
        async def work(connection: AsyncConnection) -> int:
            found: int = (await connection.execute(query)).scalar_one()
            return found

        return await self._run(work)


def _oldest(endpoint: str, lane: str, unfetched: int) -> Select[Any]:
    other = deliveries.alias("other")
    # A copy for several agencies of an endpoint has a row for each. To group them would end a group only where the next one
    # begins: after the last unfetched copy that is nowhere, and the whole lane would be read.
    is_first = ~exists().where(
        other.c.endpoint == deliveries.c.endpoint,
        other.c.lane == deliveries.c.lane,
        other.c.sequence == deliveries.c.sequence,
        other.c.organ_id < deliveries.c.organ_id,
        other.c.state == "dispatched",
    )
    newest = (
        select(deliveries.c.document_key)
        .where(
            deliveries.c.endpoint == endpoint,
            deliveries.c.lane == lane,
            deliveries.c.state == "dispatched",
            ~is_covered(),
            is_first,
        )
        # The newest so many are all of them; from the oldest up, years of fetched ones would come first.
        .order_by(deliveries.c.sequence.desc())
        .limit(unfetched)
        .subquery()
    )
    at = documents.c.accepted_at
    return select(func.min(at, type_=at.type)).where(documents.c.document_key.in_(select(newest.c.document_key)))


def percentile(ascending: Sequence[float], share: float) -> float | None:
    """Return the nearest-rank percentile of figures in ascending order, None of nothing."""
    if not ascending:
        return None
    return ascending[max(0, ceil(share * len(ascending)) - 1)]
