"""Copies that wait because their endpoint's window was full, released when there is room again."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.lane_counts import LaneCounts
from docaxis.backends.outbox import Outbox
from docaxis.backends.tables import deliveries, lanes, outbox
from docaxis.hub.ports import LANES, Outgoing


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


class WaitingCopies:
    """Releases; two processes at the same endpoint go one after the other."""

    def __init__(self, database: Database, lane_counts: LaneCounts, leased: Outbox) -> None:
        """Work on this database."""
        self._database = database
        self._lane_counts = lane_counts
        self._outbox = leased

    async def release(  # noqa: PLR0913 - the port's arguments
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
        # The endpoint's lanes are the lock; in key order, as everywhere.
        lock = select(lanes.c.lane).where(lanes.c.endpoint == endpoint).order_by(lanes.c.lane).with_for_update()
        await connection.execute(lock)
        chosen: list[tuple[UUID, str, int, int]] = []
        room_bytes = size_bytes
        for lane in LANES:
            for copy in await connection.execute(_waiting(endpoint, lane, copies - len(chosen))):
                if chosen and copy.size_bytes > room_bytes:
                    break
                chosen.append((copy.document_key, lane, copy.sequence, copy.size_bytes))
                room_bytes -= copy.size_bytes
        if not chosen:
            return ()
        await connection.execute(
            update(deliveries)
            .where(
                deliveries.c.document_key.in_([key for key, *_ in chosen]),
                deliveries.c.endpoint == endpoint,
                deliveries.c.state == "waiting",
            )
            .values(state="dispatched")
        )
        rows = [
            (
                uuid4(), key, json.dumps([endpoint]), "[]", False,
                holder, now + timedelta(seconds=lease_s), now, 0 if lane == "urgent" else 1,
            )
            for key, lane, *_ in chosen
        ]  # fmt: skip
        await self._database.bulk.insert(connection, outbox, rows)
        await self._lane_counts.add_copies(connection, [(endpoint, *copy) for _, *copy in chosen])
        place = {row[0]: i for i, row in enumerate(rows)}
        outgoing = await self._outbox.load(connection, list(place))
        return sorted(outgoing, key=lambda item: place[item.outbox_id])
