"""The counters of each endpoint and lane: the next sequence number, what was dispatched, what was fetched."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Insert, Text, func, literal, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

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
        self._add = _add(dialect)

    async def reserve(self, connection: AsyncConnection, wanted: Mapping[Lane, int]) -> dict[Lane, int]:
        """Move each next sequence on by so many; returns the first of each block."""
        rows = [(endpoint, lane, count) for (endpoint, lane), count in sorted(wanted.items()) if count > 0]
        if not rows:
            return {}
        result = await connection.execute(self._reserve, json_rows(rows))
        return {(row.endpoint, row.lane): row.next_sequence - wanted[row.endpoint, row.lane] for row in result}

    async def add_deliveries(self, connection: AsyncConnection, deliveries: Iterable[DeliveryRow]) -> None:
        """Count the copies among new deliveries; addressees behind one endpoint share a copy."""
        copies = {(row.endpoint, row.lane, row.sequence, row.size_bytes, row.state) for row in deliveries}
        sums: dict[Lane, list[int]] = {}
        for endpoint, lane, sequence, size_bytes, state in copies:
            counts = sums.get((endpoint, lane))
            if counts is None:
                counts = sums[endpoint, lane] = [1, 0, 0, 0]
            if counts[0] <= sequence:
                counts[0] = sequence + 1
            if state == "dispatched":
                counts[1] += 1
                counts[2] += size_bytes
            elif state == "waiting":
                counts[3] += 1
        await self._add_counts(connection, sums)

    async def add_released(self, connection: AsyncConnection, copies: Iterable[tuple[str, str, int]]) -> None:
        """Count copies, given as endpoint, lane and size in bytes, that waited and are dispatched now."""
        sums: dict[Lane, list[int]] = {}
        for endpoint, lane, size_bytes in copies:
            counts = sums.setdefault((endpoint, lane), [1, 0, 0, 0])
            counts[1] += 1
            counts[2] += size_bytes
            counts[3] -= 1
        await self._add_counts(connection, sums)

    async def add_withdrawn(self, connection: AsyncConnection, copies: Iterable[Lane]) -> None:
        """Take copies that waited, given as endpoint and lane, out of the waiting line: they go nowhere any more."""
        sums: dict[Lane, list[int]] = {}
        for lane in copies:
            sums.setdefault(lane, [1, 0, 0, 0])[3] -= 1
        await self._add_counts(connection, sums)

    async def _add_counts(self, connection: AsyncConnection, sums: Mapping[Lane, Sequence[int]]) -> None:
        if sums:
            await connection.execute(self._add, json_rows((*lane, *counts) for lane, counts in sorted(sums.items())))


async def load_lanes(connection: AsyncConnection) -> dict[str, LaneLoad]:
    """Return the use of every endpoint's window."""
    unfetched = func.sum(lanes.c.dispatched - lanes.c.fetched).label("unfetched")
    unfetched_bytes = func.sum(lanes.c.dispatched_bytes - lanes.c.fetched_bytes).label("unfetched_bytes")
    waiting = func.sum(lanes.c.waiting).label("waiting")
    found = await connection.execute(
        select(lanes.c.endpoint, unfetched, unfetched_bytes, waiting).group_by(lanes.c.endpoint)
    )
    return {row.endpoint: LaneLoad(int(row.unfetched), int(row.unfetched_bytes), int(row.waiting)) for row in found}


def _reserve(dialect: str) -> ReturningInsert[Any]:
    wanted = rowset(dialect, {"endpoint": Text(), "lane": Text(), "count": BigInteger()})
    zero = literal(0, BigInteger())
    source = (
        select(wanted.c.endpoint, wanted.c.lane, wanted.c.count + 1, zero, zero, zero, zero, zero)
        .where(true())  # SQLite cannot tell ON CONFLICT from a join's ON without it
        .order_by(wanted.c.endpoint, wanted.c.lane)
    )
    insert = _insert(dialect).from_select([column.name for column in lanes.columns], source)
    reserved: ReturningInsert[Any] = insert.on_conflict_do_update(
        index_elements=[lanes.c.endpoint, lanes.c.lane],
        set_={"next_sequence": lanes.c.next_sequence + insert.excluded.next_sequence - 1},
    ).returning(lanes.c.endpoint, lanes.c.lane, lanes.c.next_sequence)
    return reserved


def _add(dialect: str) -> Insert:
    columns = {name: BigInteger() for name in ("next_sequence", "dispatched", "dispatched_bytes", "waiting")}
    wanted = rowset(dialect, {"endpoint": Text(), "lane": Text(), **columns})
    zero = literal(0, BigInteger())
    source = (
        select(
            wanted.c.endpoint,
            wanted.c.lane,
            wanted.c.next_sequence,
            wanted.c.dispatched,
            wanted.c.dispatched_bytes,
            zero,
            zero,
            wanted.c.waiting,
        )
        .where(true())
        .order_by(wanted.c.endpoint, wanted.c.lane)
    )
    insert = _insert(dialect).from_select([column.name for column in lanes.columns], source)
    added: Insert = insert.on_conflict_do_update(
        index_elements=[lanes.c.endpoint, lanes.c.lane],
        set_={name: lanes.c[name] + insert.excluded[name] for name in ("dispatched", "dispatched_bytes", "waiting")},
    )
    return added


def _insert(dialect: str) -> Any:  # noqa: ANN401 - two classes without a common base that knows ON CONFLICT
    return sqlite.insert(lanes) if dialect == "sqlite" else postgresql.insert(lanes)
