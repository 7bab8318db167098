"""Faults that pass without an end of the process are counted where they are met."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest

from docaxis.backends.memory import MemoryBlobs, MemoryStore
from docaxis.hub.dispatch import Dispatch
from docaxis.hub.intake import Intake, Message
from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import BlobsUnavailable, Outgoing, Remainder
from docaxis.hub.sweeper import Sweeper
from docaxis.hub.window import Window
from tests.integration.store_rows import NOW, composer, document_key, event_row
from tests.simulator import Country


def clock() -> datetime:
    return NOW


def counted(metrics: Metrics, name: str) -> float | None:
    return metrics.registry.get_sample_value(f"docaxis_{name}_total")


class Shelf:
    """A publisher that confirms all, or leaves all."""

    def __init__(self, *, confirms: bool) -> None:
        self.confirms = confirms
        self.seen: list[Outgoing] = []

    async def publish(self, batch: Sequence[Outgoing]) -> Sequence[Remainder]:
        self.seen += batch
        return [
            Remainder(one.outbox_id) if self.confirms else Remainder(one.outbox_id, one.targets, one.notices)
            for one in batch
        ]


class AllShort:
    """Inboxes that have lost everything."""

    async def short_of(self, unfetched: Mapping[str, int]) -> Sequence[str]:
        return [endpoint for endpoint, count in unfetched.items() if count]


async def filled() -> MemoryStore:
    store = MemoryStore()
    keys = [document_key(f"VB-{number}") for number in range(3)]
    await store.commit(keys, composer(keys))
    return store


async def test_publications_that_stay_in_the_outbox_are_counted_by_try() -> None:
    store, metrics, shelf = await filled(), Metrics(), Shelf(confirms=False)
    dispatch = Dispatch(store, MemoryBlobs(), shelf, clock, metrics)
    batch = [store.outgoing(row) for row in store.outbox.values()]
    await dispatch.publish(batch)
    await dispatch.publish(batch[:1])
    assert counted(metrics, "publications_unconfirmed") == 4
    shelf.confirms = True
    await dispatch.publish(batch)
    assert counted(metrics, "publications_unconfirmed") == 4
    assert counted(metrics, "copies_dispatched") == 3


async def test_inbox_that_lost_copies_is_counted_with_them() -> None:
    store, metrics, shelf = await filled(), Metrics(), Shelf(confirms=True)
    await store.published(list(store.outbox), event_row())
    nothing: Any = None
    settings = Country().settings()
    sweeper = Sweeper(
        store, MemoryBlobs(), AllShort(), Dispatch(store, MemoryBlobs(), shelf, clock, metrics), nothing, settings,
        Window(100, 10**6), clock, metrics, 1.0, 1.0,
    )  # fmt: skip
    await sweeper.inspect()
    assert counted(metrics, "inboxes_short") == 0  # committed just now: perhaps on its way
    await sweeper.inspect()
    assert counted(metrics, "inboxes_short") == 1
    assert counted(metrics, "copies_republished") == len(shelf.seen) == 3


async def test_arrival_that_the_blob_store_cannot_keep_is_counted_and_waits() -> None:
    class Full(MemoryBlobs):
        async def write(self, digest: str, body: bytes) -> None:
            raise BlobsUnavailable("No space left on device")

    nothing: Any = None
    store, metrics, country = MemoryStore(), Metrics(), Country()
    settings = country.settings()
    intake = Intake(store, Full(), nothing, lambda: country.snapshot, settings, Window(1, 1), clock, metrics)
    large = Message(b"x" * (settings.inline_limit_bytes + 1), "north", "normal", "m-1", False, False)
    with pytest.raises(BlobsUnavailable, match="No space left"):
        await intake.handle([large])
    assert counted(metrics, "blobs_unavailable") == 1
    assert not store.submissions
