"""The schema comes from the migrations alone, and is what the tables say."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from docaxis.backends import migrate, tables
from docaxis.backends.columns import metadata
from docaxis.backends.database import Database
from docaxis.backends.migrate import current, head, upgrade
from docaxis.backends.store import SqlStore
from docaxis.hub.ports import StoreRefused, StoreUnavailable
from tests.integration.store_rows import composer, document_key


def revisions() -> list[str]:
    """Return all revisions, oldest first."""
    script = ScriptDirectory.from_config(migrate._config())
    return [revision.revision for revision in script.walk_revisions()][::-1]


async def test_an_empty_database_comes_to_the_head(database_url: str) -> None:
    assert await current(database_url) is None
    await upgrade(database_url)
    assert await current(database_url) == head()
    await upgrade(database_url)
    assert await current(database_url) == head()


async def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    def difference(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))

    async with database.engine.begin() as connection:
        assert await connection.run_sync(difference) == []


async def test_keys_are_in_the_order_of_the_tables(database: Database) -> None:
    """What alembic does not compare."""

    def keys(connection: Connection) -> dict[str, list[str]]:
        inspector = inspect(connection)
        return {name: inspector.get_pk_constraint(name)["constrained_columns"] for name in metadata.tables}

    async with database.engine.begin() as connection:
        found = await connection.run_sync(keys)
    assert found == {name: list(table.primary_key.columns.keys()) for name, table in metadata.tables.items()}


async def test_every_revision_leads_to_the_next(database_url: str) -> None:
    for revision in revisions():
        await upgrade(database_url, revision)
        assert await current(database_url) == revision
    assert revisions()[-1] == head()


async def test_rows_live_through_the_newest_revision(database_url: str) -> None:
    """From the head before, with its rows where it has the tables for them."""
    before = revisions()[-2]
    await upgrade(database_url, before)
    database = Database(database_url)
    key = document_key("VB-1")
    await SqlStore(database).commit([key], composer([key]))
    await upgrade(database_url)
    again = await SqlStore(database).commit([key], composer([key]))
    assert again.submissions == []
    await database.close()


async def test_schema_of_a_newer_version_is_refused_in_plain_words(database: Database, database_url: str) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreRefused, match="schema 9999, of a newer version"):
        await upgrade(database_url)


async def test_several_processes_may_upgrade_at_once(database_url: str) -> None:
    await asyncio.gather(*(upgrade(database_url) for _ in range(4)))
    assert await current(database_url) == head()


async def test_indexes_and_keys_are_named_alike_on_both_databases(database: Database) -> None:
    def names(connection: Connection) -> set[str | None]:
        return {index["name"] for index in inspect(connection).get_indexes("deliveries")}

    async with database.engine.begin() as connection:
        found = await connection.run_sync(names)
    assert found == {index.name for index in tables.deliveries.indexes}


async def test_a_server_that_is_not_there_is_said_so() -> None:
    with pytest.raises(StoreUnavailable):
        await upgrade("postgresql://nobody@127.0.0.1:1/none")
