"""The rounds on both databases: the end of a validity, once only among several processes, faults, attendance."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, update

from docaxis.backends.database import Database
from docaxis.backends.deadlines import SqlDeadlines
from docaxis.backends.flow_tables import attendance, deadlines, misses, reports
from docaxis.backends.store import SqlStore
from docaxis.backends.tables import deliveries, documents, lanes, outbox
from docaxis.domain.report import Report
from docaxis.hub.deadlines import AT_ONCE
from docaxis.hub.rows import Batch
from docaxis.local.pki import DevelopmentAuthority
from docaxis.trust.reports import write_report
from docaxis.trust.seal import Seal
from tests.integration.deadline_world import DUE, LATER, START, World, sent, world_on
from tests.integration.store_rows import NOW, accept, document_key


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    issued = DevelopmentAuthority(tmp_path_factory.mktemp("pki")).create().issue(kind="hub")
    return Seal(issued.key, issued.chain)


@pytest.fixture
async def world(database: Database, store: SqlStore, seal: Seal) -> World:
    return await world_on(database, store, seal)


async def test_validity_ends_what_waits_and_what_is_unread(world: World) -> None:
    key, other = await sent(world), await sent(world, "d2", 2, state="waiting")
    waits = (deliveries.c.document_key == key) & (deliveries.c.endpoint == "south")
    # Of the first document south's copy waits; the second waits everywhere and has no deadline.
    await world.write(update(deliveries).where(waits).values(state="waiting"))
    await world.write(update(lanes).where(lanes.c.endpoint == "south").values(waiting=2, dispatched=0))
    await world.due(key, "validity")
    await world.look()
    states = {(row.document_key, row.organ_id): row.state for row in await world.rows(deliveries)}
    assert {organ: state for (one, organ), state in states.items() if one == key} == {
        "south.00": "expired",
        "south.01": "expired",
        "west.00": "dispatched",
    }
    assert {state for (one, _), state in states.items() if one == other} == {"waiting"}
    assert {row.document_key: row.state for row in await world.rows(documents)} == {key: "expired", other: "active"}
    assert {name: load.waiting for name, load in (await world.store.loads()).items()} == {"south": 1, "west": 1}
    (event,) = await world.happened("document:expired")
    assert [organ for organ, _ in event["addressees"]] == ["south.00", "south.01", "west.00"]
    told = await world.told()
    assert {endpoint: [(r.kind, r.duty) for r in one] for endpoint, one in told.items()} == {"north": [("expired", "")]}
    # A copy that had left is fetched late, and gives its room back; the one that never left is not released.
    await world.fetch("west")
    assert (await world.store.loads())["west"].unfetched == 0
    released = await world.store.release_waiting("h", LATER, 30, "south", 10, 1000)
    assert [one.document_key for one in released] == [other]


async def test_read_document_ends_without_a_word(world: World) -> None:
    key = await sent(world)
    await world.fetch("south")
    await world.fetch("west")
    await world.due(key, "validity")
    await world.look()
    assert len(await world.happened("document:expired")) == 1
    assert await world.told() == {}


async def test_two_processes_notice_once(world: World, database: Database, store: SqlStore) -> None:
    for number in range(1, 31):
        await world.due(await sent(world, f"d{number}", number))
    others = [
        world,
        *[await world_on(Database(str(database.engine.url.render_as_string(False))), store, world.seal)] * 1,
    ]
    await asyncio.gather(*(one.look() for one in others for _ in range(3)))
    assert len(await world.happened("deadline:missed")) == 30
    assert len(await world.rows(misses)) == 90
    assert len(await world.rows(outbox)) == 30
    assert await world.rows(deadlines) == []
    await others[1].database.close()


async def test_more_than_one_look_takes_are_all_noticed_in_one_round(world: World) -> None:
    batch = Batch()
    keys = [document_key(f"m{number}") for number in range(AT_ONCE + 50)]
    for number, key in enumerate(keys, start=1):
        accept(batch, key, number, organs_each=1)
    await world.store.sequences({("south", "normal"): len(keys)})
    await world.store.commit(keys, lambda _: batch)
    rows = [
        {"document_key": row.document_key, "kind": "receipt", "start_at": START, "due_at": DUE}
        for row in batch.documents
    ]
    await world.write(insert(deadlines), rows)
    await world.look()
    assert len(await world.rows(misses)) == len(keys)


async def test_document_that_makes_us_fail_does_not_hold_up_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = await sent(world), await sent(world, "d2", 2)
    await world.due(bad, due_at=DUE - timedelta(hours=1))
    await world.due(good)

    def fails(report: Report, seal: Seal) -> bytes:
        if report.document == bad.hex and report.kind == "reminder":
            raise ZeroDivisionError
        return write_report(report, seal)

    monkeypatch.setattr("docaxis.hub.overdue.write_report", fails)
    for _ in range(2):
        await world.look()
        assert {row.document_key for row in await world.rows(misses)} == {good}
        assert {row.document_key for row in await world.rows(deadlines)} == {bad}
        assert len(await world.rows(reports)) == 2
        assert len(await world.happened("deadline:missed")) == 1


async def test_deadline_without_a_document_is_dropped(world: World) -> None:
    await world.due(UUID(int=7))
    await world.look()
    assert await world.rows(deadlines) == []


async def test_attendance_goes_on_until_a_gap(database: Database, world: World) -> None:
    store = SqlDeadlines(database)
    for second in (0, 5, 10, 9.9, 24, 60, 61):
        await store.attend(NOW + timedelta(seconds=second))
    intervals = [(row.since, row.until) for row in await world.rows(attendance)]
    expected = [(0, 24), (60, 61)]
    assert intervals == [(NOW + timedelta(seconds=a), NOW + timedelta(seconds=b)) for a, b in expected]
