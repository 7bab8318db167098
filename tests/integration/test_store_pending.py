"""What is under way and since when, and the database's own time: the figures that operators watch."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from docaxis.backends.leases import SEQUENCER_LEASE
from docaxis.hub.ports import Known, Store
from docaxis.hub.rows import Batch, SubmissionRow
from tests.integration.store_rows import NOW, accept, document_key, event_row, submission_row


async def accept_at(store: Store, name: str, at: datetime, sequence: int = 1, **options) -> SubmissionRow:
    """Commit a document with everything of it dated so."""
    key = document_key(name)

    def compose(_: Sequence[Known]) -> Batch:
        batch = Batch()
        accept(batch, key, sequence, **options)
        batch.events = [row._replace(at=at) for row in batch.events]
        batch.documents = [row._replace(accepted_at=at) for row in batch.documents]
        batch.outbox = [row._replace(created_at=at) for row in batch.outbox]
        return batch

    return (await store.commit([key], compose)).submissions[0]


async def test_nothing_is_pending_at_first_and_the_database_tells_its_time(store: Store) -> None:
    before = datetime.now(UTC)
    pending = await store.pending()
    assert before - timedelta(seconds=1) <= pending.database_at <= datetime.now(UTC) + timedelta(seconds=1)
    assert (pending.outbox, pending.deferred, pending.events) == (0, 0, 0)
    assert (pending.outbox_at, pending.waiting_at, pending.events_at) == (None, None, None)


async def test_the_oldest_counts_whatever_its_lane(store: Store) -> None:
    hour = timedelta(hours=1)
    await accept_at(store, "VB-1", NOW + hour, 1, lane="urgent")
    await accept_at(store, "VB-2", NOW, 1)
    await accept_at(store, "VB-3", NOW + 2 * hour, 2)
    pending = await store.pending()
    assert (pending.outbox, pending.outbox_at) == (3, NOW)
    assert pending.waiting_at is None


async def test_the_longest_waiting_copy_is_found_among_all_lanes(store: Store) -> None:
    hour = timedelta(hours=1)
    await accept_at(store, "VB-1", NOW - hour, 1)
    await accept_at(store, "VB-2", NOW + hour, 2, state="waiting")
    await accept_at(store, "VB-3", NOW + 2 * hour, 3, state="waiting")
    await accept_at(store, "VB-4", NOW, 1, state="waiting", endpoints=("west",), lane="urgent")
    assert (await store.pending()).waiting_at == NOW
    await store.release_waiting("hub-1", NOW, 30, "west", 10, 1000)
    assert (await store.pending()).waiting_at == NOW + hour
    await store.release_waiting("hub-1", NOW, 30, "south", 1, 1000)
    assert (await store.pending()).waiting_at == NOW + 2 * hour
    await store.release_waiting("hub-1", NOW, 30, "south", 10, 1000)
    assert (await store.pending()).waiting_at is None


async def test_events_wait_for_their_place_in_the_log(store: Store) -> None:
    for number in range(3):
        await accept_at(store, f"VB-{number}", NOW + timedelta(minutes=number), number + 1)
    pending = await store.pending()
    assert (pending.events, pending.events_at) == (3, NOW)
    fence = await store.take_lease(SEQUENCER_LEASE, "hub-1", NOW, 10)
    assert fence is not None
    await store.append_log(fence, 2)
    pending = await store.pending()
    assert (pending.events, pending.events_at) == (1, NOW + timedelta(minutes=2))
    await store.append_log(fence, 2)
    assert (await store.pending()).events_at is None


async def test_deferred_submissions_are_counted_and_no_others(store: Store) -> None:
    await accept_at(store, "VB-1", NOW)
    keys = [document_key(f"VB-{number}") for number in range(2, 5)]

    def compose(_: Sequence[Known]) -> Batch:
        outcomes = ("deferred", "deferred", "rejected")
        return Batch(
            submissions=[
                submission_row(key, outcome, event_row().event_id) for key, outcome in zip(keys, outcomes, strict=True)
            ]
        )

    await store.commit(keys, compose)
    assert (await store.pending()).deferred == 2
