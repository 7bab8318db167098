"""Receiving: control before each batch, urgent before normal, written durably before anything is acknowledged."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence

import structlog

from adapters.blobs import BlobError, Blobs
from adapters.consumer import Consumer, Delivered, acknowledge
from adapters.control import Control
from adapters.delivery import (
    NOTE_BYTES_MAX,
    Delivery,
    SetAside,
    TryLaterError,
    UntrustedError,
    check_body,
    delivery_of,
    read_parcel,
    verify_note,
)
from adapters.failpoints import failpoint
from adapters.journal import Journal, Withdrawn, Written
from adapters.publisher import Publisher, SendError
from adapters.receiver import Receiver
from adapters.set_aside import aside_of, set_aside_once
from adapters.settings import EndpointSettings
from adapters.telling import Telling
from docaxis.domain import wire

log = structlog.get_logger(__name__)

TELL_AGAIN_S = 2.0
CONTROL_AT_ONCE = 200
MISSING_TRIES = 5
RETRY_S_MAX = 300.0


class Inbox:
    """An endpoint's control queue and two lanes."""

    def __init__(
        self, settings: EndpointSettings, consumer: Consumer, publisher: Publisher, blobs: Blobs, journal: Journal
    ) -> None:
        self._settings = settings
        self._consumer = consumer
        self._telling = Telling(settings.id, publisher)
        self._blobs = blobs
        self._journal = journal
        self._control = Control(settings, self._telling, blobs, journal)
        self._control_queue = settings.queue("control")
        self._lanes = tuple(settings.queue(lane) for lane in wire.LANES)
        self._failures: dict[str, int] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    async def receive(self, receiver: Receiver, most: int) -> None:
        """Receive until cancelled; an exception of the receiver ends it, nothing unwritten is acknowledged then."""
        while True:
            await self._consumer.arrived()
            if not await self._drain_control(receiver):
                await asyncio.sleep(0.1)
                continue
            await self._handle(self._consumer.take(self._lanes, most), receiver)

    async def receive_waiting(self, receiver: Receiver, most: int, patience_s: float) -> int:
        """Receive what waits now and return how many were written; what must be tried later is left.

        Gives up after patience_s without a broker: TimeoutError.
        """
        count = 0
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            if not await self._drain_control(receiver):
                await asyncio.sleep(0.1)
                continue
            until = time.monotonic() + patience_s
            batch = self._consumer.take(self._lanes, most)
            count += await self._handle(batch, receiver)
            settled = [await self._consumer.settled(lane) for lane in self._lanes]
            if not batch and all(settled) and not self._consumer.waits(self._lanes):
                return count
        raise TimeoutError

    def close(self) -> None:
        """Forget what was to be tried later: unacknowledged, the broker gives it to the next client."""
        for timer in self._timers:
            timer.cancel()

    async def _drain_control(self, receiver: Receiver) -> bool:
        """Handle all that waits in the control queue; False when that cannot be done now, or nobody knows whether it is all.

        The lanes wait meanwhile: what stands there may have been taken back by what stands here.
        """
        while True:
            left = deque(self._consumer.take((self._control_queue,), CONTROL_AT_ONCE))
            if left:
                try:
                    await self._control.take(left, receiver)
                except (SendError, BlobError) as error:
                    log.warning("control held up, and the lanes behind it", reason=str(error))
                    self._put_back(left)
                    await asyncio.sleep(TELL_AGAIN_S)
                    return False
                except BaseException:
                    self._put_back(left)
                    raise
                continue
            settled = await self._consumer.settled(self._control_queue)
            if not self._consumer.waits((self._control_queue,)):
                return settled

    async def _handle(self, batch: Sequence[Delivered], receiver: Receiver) -> int:
        """Write a batch; return how many were new. What is done is settled even when something in between fails."""
        if not batch:
            return 0
        new: list[Written] = []
        repeated: list[Written] = []
        withdrawn: list[Withdrawn] = []
        done: list[Delivered] = []
        left = deque(batch)
        try:
            known = await asyncio.to_thread(self._known, [_key_of(delivered) for delivered in batch])
            while left:
                key = _key_of(left[0])
                outcome = known.get(key) or await self._write(left[0], receiver)
                delivered = left.popleft()
                if isinstance(outcome, Written):
                    (repeated if key in known else new).append(outcome)
                    known[key] = outcome
                if isinstance(outcome, Withdrawn):
                    withdrawn.append(outcome)
                if outcome:
                    done.append(delivered)
        finally:
            self._put_back(left)
            await self._settle(new, repeated, withdrawn, done)
        return len(new)

    def _known(self, keys: Sequence[str]) -> dict[str, Written | Withdrawn]:
        """Return what has become of these before: written, or taken back, never both."""
        return {**self._journal.withdrawn(keys), **self._journal.written(keys)}

    async def _write(self, delivered: Delivered, receiver: Receiver) -> Written | SetAside | None:
        """Write one delivery; SetAside when it was refused and kept, None when it is to be tried later."""
        key = _key_of(delivered)
        try:
            delivery = await self._read(delivered)
            await receiver.write(delivery)
        except UntrustedError as error:
            return await self._set_aside(delivered, str(error), receiver)
        except BlobError as error:
            if not error.temporary and self._failures.get(key, 0) + 1 >= MISSING_TRIES:
                return await self._set_aside(delivered, str(error), receiver)
            self._try_later(delivered, key, str(error))
            return None
        except TryLaterError as error:
            self._try_later(delivered, key, str(error))
            return None
        failpoint("delivery-written")
        self._failures.pop(key, None)
        return Written(key, delivery.lane, delivery.sequence, delivery.note.digest)

    async def _read(self, delivered: Delivered) -> Delivery:
        """Fetch and verify; raises UntrustedError, BlobError."""
        parcel = read_parcel(delivered.message)
        hub, endpoint = self._settings.hub.certificates, self._settings.id
        note_bytes = parcel.note or await self._blobs.get(parcel.note_digest, NOTE_BYTES_MAX)
        note = verify_note(parcel, note_bytes, hub, endpoint)
        body = await self._blobs.get(note.digest, note.size_bytes) if parcel.claim else parcel.body
        check_body(body, note)
        return delivery_of(parcel, body, note, note_bytes, endpoint)

    async def _settle(
        self, new: list[Written], repeated: list[Written], withdrawn: list[Withdrawn], done: list[Delivered]
    ) -> None:
        """Journal, tell the hub, then the broker: after a death in between it comes again and counts as repeated."""
        try:
            if new:
                failpoint("before-journal")
                await asyncio.to_thread(self._journal.put_written, new)
                failpoint("after-journal")
            if new or repeated:
                await self._telling.fetched([*new, *repeated])
                failpoint("after-fetched")
            if withdrawn:
                await self._telling.withdrawn(withdrawn)
        except SendError as error:
            log.warning("the hub could not be told what was fetched", reason=str(error))
            self._put_back(done)
            # A refused login is told at once, and asking again at once would be refused again.
            await asyncio.sleep(TELL_AGAIN_S)
            return
        except BaseException:
            self._put_back(done)
            raise
        await acknowledge(done)
        if new:
            failpoint("after-ack")

    async def _set_aside(self, delivered: Delivered, reason: str, receiver: Receiver) -> SetAside:
        aside = aside_of(delivered, reason)
        await set_aside_once(aside, self._journal, receiver.refuse)
        return aside

    def _try_later(self, delivered: Delivered, key: str, reason: str) -> None:
        """Let it wait, unacknowledged, while the others go on."""
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        wait_s = min(RETRY_S_MAX, 0.5 * 2.0 ** min(failures, 10))
        log.warning("delivery tried later", document_key=key, reason=reason, wait_s=wait_s)

        def again() -> None:
            self._timers.discard(timer)
            self._consumer.put_back(delivered)

        timer = asyncio.get_running_loop().call_later(wait_s, again)
        self._timers.add(timer)

    def _put_back(self, batch: Sequence[Delivered]) -> None:
        for delivered in reversed(batch):
            self._consumer.put_back(delivered)


def _key_of(delivered: Delivered) -> str:
    return delivered.message.header.properties.message_id or ""
