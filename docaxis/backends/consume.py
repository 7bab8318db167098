"""The consuming half of the broker: arrivals in batches, acknowledged in ranges, rebuilt by itself after any loss."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiormq.abc import AbstractChannel, AbstractConnection, DeliveredMessage

from docaxis.backends.amqp import Broker, BrokerUnavailable, backoff_s, broker_calls, connected

log = structlog.get_logger(__name__)

WATCH_INTERVAL_S = 10.0


@dataclass(eq=False, slots=True)
class Frontier:
    """Acknowledges a channel's deliveries up to the first one that is still in work, many at once."""

    channel: AbstractChannel
    open_tags: deque[int] = field(default_factory=deque)
    done_tags: set[int] = field(default_factory=set)

    def arrived(self, tag: int) -> None:
        """Note a delivery; tags come in growing order."""
        self.open_tags.append(tag)

    async def done(self, tags: Sequence[int]) -> None:
        """Mark deliveries as finished and acknowledge what has become contiguous; a closed channel is no error."""
        self.done_tags.update(tags)
        last = 0
        while self.open_tags and self.open_tags[0] in self.done_tags:
            last = self.open_tags.popleft()
            self.done_tags.discard(last)
        if last and not self.channel.is_closed:
            try:
                with broker_calls():
                    await self.channel.basic_ack(last, multiple=True)
            except BrokerUnavailable:
                log.info("ack lost with its channel; the broker delivers again")


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message as it came, with the frontier that acknowledges it."""

    queue: str
    message: DeliveredMessage
    frontier: Frontier
    tag: int


async def acknowledge(batch: Sequence[Delivered]) -> None:
    """Acknowledge a batch whose work is done, each channel once."""
    by_frontier: dict[Frontier, list[int]] = {}
    for delivered in batch:
        by_frontier.setdefault(delivered.frontier, []).append(delivered.tag)
    for frontier, tags in by_frontier.items():
        await frontier.done(tags)


class Consumer:
    """Consumes the named queues, each on a channel of its own with its own prefetch, on one supervised connection."""

    def __init__(
        self,
        broker: Broker,
        name: str,
        prefetch: Mapping[str, int],
        prepare: Callable[[AbstractChannel], Awaitable[None]] | None = None,
    ) -> None:
        self._broker = broker
        self._name = name
        self._prefetch = dict(prefetch)
        self._prepare = prepare
        self._waiting: dict[str, deque[Delivered]] = {queue: deque() for queue in prefetch}
        self._arrived = asyncio.Event()
        self.connected = False

    async def run(self) -> None:
        """Consume until cancelled; after any loss wait a little and build everything anew."""
        attempt = 0
        while True:
            try:
                async with connected(self._broker, self._name) as connection:
                    with broker_calls():
                        await self._consume(connection)
                    attempt = 0
            except BrokerUnavailable as error:
                log.warning("not consuming", consumer=self._name, error=str(error))
            finally:
                self.connected = False
                self._forget()
            attempt += 1
            await asyncio.sleep(backoff_s(attempt))

    async def take(self, most: int, wait_s: float) -> list[Delivered]:
        """Return 1 to `most` deliveries: waits for the first without end, then up to wait_s for more.

        Earlier queues of the mapping go first, but while later ones wait too they keep a fifth of the batch.
        """
        batch: list[Delivered] = []
        while not batch:
            while not self._ready():
                self._arrived.clear()
                await self._arrived.wait()
            if self._ready() < most and wait_s > 0:
                await asyncio.sleep(wait_s)
            # Empty again when another worker was quicker, or when the connection was lost meanwhile.
            batch = self._pick(most)
        return batch

    def _ready(self) -> int:
        return sum(map(len, self._waiting.values()))

    def _pick(self, most: int) -> list[Delivered]:
        batch: list[Delivered] = []
        queues = list(self._waiting.values())
        for position, queue in enumerate(queues):
            reserved = most // 5 if any(queues[position + 1 :]) else 0
            # A short batch is soon through: one urgent document must not wait until a hundred normal ones are decided.
            room = min(most - len(batch), most // 5) if batch else most
            batch += [queue.popleft() for _ in range(min(len(queue), room - reserved))]
        return batch

    async def _consume(self, connection: AbstractConnection) -> None:
        if self._prepare:
            channel = await connection.channel(publisher_confirms=False)
            await self._prepare(channel)
            await channel.close()
        for queue, prefetch in self._prefetch.items():
            channel = await connection.channel(publisher_confirms=False)
            await channel.basic_qos(prefetch_count=prefetch)
            await channel.basic_consume(queue, self._sink(queue, Frontier(channel)))
        self.connected = True
        log.info("consuming", consumer=self._name, queues=list(self._prefetch))
        await self._watch(connection)

    def _sink(self, queue: str, frontier: Frontier) -> Callable[[DeliveredMessage], Coroutine[Any, Any, None]]:
        waiting, arrived = self._waiting[queue], self._arrived

        async def sink(message: DeliveredMessage) -> None:
            tag = message.delivery_tag or 0
            frontier.arrived(tag)
            waiting.append(Delivered(queue, message, frontier, tag))
            arrived.set()

        return sink

    async def _watch(self, connection: AbstractConnection) -> None:
        """Return when the connection ends or the broker says that a queue has lost its consumer."""
        closing = asyncio.ensure_future(asyncio.shield(connection.closing))
        try:
            while True:
                done, _ = await asyncio.wait({closing}, timeout=WATCH_INTERVAL_S)
                if done:
                    return
                # The client object may believe in a consumer that the broker has dropped, so the broker is asked.
                async with asyncio.timeout(WATCH_INTERVAL_S):
                    channel = await connection.channel(publisher_confirms=False)
                    counts = {
                        queue: (await channel.queue_declare(queue, passive=True)).consumer_count
                        for queue in self._prefetch
                    }
                    await channel.close()
                if not all(counts.values()):
                    log.warning("queue without consumer", consumer=self._name, counts=counts)
                    return
        finally:
            closing.cancel()

    def _forget(self) -> None:
        """Drop what was delivered on the lost connection: the broker delivers it again."""
        for waiting in self._waiting.values():
            waiting.clear()
