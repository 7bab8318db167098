"""Publishes what was committed and forgets it in the outbox once the broker has confirmed; many batches settle in one go."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from docaxis.domain import wire
from docaxis.hub.acts import act
from docaxis.hub.failpoints import failpoint
from docaxis.hub.metrics import Metrics
from docaxis.hub.ports import BlobStore, Outgoing, Publisher, Remainder, Store, StoreUnavailable
from docaxis.hub.rounds import again_and_again
from docaxis.hub.rows import EventRow

log = structlog.get_logger(__name__)

Sent = tuple[UUID, Sequence[str]]
"""A document, and the endpoints whose copies of it the broker has confirmed."""

SETTLE_INTERVAL_S = 0.1
UNDER_WAY_MAX = 30
"""Batches in publication at once: while the broker takes nothing, memory must not fill with what it will not take."""


class Dispatch:
    """Between the store and the broker; a publication that is not confirmed keeps its lease and comes back by the sweeper."""

    def __init__(
        self, store: Store, blobs: BlobStore, publisher: Publisher, clock: Callable[[], datetime], metrics: Metrics
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._publisher = publisher
        self._clock = clock
        self._metrics = metrics
        self._confirmed: list[Outgoing] = []
        self._under_way: set[asyncio.Task[None]] = set()

    def start(self, outgoing: Sequence[Outgoing]) -> asyncio.Task[None]:
        """Publish in the background; the task never raises, and is awaited by `drain`."""
        if len(self._under_way) >= UNDER_WAY_MAX:
            log.warning("too many publications under way; left to the outbox", publications=len(outgoing))
            outgoing = ()
        task = asyncio.create_task(self._publish_quietly(outgoing))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def drain(self) -> None:
        """Wait for publications under way, and settle."""
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self.settle()

    async def _publish_quietly(self, outgoing: Sequence[Outgoing]) -> None:
        try:
            await self.publish(outgoing)
        except StoreUnavailable as error:
            log.warning("dispatch not recorded; its lease runs out", error=str(error))
        except Exception:
            # What is committed stays in the outbox, so a fault here delays it and loses nothing.
            log.exception("dispatch failed; its lease runs out")

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        """Publish a batch; the broker's trouble is no error here."""
        if not outgoing:
            return
        for one in outgoing:
            if one.targets and len(one.note) > wire.NOTE_HEADER_BYTES_MAX:
                await self._blobs.write(wire.digest_of(one.note), one.note)
        remainders = await self._publisher.publish(outgoing)
        narrowed: list[Remainder] = []
        sent: list[Sent] = []
        copies = 0
        for one, left in zip(outgoing, remainders, strict=True):
            if one.document_key:
                copies += len(one.targets) - len(left.targets)
            if left.done:
                self._confirmed.append(one)
                continue
            self._metrics.unconfirmed()
            if (left.targets, left.notices, left.with_receipt) != (
                one.targets,
                one.notices,
                one.receipt is not None,
            ):
                narrowed.append(left)
                targets = [target for target in one.targets if target not in left.targets]
                if targets and one.document_key:
                    sent.append((one.document_key, targets))
        self._metrics.published(copies)
        if narrowed:
            await self._store.narrow(narrowed, self._event(sent))

    async def settle(self) -> None:
        """Forget what was confirmed, in one transaction with the event that records the dispatch."""
        confirmed, self._confirmed = self._confirmed, []
        if not confirmed:
            return
        failpoint("confirmed")
        event = self._event([(one.document_key, one.targets) for one in confirmed if one.document_key and one.targets])
        try:
            await self._store.published([one.outbox_id for one in confirmed], event)
        except (StoreUnavailable, asyncio.CancelledError):
            # Cancelled at the end of the process: the last words settle it.
            self._confirmed = confirmed + self._confirmed
            raise

    async def run(self) -> None:
        """Settle again and again until cancelled."""
        # What is confirmed and stays in the outbox after a fault is published again, and receivers drop repeats.
        await again_and_again(self.settle, SETTLE_INTERVAL_S, log, waits="cannot settle", failed="settling failed")

    def _event(self, sent: Sequence[Sent]) -> EventRow | None:
        if not sent:
            return None
        dispatched = [[key.hex, list(targets)] for key, targets in sent]
        return act("copies:dispatched", self._clock(), {"dispatched": dispatched})
