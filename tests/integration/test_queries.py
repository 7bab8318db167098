"""What the reading half tells of what the writing half did."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from docaxis.backends import tables
from docaxis.backends.database import Database
from docaxis.backends.leases import SEQUENCER_LEASE
from docaxis.backends.queries import Queries
from docaxis.backends.store import SqlStore
from docaxis.hub.ports import FetchRange, SubmissionKey
from docaxis.hub.rows import Batch
from docaxis.hub.views.documents import LogState, OutboxState
from tests.integration.store_rows import NOW, accept, composer, digest_of, document_key, event_row, submission_row


@pytest.fixture
async def queries(database: Database, database_url: str) -> AsyncIterator[Queries]:
    opened = Queries(database_url)
    yield opened
    await opened.close()


async def test_the_timeline_tells_each_copy_apart(store: SqlStore, queries: Queries) -> None:
    key = document_key("VB-1")

    def compose(_) -> Batch:
        batch = Batch()
        accept(batch, key, 7, endpoints=("east", "south"))
        other = Batch()
        accept(other, key, 9, endpoints=("west",), state="waiting", organs_each=1)
        batch.deliveries.append(other.deliveries[0]._replace(document_key=batch.documents[0].document_key))
        return batch

    batch = await store.commit([key], compose)
    repeat = document_key("VB-1", message_id="again", body=b"other bytes")
    await store.commit([repeat], composer([repeat]))
    await store.fetched([FetchRange("south", "normal", 1, 9)], NOW, lambda _: event_row())
    fence = await store.take_lease(SEQUENCER_LEASE, "hub-1", NOW, 10)
    assert fence is not None
    await store.append_log(fence, 1)
    (timeline,) = await queries.timelines("VB-1")
    assert await queries.timelines("VB-1", "H41") == [timeline]
    assert await queries.timelines("VB-1", "H42") == await queries.timelines("VB-2") == []
    assert await queries.document(timeline.document.document_key) == timeline
    assert timeline.document.subject == "Về việc VB-1"
    assert [(one.organ_id, one.transport, one.fetched_at) for one in timeline.deliveries] == [
        ("east.00", "dispatched", None),
        ("east.01", "dispatched", None),
        ("south.00", "fetched", NOW),
        ("south.01", "fetched", NOW),
        ("west.00", "waiting", None),
    ]
    assert [one.outcome for one in timeline.submissions].count("accepted") == 1
    assert {one.receipt for one in timeline.submissions} >= {batch.submissions[0].receipt}
    assert {one.message_id for one in timeline.submissions} == {"m-VB-1", "again"}
    assert [(one.kind, one.leaf_index) for one in timeline.events] == [("document:accepted", 0)]
    assert await queries.package(key.digest) == b"VB-1"


async def test_pages_hold_every_row_once(store: SqlStore, queries: Queries) -> None:
    keys = [document_key(f"VB-{i}") for i in range(25)]
    await store.commit(keys, composer(keys))
    seen = []
    after = None
    while page := await queries.submissions("north", after=after, limit=7):
        seen += [row.submission_id for row in page]
        after = page[-1].cursor
    assert len(seen) == len(set(seen)) == 25
    assert await queries.submissions("south") == []


async def test_counts_and_states(store: SqlStore, queries: Queries) -> None:
    assert await queries.outbox_state() == OutboxState(0, None)
    keys = [document_key(f"VB-{i}") for i in range(3)]
    await store.commit(keys, composer(keys, endpoints=("south", "west"), organs_each=3))
    late = SubmissionKey("north", "late", digest_of(b"late"))
    row = submission_row(late, "deferred", event_row().event_id)._replace(code="SIG.TRY_LATER")
    await store.commit([late], lambda _: Batch(submissions=[row]))
    await store.quarantine("ingress", "north", "bad", b"poison", "crashed", event_row())
    await store.fetched([FetchRange("south", "normal", 1, 2)], NOW + timedelta(seconds=9), lambda _: event_row())
    counts = await queries.counts()
    assert counts.submissions == {("accepted", ""): 3, ("deferred", "SIG.TRY_LATER"): 1}
    assert (counts.documents, counts.deliveries) == (3, {"dispatched": 18})
    assert (counts.copies_dispatched, counts.copies_fetched, counts.copies_waiting) == (6, 2, 0)
    assert counts.quarantined == 1
    assert [one.message_id for one in await queries.deferred()] == ["late"]
    (bad,) = await queries.quarantined()
    assert (bad.size_bytes, bad.reason, bad.quarantined_at) == (6, "crashed", NOW)
    assert await queries.outbox_state() == OutboxState(3, NOW)
    assert await queries.log_state() == LogState(0, 5)
    fence = await store.take_lease(SEQUENCER_LEASE, "hub-1", NOW, 10)
    assert fence is not None
    await store.append_log(fence, 4)
    assert await queries.log_state() == LogState(4, 1)
    assert [one.leaf_index for one in await queries.log(1, 2)] == [1, 2]


async def test_the_reading_half_cannot_write(queries: Queries) -> None:
    with pytest.raises(DBAPIError, match="read"):
        async with queries._engine.begin() as connection:
            await connection.execute(insert(tables.packages).values(digest="x", size_bytes=1))
