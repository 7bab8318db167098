"""Transport acknowledgements as ranges of sequence numbers: what is new in them, and what that frees in the window.

The ranges of one endpoint and lane never overlap, and cover only sequence numbers of copies that were dispatched: what
nobody sent cannot have been fetched, however wide a client's range is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    func,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from docaxis.backends.database import Database
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import deliveries, fetch_ranges, lanes
from docaxis.hub.ports import FetchRange

JOIN_WITHIN = timedelta(seconds=1)
"""An acknowledgement that follows its neighbour so soon extends it: a moment of fetching is true to this."""

Lane = tuple[str, str]


class Run(NamedTuple):
    """New sequence numbers in a row, with their copies and bytes."""

    endpoint: str
    lane: str
    first: int
    last: int
    copies: int
    size_bytes: int


class FetchedRanges:
    """The statements, built once for a dialect."""

    def __init__(self, database: Database) -> None:
        """Build the statements."""
        self._database = database
        self._locked = _locked(database.dialect)
        self._nearby = _nearby(database.dialect)
        self._runs = _runs(database.dialect)
        self._count = _count(database.dialect)

    async def add(
        self, connection: AsyncConnection, ranges: Sequence[FetchRange], at: datetime
    ) -> Sequence[FetchRange]:
        """Record acknowledgements; returns the parts that were new."""
        asked = _joined(ranges)
        lanes_asked = sorted({(part.endpoint, part.lane) for part in asked})
        locked = await connection.execute(self._locked, json_rows(lanes_asked))
        known = {(row.endpoint, row.lane) for row in locked}
        asked = [part for part in asked if (part.endpoint, part.lane) in known]
        if not asked:
            return ()
        held: dict[Lane, list[Any]] = {}
        for row in await connection.execute(self._nearby, json_rows(asked)):
            held.setdefault((row.endpoint, row.lane), []).append(row)
        uncovered = [part for whole in asked for part in _subtract(whole, held.get((whole.endpoint, whole.lane), ()))]
        if not uncovered:
            return ()
        runs = sorted(Run(*row) for row in await connection.execute(self._runs, json_rows(uncovered)))
        if not runs:
            return ()
        await self._keep(connection, runs, held, at)
        sums: dict[Lane, tuple[int, int]] = {}
        for run in runs:
            copies, size_bytes = sums.get((run.endpoint, run.lane), (0, 0))
            sums[run.endpoint, run.lane] = (copies + run.copies, size_bytes + int(run.size_bytes))
        await connection.execute(self._count, json_rows((*lane, *counts) for lane, counts in sorted(sums.items())))
        return tuple(FetchRange(run.endpoint, run.lane, run.first, run.last) for run in runs)

    async def _keep(
        self, connection: AsyncConnection, runs: Sequence[Run], held: Mapping[Lane, Sequence[Any]], at: datetime
    ) -> None:
        """Insert the runs, or extend the range that ends right before one and is as good as of the same moment."""
        rows = []
        for run in runs:
            before = next((row for row in held.get((run.endpoint, run.lane), ()) if row.last == run.first - 1), None)
            if before is not None and timedelta(0) <= at - before.fetched_at <= JOIN_WITHIN:
                values = {"of": run.endpoint, "on": run.lane, "from": before.first, "to": run.last}
                await connection.execute(_EXTEND, values)
            else:
                rows.append((run.endpoint, run.lane, run.first, run.last, at))
        await self._database.bulk.insert(connection, fetch_ranges, rows)


class _Part(NamedTuple):
    endpoint: str
    lane: str
    first: int
    last: int


_EXTEND = (
    update(fetch_ranges)
    .where(
        fetch_ranges.c.endpoint == bindparam("of"),
        fetch_ranges.c.lane == bindparam("on"),
        fetch_ranges.c.first_sequence == bindparam("from"),
    )
    .values(last_sequence=bindparam("to"))
)


def _joined(ranges: Iterable[FetchRange]) -> list[_Part]:
    """Return the same numbers as sorted parts that neither touch nor overlap, from 1 up; empty ranges fall out."""
    parts: list[_Part] = []
    for item in sorted((r.endpoint, r.lane, max(r.first, 1), r.last) for r in ranges):
        part = _Part(*item)
        if part.last < part.first:
            continue
        before = parts[-1] if parts else None
        if before is not None and before[:2] == part[:2] and part.first <= before.last + 1:
            parts[-1] = before._replace(last=max(before.last, part.last))
        else:
            parts.append(part)
    return parts


def _subtract(whole: _Part, covered: Iterable[Any]) -> list[_Part]:
    """Return what is left of a part without the ranges."""
    left = []
    first = whole.first
    for row in sorted(covered, key=lambda row: row.first):
        if row.last < first or row.first > whole.last:
            continue
        if row.first > first:
            left.append(whole._replace(first=first, last=row.first - 1))
        first = row.last + 1
    if first <= whole.last:
        left.append(whole._replace(first=first))
    return left


_BOUNDS: dict[str, TypeEngine[Any]] = {"endpoint": Text(), "lane": Text(), "first": BigInteger(), "last": BigInteger()}


def _locked(dialect: str) -> Select[Any]:
    wanted = rowset(dialect, {"endpoint": Text(), "lane": Text()})
    return (
        select(lanes.c.endpoint, lanes.c.lane)
        .join(wanted, and_(lanes.c.endpoint == wanted.c.endpoint, lanes.c.lane == wanted.c.lane))
        .order_by(lanes.c.endpoint, lanes.c.lane)
        .with_for_update(of=lanes)
    )


def _nearby(dialect: str) -> CompoundSelect[Any]:
    """Select the ranges that begin within a part, and the last one that begins before it: no others can overlap it."""
    wanted = rowset(dialect, _BOUNDS)
    columns = (
        fetch_ranges.c.endpoint,
        fetch_ranges.c.lane,
        fetch_ranges.c.first_sequence.label("first"),
        fetch_ranges.c.last_sequence.label("last"),
        fetch_ranges.c.fetched_at,
    )
    same_lane = and_(fetch_ranges.c.endpoint == wanted.c.endpoint, fetch_ranges.c.lane == wanted.c.lane)
    earlier = fetch_ranges.alias("earlier")
    nearest = (
        select(func.max(earlier.c.first_sequence))
        .where(
            earlier.c.endpoint == wanted.c.endpoint,
            earlier.c.lane == wanted.c.lane,
            earlier.c.first_sequence < wanted.c.first,
        )
        .scalar_subquery()
    )
    within = fetch_ranges.c.first_sequence.between(wanted.c.first, wanted.c.last)
    return union_all(
        select(*columns).join(wanted, and_(same_lane, within)),
        select(*columns).join(wanted, and_(same_lane, fetch_ranges.c.first_sequence == nearest)),
    )


def _runs(dialect: str) -> Select[Any]:
    """Select the dispatched copies of the parts as runs: within one, sequence minus row number stays the same."""
    wanted = rowset(dialect, _BOUNDS)
    copies = (
        select(
            deliveries.c.endpoint,
            deliveries.c.lane,
            deliveries.c.sequence,
            func.max(deliveries.c.size_bytes).label("size_bytes"),
        )
        .join(
            wanted,
            and_(
                deliveries.c.endpoint == wanted.c.endpoint,
                deliveries.c.lane == wanted.c.lane,
                deliveries.c.sequence.between(wanted.c.first, wanted.c.last),
            ),
        )
        .where(deliveries.c.state == "dispatched")
        .group_by(deliveries.c.endpoint, deliveries.c.lane, deliveries.c.sequence)
        .subquery("copies")
    )
    number = func.row_number().over(partition_by=(copies.c.endpoint, copies.c.lane), order_by=copies.c.sequence)
    numbered = select(copies, (copies.c.sequence - number).label("island")).subquery("numbered")
    return select(
        numbered.c.endpoint,
        numbered.c.lane,
        func.min(numbered.c.sequence),
        func.max(numbered.c.sequence),
        func.count(),
        func.sum(numbered.c.size_bytes),
    ).group_by(numbered.c.endpoint, numbered.c.lane, numbered.c.island)


def _count(dialect: str) -> Update:
    wanted = rowset(dialect, {"endpoint": Text(), "lane": Text(), "copies": BigInteger(), "size_bytes": BigInteger()})
    mine = and_(wanted.c.endpoint == lanes.c.endpoint, wanted.c.lane == lanes.c.lane)
    keys = select(wanted.c.endpoint, wanted.c.lane)
    return (
        update(lanes)
        .where(tuple_(lanes.c.endpoint, lanes.c.lane).in_(keys))
        .values(
            fetched=lanes.c.fetched + select(wanted.c.copies).where(mine).scalar_subquery(),
            fetched_bytes=lanes.c.fetched_bytes + select(wanted.c.size_bytes).where(mine).scalar_subquery(),
        )
    )
