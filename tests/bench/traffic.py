"""What stands around a hub: packages into the ingress, acknowledgements as ranges, depths of queues."""

import asyncio
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

import aiormq

from docaxis.domain import wire
from tests.bench import frames
from tests.bench.books import Books, Span
from tests.simulator import SENDER, endpoint_of

_AT_ONCE = 200
ACKNOWLEDGE_EVERY_S = 0.2
ACKNOWLEDGED_AT_ONCE = 100
"""Copies an acknowledgement: as many messages a document for a slow hub as for a quick one."""
LATE_NUMBERS = 1_500
"""How far behind the highest committed number of an endpoint a number may still be committed: of another process's block,
or by a task of the plain hub that was slower."""
PUBLISHING, ASKING, CONSUMING = 1, 2, 3
Range = tuple[int, int]
Package = tuple[str, str, bytes]
"""Endpoint, message id, octets."""


def package_frames(endpoint: str, message_id: str, body: bytes) -> bytes:
    """Return a package as its sender publishes it: content type, mode, id, type."""
    words = [frames.short(word) for word in ("application/xml", message_id, wire.PACKAGE_TYPE)]
    key = wire.routing_key(endpoint, "normal")
    method = frames.publish_method(PUBLISHING, wire.INGRESS_EXCHANGE, key)
    properties = words[0] + frames.PERSISTENT + words[1] + words[2]
    return method + frames.content(PUBLISHING, 0b1001_0000_1010_0000, properties, body)


def fetched_frames(endpoint: str, ranges: Iterable[Range]) -> bytes:
    """Return a transport acknowledgement as its endpoint publishes it: mode, type."""
    body = wire.write_fetched({"normal": [n for first, last in ranges for n in range(first, last + 1)]})
    method = frames.publish_method(PUBLISHING, wire.INGRESS_EXCHANGE, wire.routing_key(endpoint, "fetched"))
    properties = frames.PERSISTENT + frames.short(wire.FETCHED_TYPE)
    return method + frames.content(PUBLISHING, 0b0001_0000_0010_0000, properties, body)


class Traffic:
    """An asynchronous context with one connection to the broker; a subclass that consumes takes it in `on_delivery`."""

    def __init__(self, url: str, tokens: Mapping[str, str]) -> None:
        self._url = url
        self.tokens = tokens
        self.link: frames.Link
        self._news = asyncio.Event()
        self._acknowledged: dict[str, list[Range]] = {}
        self._due: dict[str, list[Range]] = {}
        self._highest = 0

    async def __aenter__(self) -> Self:
        """Connect."""
        self.link = await frames.Link.open(self._url, self.on_delivery, self._news.set)
        await self.link.channel(PUBLISHING, confirms=True)
        await self.link.channel(ASKING)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self.link.close()

    def on_delivery(self, delivery: frames.Delivery) -> None:
        """Take a message; nothing is consumed here."""

    async def depth_of(self, queue: str) -> int:
        """Return how many messages are ready in a queue; ConnectionError when it is not there."""
        return await self.link.depth(ASKING, queue)

    async def receipts(self) -> int:
        """Return how many receipts wait for the sender."""
        sender = endpoint_of(SENDER)
        return await self.depth_of(wire.inbox_queue(sender, self.tokens[sender], "receipts"))

    async def queues_made(self, patience_s: float = 30) -> None:
        """Return when every inbox is declared."""
        connection = await aiormq.connect(self._url)
        async with asyncio.timeout(patience_s):
            for endpoint in self.tokens:
                queue = wire.inbox_queue(endpoint, self.tokens[endpoint], "control")
                while not await _is_there(connection, queue):  # noqa: ASYNC110 - the broker tells nobody of a new queue
                    await asyncio.sleep(0.1)
        await connection.close()

    async def fill(self, packages: Iterable[bytes], prefix: str) -> int:
        """Publish packages into the normal ingress as the sender; returns how many the broker has confirmed."""
        sender = endpoint_of(SENDER)
        return await self.publish((sender, f"{prefix}-{number}", body) for number, body in enumerate(packages))

    async def publish(self, packages: Iterable[Package]) -> int:
        """Publish packages into the normal ingress, each as its endpoint; returns how many the broker has confirmed."""
        before = self.link.confirmed
        for number, package in enumerate(packages):
            self.link.publish(package_frames(*package), 1)
            if number % _AT_ONCE == _AT_ONCE - 1:
                await self.confirmed(_AT_ONCE)
        await self.confirmed()
        return self.link.confirmed - before

    async def confirmed(self, but: int = 0) -> None:
        """Return when all publications but so many are confirmed; raises ConnectionError for one that was not taken."""
        while self.link.published - self.link.confirmed > but:
            if self.link.refused or self.link.returned:
                raise ConnectionError(f"{self.link.refused} refused, {self.link.returned} returned")
            self._news.clear()
            await self._news.wait()

    async def acknowledge(
        self, books: Books, *, late: bool, least: int = ACKNOWLEDGED_AT_ONCE, everything: bool = False
    ) -> None:
        """Publish what is committed and not acknowledged yet as its client would: for every hundred copies a message.

        `late`: numbers are committed out of order, so a stretch below the highest number is read again. `least`: what
        an endpoint waits for. `everything`: all numbers are read again, and nothing is waited for.
        """
        floor = 0 if everything else max(0, self._highest - (LATE_NUMBERS if late else 0))
        for span in await books.spans(floor):
            self._highest = max(self._highest, span.last)
            self._due[span.endpoint] = merged([*self._due.get(span.endpoint, []), *self._new(span)])
        for endpoint, ranges in self._due.items():
            while count(ranges) >= (1 if everything else least):
                taken, ranges = split(ranges, ACKNOWLEDGED_AT_ONCE)  # noqa: PLW2901 - the rest is what it is now
                self.link.publish(fetched_frames(endpoint, taken), 1)
            self._due[endpoint] = ranges
        await self.confirmed()

    def _new(self, span: Span) -> list[Range]:
        """Return the parts of a span that were not acknowledged before, and note them."""
        parts = [(span.first, span.last)]
        before = self._acknowledged.setdefault(span.endpoint, [])
        for first, last in before:
            parts = [
                piece
                for a, b in parts
                for piece in ((a, min(b, first - 1)), (max(a, last + 1), b))
                if piece[0] <= piece[1]
            ]
        self._acknowledged[span.endpoint] = merged([*before, *parts])
        return parts


def count(ranges: Iterable[Range]) -> int:
    """Return how many numbers ranges hold."""
    return sum(last - first + 1 for first, last in ranges)


def split(ranges: list[Range], most: int) -> tuple[list[Range], list[Range]]:
    """Return the first `most` numbers of ranges, and the rest."""
    taken: list[Range] = []
    for position, (first, last) in enumerate(ranges):
        room = most - count(taken)
        if last - first + 1 > room:
            if room:
                taken.append((first, first + room - 1))
            return taken, [(first + room, last), *ranges[position + 1 :]]
        taken.append((first, last))
    return taken, []


def merged(ranges: Iterable[Range]) -> list[Range]:
    """Return ranges in order, those that touch as one, so that a long run keeps a short list."""
    found: list[Range] = []
    for first, last in sorted(ranges):
        if found and first == found[-1][1] + 1:
            found[-1] = found[-1][0], last
        else:
            found.append((first, last))
    return found


async def _is_there(connection: aiormq.abc.AbstractConnection, queue: str) -> bool:
    channel = await connection.channel()
    try:
        await channel.queue_declare(queue, passive=True)
    except aiormq.exceptions.ChannelNotFoundEntity:
        return False
    await channel.close()
    return True
