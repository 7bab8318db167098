"""The counters of each endpoint and lane: the next sequence number, what was dispatched, what was fetched."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Insert, Text, func, literal, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import lanes
from docaxis.hub.ports import LaneLoad
from docaxis.hub.rows import DeliveryRow

Lane = tuple[str, str]


class LaneCounts:
    """The statements, built once for a dialect; each locks the rows of lanes in key order."""

    def __init__(self, dialect: str) -> None:
        """Build the statements."""
        self._reserve = _reserve(dialect)
        self._add_dispatched = _add_dispatched(dialect)

    async def reserve(self, connection: AsyncConnection, wanted: Mapping[Lane, int]) -> dict[Lane, int]:
        """Move each next sequence on by so many; returns the first of each block."""
        rows = [(endpoint, lane, count) for (endpoint, lane), count in sorted(wanted.items()) if count > 0]
        if not rows:
            return {}
        result = await connection.execute(self._reserve, json_rows(rows))
        return {(row.endpoint, row.lane): row.next_sequence - wanted[row.endpoint, row.lane] for row in result}

    async def add_dispatched(self, connection: AsyncConnection, deliveries: Iterable[DeliveryRow]) -> None:
        """Count the copies among these deliveries that are dispatched; addressees behind one endpoint share a copy."""
        copies = {
            (row.endpoint, row.lane, row.sequence): row.size_bytes for row in deliveries if row.state == "dispatched"
        }
        await self.add_copies(connection, [(*copy, size_bytes) for copy, size_bytes in copies.items()])

    async def add_copies(self, connection: AsyncConnection, copies: Sequence[tuple[str, str, int, int]]) -> None:
        """Count copies given as endpoint, lane, sequence, size in bytes."""
        sums: dict[Lane, tuple[int, int, int]] = {}
        for endpoint, lane, sequence, size_bytes in copies:
            last, count, total_bytes = sums.get((endpoint, lane), (0, 0, 0))
            sums[endpoint, lane] = (max(last, sequence), count + 1, total_bytes + size_bytes)
        if sums:
            rows = [(*lane, *counts) for lane, counts in sorted(sums.items())]
            await connection.execute(self._add_dispatched, json_rows(rows))


async def load_lanes(connection: AsyncConnection) -> dict[str, LaneLoad]:
    """Return the use of every endpoint's window."""
    unfetched = func.sum(lanes.c.dispatched - lanes.c.fetched).label("unfetched")
    unfetched_bytes = func.sum(lanes.c.dispatched_bytes - lanes.c.fetched_bytes).label("unfetched_bytes")
    result = await connection.execute(select(lanes.c.endpoint, unfetched, unfetched_bytes).group_by(lanes.c.endpoint))
    return {row.endpoint: LaneLoad(int(row.unfetched), int(row.unfetched_bytes)) for row in result}


def _reserve(dialect: str) -> Any:
    wanted = rowset(dialect, {"endpoint": Text(), "lane": Text(), "count": BigInteger()})
    zero = literal(0, BigInteger())
    source = (
        select(wanted.c.endpoint, wanted.c.lane, wanted.c.count + 1, zero, zero, zero, zero)
        .where(true())  # SQLite cannot tell ON CONFLICT from a join's ON without it
        .order_by(wanted.c.endpoint, wanted.c.lane)
    )
    insert = _insert(dialect).from_select([column.name for column in lanes.columns], source)
    return insert.on_conflict_do_update(
        index_elements=[lanes.c.endpoint, lanes.c.lane],
        set_={"next_sequence": lanes.c.next_sequence + insert.excluded.next_sequence - 1},
    ).returning(lanes.c.endpoint, lanes.c.lane, lanes.c.next_sequence)


def _add_dispatched(dialect: str) -> Insert:
    columns = {name: BigInteger() for name in ("last_sequence", "copies", "size_bytes")}
    wanted = rowset(dialect, {"endpoint": Text(), "lane": Text(), **columns})
    zero = literal(0, BigInteger())
    source = (
        select(
            wanted.c.endpoint,
            wanted.c.lane,
            wanted.c.last_sequence + 1,
            wanted.c.copies,
            wanted.c.size_bytes,
            zero,
            zero,
        )
        .where(true())
        .order_by(wanted.c.endpoint, wanted.c.lane)
    )
    insert = _insert(dialect).from_select([column.name for column in lanes.columns], source)
    return insert.on_conflict_do_update(
        index_elements=[lanes.c.endpoint, lanes.c.lane],
        set_={
            "dispatched": lanes.c.dispatched + insert.excluded.dispatched,
            "dispatched_bytes": lanes.c.dispatched_bytes + insert.excluded.dispatched_bytes,
        },
    )


def _insert(dialect: str) -> Any:
    return sqlite.insert(lanes) if dialect == "sqlite" else postgresql.insert(lanes)
