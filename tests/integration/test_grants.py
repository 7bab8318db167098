"""The two roles of a PostgreSQL store do all that their half needs, and cannot touch what is past."""

import secrets
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import insert, make_url, select, text
from sqlalchemy.exc import DBAPIError

from docaxis.backends.database import Database
from docaxis.backends.deadlines import SqlDeadlines
from docaxis.backends.flow_tables import deadlines
from docaxis.backends.grants import grant
from docaxis.backends.leases import SEQUENCER_LEASE
from docaxis.backends.migrate import upgrade
from docaxis.backends.queries import Queries
from docaxis.backends.registry import Registry
from docaxis.backends.store import SqlStore
from docaxis.backends.subscriptions import SqlSubscriptions
from docaxis.backends.tables import documents
from docaxis.domain.organ import Agency
from docaxis.hub.overdue import Noticed
from docaxis.hub.ports import FetchRange
from docaxis.hub.rows import Batch
from docaxis.local.postgres import PrivatePostgres
from tests.integration.store_rows import NOW, composer, document_key, event_row

pytestmark = pytest.mark.postgres


@pytest.fixture
async def roles(postgres: PrivatePostgres, postgres_dsn: str) -> AsyncIterator[tuple[str, str]]:
    """The addresses of a writer and a reader that own nothing."""
    names = [f"{half}-{secrets.token_hex(4)}" for half in ("writer", "reader")]
    for name in names:
        postgres.sql(f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'x'")
    await upgrade(postgres_dsn)
    for _ in range(2):
        await grant(postgres_dsn, *names)
    url = make_url(postgres_dsn)
    writer, reader = (url.set(username=name, password="x").render_as_string(hide_password=False) for name in names)
    yield writer, reader
    database = url.database or ""
    for name in names:
        postgres.sql(f'DROP OWNED BY "{name}"', database)
        postgres.sql(f'DROP ROLE "{name}"')


async def test_each_half_works_with_its_own_role(roles: tuple[str, str]) -> None:
    writer, reader = roles
    database, queries = Database(writer), Queries(reader)
    store, registry = SqlStore(database), Registry(database.engine)
    key = document_key("VB-1")
    waiting = document_key("VB-2")
    batch = await store.commit([key], composer([key]))
    await store.commit([waiting], composer([waiting], state="waiting", endpoints=("west",)))
    await store.published([batch.outbox[0].outbox_id], event_row())
    await store.fetched([FetchRange("south", "normal", 1, 1)], NOW, lambda _: event_row())
    await store.release_waiting("hub-1", NOW, 30, "west", 1, 1)
    await store.quarantine("ingress", "north", "m", b"x", "crashed", event_row())
    await store.take_deferred(NOW, 30, 10)
    fence = await store.take_lease(SEQUENCER_LEASE, "hub-1", NOW, 10)
    assert fence is not None
    assert await store.append_log(fence, 10) == 5
    await registry.add_endpoint("north", "Tỉnh", NOW)
    await registry.renew_token("north")
    subscriptions = SqlSubscriptions(database)
    told = await subscriptions.add(uuid4(), "north", "amqp", "", NOW, from_start=True)
    assert await subscriptions.told(told, 5)
    assert await subscriptions.remove(told.subscription_id)
    await look_at_a_deadline(database)
    for _ in range(2):
        await registry.import_agencies([Agency("H41", "Tỉnh", "provincial")])
        await registry.connect("north", ["H41"])
        await registry.bind_signer("sha256:aa", ["H41"])
    (timeline,) = await queries.timelines("VB-1")
    assert timeline.deliveries[0].transport == "fetched"
    assert (await queries.counts()).documents == 2
    await queries.close()
    await database.close()


async def look_at_a_deadline(database: Database) -> None:
    """Do all that the rounds do, on a document that ends."""
    rounds = SqlDeadlines(database)
    async with database.engine.begin() as connection:
        key = (await connection.execute(select(documents.c.document_key).limit(1))).scalar_one()
        row = {"document_key": key, "kind": "validity", "start_at": NOW, "due_at": NOW}
        await connection.execute(insert(deadlines).values(row))
    for _ in range(2):
        await rounds.attend(NOW)
    assert await rounds.clear(NOW, 10) == 0
    ended = Noticed(Batch(changed_at=NOW, ended=[(key, "expired")]), done=[(key, "validity")])
    assert (await rounds.look(NOW, 10, (), lambda _, __: ended))[0] == 1


@pytest.mark.parametrize(
    "act",
    [
        "DELETE FROM events",
        "UPDATE events SET kind = 'x'",
        "UPDATE log_entries SET leaf_index = 9",
        "TRUNCATE events",
        "DROP TABLE documents",
        "UPDATE documents SET digest = 'x'",
        "DELETE FROM submissions",
        "ALTER TABLE events DISABLE TRIGGER ALL",
    ],
)
async def test_the_writer_cannot_touch_what_is_past(roles: tuple[str, str], act: str) -> None:
    database = Database(roles[0])
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        async with database.engine.begin() as connection:
            await connection.execute(text(act))
    await database.close()


async def test_the_reader_sees_no_tokens(roles: tuple[str, str]) -> None:
    queries = Queries(roles[1])
    with pytest.raises(DBAPIError, match="permission denied"):
        async with queries._engine.begin() as connection:
            await connection.execute(text("SELECT token_sha256 FROM endpoints"))
    await queries.close()
