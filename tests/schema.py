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
    """Bring a fresh, empty database to the newest schema, as `upgrade` does."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        await asyncio.to_thread(lambda: Path(str(url.database)).write_bytes(_sqlite_file()))
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
