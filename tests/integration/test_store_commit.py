"""A batch is one transaction; repeats and races end as if they had come one after the other."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from docaxis.backends import tables
from docaxis.backends.blob_rights import may_read_blob, register_upload
from docaxis.backends.database import Database
from docaxis.backends.store import SqlStore
from docaxis.hub.ports import Known, StoreRefused, SubmissionKey
from docaxis.hub.rows import AttachmentRow, Batch
from tests.integration.store_rows import NOW, accept, composer, digest_of, document_key, event_row, submission_row


async def count(database: Database, table) -> int:
    async with database.engine.begin() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def known_of(store: SqlStore, *keys: SubmissionKey) -> Sequence[Known]:
    seen: list[Known] = []

    def look(known: Sequence[Known]) -> Batch:
        seen.extend(known)
        return Batch()

    await store.commit(keys, look)
    return seen


async def test_accepted_document_is_found_again_by_message_and_by_document(store: SqlStore, database: Database) -> None:
    key = document_key("VB-1")
    batch = await store.commit([key], composer([key], endpoints=("south", "west")))
    row = batch.submissions[0]
    other_bytes = document_key("VB-1", message_id="m2", body=b"other")
    unknown = document_key("VB-2")
    message, document, nothing = await known_of(store, key, other_bytes, unknown)
    assert message.same_message is not None
    assert message.same_message.submission_id == row.submission_id
    assert message.same_message.receipt == row.receipt
    assert message.same_message.outcome == "accepted"
    assert message.same_document == message.same_message
    assert document.same_message is None
    assert document.same_document is not None
    assert document.same_document.digest == key.digest
    assert document.same_document.receipt == row.receipt
    assert nothing == Known()
    assert await count(database, tables.deliveries) == 4
    loads = await store.loads()
    assert {name: (load.unfetched, load.unfetched_bytes) for name, load in loads.items()} == {
        "south": (1, 100),
        "west": (1, 100),
    }


async def test_unreadable_packages_are_not_taken_for_one_document(store: SqlStore) -> None:
    first, second = (SubmissionKey("north", f"m{i}", digest_of(bytes([i]))) for i in range(2))
    event = event_row()
    await store.commit(
        [first], lambda _: Batch(submissions=[submission_row(first, "rejected", event.event_id)], events=[event])
    )
    (known,) = await known_of(store, second)
    assert known == Known()


async def test_blobs_are_missing_unless_this_endpoint_brought_or_got_them(store: SqlStore, database: Database) -> None:
    here, gone = digest_of(b"here"), digest_of(b"gone")
    for _ in range(2):
        await register_upload(database, "north", here, 4)

    async def missing(endpoint: str) -> tuple[str, ...]:
        key = SubmissionKey(endpoint, "m", digest_of(b"p"), blobs=(gone, here))
        (known,) = await known_of(store, key)
        return known.missing_blobs

    assert await missing("north") == (gone,)
    # To know the digest of somebody's octets is not enough to have them delivered to oneself.
    assert await missing("south") == (gone, here)
    assert not await may_read_blob(database, "south", here)
    key = document_key("VB-1")
    waiting = document_key("VB-2")

    def compose(_: Sequence[Known]) -> Batch:
        batch = Batch()
        row = accept(batch, key, 1)
        batch.attachments.append(AttachmentRow(row.submission_id, here))
        row = accept(batch, waiting, 1, endpoints=("west",), state="waiting")
        batch.attachments.append(AttachmentRow(row.submission_id, here))
        return batch

    await store.commit([key, waiting], compose)
    assert await missing("south") == (gone,)
    readers = [name for name in ("north", "south", "west") if await may_read_blob(database, name, here)]
    assert readers == ["north", "south"]
    assert await may_read_blob(database, "south", key.digest)
    assert await may_read_blob(database, "north", key.digest)
    assert not await may_read_blob(database, "west", waiting.digest)


async def test_nothing_is_written_when_any_row_is_refused(store: SqlStore, database: Database) -> None:
    good, bad = document_key("VB-1"), document_key("VB-2")

    def compose(_: Sequence[Known]) -> Batch:
        batch = Batch()
        accept(batch, good, 1)
        accept(batch, bad, 2)
        batch.outbox[1] = batch.outbox[1]._replace(leased_by=None)  # type: ignore[arg-type]
        return batch

    with pytest.raises(StoreRefused):
        await store.commit([good, bad], compose)
    for table in (
        tables.packages,
        tables.submissions,
        tables.documents,
        tables.events,
        tables.log_pending,
        tables.lanes,
    ):
        assert await count(database, table) == 0, table.name


async def test_an_error_of_compose_comes_out_unchanged_and_writes_nothing(store: SqlStore, database: Database) -> None:
    class Broken(Exception):
        pass

    def compose(_: Sequence[Known]) -> Batch:
        raise Broken

    with pytest.raises(Broken):
        await store.commit([document_key("VB-1")], compose)
    assert await count(database, tables.submissions) == 0


async def test_one_document_twice_in_a_batch_is_our_own_fault(store: SqlStore) -> None:
    keys = [document_key("VB-1"), document_key("VB-1", message_id="m2", body=b"other")]

    def compose(_: Sequence[Known]) -> Batch:
        batch = Batch()
        for number, key in enumerate(keys):
            accept(batch, key, number + 1)
        return batch

    with pytest.raises(StoreRefused, match="twice"):
        await store.commit(keys, compose)


async def test_races_for_one_document_accept_it_once(store: SqlStore, database: Database) -> None:
    async def submit(number: int) -> Batch:
        # Each batch holds the contested documents in an order of its own, with octets of its own.
        names = [f"VB-{i}" for i in range(10)]
        names = names[number:] + names[:number]
        keys = [document_key(name, message_id=f"{name}/{number}", body=b"%d" % number) for name in names]
        return await store.commit(keys, composer(keys))

    batches = await asyncio.gather(*(submit(number) for number in range(6)))
    accepted = [row.document_id for batch in batches for row in batch.documents]
    assert sorted(accepted) == sorted(f"VB-{i}" for i in range(10))
    assert await count(database, tables.documents) == 10
    assert await count(database, tables.submissions) == 60
    assert await count(database, tables.events) == await count(database, tables.log_pending) == 60


async def test_one_message_at_fifty_doors_is_one_submission_with_one_receipt(
    store: SqlStore, database: Database
) -> None:
    key = document_key("VB-1")
    receipts: list[bytes] = []

    async def submit() -> None:
        seen: list[Known] = []

        def compose(known: Sequence[Known]) -> Batch:
            seen[:] = known
            return composer([key])(known)

        batch = await store.commit([key], compose)
        earlier = seen[0].same_message
        receipts.append(batch.submissions[0].receipt if earlier is None else earlier.receipt)

    await asyncio.gather(*(submit() for _ in range(50)))
    assert len(set(receipts)) == 1
    assert await count(database, tables.submissions) == 1
    assert await count(database, tables.outbox) == 1
    assert (await store.loads())["south"].unfetched == 1


async def test_a_deferred_submission_is_decided_again_once(store: SqlStore, database: Database) -> None:
    key = document_key("VB-1")
    event = event_row("package:deferred")
    deferred = submission_row(key, "deferred", event.event_id)
    await store.commit([key], lambda _: Batch(submissions=[deferred], events=[event]))
    barrier = asyncio.Event()

    async def decide() -> Batch:
        await barrier.wait()

        def compose(known: Sequence[Known]) -> Batch:
            batch = Batch()
            same = known[0].same_message
            assert same is not None
            if same.outcome == "deferred":
                accept(batch, key, 1, redecides=deferred)
            return batch

        return await store.commit([key], compose)

    both = [asyncio.create_task(decide()) for _ in range(4)]
    barrier.set()
    batches = await asyncio.gather(*both)
    assert sum(len(batch.redecided) for batch in batches) == 1
    (known,) = await known_of(store, key)
    assert known.same_message is not None
    assert known.same_message.submission_id == deferred.submission_id
    assert known.same_message.outcome == "accepted"
    assert known.same_message.receipt != deferred.receipt
    assert await count(database, tables.documents) == 1


@pytest.mark.parametrize("table", ["events", "log_entries"])
@pytest.mark.parametrize("act", ["UPDATE {} SET event_id = event_id", "DELETE FROM {}"])
async def test_events_and_log_are_append_only(store: SqlStore, database: Database, table: str, act: str) -> None:
    key = document_key("VB-1")
    await store.commit([key], composer([key]))
    fence = await store.take_lease("sequencer", "hub-1", NOW, 10)
    assert fence is not None
    assert await store.append_log(fence, 10) == 1
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.engine.begin() as connection:
            await connection.execute(text(act.format(table)))


async def test_values_come_back_as_they_went_in(store: SqlStore, database: Database) -> None:
    key = document_key("Số 12/QĐ-UBND")
    batch = await store.commit([key], composer([key]))
    async with database.engine.begin() as connection:
        submission = (await connection.execute(select(tables.submissions))).one()
        document = (await connection.execute(select(tables.documents))).one()
        event = (await connection.execute(select(tables.events))).one()
        deliveries = (await connection.execute(select(tables.deliveries).order_by(tables.deliveries.c.organ_id))).all()
    assert tuple(submission) == batch.submissions[0]
    assert tuple(document) == (*batch.documents[0], "active", None)
    assert tuple(event) == batch.events[0]
    assert [tuple(row) for row in deliveries] == batch.deliveries
    assert submission.received_at.tzinfo is not None
