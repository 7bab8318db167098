"""Engines for both databases: how a connection is opened, and which errors mean that it cannot be used now."""

import errno
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Connection, event, exc, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from docaxis.config import ConfigError, read_password
from docaxis.hub.ports import StoreRefused, StoreUnavailable

CONNECT_TIMEOUT_S = 10.0
STATEMENT_TIMEOUT_S = 30.0
BUSY_TIMEOUT_S = 15.0

_ASYNC_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}

# Classes of SQLSTATE that pass by themselves or by an operator's hand: connection, login, resources, intervention,
# system; 25006 is a primary that became a standby, 55P03 a lock not to be had. A login fails while a password is changed.
_UNAVAILABLE_STATES = ("08", "28", "53", "57", "58", "25006", "55P03")
# What passes once a disk has room again or is mended; all else about a file (no folder, no right) is for a person.
_DISK_TROUBLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
# Serialization failure, deadlock, and a key that another transaction wrote first.
_RACE_STATES = ("40001", "40P01", "23505")

# Every statement of the writer finds its rows by key. The planner would scan a table that was empty when the
# statement was prepared and has grown since; until the first autovacuum that costs more than all the rest.
_WRITER_SETTINGS = {"jit": "off", "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
# A question of the pages has few or a million rows behind it, as its values say: a plan for any value, which the server
# goes over to after five uses, once took 4 s where the plan for these values takes 60 ms. To plan costs some 2 ms.
_READER_SETTINGS = {"jit": "off", "default_transaction_read_only": "on", "plan_cache_mode": "force_custom_plan"}


class RaceLost(Exception):
    """Another transaction was first; what was read before it no longer holds."""


def async_url(url: str) -> URL:
    """Return the URL with its asynchronous driver: `sqlite:///…` and `postgresql://…` are enough in a configuration."""
    parsed = make_url(url)
    return parsed.set(drivername=_ASYNC_DRIVERS.get(parsed.drivername, parsed.drivername))


def open_writer(url: str, pool_size: int = 5, password_file: Path | None = None) -> AsyncEngine:
    """Open the engine of the writing half; on SQLite one connection, so that writers queue here in order.

    password_file is read at each new connection (PostgreSQL); without one the URL's own password counts.
    """
    return _open(url, pool_size, _WRITER_SETTINGS, password_file, writes=True)


def open_reader(url: str, pool_size: int = 5) -> AsyncEngine:
    """Open an engine that cannot write, whatever its role may."""
    return _open(url, pool_size, _READER_SETTINGS, writes=False)


def _open(
    url: str, pool_size: int, settings: dict[str, str], password_file: Path | None = None, *, writes: bool
) -> AsyncEngine:
    target = async_url(url)
    if target.get_backend_name() == "sqlite":
        engine = create_async_engine(
            target,
            pool_size=1 if writes else pool_size,
            max_overflow=0,
            pool_timeout=STATEMENT_TIMEOUT_S,
            connect_args={"timeout": BUSY_TIMEOUT_S},
        )
        prepare_sqlite(engine, writes=writes)
        return engine
    return create_async_engine(
        target,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=STATEMENT_TIMEOUT_S,
        connect_args={
            "timeout": CONNECT_TIMEOUT_S,
            "command_timeout": STATEMENT_TIMEOUT_S,
            "server_settings": {"application_name": "docaxis", **settings},
            **({"password": partial(_password_of, password_file)} if password_file else {}),
        },
    )


def _password_of(file: Path) -> str:
    try:
        return read_password(file)
    except ConfigError as error:
        # As if the server could not be reached: the file is being replaced, or an operator will mend it.
        raise OSError(str(error)) from None


def prepare_sqlite(engine: AsyncEngine, *, writes: bool) -> None:
    """Take transactions into our own hands, as SQLAlchemy's documentation of pysqlite says."""

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        del entry
        connection.isolation_level = None  # the driver must not begin transactions on its own
        cursor = connection.cursor()
        if writes:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")  # NORMAL may lose the last commits at a power cut
            cursor.execute("PRAGMA foreign_keys=ON")
        else:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE: a reader that turns writer half-way gets SQLITE_BUSY at once, whatever the time-out.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class StoreTaken(StoreUnavailable):
    """Another hub process has the SQLite file: no use in waiting."""


class SingleProcessLock:
    """The right of one hub process to an SQLite file, held until `release` or the end of the process."""

    def __init__(self, url: str) -> None:
        """Take the lock beside the database file (none for PostgreSQL).

        Raises StoreTaken when another process has it, StoreUnavailable while the disk is full, read-only or broken.
        """
        target = async_url(url)
        self._descriptor: int | None = None
        if target.get_backend_name() != "sqlite" or target.database in (None, "", ":memory:"):
            return
        path = Path(f"{target.database}.lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            if error.errno in _DISK_TROUBLE:
                raise StoreUnavailable(f"{path}: {error.strerror}") from error
            raise
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            message = (
                f"another hub process is using {target.database}; SQLite carries one: "
                "stop the other, or move the store to PostgreSQL"
            )
            raise StoreTaken(message) from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the right back; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@asynccontextmanager
async def translated_errors() -> AsyncIterator[None]:
    """Let no library's error out: StoreUnavailable to wait, RaceLost to begin again, StoreRefused for our own fault."""
    try:
        yield
    except (exc.TimeoutError, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _translated(error) from error
    except exc.DBAPIError as error:
        raise _translated(error.orig or error, dropped=error.connection_invalidated) from error
    except exc.SQLAlchemyError as error:
        raise StoreRefused(str(error)) from error


def _translated(error: BaseException, *, dropped: bool = False) -> Exception:
    state = getattr(error, "sqlstate", None) or ""
    text = f"{type(error).__name__}: {error}"
    if state in _RACE_STATES or "UNIQUE constraint failed" in text:
        return RaceLost(text)
    if isinstance(error, ValueError):  # asyncpg's DataError, which it counts among the interface errors
        return StoreRefused(text)
    if dropped or isinstance(error, exc.TimeoutError | OSError | TimeoutError | asyncpg.InterfaceError):
        return StoreUnavailable(text)
    if state.startswith(_UNAVAILABLE_STATES) or (not state and _is_operational(error)):
        return StoreUnavailable(text)
    return StoreRefused(text)


def _is_operational(error: BaseException) -> bool:
    """Tell whether SQLite says that the file cannot be used now: locked, full, unreadable."""
    words: Any = str(error)
    return any(word in words for word in ("locked", "full", "disk I/O", "unable to open", "readonly", "malformed"))
