"""The consuming half of the broker: arrivals in batches, acknowledged in ranges, rebuilt by itself after any loss."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog
from aiormq.abc import AbstractChannel, AbstractConnection

from docaxis.backends.amqp import Broker, BrokerUnavailable, backoff_s, broker_calls, connected
from docaxis.backends.contents import Content, ContentReader
from docaxis.backends.frames import acknowledgement
from docaxis.backends.line import Line

log = structlog.get_logger(__name__)

WATCH_INTERVAL_S = 5.0


@dataclass(eq=False, slots=True)
class Frontier:
    """Acknowledges a channel's deliveries up to the first one that is still in work, many at once."""

    acknowledge: Callable[[int], None]
    """Acknowledges a tag and all before it; raises ConnectionError where the connection is lost."""
    open_tags: deque[int] = field(default_factory=deque)
    done_tags: set[int] = field(default_factory=set)

    def arrived(self, tag: int) -> None:
        """Note a delivery; tags come in growing order."""
        self.open_tags.append(tag)

    def done(self, tags: Sequence[int]) -> None:
        """Mark deliveries as finished and acknowledge what has become contiguous; a lost connection is no error."""
        self.done_tags.update(tags)
        last = 0
        while self.open_tags and self.open_tags[0] in self.done_tags:
            last = self.open_tags.popleft()
            self.done_tags.discard(last)
        if last:
            try:
                self.acknowledge(last)
            except ConnectionError:
                log.info("ack lost with its channel; the broker delivers again")


class Delivered(NamedTuple):
    """A message as it came, with the frontier that acknowledges it."""

    queue: str
    message: Content
    frontier: Frontier


def acknowledge(batch: Sequence[Delivered]) -> None:
    """Acknowledge a batch whose work is done, each channel once."""
    by_frontier: dict[Frontier, list[int]] = {}
    for delivered in batch:
        by_frontier.setdefault(delivered.frontier, []).append(delivered.message.tag)
    for frontier, tags in by_frontier.items():
        frontier.done(tags)


class Deliveries(ContentReader):
    """One channel that consumes one queue: gives each delivery away as it comes, and acknowledges."""

    def __init__(self, line: Line, number: int, queue: str, take: Callable[[Delivered], None]) -> None:
        super().__init__()
        self._line = line
        self._number = number
        self._queue = queue
        self._take = take
        self._frontier = Frontier(self._acknowledge)
        line.attach(number, self)

    def _arrived(self, content: Content) -> None:
        self._frontier.arrived(content.tag)
        self._take(Delivered(self._queue, content, self._frontier))

    def _acknowledge(self, tag: int) -> None:
        if self.closed:
            raise ConnectionError(self.closed)
        self._line.write([acknowledgement(self._number, tag)])


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
        self.ready = 0
        """How many messages stood in the queues, in nobody's hands, at the last look."""
        self.connections = 0
        """How many connections began to consume; it only grows."""
        self.redelivered = 0
        """How many messages came that the broker had delivered before; it only grows."""

    async def run(self) -> None:
        """Consume until cancelled; after any loss wait a little and build everything anew."""
        attempt = 0
        while True:
            try:
                line = Line()
                async with connected(self._broker, self._name, line) as connection:
                    with broker_calls():
                        await self._consume(connection, line)
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

    async def _consume(self, connection: AbstractConnection, line: Line) -> None:
        if self._prepare:
            channel = await connection.channel(publisher_confirms=False)
            await self._prepare(channel)
            await channel.close()
        for queue, prefetch in self._prefetch.items():
            channel = await connection.channel(publisher_confirms=False)
            await channel.basic_qos(prefetch_count=prefetch)
            Deliveries(line, channel.number, queue, self._keep)
            await channel.basic_consume(queue, _never)
        self.connected = True
        self.connections += 1
        log.info("consuming", consumer=self._name, queues=list(self._prefetch))
        await self._watch(connection)

    def _keep(self, delivered: Delivered) -> None:
        self.redelivered += delivered.message.redelivered
        self._waiting[delivered.queue].append(delivered)
        self._arrived.set()

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
                    if self._prepare:
                        # What somebody has removed meanwhile, a binding perhaps, is made again.
                        await self._prepare(channel)
                    found = {queue: await channel.queue_declare(queue, passive=True) for queue in self._prefetch}
                    await channel.close()
                self.ready = sum(one.message_count or 0 for one in found.values())
                counts = {queue: one.consumer_count for queue, one in found.items()}
                if not all(counts.values()):
                    log.warning("queue without consumer", consumer=self._name, counts=counts)
                    return
        finally:
            closing.cancel()

    def _forget(self) -> None:
        """Drop what was delivered on the lost connection: the broker delivers it again."""
        for waiting in self._waiting.values():
            waiting.clear()


async def _never(message: object) -> None:
    """Stand as the callback that aiormq wants: deliveries are read before it sees them."""
    raise AssertionError(message)
