"""The one clock of all hub processes: the database's, so that a lease means the same to all whose machines' clocks differ."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, DateTime, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.columns import UtcDateTime
from docaxis.backends.database import Database
from docaxis.hub.rounds import again_and_again

log = structlog.get_logger(__name__)

READ_INTERVAL_S = 5.0
SET_BACK_S = 60.0
"""A lease that ends so much later than one taken now would was taken before the clock was set back."""


def database_time(dialect: str) -> ColumnElement[datetime]:
    """Return the expression for the database's time at the moment of the statement."""
    if dialect == "sqlite":
        return func.strftime("%Y-%m-%d %H:%M:%f000", "now", type_=UtcDateTime())
    return func.clock_timestamp(type_=DateTime(timezone=True))


async def read_time(connection: AsyncConnection) -> datetime:
    """Ask the database for its time."""
    at: datetime = (await connection.execute(select(database_time(connection.dialect.name)))).scalar_one()
    return at


class DatabaseClock:
    """Tells the database's time: read every few seconds, counted on by the process's own monotonic clock in between."""

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Take the database; `read` must have returned once before the clock is asked."""
        self._database = database
        self._monotonic = monotonic
        self._read: tuple[datetime, float] | None = None

    def __call__(self) -> datetime:
        """Return the time, aware, in UTC."""
        if self._read is None:
            raise RuntimeError("the clock was not read yet")
        at, counted = self._read
        return at + timedelta(seconds=self._monotonic() - counted)

    async def read(self) -> None:
        """Set the clock; raises StoreUnavailable."""
        asked = self._monotonic()
        at = await self._database.run(read_time)
        # The database looked at its clock somewhere between question and answer.
        self._read = at, (asked + self._monotonic()) / 2

    async def run(self) -> None:
        """Set it again and again until cancelled; while the database is away it counts on by itself."""
        await asyncio.sleep(READ_INTERVAL_S)
        said = "the database's time not read; counting on"
        await again_and_again(self.read, READ_INTERVAL_S, log, waits=said, failed=said)


def has_run_out(until: ColumnElement[datetime], now: datetime, lease_s: float) -> ColumnElement[bool]:
    """Whether a lease of about this length has run out, or ends so late that the clock must have been set back since."""
    return or_(until <= now, until > now + timedelta(seconds=lease_s + SET_BACK_S))
