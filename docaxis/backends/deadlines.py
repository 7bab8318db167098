"""Deadlines that have come: taken, judged with their documents and written about in one transaction (`DeadlineStore`)."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Delete,
    Select,
    SmallInteger,
    Text,
    Uuid,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.commit import CommitBatch
from docaxis.backends.covered import is_covered
from docaxis.backends.database import Database
from docaxis.backends.flow_tables import attendance, deadlines, links, misses
from docaxis.backends.lane_counts import LaneCounts
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import deliveries, documents
from docaxis.domain.lateness import Copy, Interval
from docaxis.domain.status import ANSWERED
from docaxis.hub.deadlines import Judge
from docaxis.hub.overdue import DueDocument, Noticed

GAP = timedelta(seconds=15)
"""Attendance that goes on so soon is one interval: a restart is no absence."""
REPLIES = frozenset({"reply", "reply-reminder"})


class SqlDeadlines:
    """On SQLite and PostgreSQL; the statements are built once for a dialect."""

    def __init__(self, database: Database) -> None:
        """Build the statements."""
        self._database = database
        self._commit = CommitBatch(database, LaneCounts(database.dialect))
        self._copies = _copies(database.dialect)
        self._replies = _replies(database.dialect)
        done = rowset(database.dialect, {"document_key": Uuid(), "kind": Text()})
        looked_at = select(done.c.document_key, done.c.kind)
        self._done = delete(deadlines).where(tuple_(deadlines.c.document_key, deadlines.c.kind).in_(looked_at))

    async def look(self, now: datetime, limit: int, passed_over: Collection[UUID], judge: Judge) -> tuple[int, Noticed]:
        """Take at most so many that have come, longest due first; see `hub.deadlines.DeadlineStore`."""

        async def work(connection: AsyncConnection) -> tuple[int, Noticed]:
            taken = (await connection.execute(_due(now, limit, passed_over))).all()
            if not taken:
                return 0, Noticed()
            dues = await self._load(connection, taken)
            noticed = judge(dues, await _present(connection, taken, now))
            known = {due.document_key for due in dues}
            noticed.done += [(row.document_key, row.kind) for row in taken if row.document_key not in known]
            await self._write(connection, noticed)
            return len(taken), noticed

        return await self._database.run(work)

    async def clear(self, before: datetime, limit: int) -> int:
        """Delete duties to answer, due by then, that every addressee has done; see `hub.deadlines.DeadlineStore`."""

        async def work(connection: AsyncConnection) -> int:
            await self._database.commit_lazily(connection)
            return (await connection.execute(_clear(before, limit))).rowcount

        return await self._database.run(work)

    async def attend(self, now: datetime) -> None:
        """Extend the interval that reaches to this moment, or begin one."""

        async def work(connection: AsyncConnection) -> None:
            await self._database.commit_lazily(connection)
            # Also where another process, whose clock is a little ahead, has been faster.
            going_on = attendance.c.until.between(now - GAP, now + GAP)
            latest = select(func.max(attendance.c.since)).where(going_on).scalar_subquery()
            at = literal(now, attendance.c.until.type)
            until = case((attendance.c.until > at, attendance.c.until), else_=at)
            extended = await connection.execute(
                update(attendance).where(attendance.c.since == latest).values(until=until)
            )
            if not extended.rowcount:
                make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
                await connection.execute(make(attendance).values(since=now, until=now).on_conflict_do_nothing())

        await self._database.run(work)

    async def _load(self, connection: AsyncConnection, taken: Sequence[Any]) -> list[DueDocument]:
        keys = sorted({row.document_key for row in taken})
        found = await connection.execute(select(*_DOCUMENT).where(documents.c.document_key.in_(keys)))
        named = {row.document_key: row for row in found}
        replied: dict[UUID, set[str]] = {}
        if answered := {row.document_key for row in taken if row.kind in REPLIES}:
            for row in await connection.execute(self._replies, json_rows((key,) for key in sorted(answered))):
                replied.setdefault(row.target_key, set()).add(row.sender)
        copies: dict[UUID, list[Copy]] = {}
        every = {row.document_key for row in taken if row.kind != "receipt"}
        wanted = json_rows((key, int(key in every)) for key in keys)
        for row in await connection.execute(self._copies, wanted):
            by = replied.get(row.document_key, ())
            copy = Copy(row.organ_id, row.endpoint, row.transport, row.statuses, row.organ_id in by)
            copies.setdefault(row.document_key, []).append(copy)
        return [
            DueDocument(
                row.document_key,
                row.kind,
                row.start_at,
                row.due_at,
                document.sender,
                document.document_id,
                document.endpoint,
                document.state,
                tuple(copies.get(row.document_key, ())),
            )
            for row in taken
            if (document := named.get(row.document_key)) is not None
        ]

    async def _write(self, connection: AsyncConnection, noticed: Noticed) -> None:
        await self._database.bulk.insert_new(connection, misses, sorted(noticed.misses))
        if noticed.done:
            await connection.execute(self._done, json_rows(noticed.done))
        # Last: it ends with the lanes, which every transaction touches last.
        await self._commit.write(connection, noticed.batch)


_DOCUMENT = (
    documents.c.document_key,
    documents.c.sender,
    documents.c.document_id,
    documents.c.endpoint,
    documents.c.state,
)


def _due(now: datetime, limit: int, passed_over: Collection[UUID]) -> Select[Any]:
    rows = select(deadlines).where(deadlines.c.due_at <= now).order_by(deadlines.c.due_at).limit(limit)
    if passed_over:
        rows = rows.where(deadlines.c.document_key.not_in(sorted(passed_over)))
    return rows.with_for_update(skip_locked=True)


def _clear(before: datetime, limit: int) -> Delete:
    # What `domain.lateness` would find without fault: nobody is left who has the copy, or may get it, and is silent.
    silent = exists().where(
        deliveries.c.document_key == deadlines.c.document_key,
        deliveries.c.statuses.bitwise_and(ANSWERED) == 0,
        deliveries.c.state.in_(("waiting", "dispatched")),
    )
    done = (
        select(deadlines.c.document_key)
        .where(deadlines.c.kind == "receipt", deadlines.c.due_at <= before, ~silent)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return delete(deadlines).where(deadlines.c.kind == "receipt", deadlines.c.document_key.in_(done))


async def _present(connection: AsyncConnection, taken: Sequence[Any], now: datetime) -> list[Interval]:
    """Return the attendance within the windows of these deadlines; the interval that goes on reaches to now."""
    first, last = min(row.start_at for row in taken), max(row.due_at for row in taken)
    rows = select(attendance).where(attendance.c.until >= first, attendance.c.since <= last)
    return [(row.since, now if row.until >= now - GAP else row.until) for row in await connection.execute(rows)]


def _copies(dialect: str) -> Select[Any]:
    """Select the copies of documents as `timeline` does; unless `every` is 1, only those that nobody has answered for."""
    wanted = rowset(dialect, {"document_key": Uuid(), "every": SmallInteger()})
    fetched = and_(deliveries.c.state == "dispatched", is_covered())
    return (
        select(
            deliveries.c.document_key,
            deliveries.c.organ_id,
            deliveries.c.endpoint,
            case((fetched, "fetched"), else_=deliveries.c.state).label("transport"),
            deliveries.c.statuses,
        )
        .join(wanted, wanted.c.document_key == deliveries.c.document_key)
        .where(or_(wanted.c.every == 1, deliveries.c.statuses.bitwise_and(ANSWERED) == 0))
        .order_by(deliveries.c.document_key, deliveries.c.organ_id)
    )


def _replies(dialect: str) -> Select[Any]:
    """Select who has answered these documents with one of its own."""
    wanted = rowset(dialect, {"document_key": Uuid()})
    return (
        select(links.c.target_key, documents.c.sender)
        .join(wanted, wanted.c.document_key == links.c.target_key)
        .join(documents, documents.c.document_key == links.c.document_key)
        .where(links.c.kind == "reply")
    )
