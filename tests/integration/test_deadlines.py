"""Deadlines on both databases: who is told what, once only, whatever the hub, the addressee or the network did meanwhile."""

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, insert, select, update

from docaxis.backends.database import Database
from docaxis.backends.deadlines import SqlDeadlines
from docaxis.backends.flow_tables import attendance, deadlines, links, misses, reports
from docaxis.backends.store import SqlStore
from docaxis.backends.tables import deliveries, documents, events, lanes, outbox
from docaxis.domain import lateness
from docaxis.domain.report import Report, ReportAddressee
from docaxis.domain.status import StatusCode, bit
from docaxis.hub.deadlines import AT_ONCE, Deadlines
from docaxis.hub.judged import Settings
from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import FetchRange
from docaxis.hub.rows import Batch
from docaxis.local.pki import DevelopmentAuthority
from docaxis.trust.reports import read_report
from docaxis.trust.seal import Seal
from tests.integration.store_rows import NOW, accept, document_key, event_row

START = NOW
DUE = NOW + timedelta(hours=8)
LATER = DUE + timedelta(seconds=1)


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    issued = DevelopmentAuthority(tmp_path_factory.mktemp("pki")).create().issue(kind="hub")
    return Seal(issued.key, issued.chain)


@dataclass
class World:
    """A store with one document to south (two addressees) and west (one), a process that looks, and its hands on the clock."""

    database: Database
    store: SqlStore
    rounds: Deadlines
    seal: Seal
    metrics: Metrics
    now: list[datetime]

    async def look(self, at: datetime = LATER) -> None:
        self.now[0] = at
        await self.rounds.one_round()

    async def write(self, statement: Any, rows: Any = None) -> None:
        async with self.database.engine.begin() as connection:
            await connection.execute(statement, rows)

    async def rows(self, table: Table) -> list[Any]:
        async with self.database.engine.begin() as connection:
            return list(await connection.execute(select(table).order_by(*table.primary_key.columns)))

    async def due(self, key: UUID, kind: str = "receipt", start_at: datetime = START, due_at: datetime = DUE) -> None:
        await self.write(insert(deadlines).values(document_key=key, kind=kind, start_at=start_at, due_at=due_at))

    async def present(self, since: datetime, until: datetime) -> None:
        await self.write(insert(attendance).values(since=since, until=until))

    async def status(self, key: UUID, organ_id: str, *codes: StatusCode) -> None:
        mine = (deliveries.c.document_key == key) & (deliveries.c.organ_id == organ_id)
        await self.write(update(deliveries).where(mine).values(statuses=sum(bit(code) for code in codes)))

    async def fetch(self, endpoint: str, sequence: int = 1) -> None:
        done = await self.store.fetched(
            [FetchRange(endpoint, "normal", sequence, sequence)], NOW, lambda _: event_row()
        )
        assert done

    async def told(self) -> dict[str, list[Report]]:
        """Return the reports that stand to be published, by endpoint."""
        taken = await self.store.take_outbox("h", self.now[0], 30, 1000)
        found: dict[str, list[Report]] = {}
        for one in taken:
            assert not one.targets or one.receipt
            for endpoint, octets in one.notices:
                if octets.startswith(b"<Report"):
                    found.setdefault(endpoint, []).append(read_report(octets, self.seal.certificate))
        return found

    async def happened(self, kind: str) -> list[Any]:
        return [json.loads(row.canonical)["body"] for row in await self.rows(events) if row.kind == kind]

    async def missed(self) -> list[tuple[str, str, bool]]:
        return [(row.organ_id, row.cause, row.attributable) for row in await self.rows(misses)]


async def world_on(database: Database, store: SqlStore, seal: Seal, share: float = 0.25) -> World:
    now = [NOW]
    metrics = Metrics()
    settings = Settings("hub", seal, "h", timedelta(30), timedelta(60), timedelta(60), 1000)
    rounds = Deadlines(
        SqlDeadlines(database),
        settings,
        lambda: now[0],
        metrics,
        is_connected=lambda: False,
        hub_away_share=share,
        monotonic=time.monotonic,
    )
    return World(database, store, rounds, seal, metrics, now)


