"""The receiving half: queues with a channel each on one supervised connection, rebuilt by itself after any loss."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field

import structlog
from aiormq.abc import AbstractChannel, AbstractConnection, DeliveredMessage

from adapters.connection import BROKER_ERRORS, BrokerUnavailableError, backoff_s, connected
from adapters.settings import BrokerSettings

log = structlog.get_logger(__name__)

WATCH_INTERVAL_S = 10.0
BROKER_PATIENCE_S = 10.0


@dataclass(eq=False, slots=True)
class Tags:
    """The deliveries of one channel that are not acknowledged yet, in their order."""

    channel: AbstractChannel
    open: dict[int, None] = field(default_factory=dict)

    async def acknowledge(self, tags: Iterable[int]) -> None:
        """Acknowledge: all before the first open one at once, those behind it singly; a lost channel is no error."""
        done = sorted(tag for tag in tags if tag in self.open)
        for tag in done:
            del self.open[tag]
        first_open = next(iter(self.open), None)
        together = [tag for tag in done if first_open is None or tag < first_open]
        try:
            async with asyncio.timeout(BROKER_PATIENCE_S):
                if together:
                    await self.channel.basic_ack(together[-1], multiple=True)
                for tag in done[len(together) :]:
                    await self.channel.basic_ack(tag)
        except BROKER_ERRORS:
            log.info("acknowledgement lost with its channel; the broker delivers again")


@dataclass(frozen=True, slots=True, eq=False)
class Delivered:
    """A message as it came from one of the queues."""

    queue: str
    message: DeliveredMessage
    tags: Tags
    tag: int


async def acknowledge(batch: Iterable[Delivered]) -> None:
    """Tell the broker that it may forget these messages."""
    by_channel: dict[Tags, list[int]] = {}
    for delivered in batch:
        by_channel.setdefault(delivered.tags, []).append(delivered.tag)
    for tags, numbers in by_channel.items():
        await tags.acknowledge(numbers)


class Consumer:
    """Consumes the named queues, each with its own prefetch; earlier queues go first, later ones are never starved."""

    def __init__(self, settings: BrokerSettings, name: str, prefetch: Mapping[str, int]) -> None:
        self._settings = settings
        self._name = name
        self._prefetch = dict(prefetch)
        self._waiting: dict[str, deque[Delivered]] = {queue: deque() for queue in prefetch}
        self._channels: dict[str, AbstractChannel] = {}
        self._arrived = asyncio.Event()

    async def run(self) -> None:
        """Consume until cancelled; after any loss wait a little and build everything anew."""
        attempt = 0
        while True:
            try:
                async with connected(self._settings, self._name) as connection:
                    await self._consume(connection)
                    attempt = 0
                    await self._watch(connection)
            except BrokerUnavailableError as error:
                log.warning("broker unavailable", consumer=self._name, error=str(error))
            except BROKER_ERRORS as error:
                log.warning("consumer lost", consumer=self._name, error=type(error).__name__)
            except Exception:
                # Whatever it was, an endpoint that no longer listens is worse.
                log.exception("consumer failed", consumer=self._name)
            finally:
                self._forget()
            attempt += 1
            await asyncio.sleep(backoff_s(attempt))

    async def arrived(self, timeout_s: float | None = None) -> None:
        """Return as soon as a message waits here, or after timeout_s."""
        while not any(self._waiting.values()):
            self._arrived.clear()
            try:
                async with asyncio.timeout(timeout_s):
                    await self._arrived.wait()
            except TimeoutError:
                return

    async def settled(self, queue: str) -> bool:
        """Whether all that the broker held for this queue has come; False while it cannot be told.

        A passive declare on the queue's own channel is answered behind every delivery that the queue has made before.
        """
        channel = self._channels.get(queue)
        if channel is None or channel.is_closed:
            return False
        try:
            async with asyncio.timeout(BROKER_PATIENCE_S):
                answer = await channel.queue_declare(queue, passive=True)
        except BROKER_ERRORS:
            return False
        return answer.message_count == 0

    def waits(self, queues: Iterable[str]) -> bool:
        """Whether a message of these queues waits here."""
        return any(self._waiting[queue] for queue in queues)

    def take(self, queues: Iterable[str], most: int) -> list[Delivered]:
        """Return up to `most` waiting messages; while later queues wait too, they keep a fifth of the batch."""
        batch: list[Delivered] = []
        chosen = [self._waiting[queue] for queue in queues]
        for position, queue in enumerate(chosen):
            reserved = max(1, most // 5) if any(chosen[position + 1 :]) and most > 1 else 0
            while queue and len(batch) < most - reserved:
                batch.append(queue.popleft())
        return batch

    def put_back(self, delivered: Delivered) -> None:
        """Let a message wait here again, first in its queue; nothing happens when the broker delivers it again anyway."""
        if delivered.tags.channel is self._channels.get(delivered.queue):
            self._waiting[delivered.queue].appendleft(delivered)
            self._arrived.set()

    async def _consume(self, connection: AbstractConnection) -> None:
        async with asyncio.timeout(BROKER_PATIENCE_S):
            for queue, prefetch in self._prefetch.items():
                channel = await connection.channel(publisher_confirms=False)
                self._channels[queue] = channel
                await channel.basic_qos(prefetch_count=prefetch)
                await channel.basic_consume(queue, self._sink(queue, Tags(channel)))
        log.info("consuming", consumer=self._name)

    def _sink(self, queue: str, tags: Tags) -> Callable[[DeliveredMessage], Coroutine[None, None, None]]:
        waiting, arrived = self._waiting[queue], self._arrived

        async def sink(message: DeliveredMessage) -> None:
            tag = message.delivery_tag or 0
            tags.open[tag] = None
            waiting.append(Delivered(queue, message, tags, tag))
            arrived.set()

        return sink

    async def _watch(self, connection: AbstractConnection) -> None:
        """Return when the connection ends or a queue has no consumer at the broker; raises for a lost channel."""
        closing = asyncio.ensure_future(asyncio.shield(connection.closing))
        try:
            while True:
                done, _ = await asyncio.wait({closing}, timeout=WATCH_INTERVAL_S)
                if done:
                    return
                # The client object may believe in a consumer that the broker has dropped, so the broker is asked.
                async with asyncio.timeout(BROKER_PATIENCE_S):
                    counts = {
                        queue: (await channel.queue_declare(queue, passive=True)).consumer_count
                        for queue, channel in self._channels.items()
                    }
                if not all(counts.values()):
                    log.warning("queue without consumer", consumer=self._name)
                    return
        finally:
            closing.cancel()

    def _forget(self) -> None:
        """Drop what was delivered on the lost connection: the broker delivers it again."""
        self._channels.clear()
        for waiting in self._waiting.values():
            waiting.clear()
