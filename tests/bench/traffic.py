"""What stands around the hub: packages into the ingress, acknowledgements as ranges, depths of queues."""

import asyncio
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

import aiormq
from aiormq.abc import AbstractChannel, AbstractConnection
from pamqp.commands import Basic

from docaxis.domain import wire
from tests.bench.books import Books, Span
from tests.simulator import SENDER, endpoint_of

_AT_ONCE = 200
ACKNOWLEDGE_EVERY_S = 0.2
LATE_NUMBERS = 1_500
"""How far behind the highest committed number of an endpoint a second hub process may still commit one of its block."""


class Traffic:
    """An asynchronous context with one connection to the broker, confirmed publishing included."""

    def __init__(self, url: str, tokens: Mapping[str, str]) -> None:
        self._url = url
        self.tokens = tokens
        self._connection: AbstractConnection | None = None
        self._acknowledged: dict[str, list[tuple[int, int]]] = {}
        self._highest = 0

    async def __aenter__(self) -> Self:
        """Connect."""
        self._connection = await aiormq.connect(self._url)
        self._channel: AbstractChannel = await self._connection.channel(publisher_confirms=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        if self._connection:
            await self._connection.close()

    async def depth(self, endpoint: str, kind: str) -> int:
        """Return how many messages are ready in a queue of an endpoint."""
        return await self.depth_of(wire.inbox_queue(endpoint, self.tokens[endpoint], kind))

    async def depth_of(self, queue: str) -> int:
        """Return how many messages are ready in a queue; raises when it is not there."""
        return (await self._channel.queue_declare(queue, passive=True)).message_count or 0

    async def queues_made(self, patience_s: float = 30) -> None:
        """Return when the hub has declared every inbox."""
        async with asyncio.timeout(patience_s):
            for endpoint in self.tokens:
                queue = wire.inbox_queue(endpoint, self.tokens[endpoint], "control")
                while not await self._is_there(queue):  # noqa: ASYNC110 - the broker tells nobody of a new queue
                    await asyncio.sleep(0.1)

    async def fill(self, packages: Iterable[bytes], prefix: str) -> int:
        """Publish packages into the normal ingress as the sender; returns how many the broker has confirmed."""
        key = wire.routing_key(endpoint_of(SENDER), "normal")
        count, batch = 0, []
        for number, body in enumerate(packages):
            properties = Basic.Properties(
                message_id=f"{prefix}-{number}",
                message_type=wire.PACKAGE_TYPE,
                content_type="application/xml",
                delivery_mode=2,
            )
            batch.append(self._publish(key, body, properties))
            if len(batch) == _AT_ONCE:
                count += len(await asyncio.gather(*batch))
                batch = []
        return count + len(await asyncio.gather(*batch))

    async def acknowledge(self, books: Books, *, late: bool, everything: bool = False) -> None:
        """Publish what is committed and not acknowledged yet, one message an endpoint, as its client would.

        `late`: several processes number out of order, so a stretch below the highest number is read again.
        """
        floor = 0 if everything else max(0, self._highest - (LATE_NUMBERS if late else 0))
        news: dict[str, list[Span]] = {}
        for span in await books.spans(floor):
            self._highest = max(self._highest, span.last)
            news.setdefault(span.endpoint, []).append(span)
        waiting = []
        for endpoint, spans in news.items():
            ranges = [[a, b] for span in spans for a, b in self._new(span)]
            if ranges:
                body = wire.write_fetched({"normal": [n for a, b in ranges for n in range(a, b + 1)]})
                properties = Basic.Properties(message_type=wire.FETCHED_TYPE, delivery_mode=2)
                waiting.append(self._publish(wire.routing_key(endpoint, "fetched"), body, properties))
        await asyncio.gather(*waiting)

    def _new(self, span: Span) -> list[tuple[int, int]]:
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
        before += parts
        return parts

    async def _is_there(self, queue: str) -> bool:
        assert self._connection
        channel = await self._connection.channel()
        try:
            await channel.queue_declare(queue, passive=True)
        except aiormq.exceptions.ChannelNotFoundEntity:
            return False
        await channel.close()
        return True

    async def _publish(self, key: str, body: bytes, properties: Basic.Properties) -> None:
        # `wait` is aiormq's own, not its interface's: without it each message waits for the socket.
        await self._channel.basic_publish(
            body,
            exchange=wire.INGRESS_EXCHANGE,
            routing_key=key,
            properties=properties,
            mandatory=True,
            wait=False,  # type: ignore[call-arg]
        )
