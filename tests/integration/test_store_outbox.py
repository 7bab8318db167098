"""The outbox, the waiting line and the leases: each piece of work goes to one process, and comes back if that one dies."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from docaxis.backends import tables
from docaxis.backends.database import Database
from docaxis.backends.leases import SEQUENCER_LEASE
from docaxis.backends.store import SqlStore
from docaxis.hub.ports import FetchRange, Known, LeaseLost, Outgoing, Remainder, SubmissionKey
from docaxis.hub.rows import Batch, SubmissionRow
from tests.integration.store_rows import NOW, accept, composer, document_key, event_row, submission_row

LATER = NOW + timedelta(seconds=60)


async def count(database: Database, table) -> int:
    async with database.engine.begin() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def put(store: SqlStore, name: str, sequence: int = 1, **options) -> tuple[SubmissionRow, Batch]:
    key = document_key(name)

    def compose(_: Sequence[Known]) -> Batch:
        batch = Batch()
        accept(batch, key, sequence, **options)
        return batch

    batch = await store.commit([key], compose)
    return batch.submissions[0], batch


async def test_a_lease_that_ran_out_brings_the_publication_back_whole(store: SqlStore) -> None:
    row, batch = await put(store, "VB-1", endpoints=("south", "west"), body=b"<edXML/>")
    assert not await store.take_outbox("hub-2", NOW, 30, 10)
    (outgoing,) = await store.take_outbox("hub-2", LATER, 30, 10)
    assert outgoing == Outgoing(
        outbox_id=batch.outbox[0].outbox_id,
        submission_id=row.submission_id,
        document_key=row.submission_id,
        sender_endpoint="north",
        message_id=row.message_id,
        lane="normal",
        digest=row.digest,
        size_bytes=100,
        body=b"<edXML/>",
        note=b"note VB-1",
        targets=("south", "west"),
        receipt=row.receipt,
        notices=(("north", b"\x00note"),),
    )
    assert not await store.take_outbox("hub-3", LATER, 30, 10)
    assert await store.take_outbox("hub-3", LATER + timedelta(seconds=31), 30, 10) == [outgoing]


async def test_urgent_first_then_oldest(store: SqlStore) -> None:
    for number, lane in enumerate(("normal", "normal", "urgent"), start=1):
        await put(store, f"VB-{number}", number, lane=lane)
    taken = await store.take_outbox("hub-2", LATER, 30, 10)
    assert [one.lane for one in taken] == ["urgent", "normal", "normal"]


async def test_a_receipt_alone_carries_no_octets(store: SqlStore) -> None:
    _, batch = await put(store, "VB-1")
    await store.narrow([Remainder(batch.outbox[0].outbox_id, with_receipt=True)], None)
    (outgoing,) = await store.take_outbox("hub-2", LATER, 30, 10)
    assert (outgoing.targets, outgoing.notices, outgoing.body) == ((), (), None)
    assert outgoing.receipt is not None


async def test_narrowing_to_nothing_forgets(store: SqlStore, database: Database) -> None:
    _, first = await put(store, "VB-1")
    _, second = await put(store, "VB-2", 2, endpoints=("south", "west"))
    left = Remainder(second.outbox[0].outbox_id, targets=("west",))
    event = event_row("copies:dispatched")
    for _ in range(2):
        await store.narrow([Remainder(first.outbox[0].outbox_id), left], event)
    assert await count(database, tables.outbox) == 1
    # Two acceptances, and what went out of both: a repeat that changes nothing is not told.
    assert await count(database, tables.events) == await count(database, tables.log_pending) == 3
    await store.narrow([left], event_row("copies:dispatched"))
    assert await count(database, tables.events) == 3
    (outgoing,) = await store.take_outbox("hub-2", LATER, 30, 10)
    assert (outgoing.targets, outgoing.receipt) == (("west",), None)


async def test_two_processes_never_take_the_same_publication(store: SqlStore) -> None:
    keys = [document_key(f"VB-{i}") for i in range(60)]
    await store.commit(keys, composer(keys))
    taken = await asyncio.gather(*(store.take_outbox(f"hub-{i}", LATER, 30, 10) for i in range(6)))
    ids = [one.outbox_id for batch in taken for one in batch]
    assert len(ids) == len(set(ids))
    rest = await store.take_outbox("hub-9", LATER, 30, 100)
    assert len(ids) + len(rest) == 60


async def test_published_forgets_and_records_once(store: SqlStore, database: Database) -> None:
    _, batch = await put(store, "VB-1")
    event = event_row("copies:dispatched")
    for _ in range(2):
        await store.published([batch.outbox[0].outbox_id], event)
    assert await count(database, tables.outbox) == 0
    assert await count(database, tables.events) == await count(database, tables.log_pending) == 2
    _, batch = await put(store, "VB-2", 2)
    await store.published([batch.outbox[0].outbox_id], None)
    assert await count(database, tables.events) == 3


async def test_waiting_copies_are_released_urgent_first_and_fill_the_window(store: SqlStore) -> None:
    for number in range(1, 5):
        lane = "urgent" if number == 4 else "normal"
        await put(store, f"VB-{number}", number, lane=lane, state="waiting")
    load = (await store.loads())["south"]
    assert (load.unfetched, load.waiting) == (0, 4)
    assert not await store.release_waiting("hub-1", NOW, 30, "west", 10, 1000)
    assert not await store.release_waiting("hub-1", NOW, 30, "south", 0, 1000)
    released = await store.release_waiting("hub-1", NOW, 30, "south", 2, 1000)
    assert [(one.lane, one.targets, one.note) for one in released] == [
        ("urgent", ("south",), b"note VB-4"),
        ("normal", ("south",), b"note VB-1"),
    ]
    assert all(one.receipt is None and one.body is not None for one in released)
    load = (await store.loads())["south"]
    assert (load.unfetched, load.unfetched_bytes, load.waiting) == (2, 200, 2)
    by_size = await store.release_waiting("hub-1", NOW, 30, "south", 10, 199)
    assert [one.note for one in by_size] == [b"note VB-2"]
    too_large_for_any_window = await store.release_waiting("hub-1", NOW, 30, "south", 10, 1)
    assert [one.note for one in too_large_for_any_window] == [b"note VB-3"]
    assert (await store.loads())["south"].waiting == 0


async def test_releases_at_the_same_moment_share_the_waiting_copies(store: SqlStore) -> None:
    keys = [document_key(f"VB-{i}") for i in range(40)]
    await store.commit(keys, composer(keys, state="waiting"))
    batches = await asyncio.gather(*(store.release_waiting(f"hub-{i}", NOW, 30, "south", 7, 10**6) for i in range(8)))
    released = Counter(one.submission_id for batch in batches for one in batch)
    assert len(released) == 40
    assert set(released.values()) == {1}
    assert (await store.loads())["south"].unfetched == 40


async def test_copies_that_an_inbox_lost_are_published_again_once(store: SqlStore, database: Database) -> None:
    rows = [await put(store, f"VB-{i}", i) for i in range(1, 5)]
    await store.published([batch.outbox[0].outbox_id for _, batch in rows[:3]], event_row())
    await store.fetched([FetchRange("south", "normal", 2, 2)], NOW, lambda _: event_row())
    lost = await store.take_unfetched("hub-1", NOW, 30, "south", 10)
    # 2 was fetched, 4 is still in the outbox.
    assert [one.note for one in lost] == [b"note VB-1", b"note VB-3"]
    assert all(one.targets == ("south",) and one.receipt is None for one in lost)
    assert not await store.take_unfetched("hub-2", NOW, 30, "south", 10)
    assert (await store.loads())["south"].unfetched == 3
    await store.published([one.outbox_id for one in lost], event_row())
    assert len(await store.take_unfetched("hub-2", NOW, 30, "south", 1)) == 1
    assert not await store.take_unfetched("hub-2", NOW, 30, "west", 1)


async def test_due_submissions_are_handed_out_once(store: SqlStore) -> None:
    keys = [SubmissionKey("north", f"m{i}", document_key(f"VB-{i}").digest) for i in range(12)]

    def compose(_: Sequence[Known]) -> Batch:
        rows = [submission_row(key, "deferred", event_row().event_id) for key in keys]
        return Batch(submissions=[row._replace(retry_at=NOW + timedelta(seconds=i)) for i, row in enumerate(rows)])

    batch = await store.commit(keys, compose)
    (first,) = await store.take_deferred(NOW, 60, 10)
    assert first.submission_id == batch.submissions[0].submission_id
    assert (first.message_id, first.digest, first.body, first.received_at) == ("m0", keys[0].digest, None, NOW)
    taken = await asyncio.gather(*(store.take_deferred(NOW + timedelta(seconds=20), 60, 5) for _ in range(4)))
    ids = [one.submission_id for some in taken for one in some]
    assert len(ids) == len(set(ids))
    rest = await store.take_deferred(NOW + timedelta(seconds=20), 60, 50)
    assert len(ids) + len(rest) == 11


async def test_sequences_never_overlap(store: SqlStore) -> None:
    wanted = [{("south", "normal"): 3, ("north", "urgent"): 2}, {("north", "urgent"): 5}] * 10
    blocks = await asyncio.gather(*(store.sequences(one) for one in wanted))
    numbers: dict[tuple[str, str], list[int]] = {}
    for asked, given in zip(wanted, blocks, strict=True):
        assert asked.keys() == given.keys()
        for key, first in given.items():
            numbers.setdefault(key, []).extend(range(first, first + asked[key]))
    assert sorted(numbers["south", "normal"]) == list(range(1, 31))
    assert sorted(numbers["north", "urgent"]) == list(range(1, 71))
    assert (await store.loads())["south"].unfetched == 0


async def test_a_lease_has_one_holder_and_its_fence_grows(store: SqlStore) -> None:
    assert await store.take_lease("x", "hub-1", NOW, 10) == 1
    assert await store.take_lease("x", "hub-2", NOW, 10) is None
    assert await store.take_lease("x", "hub-1", NOW + timedelta(seconds=5), 10) == 1
    assert await store.take_lease("x", "hub-2", NOW + timedelta(seconds=12), 10) is None
    assert await store.take_lease("x", "hub-2", NOW + timedelta(seconds=15), 10) == 2
    assert await store.take_lease("x", "hub-1", NOW + timedelta(seconds=30), 10) == 3
    fences = await asyncio.gather(*(store.take_lease("y", f"hub-{i}", NOW, 10) for i in range(5)))
    assert sorted(fence for fence in fences if fence is not None) == [1]


async def test_the_log_numbers_every_event_once_without_gaps(store: SqlStore, database: Database) -> None:
    fence = await store.take_lease(SEQUENCER_LEASE, "hub-1", NOW, 10)
    assert fence is not None
    assert await store.append_log(fence, 10) == 0
    appended = 0

    async def write(start: int) -> None:
        keys = [document_key(f"VB-{start}-{i}") for i in range(10)]
        await store.commit(keys, composer(keys))

    async def number() -> None:
        nonlocal appended
        for _ in range(20):
            appended += await store.append_log(fence, 7)

    await asyncio.gather(number(), *(write(start) for start in range(8)))
    while more := await store.append_log(fence, 1000):
        appended += more
    assert appended == 80
    async with database.engine.begin() as connection:
        entries = (await connection.execute(select(tables.log_entries).order_by(tables.log_entries.c.leaf_index))).all()
        events = set(await connection.scalars(select(tables.events.c.event_id)))
    assert [row.leaf_index for row in entries] == list(range(80))
    assert {row.event_id for row in entries} == events
    assert await count(database, tables.log_pending) == 0


async def test_an_overtaken_sequencer_appends_nothing(store: SqlStore, database: Database) -> None:
    await put(store, "VB-1")
    old = await store.take_lease(SEQUENCER_LEASE, "hub-1", NOW, 10)
    new = await store.take_lease(SEQUENCER_LEASE, "hub-2", LATER, 10)
    assert old is not None
    assert new is not None
    for fence in (old, new + 1):
        with pytest.raises(LeaseLost):
            await store.append_log(fence, 10)
    assert await count(database, tables.log_entries) == 0
    assert await store.append_log(new, 10) == 1


async def test_quarantine_keeps_a_message_once(store: SqlStore, database: Database) -> None:
    event = event_row("message:quarantined")
    for _ in range(2):
        await store.quarantine("ingress", "north", "m", b"\x00poison", "crashed", event)
    assert await count(database, tables.quarantine) == await count(database, tables.events) == 1
