"""A database with the newest schema: the migrations run once a process, every further one is a copy of what they made."""

import asyncio
import os
import tempfile
from functools import cache
from pathlib import Path

import asyncpg
from sqlalchemy.engine import URL, make_url

from docaxis.backends.migrate import upgrade

TEMPLATE = f"docaxis_template_{os.getpid()}"


async def newest(database_url: str) -> None:
    """Make the newest schema in a fresh database, as `upgrade` does; what is in it is lost.

    Raises FileExistsError for a SQLite file that is there already.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        await asyncio.to_thread(_make_sqlite, Path(str(url.database)))
        return
    connection = await asyncpg.connect(_plain(url.set(database="postgres")), ssl=False)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE):
            await connection.execute(f"CREATE DATABASE {TEMPLATE}")
            await upgrade(_shown(url.set(database=TEMPLATE)))
        await connection.execute(f'DROP DATABASE "{url.database}"')
        await connection.execute(f'CREATE DATABASE "{url.database}" TEMPLATE {TEMPLATE}')
    finally:
        await connection.close()


def _make_sqlite(file: Path) -> None:
    # One that is there already has something in it.
    with file.open("xb") as made:
        made.write(_sqlite_file())


@cache
def _sqlite_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "docaxis.db"
        asyncio.run(upgrade(f"sqlite+aiosqlite:///{file}"))
        # All is in the one file: the last who closes it takes the write-ahead log in.
        assert list(Path(folder).iterdir()) == [file]
        return file.read_bytes()


def _plain(url: URL) -> str:
    return _shown(url.set(drivername="postgresql"))


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=False)
