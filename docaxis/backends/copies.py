"""Copies that become publications after their commit: those that waited for room, and those that an inbox lost."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.covered import is_covered
from docaxis.backends.database import Database
from docaxis.backends.lane_counts import LaneCounts
from docaxis.backends.outbox import Outbox
from docaxis.backends.tables import deliveries, lanes, outbox
from docaxis.domain.wire import LANES
from docaxis.hub.ports import Outgoing


class _Copy(NamedTuple):
    lane: str
    sequence: int
    document_key: UUID
    size_bytes: int


class Copies:
    """Works on one endpoint at a time: its lanes are the lock, so two processes go one after the other."""

    def __init__(self, database: Database, lane_counts: LaneCounts, leased: Outbox) -> None:
        self._database = database
        self._lane_counts = lane_counts
        self._outbox = leased

    async def release(
        self,
        connection: AsyncConnection,
        holder: str,
        now: datetime,
        lease_s: float,
        endpoint: str,
        copies: int,
        size_bytes: int,
    ) -> Sequence[Outgoing]:
        """Flip waiting copies to dispatched, urgent first then by sequence, with a leased outbox row each."""
        await _lock(connection, endpoint)
        chosen: list[_Copy] = []
        room_bytes = size_bytes
        for lane in LANES:
            for row in await connection.execute(_waiting(endpoint, lane, copies - len(chosen))):
                copy = _Copy(lane, *row)
                if chosen and copy.size_bytes > room_bytes:
                    break
                chosen.append(copy)
                room_bytes -= copy.size_bytes
        if not chosen:
            return ()
        await connection.execute(
            update(deliveries)
            .where(
                deliveries.c.document_key.in_([copy.document_key for copy in chosen]),
                deliveries.c.endpoint == endpoint,
                deliveries.c.state == "waiting",
            )
            .values(state="dispatched")
        )
        await self._lane_counts.add_released(connection, [(endpoint, copy.lane, copy.size_bytes) for copy in chosen])
        return await self._lease(connection, holder, now, lease_s, endpoint, chosen)

    async def repeat(
        self, connection: AsyncConnection, holder: str, now: datetime, lease_s: float, endpoint: str, limit: int
    ) -> Sequence[Outgoing]:
        """Make leased publications of unfetched copies that no outbox row holds, urgent first, oldest first."""
        chosen: list[_Copy] = []
        for lane, unfetched in await _lock(connection, endpoint):
            # The newest so many are all of them; from the oldest up, the search would begin with years of fetched ones.
            newest = (await connection.execute(_unfetched(endpoint, lane, unfetched))).all()
            copies = [_Copy(lane, *row) for row in reversed(newest)]
            held = await self._held(connection, endpoint, [copy.document_key for copy in copies])
            chosen += [copy for copy in copies if copy.document_key not in held]
        return await self._lease(connection, holder, now, lease_s, endpoint, chosen[:limit]) if chosen else ()

    async def _held(self, connection: AsyncConnection, endpoint: str, document_keys: Sequence[UUID]) -> set[UUID]:
        """Return the documents that an outbox row will bring to the endpoint."""
        rows = select(outbox.c.submission_id, outbox.c.targets).where(outbox.c.submission_id.in_(document_keys))
        found = await connection.execute(rows)
        return {row.submission_id for row in found if endpoint in json.loads(row.targets)}

    async def _lease(
        self,
        connection: AsyncConnection,
        holder: str,
        now: datetime,
        lease_s: float,
        endpoint: str,
        copies: Sequence[_Copy],
    ) -> Sequence[Outgoing]:
        until = now + timedelta(seconds=lease_s)
        targets = json.dumps([endpoint])
        rows = [
            (uuid4(), copy.document_key, targets, "[]", False, holder, until, now, 0 if copy.lane == "urgent" else 1)
            for copy in copies
        ]
        await self._database.bulk.insert(connection, outbox, rows)
        place = {row[0]: number for number, row in enumerate(rows)}
        outgoing = await self._outbox.load(connection, list(place))
        return sorted(outgoing, key=lambda item: place[item.outbox_id])


async def _lock(connection: AsyncConnection, endpoint: str) -> Sequence[tuple[str, int]]:
    """Lock the endpoint's lanes, in key order as everywhere; returns each with its unfetched copies, urgent first."""
    unfetched = (lanes.c.dispatched - lanes.c.fetched).label("unfetched")
    rows = select(lanes.c.lane, unfetched).where(lanes.c.endpoint == endpoint).order_by(lanes.c.lane).with_for_update()
    found = [(row.lane, row.unfetched) for row in await connection.execute(rows)]
    return sorted(found, key=lambda row: row[0] != LANES[0])


def _waiting(endpoint: str, lane: str, limit: int) -> Select[Any]:
    """Select copies by sequence; one lane a query, so that the index gives the first ones of a long queue at once."""
    copy = (deliveries.c.sequence, deliveries.c.document_key, deliveries.c.size_bytes)
    return (
        select(*copy)
        .where(deliveries.c.endpoint == endpoint, deliveries.c.lane == lane, deliveries.c.state == "waiting")
        .group_by(*copy)
        .order_by(deliveries.c.sequence)
        .limit(limit)
    )


def _unfetched(endpoint: str, lane: str, limit: int) -> Select[Any]:
    """Select dispatched copies that no range covers, newest first."""
    copy = (deliveries.c.sequence, deliveries.c.document_key, deliveries.c.size_bytes)
    return (
        select(*copy)
        .where(
            deliveries.c.endpoint == endpoint,
            deliveries.c.lane == lane,
            deliveries.c.state == "dispatched",
            ~is_covered(),
        )
        .group_by(*copy)
        .order_by(deliveries.c.sequence.desc())
        .limit(limit)
    )
