"""Brings a database to the newest schema, from code: no alembic.ini, no checkout."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from docaxis.backends.engine import RaceLost, async_url, prepare_sqlite, translated_errors
from docaxis.hub.ports import StoreRefused, StoreUnavailable

T = TypeVar("T")

# Any number will do, so long as no other program uses it on the same database; PostgreSQL's advisory lock wants one.
_LOCK_KEY = 0x646F6361786973


def head() -> str:
    """Return the newest revision that this program knows."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise AssertionError
    return revision


async def current(url: str) -> str | None:
    """Return the revision of the database, None when it is empty; raises StoreUnavailable when it cannot be reached."""
    return await with_connection(url, lambda connection: MigrationContext.configure(connection).get_current_revision())


async def upgrade(url: str, revision: str = "head") -> None:
    """Bring the schema to the revision; several callers at once are safe; raises StoreUnavailable, StoreRefused."""

    def run(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
        config = _config()
        found = MigrationContext.configure(connection).get_current_revision()
        known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
        if found is not None and found not in known:
            raise StoreRefused(f"the database has schema {found}, of a newer version; this one knows {head()}")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    await with_connection(url, run)


def _config() -> Config:
    config = Config()
    # alembic reads `%` in options as interpolation, and a checkout's path may hold one.
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    return config


async def with_connection(url: str, work: Callable[[Connection], T]) -> T:
    """Do synchronous work in one transaction of its own connection; raises StoreUnavailable, StoreRefused."""
    address = async_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        # A first start needs no preparation.
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(address, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine, writes=True)
    try:
        async with translated_errors(), engine.begin() as connection:
            return await connection.run_sync(work)
    except RaceLost as error:
        raise StoreUnavailable(str(error)) from error
    finally:
        await engine.dispose()
