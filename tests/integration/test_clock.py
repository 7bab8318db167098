"""One clock for all: the database's, counted on by the process; and leases that outlive a clock that was set back."""

from datetime import UTC, datetime, timedelta

import pytest

from docaxis.backends import clock
from docaxis.backends.clock import DatabaseClock
from docaxis.backends.database import Database
from docaxis.backends.memory import MemoryStore
from docaxis.backends.store import SqlStore
from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import StoreUnavailable, SubmissionKey
from docaxis.hub.rows import Batch
from docaxis.hub.sequencer import LEASE_NAME, Sequencer
from tests.integration.store_rows import NOW, composer, document_key, event_row, submission_row

BACK = NOW - timedelta(hours=2)


@pytest.fixture(params=["sql", "memory"])
async def any_store(request: pytest.FixtureRequest, store: SqlStore) -> SqlStore | MemoryStore:
    return store if request.param == "sql" else MemoryStore()


async def test_clock_tells_the_databases_time_and_counts_on(database: Database) -> None:
    counted = 100.0
    told = DatabaseClock(database, lambda: counted)
    with pytest.raises(RuntimeError):
        told()
    await told.read()
    first = told()
    assert first.utcoffset() == timedelta()
    assert abs(first - datetime.now(UTC)) < timedelta(seconds=10)
    counted += 7.5
    assert told() - first == timedelta(seconds=7.5)
    await told.read()
    assert told() - first < timedelta(seconds=7.5)


async def test_lease_from_before_the_clock_was_set_back_has_run_out(any_store: SqlStore | MemoryStore) -> None:
    assert await any_store.take_lease("x", "hub-1", NOW, 10) == 1
    assert await any_store.take_lease("x", "hub-2", NOW - timedelta(seconds=9), 10) is None
    assert await any_store.take_lease("x", "hub-2", BACK, 10) == 2


async def test_publication_leased_before_the_clock_was_set_back_is_taken(any_store: SqlStore | MemoryStore) -> None:
    key = document_key("VB-1")
    await any_store.commit([key], composer([key]))
    assert not await any_store.take_outbox("hub-2", NOW - timedelta(seconds=1), 30, 10)
    assert len(await any_store.take_outbox("hub-2", BACK, 30, 10)) == 1
    assert not await any_store.take_outbox("hub-3", BACK, 30, 10)


async def test_deferral_from_before_the_clock_was_set_back_is_due(any_store: SqlStore | MemoryStore) -> None:
    key = SubmissionKey("north", "m1", document_key("VB-1").digest)
    row = submission_row(key, "deferred", event_row().event_id)._replace(retry_at=NOW + timedelta(seconds=60))
    await any_store.commit([key], lambda _: Batch(submissions=[row]))
    assert not await any_store.take_deferred(NOW, 60, 10)
    assert len(await any_store.take_deferred(BACK, 60, 10)) == 1
    assert not await any_store.take_deferred(BACK, 60, 10)


async def test_sequencer_that_steps_down_leaves_no_lease_behind() -> None:
    store = MemoryStore()
    one, other = (Sequencer(store, holder, lambda: NOW, Metrics()) for holder in ("hub-1", "hub-2"))
    await one.append()
    # It does not hold the lease, so it has nothing to give back.
    await other.append()
    await other.step_down()
    assert await store.take_lease(LEASE_NAME, "hub-3", NOW, 5) is None
    await one.step_down()
    assert await store.take_lease(LEASE_NAME, "hub-3", NOW, 5) == 2


async def test_clock_counts_on_while_the_database_is_away(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    told = DatabaseClock(database)
    await told.read()
    reads = 0

    async def away() -> None:
        nonlocal reads
        reads += 1
        if reads == 3:
            raise KeyboardInterrupt
        raise StoreUnavailable("away")

    monkeypatch.setattr(clock, "READ_INTERVAL_S", 0.0)
    monkeypatch.setattr(told, "read", away)
    with pytest.raises(KeyboardInterrupt):
        await told.run()
    assert abs(told() - datetime.now(UTC)) < timedelta(seconds=10)
