"""A transaction whose task is cancelled leaves nothing behind in the database: no lock, no half of its work."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database

ROUNDS = 16


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database file with one table of pairs."""
    file = tmp_path / "docaxis.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE pairs (half INTEGER)")
    return file


async def _write_pair(connection: AsyncConnection) -> None:
    for half in (1, 2):
        await connection.execute(text("INSERT INTO pairs VALUES (:half)"), {"half": half})
    await connection.execute(text("SELECT count(*) FROM pairs"))


def _halves(file: Path) -> list[int]:
    """Write-lock the file as another process would, at once, and count what was committed of each half."""
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        return [count for (count,) in connection.execute("SELECT count(*) FROM pairs GROUP BY half ORDER BY half")]


@pytest.mark.parametrize("delay_ms", range(ROUNDS))
async def test_the_next_process_can_write_at_once(file: Path, delay_ms: int) -> None:
    database = Database(f"sqlite:///{file}")

    async def write_on() -> None:
        while True:
            await database.run(_write_pair)

    # Two of them: one is in a statement while the other waits for the connection.
    writing = [asyncio.create_task(write_on()) for _ in range(2)]
    await asyncio.sleep(delay_ms / 1000)
    for task in writing:
        task.cancel()
    await asyncio.gather(*writing, return_exceptions=True)
    await database.close()
    assert len(set(await asyncio.to_thread(_halves, file))) <= 1


async def test_a_cancelled_transaction_is_awaited_then_cancelled(file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    begun = asyncio.Event()

    async def slow(connection: AsyncConnection) -> None:
        begun.set()
        await _write_pair(connection)

    task = asyncio.create_task(database.run(slow))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(_halves, file) == [1, 1]
    await database.close()
