"""One document's story: the bands of each addressee, ties both ways, what was late, and the acts on many copies at once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from time import process_time
from uuid import uuid4

import pytest
from sqlalchemy import insert, update

from docaxis.backends import flow_tables, tables
from docaxis.backends.database import Database
from docaxis.backends.queries import Queries
from docaxis.domain.status import StatusCode
from tests.integration.clerk_rows import BEGIN, World

ARRIVED, ACCEPTED, ASKED, AGREED = StatusCode.ARRIVED, StatusCode.ACCEPTED, StatusCode.RECALL_ASKED, StatusCode.AGREED
SOON = timedelta(seconds=1)


@pytest.fixture
async def queries(database: Database, database_url: str) -> AsyncIterator[Queries]:
    async with Queries(database_url) as opened:
        yield opened


async def test_the_bands_of_each_addressee(database: Database, queries: Queries) -> None:
    world = World()
    states = {"H04": "waiting", "H05": "withdrawn", "H06": "withdrawn", "H07": "expired"}
    to = {
        "H01": (ARRIVED, ACCEPTED), "H02": (ASKED,), "H03": (ASKED,), "H04": (), "H05": (ASKED,), "H06": (ASKED,), "H07": (),
    }  # fmt: skip
    key = world.document("VB-1", to, states=states)
    accepted = BEGIN + timedelta(minutes=1)
    fetched = accepted + timedelta(minutes=30)
    for endpoint, at in (("e-h01", fetched), ("e-h02", fetched), ("e-h06", fetched + timedelta(days=1))):
        world.add(
            tables.fetch_ranges, endpoint=endpoint, lane="normal", first_sequence=1, last_sequence=5, fetched_at=at
        )
    asked = accepted + timedelta(hours=1)
    world.status(key, "H01", ARRIVED, asked + timedelta(hours=2), applied=False)
    await world.write(database)
    (timeline,) = await queries.timelines("VB-1")
    found = {one.organ_id: one for one in timeline.deliveries}
    assert {organ: one.transport for organ, one in found.items()} == {
        "H01": "fetched", "H02": "fetched", "H03": "withdrawing", "H04": "waiting", "H05": "withdrawn", "H06": "withdrawn",
        "H07": "expired",
    }  # fmt: skip
    assert {organ: one.ended_at for organ, one in found.items() if one.ended_at} == {
        "H05": asked,
        "H06": fetched + timedelta(days=1),
    }
    assert [organ for organ, one in found.items() if one.had_it] == ["H02"]
    assert (found["H01"].status, found["H01"].recall, found["H01"].recall_asked_at) == (ACCEPTED, None, None)
    assert (found["H02"].status, found["H02"].recall, found["H02"].recall_asked_at) == (None, ASKED, asked)
    told = [one for one in timeline.statuses if one.organ_id == "H01"]
    assert [(one.code, one.applied) for one in told] == [(ARRIVED, True), (ACCEPTED, True), (ARRIVED, False)]
    assert (told[0].author, told[0].party, told[0].description) == ("H01", "H41", "nội dung 01")


async def test_who_has_told_anything_has_it_and_an_ended_document_reaches_nobody_more(
    database: Database, queries: Queries
) -> None:
    world = World()
    world.document("VB-1", {"H01": (ARRIVED, ASKED), "H02": ()})
    await world.write(database)
    async with database.engine.begin() as connection:
        await connection.execute(update(tables.documents).values(state="expired"))
    (timeline,) = await queries.timelines("VB-1")
    assert [(one.organ_id, one.transport) for one in timeline.deliveries] == [("H01", "fetched"), ("H02", "expired")]


async def test_ties_lead_both_ways(database: Database, queries: Queries) -> None:
    world = World()
    first = world.document("first", {"H01": ()})
    second = world.document("second", {"H41": ()}, sender="H01")
    world.link(second, "reply", first, "H41", "first")
    world.link(second, "reply", None, "H99", "never seen")
    # A recall order is a submission that is no document.
    order = uuid4()
    world.add(
        tables.submissions,
        **{**world.rows[tables.submissions][0], "submission_id": order, "document_id": "order", "message_id": "m"},
    )
    world.link(order, "recall", first, "H41", "first")
    await world.write(database)
    (old,) = await queries.timelines("first")
    (new,) = await queries.timelines("second")
    assert {(one.direction, one.kind, one.sender, one.document_id, one.document_key) for one in old.links} == {
        ("by", "reply", "H01", "second", second),
        ("by", "recall", "H41", "order", order),
    }
    assert {(one.direction, one.kind, one.sender, one.document_id, one.document_key) for one in new.links} == {
        ("of", "reply", "H41", "first", first),
        ("of", "reply", "H99", "never seen", None),
    }


async def test_what_was_late_and_when_it_was_done(database: Database, queries: Queries) -> None:
    world = World()
    key = world.document("VB-1", {"H01": (ARRIVED,), "H02": ()})
    done, open_since = world.miss(key, "H01"), world.miss(key, "H02", cause="hub-away")
    world.miss(key, "H01", "reply")
    answer = world.document("answer", {"H41": ()}, sender="H01")
    world.link(answer, "reply", key, "H41", "VB-1")
    world.add(flow_tables.reports, report_id=uuid4(), document_key=key, kind="overdue", at=done, octets=b"signed")
    await world.write(database)
    (timeline,) = await queries.timelines("VB-1")
    one, reply, other = timeline.misses
    assert (one.organ_id, one.kind, one.done_at) == ("H01", "receipt", BEGIN + timedelta(hours=1, minutes=1))
    assert one.late_hours(BEGIN) == 0
    assert (reply.kind, reply.done_at) == ("reply", BEGIN + timedelta(minutes=5))
    assert (other.cause, other.attributable, other.done_at) == ("hub-away", False, None)
    assert other.late_hours(open_since + timedelta(hours=3)) == 3
    assert [(report.kind, report.octets) for report in timeline.reports] == [("overdue", b"signed")]


async def test_acts_on_many_copies_are_found_where_they_must_be(database: Database, queries: Queries) -> None:
    world = World()
    key = world.document("VB-1", {"H01": (), "H02": (), "H03": ()})
    accepted = BEGIN + timedelta(minutes=1)
    later = accepted + timedelta(hours=5)
    world.event("copies:dispatched", accepted + SOON, {"dispatched": [["0" * 32, ["e-h01"]]]})
    world.event("copies:dispatched", accepted + 2 * SOON, {"dispatched": [["0" * 32, ["e-h03"]], [key.hex, ["e-h01"]]]})
    world.event("copies:dispatched", later - SOON, {"dispatched": [[key.hex, ["e-h02"]]]})
    world.event("copies:fetched", later, {"fetched": [["e-h02", "normal", 1, 7], ["e-h01", "normal", 3, 3]]})
    world.event("copies:fetched", later, {"fetched": [["e-h02", "urgent", 1, 7], ["e-h02", "normal", 2, 7]]})
    world.add(tables.fetch_ranges, endpoint="e-h02", lane="normal", first_sequence=1, last_sequence=7, fetched_at=later)
    await world.write(database)
    (timeline,) = await queries.timelines("VB-1")
    assert [(one.kind, one.at) for one in timeline.events] == [
        ("copies:dispatched", accepted + 2 * SOON),
        ("copies:dispatched", later - SOON),
        ("copies:fetched", later),
    ]
    assert [one.dispatched_at for one in timeline.deliveries] == [accepted + 2 * SOON, later - SOON, None]


async def test_an_act_on_copies_that_tells_nothing_leaves_the_story_readable(
    database: Database, queries: Queries
) -> None:
    world = World()
    key = world.document("VB-1", {"H02": ()})
    later = BEGIN + timedelta(hours=5)
    world.event("copies:fetched", later, {})
    world.event("copies:dispatched", later - SOON, {"note": key.hex})
    world.event("copies:fetched", later, {"fetched": [["e-h02", "normal", 1, 7]]})
    world.add(tables.fetch_ranges, endpoint="e-h02", lane="normal", first_sequence=1, last_sequence=7, fetched_at=later)
    await world.write(database)
    (timeline,) = await queries.timelines("VB-1")
    assert [(one.kind, one.at) for one in timeline.events] == [("copies:fetched", later)]


async def test_events_are_left_out_where_nobody_wants_them(database: Database, queries: Queries) -> None:
    world = World()
    key = world.document("VB-1", {"H01": (ARRIVED,)})
    accepted = BEGIN + timedelta(minutes=1)
    world.event("document:accepted", accepted, {}, key)
    world.event("copies:dispatched", accepted + SOON, {"dispatched": [[key.hex, ["e-h01"]]]})
    await world.write(database)
    whole = await queries.document(key)
    without = await queries.document(key, lambda document: document.document_id != "VB-1")
    assert whole is not None
    assert without is not None
    assert [one.kind for one in whole.events] == ["document:accepted", "copies:dispatched"]
    assert [one.kind for one in without.events] == ["copies:dispatched"]
    assert replace(without, events=whole.events) == whole


async def test_a_range_that_ends_before_a_copy_does_not_cover_it(database: Database, queries: Queries) -> None:
    world = World()
    for number in range(4):
        world.document(f"VB-{number}", {"H01": ()})
    ranges = ((1, 1, SOON), (2, 2, 2 * SOON), (4, 9, 3 * SOON))
    for first, last, later in ranges:
        world.add(
            tables.fetch_ranges, endpoint="e-h01", lane="normal", first_sequence=first, last_sequence=last,
            fetched_at=BEGIN + later,
        )  # fmt: skip
    await world.write(database)
    found = [(await queries.timelines(f"VB-{number}"))[0].deliveries[0].fetched_at for number in range(4)]
    assert found == [BEGIN + SOON, BEGIN + 2 * SOON, None, BEGIN + 3 * SOON]


async def test_a_letter_to_thousands_costs_by_the_addressee(database: Database, queries: Queries) -> None:
    few, many = 300, 2_400
    world = World()
    keys = [world.document(f"VB-{n}", {f"A{i:04d}": (ARRIVED, ACCEPTED) for i in range(n)}) for n in (few, many)]
    async with database.engine.begin() as connection:
        for table, rows in world.rows.items():
            await connection.execute(insert(table), rows)
    spent = []
    for key in keys:
        times = []
        for _ in range(4):
            before = process_time()
            timeline = await queries.document(key)
            times.append(process_time() - before)
        spent.append(min(times))
    assert timeline is not None
    assert (len(timeline.deliveries), len(timeline.statuses)) == (many, 2 * many)
    # Looking through all statuses for each addressee would cost 64 times as much as of the eighth part.
    assert spent[1] < 1.5 * (many / few) * spent[0], spent