@pytest.fixture
async def world(database: Database, store: SqlStore, seal: Seal) -> World:
    return await world_on(database, store, seal)


async def sent(world: World, name: str = "d1", sequence: int = 1, state: str = "dispatched") -> UUID:
    batch = Batch()
    key = document_key(name)
    row = accept(batch, key, sequence, endpoints=("south", "west"), state=state)
    # West has one addressee only.
    batch.deliveries = [one for one in batch.deliveries if one.organ_id != "west.01"]
    batch.outbox = []
    await world.store.sequences({(e, "normal"): 1 for e in ("south", "west")})
    await world.store.commit([key], lambda _: batch)
    return row.submission_id


async def test_who_is_late_and_why(world: World) -> None:
    key = await sent(world)
    await world.due(key)
    await world.present(START, DUE)
    await world.fetch("south")
    await world.status(key, "south.00", StatusCode.ARRIVED)
    await world.look()
    assert await world.missed() == [("south.01", "addressee", True), ("west.00", "endpoint-away", True)]
    (event,) = await world.happened("deadline:missed")
    assert event == {
        "document": key.hex,
        "kind": "receipt",
        "due_at": DUE.isoformat(),
        "noticed_at": LATER.isoformat(),
        "addressees": [["south.01", "south", "addressee", True], ["west.00", "west", "endpoint-away", True]],
    }
    late = (
        ReportAddressee("south.01", "south", "fetched", "addressee"),
        ReportAddressee("west.00", "west", "dispatched", "endpoint-away"),
    )
    told = await world.told()
    assert {endpoint: [(r.kind, r.duty, r.addressees) for r in one] for endpoint, one in told.items()} == {
        "north": [("overdue", "receipt", late)],
        "south": [("reminder", "receipt", late)],
        "west": [("reminder", "receipt", late)],
    }
    (report,) = told["north"]
    (row,) = [row for row in await world.rows(events) if row.kind == "deadline:missed"]
    assert (report.due_at, report.noticed_at, report.document) == (DUE, LATER, key.hex)
    assert report.event_hash == row.leaf_hash.hex()
    assert len(await world.rows(reports)) == 2
    assert await world.rows(deadlines) == []
    assert world.metrics.registry.get_sample_value("docaxis_deadlines_missed_total", {"cause": "addressee"}) == 1


async def test_what_is_not_due_is_left_alone(world: World) -> None:
    await world.due(await sent(world))
    await world.look(DUE - timedelta(seconds=1))
    assert len(await world.rows(deadlines)) == 1
    assert await world.missed() == []


@pytest.mark.parametrize("how", ["answered", "withdrawn", "taken back", "not active", "asked for and unread"])
async def test_nothing_is_expected_any_more(world: World, how: str) -> None:
    key = await sent(world)
    await world.due(key)
    await world.present(START, DUE)
    of_it = deliveries.c.document_key == key
    asked = bit(StatusCode.RECALL_ASKED)
    match how:
        case "answered":
            await world.write(update(deliveries).where(of_it).values(statuses=bit(StatusCode.ACCEPTED)))
        case "withdrawn":
            await world.write(update(deliveries).where(of_it).values(state="withdrawn"))
        case "taken back":
            await world.write(update(deliveries).where(of_it).values(statuses=asked | bit(StatusCode.AGREED)))
        case "not active":
            await world.write(update(documents).where(documents.c.document_key == key).values(state="recalled"))
        case "asked for and unread":
            await world.write(update(deliveries).where(of_it).values(statuses=asked))
    await world.look()
    assert await world.missed() == []
    assert await world.told() == {}
    assert await world.rows(deadlines) == []


