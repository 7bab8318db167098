"""What went out is recorded, also where a publication went out in part only."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from docaxis.backends.memory import MemoryBlobs, MemoryStore
from docaxis.hub.dispatch import Dispatch
from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import Outgoing, Remainder
from tests.integration.store_rows import composer, document_key

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class Patchy:
    """A broker that confirms everything but the copies for some endpoints."""

    def __init__(self, *unreachable: str) -> None:
        self.unreachable = unreachable

    async def publish(self, batch: Sequence[Outgoing]) -> Sequence[Remainder]:
        return [Remainder(o.outbox_id, tuple(t for t in o.targets if t in self.unreachable)) for o in batch]


def dispatched(store: MemoryStore) -> list[object]:
    acts = [json.loads(row.canonical) for row in store.events.values() if row.kind == "copies:dispatched"]
    return [act["body"]["dispatched"] for act in acts]


async def test_copies_sent_before_a_failure_are_in_the_record() -> None:
    store, broker = MemoryStore(), Patchy("west")
    dispatch = Dispatch(store, MemoryBlobs(), broker, lambda: NOW, Metrics())
    key = document_key("VB-1")
    batch = await store.commit([key], composer([key], endpoints=("south", "west", "east")))
    document = batch.documents[0].document_key
    await dispatch.publish([store.outgoing(row) for row in store.outbox.values()])
    assert dispatched(store) == [[[document.hex, ["south", "east"]]]]
    broker.unreachable = ()
    await dispatch.publish([store.outgoing(row) for row in store.outbox.values()])
    await dispatch.settle()
    assert dispatched(store) == [[[document.hex, ["south", "east"]]], [[document.hex, ["west"]]]]
    assert not store.outbox


async def test_where_only_the_receipt_went_out_nothing_is_dispatched() -> None:
    store = MemoryStore()
    dispatch = Dispatch(store, MemoryBlobs(), Patchy("south"), lambda: NOW, Metrics())
    key = document_key("VB-1")
    await store.commit([key], composer([key], endpoints=("south",)))
    await dispatch.publish([store.outgoing(row) for row in store.outbox.values()])
    assert dispatched(store) == []
    (row,) = store.outbox.values()
    assert (row.targets, row.with_receipt) == (("south",), False)
