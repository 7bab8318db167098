"""The twin in memory is judged by the laws of the store itself."""

import asyncio

import pytest
from hypothesis import given

from docaxis.backends.leases import SEQUENCER_LEASE
from docaxis.backends.memory import MemoryBlobs, MemoryStore
from docaxis.hub.ports import BlobStore, FetchRange, LeaseLost, Remainder, Store, StoreRefused
from docaxis.hub.rows import Batch
from tests.integration import test_store_fetched as ranges
from tests.integration import test_store_outbox as outbox
from tests.integration import test_store_pending as pending
from tests.integration.store_rows import NOW, accept, composer, document_key, event_row

SHARED = (
    outbox.test_a_lease_that_ran_out_brings_the_publication_back_whole,
    outbox.test_urgent_first_then_oldest,
    outbox.test_a_receipt_alone_carries_no_octets,
    outbox.test_two_processes_never_take_the_same_publication,
    outbox.test_waiting_copies_are_released_urgent_first_and_fill_the_window,
    outbox.test_releases_at_the_same_moment_share_the_waiting_copies,
    outbox.test_due_submissions_are_handed_out_once,
    outbox.test_sequences_never_overlap,
    outbox.test_a_lease_has_one_holder_and_its_fence_grows,
    pending.test_nothing_is_pending_at_first_and_the_database_tells_its_time,
    pending.test_the_oldest_counts_whatever_its_lane,
    pending.test_the_longest_waiting_copy_is_found_among_all_lanes,
    pending.test_events_wait_for_their_place_in_the_log,
    pending.test_deferred_submissions_are_counted_and_no_others,
)


@pytest.mark.parametrize("law", SHARED, ids=lambda law: law.__name__)
async def test_the_laws_of_the_store_hold_in_memory(law) -> None:
    await law(MemoryStore())


@given(ranges.dispatched_numbers, ranges.acknowledgements)
def test_ranges_are_sets_in_memory(dispatched: set[int], batches: list[list[FetchRange]]) -> None:
    asyncio.run(ranges.check(MemoryStore(), dispatched, batches, ""))


def test_the_twins_fulfil_the_ports() -> None:
    store: Store = MemoryStore()
    blobs: BlobStore = MemoryBlobs()
    assert store is not None
    assert blobs is not None


async def test_known_facts_repeats_and_the_log() -> None:
    store = MemoryStore()
    key = document_key("VB-1")
    other = document_key("VB-1", message_id="m2", body=b"other")
    await store.commit([key], composer([key]))
    batch = await store.commit([key, other], composer([key, other]))
    assert [row.outcome for row in batch.submissions] == ["rejected"]
    twice = [document_key("VB-2"), document_key("VB-2", message_id="m3", body=b"x")]

    def compose(_) -> Batch:
        batch = Batch()
        for one in twice:
            accept(batch, one, 1)
        return batch

    with pytest.raises(StoreRefused):
        await store.commit(twice, compose)
    with pytest.raises(LeaseLost):
        await store.append_log(1, 10)
    assert await store.take_lease(SEQUENCER_LEASE, "hub-1", NOW, 10) == 1
    assert await store.append_log(1, 10) == 2
    (row,) = store.outbox.values()
    await store.narrow([Remainder(row.outbox_id)], None)
    await store.published([row.outbox_id], event_row())
    assert len(store.events) == 2
    for _ in range(2):
        await store.quarantine("ingress", "north", "m", b"x", "crashed", event_row()._replace(event_id=row.outbox_id))
    assert len(store.events) == 3


async def test_narrowing_is_recorded_when_it_changes_a_row() -> None:
    store = MemoryStore()
    key = document_key("VB-1")
    batch = await store.commit([key], composer([key], endpoints=("south", "west")))
    left = Remainder(batch.outbox[0].outbox_id, targets=("west",))
    for recorded in (2, 2):
        await store.narrow([left], event_row("copies:dispatched"))
        assert len(store.events) == recorded
    await store.narrow([Remainder(left.outbox_id)], event_row("copies:dispatched"))
    assert (len(store.events), store.outbox) == (3, {})
    await store.narrow([left], event_row("copies:dispatched"))
    assert (len(store.events), store.outbox) == (3, {})


async def test_blobs_in_memory() -> None:
    blobs = MemoryBlobs()
    await blobs.write("sha256:aa", b"abc")
    assert (await blobs.read("sha256:aa"), await blobs.size_bytes("sha256:aa")) == (b"abc", 3)
    assert await blobs.size_bytes("sha256:bb") is None
