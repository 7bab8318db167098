"""The database goes away, is cut in the middle, or is taken twice: one typed error, and the same call works later."""

import asyncio
import errno
import os
import secrets
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select, text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection

from docaxis.backends import tables
from docaxis.backends.database import Database
from docaxis.backends.engine import StoreTaken
from docaxis.backends.store import SqlStore
from docaxis.hub.ports import Known, StoreUnavailable
from docaxis.hub.rows import Batch
from docaxis.local.postgres import PrivatePostgres
from tests.integration.store_rows import composer, document_key
from tests.schema import newest


@pytest.fixture
async def postgres_database(postgres_dsn: str) -> AsyncIterator[Database]:
    await newest(postgres_dsn)
    database = Database(postgres_dsn, pool_size=4)
    yield database
    await database.close()


async def count(database: Database, table) -> int:
    async with database.engine.begin() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreUnavailable):
        await SqlStore(database).loads()
    await database.close()


@pytest.mark.postgres
async def test_a_cut_before_the_commit_writes_nothing_and_the_next_try_works(
    postgres_database: Database, postgres: PrivatePostgres
) -> None:
    store = SqlStore(postgres_database)
    key = document_key("VB-1")
    name = postgres_database.engine.url.database

    def compose_and_cut(known: Sequence[Known]) -> Batch:
        postgres.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608
        return composer([key])(known)

    # Several connections in the pool, all of which die.
    await asyncio.gather(*(store.loads() for _ in range(4)))
    with pytest.raises(StoreUnavailable):
        await store.commit([key], compose_and_cut)
    batch = await store.commit([key], composer([key]))
    assert len(batch.documents) == 1
    await asyncio.gather(*(store.loads() for _ in range(4)))
    assert await count(postgres_database, tables.submissions) == 1


@pytest.mark.postgres
async def test_an_answer_lost_after_the_commit_is_found_by_the_next_try(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqlStore(postgres_database)
    key = document_key("VB-1")
    await store.loads()
    really_commit = AsyncAdapt_asyncpg_connection.commit

    def commit_and_lose_the_answer(self: AsyncAdapt_asyncpg_connection) -> None:
        really_commit(self)
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(AsyncAdapt_asyncpg_connection, "commit", commit_and_lose_the_answer)
        with pytest.raises(StoreUnavailable):
            await store.commit([key], composer([key]))
    again = await store.commit([key], composer([key]))
    assert not again.submissions
    assert not again.events
    assert await count(postgres_database, tables.events) == 1


@pytest.mark.postgres
async def test_a_statement_that_hangs_ends_by_itself(postgres_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docaxis.backends.engine.STATEMENT_TIMEOUT_S", 1.0)
    await newest(postgres_dsn)
    database, other = Database(postgres_dsn), Database(postgres_dsn)
    key = document_key("VB-1")
    async with other.engine.begin() as connection:
        await connection.execute(text("LOCK TABLE submissions IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(StoreUnavailable):
            await SqlStore(database).commit([key], composer([key]))
    assert len((await SqlStore(database).commit([key], composer([key]))).documents) == 1
    await database.close()
    await other.close()


@pytest.mark.postgres
async def test_a_cancelled_commit_leaves_the_connection_usable(postgres_database: Database) -> None:
    store = SqlStore(postgres_database)
    async with postgres_database.engine.connect() as other:
        await other.execute(text("LOCK TABLE documents IN ACCESS EXCLUSIVE MODE"))
        keys = [document_key(f"VB-{i}") for i in range(3)]
        tasks = [asyncio.create_task(store.commit([key], composer([key]))) for key in keys]
        await asyncio.sleep(0.2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await other.rollback()
    batch = await store.commit(keys, composer(keys))
    assert len(batch.documents) == 3


async def test_two_processes_of_one_sqlite_file_are_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    first = Database(url, alone=True)
    with pytest.raises(StoreUnavailable, match="another hub process"):
        Database(url, alone=True)
    # A command line beside the hub is welcome.
    await Database(url).close()
    await first.close()
    await Database(url, alone=True).close()


async def test_a_disk_that_is_read_only_is_waited_for_and_another_hub_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    url = f"sqlite:///{tmp_path / 'hub.db'}"
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        with pytest.raises(StoreUnavailable, match="Read-only") as raised:
            Database(url, alone=True)
    assert not isinstance(raised.value, StoreTaken)
    first = Database(url, alone=True)
    with pytest.raises(StoreTaken):
        Database(url, alone=True)
    await first.close()


@pytest.mark.postgres
async def test_a_changed_password_is_waited_for_and_read_without_a_restart(
    postgres_dsn: str, postgres: PrivatePostgres, tmp_path: Path
) -> None:
    role, file = f"r{secrets.token_hex(6)}", tmp_path / "password"
    postgres.sql(f"CREATE ROLE {role} LOGIN PASSWORD 'first'")
    url = make_url(postgres_dsn).set(username=role, password=None).render_as_string()
    database = Database(url, password_file=file)
    read = text("SELECT current_user")

    async def who() -> str:
        return str(await database.run(lambda connection: connection.scalar(read)))

    try:
        with pytest.raises(StoreUnavailable, match="No such file"):
            await who()
        file.write_text("first\n")
        assert await who() == role
        postgres.sql(f"ALTER ROLE {role} PASSWORD 'second'")
        assert await who() == role, "a connection that is there goes on"
        await database.engine.dispose()
        with pytest.raises(StoreUnavailable, match="password authentication failed"):
            await who()
        file.write_text("second\n")
        assert await who() == role
    finally:
        await database.close()
        postgres.sql(f"DROP ROLE {role}")


async def test_writers_of_one_sqlite_file_wait_for_each_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    await newest(url)
    databases = [Database(url) for _ in range(3)]
    keys = [document_key(f"VB-{i}") for i in range(30)]
    await asyncio.gather(
        *(SqlStore(databases[i % 3]).commit([key], composer([key])) for i, key in enumerate(keys)),
    )
    assert await count(databases[0], tables.documents) == 30
    for database in databases:
        await database.close()


async def test_an_sqlite_file_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'missing' / 'hub.db'}")
    with pytest.raises(StoreUnavailable):
        await SqlStore(database).loads()
    await database.close()
    await asyncio.sleep(0.05)  # aiosqlite's thread still has a word for the loop