async def test_asked_back_after_reading_is_still_to_be_answered(world: World) -> None:
    key = await sent(world)
    await world.due(key)
    await world.present(START, DUE)
    await world.fetch("south")
    await world.write(update(deliveries).values(statuses=bit(StatusCode.RECALL_ASKED)))
    await world.look()
    assert await world.missed() == [("south.00", "addressee", True), ("south.01", "addressee", True)]


@pytest.mark.parametrize(("hours_away", "cause"), [(1.9, "endpoint-away"), (2.1, "hub-away")])
async def test_hub_away_for_a_large_part_excuses_everybody(world: World, hours_away: float, cause: str) -> None:
    key = await sent(world)
    await world.due(key)
    # Two intervals that overlap, then nobody for some time.
    await world.present(START - timedelta(days=3), START + timedelta(hours=2))
    await world.present(START + timedelta(hours=1), DUE - timedelta(hours=hours_away))
    noticed_at = DUE + timedelta(hours=3)
    await world.look(noticed_at)
    attributable = cause != "hub-away"
    assert await world.missed() == [(organ, cause, attributable) for organ in ("south.00", "south.01", "west.00")]
    assert {row.noticed_at for row in await world.rows(misses)} == {noticed_at}
    (report,) = (await world.told())["north"]
    assert {one.attributable for one in report.addressees} == {attributable}


async def test_attendance_that_goes_on_reaches_to_now(world: World) -> None:
    key = await sent(world)
    await world.due(key, due_at=START + timedelta(seconds=20))
    # Marked 14 seconds ago, as every few seconds: the hub was there all the time.
    await world.present(START, START + timedelta(seconds=7))
    await world.look(START + timedelta(seconds=21))
    assert {cause for _, cause, _ in await world.missed()} == {"endpoint-away"}


async def test_reply_is_met_by_a_linked_document_or_the_end_of_the_work(world: World) -> None:
    key, answer = await sent(world), await sent(world, "answer", 2)
    await world.present(START, DUE)
    await world.due(key, "reply")
    await world.due(key, "reply-reminder", due_at=DUE - timedelta(hours=4))
    await world.fetch("south")
    await world.status(key, "south.00", StatusCode.ARRIVED, StatusCode.PROCESSING)
    await world.write(update(documents).where(documents.c.document_key == answer).values(sender="south.01"))
    await world.write(
        insert(links).values(document_key=answer, kind="reply", target_key=key, sender="H41", document_id="d1")
    )
    await world.look(DUE - timedelta(hours=3))
    (event,) = await world.happened("deadline:reminded")
    assert event["addressees"] == [["south.00", "south"], ["west.00", "west"]]
    told = await world.told()
    assert {endpoint: [(r.kind, r.duty) for r in one] for endpoint, one in told.items()} == {
        "south": [("reminder", "reply")],
        "west": [("reminder", "reply")],
    }
    assert await world.missed() == []
    await world.status(key, "west.00", StatusCode.FINISHED)
    await world.look()
    assert await world.missed() == [("south.00", "addressee", True)]
    assert [(r.kind, r.duty) for r in (await world.told())["north"]] == [("overdue", "reply")]


async def test_refused_document_owes_no_reply(world: World) -> None:
    key = await sent(world)
    await world.due(key, "reply")
    for organ_id in ("south.00", "south.01", "west.00"):
        await world.status(key, organ_id, StatusCode.REFUSED)
    await world.look()
    assert await world.missed() == []


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

    def late(duty: Any, copies: Any, **options: Any) -> Any:
        if failing and copies and copies[0].statuses == 0:
            failing.pop()
            raise ZeroDivisionError
        return lateness.late(duty, copies, **options)

    failing = [1]
    monkeypatch.setattr("docaxis.hub.overdue.late", late)
    await world.look()
    assert {row.document_key for row in await world.rows(misses)} == {good}
    assert {row.document_key for row in await world.rows(deadlines)} == {bad}
    await world.look()
    assert len(await world.rows(deadlines)) == 1


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
