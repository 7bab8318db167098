"""A store on a fresh database, once on SQLite and once on PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from docaxis.backends.database import Database
from docaxis.backends.store import SqlStore
from tests.integration.flow_hub import FlowHub
from tests.schema import newest
from tests.simulator import Country


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The writing engine on a migrated database."""
    await newest(database_url)
    opened = Database(database_url, pool_size=10)
    yield opened
    await opened.close()


@pytest.fixture
def store(database: Database) -> SqlStore:
    """The writing half of the audit store."""
    return SqlStore(database)


@pytest.fixture(scope="session")
def flow_country() -> Country:
    """Agencies that sign, made once."""
    return Country()


@pytest.fixture
def hub(flow_country: Country, database: Database, store: SqlStore) -> FlowHub:
    """A hub reduced to its one transaction, on a fresh database."""
    return FlowHub(flow_country, database, store)
