"""Who is late and why, on both databases: what the hub, the addressee or the network did, and what each is told."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from docaxis.backends.database import Database
from docaxis.backends.flow_tables import deadlines, links, misses, reports
from docaxis.backends.store import SqlStore
from docaxis.backends.tables import deliveries, documents, events
from docaxis.domain.report import ReportAddressee
from docaxis.domain.status import StatusCode, bit
from docaxis.local.pki import DevelopmentAuthority
from docaxis.trust.seal import Seal
from tests.integration.deadline_world import DUE, LATER, START, World, sent, world_on


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    issued = DevelopmentAuthority(tmp_path_factory.mktemp("pki")).create().issue(kind="hub")
    return Seal(issued.key, issued.chain)


@pytest.fixture
async def world(database: Database, store: SqlStore, seal: Seal) -> World:
    return await world_on(database, store, seal)


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


async def test_what_was_answered_is_put_away_a_minute_before(world: World) -> None:
    near, far, silent, gone = [await sent(world, f"d{number}", number) for number in range(1, 5)]
    for key, due_at in ((near, DUE), (far, DUE + timedelta(hours=1)), (silent, DUE), (gone, DUE)):
        await world.due(key, due_at=due_at)
        await world.due(key, "reply", due_at=due_at)
    done = bit(StatusCode.ARRIVED)
    await world.write(update(deliveries).where(deliveries.c.document_key.in_([near, far])).values(statuses=done))
    await world.write(update(deliveries).where(deliveries.c.document_key == gone).values(state="withdrawn"))
    await world.status(silent, "south.00", StatusCode.ARRIVED)
    await world.look(DUE - timedelta(seconds=30))
    left = {row.document_key for row in await world.rows(deadlines) if row.kind == "receipt"}
    assert left == {far, silent}
    assert len(await world.rows(deadlines)) == 6


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
