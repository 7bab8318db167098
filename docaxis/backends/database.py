"""One database under the store: transactions that are tried again after a lost race, with errors of our own only."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from docaxis.backends.bulk import Bulk, bulk_for
from docaxis.backends.engine import SingleProcessLock, open_writer
from docaxis.backends.tables import events, log_pending
from docaxis.backends.transactions import in_transaction
from docaxis.hub.ports import StoreUnavailable
from docaxis.hub.rows import EventRow

T = TypeVar("T")


class Database:
    """The writing engine with its way of bulk writing."""

    def __init__(self, url: str, *, pool_size: int = 5, alone: bool = False, password_file: Path | None = None) -> None:
        """Open the engine; connects at first use, each time with the password that password_file then holds.

        `alone` claims an SQLite file for this process and raises StoreUnavailable when another process has claimed it.
        """
        self._lock = SingleProcessLock(url) if alone else None
        self.engine: AsyncEngine = open_writer(url, pool_size, password_file)
        self.dialect: str = self.engine.dialect.name
        self.bulk: Bulk = bulk_for(self.dialect)
        self.unavailable = 0
        """How many transactions failed because the database could not be used; it only grows."""

    async def close(self) -> None:
        """Close every connection and give up the claim."""
        await self.engine.dispose()
        if self._lock is not None:
            self._lock.release()

    async def run(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Do the work in one transaction; see `in_transaction`."""
        try:
            return await in_transaction(self.engine, work)
        except StoreUnavailable:
            self.unavailable += 1
            raise

    async def begin(self, connection: AsyncConnection) -> None:
        """Begin the transaction where a bulk statement would be the first: SQLAlchemy begins with its own first one."""
        await connection.execute(text("SELECT 1"))

    async def record(self, connection: AsyncConnection, rows: Sequence[EventRow]) -> None:
        """Write events and queue them for their place in the log; a statement must have been run before."""
        await self.bulk.insert(connection, events, rows)
        await self.bulk.insert(connection, log_pending, [(row.event_id,) for row in rows])

    async def record_alone(self, event: EventRow) -> None:
        """Write one event in a transaction of its own; raises StoreUnavailable."""

        async def work(connection: AsyncConnection) -> None:
            await self.begin(connection)
            await self.record(connection, [event])

        await self.run(work)

    async def commit_lazily(self, connection: AsyncConnection) -> None:
        """Let this commit return before it is on the disk (PostgreSQL); for acts that repeat by themselves."""
        if self.dialect == "postgresql":
            await connection.execute(text("SET LOCAL synchronous_commit = off"))
