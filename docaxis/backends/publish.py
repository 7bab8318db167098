"""The publishing half of the broker: one publish per document (BCC), confirmed, bounded in time.

Its own connection, because an alarm of the broker stops reading from connections that publish. A channel that timed out is
thrown away with its connection: a library that waits for a blocked socket holds its lock for ever.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import structlog
from aiormq import Channel
from aiormq.abc import AbstractConnection
from aiormq.exceptions import DeliveryError
from pamqp.commands import Basic

from docaxis.backends.amqp import BROKER_ERRORS, Broker, BrokerUnavailable, close_quietly, open_connection
from docaxis.backends.declare import declare_queues
from docaxis.backends.topology import inbox_queues
from docaxis.domain import wire
from docaxis.hub.ports import Outgoing, Remainder

log = structlog.get_logger(__name__)

PUBLISH_TIMEOUT_S = 10.0
BCC_TARGETS_MAX = 500
BCC_HEADER_BYTES_MAX = 64 * 1024
PERSISTENT = 2
FIELD_OVERHEAD_BYTES = 8


@dataclass(frozen=True, slots=True)
class Message:
    """One publication: to the first queue, with the others as blind copies."""

    queues: tuple[str, ...]
    body: bytes
    properties: Basic.Properties


class Publisher:
    """Publishes what the outbox holds; `token_of` gives the random part of an endpoint's queue names."""

    def __init__(
        self, broker: Broker, name: str, token_of: Callable[[str], str | None], inline_limit_bytes: int
    ) -> None:
        self._broker = broker
        self._name = name
        self._token_of = token_of
        self._inline_limit_bytes = inline_limit_bytes
        self._opening = asyncio.Lock()
        self._link: tuple[AbstractConnection, Channel] | None = None
        self._closers: set[asyncio.Task[None]] = set()

    async def publish(self, batch: Sequence[Outgoing]) -> Sequence[Remainder]:
        """Publish a batch and return what is left of each; nothing left means confirmed whole. Never raises for the broker."""
        try:
            channel = await self._channel()
        except BrokerUnavailable as error:
            log.warning("cannot publish", error=str(error))
            return [_whole(outgoing) for outgoing in batch]
        return await asyncio.gather(*(self._publish_one(channel, outgoing) for outgoing in batch))

    async def close(self) -> None:
        """Close the connection within a bounded time."""
        if self._link:
            connection, self._link = self._link[0], None
            await close_quietly(connection)

    async def _publish_one(self, channel: Channel, outgoing: Outgoing) -> Remainder:
        targets = outgoing.targets
        left: tuple[str, ...] = ()
        for group in self._groups(outgoing):
            message = self._delivery(outgoing, group)
            if message is None or not await self._confirmed(channel, message):
                # One bad inbox must not hold back the others: each alone, and only the failing ones stay in the outbox.
                left += tuple([one for one in group if not await self._alone(outgoing, one)])
        receipt_left = bool(outgoing.receipt) and not await self._send_receipt(channel, outgoing)
        notices = tuple([n for n in outgoing.notices if not await self._send_notice(channel, *n)])
        if left:
            log.warning("not dispatched", document=str(outgoing.document_key), left=left, of=len(targets))
        return Remainder(outgoing.outbox_id, left, notices, receipt_left)

    async def _alone(self, outgoing: Outgoing, endpoint: str) -> bool:
        """Publish to one endpoint with `mandatory`; a missing queue is made and tried once more."""
        token = self._token_of(endpoint)
        if token is None:
            return False
        try:
            channel = await self._channel()
            message = self._delivery(outgoing, (endpoint,))
            if message is None:
                return False
            if await self._confirmed(channel, message):
                return True
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                channel = await self._channel()
                await declare_queues(channel, inbox_queues(endpoint, token), wire.INGRESS_EXCHANGE)
            return await self._confirmed(channel, message)
        except (BrokerUnavailable, *BROKER_ERRORS) as error:
            log.warning("not published alone", endpoint=endpoint, error=type(error).__name__)
            self._drop()
            return False

    async def _send_receipt(self, channel: Channel, outgoing: Outgoing) -> bool:
        queue = self._queue(outgoing.sender_endpoint, "receipts")
        properties = Basic.Properties(
            message_id=f"receipt-{outgoing.outbox_id.hex}",
            correlation_id=outgoing.message_id[:255],
            message_type=wire.RECEIPT_TYPE,
            content_type="application/xml",
            delivery_mode=PERSISTENT,
        )
        return queue is not None and await self._confirmed(
            channel, Message((queue,), outgoing.receipt or b"", properties)
        )

    async def _send_notice(self, channel: Channel, endpoint: str, body: bytes) -> bool:
        queue = self._queue(endpoint, "control")
        properties = Basic.Properties(
            message_type=wire.NOTICE_TYPE, content_type="application/xml", delivery_mode=PERSISTENT
        )
        return queue is not None and await self._confirmed(channel, Message((queue,), body, properties))

    async def _confirmed(self, channel: Channel, message: Message) -> bool:
        first, *others = message.queues
        if others:
            message.properties.headers = {**(message.properties.headers or {}), "BCC": list(others)}
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                await channel.basic_publish(
                    message.body, routing_key=first, properties=message.properties, mandatory=True, wait=False
                )
        except DeliveryError:
            return False
        except Exception as error:  # noqa: BLE001
            # Not only the library's own errors: a connection that is closed ends its confirmations with a bare Exception.
            log.warning("publish failed", error=type(error).__name__)
            self._drop()
            return False
        return True

    def _delivery(self, outgoing: Outgoing, endpoints: Sequence[str]) -> Message | None:
        queues = tuple(queue for endpoint in endpoints if (queue := self._queue(endpoint, outgoing.lane)))
        if len(queues) != len(endpoints) or outgoing.document_key is None:
            return None
        body, kind = outgoing.body, wire.PACKAGE_TYPE
        if body is None or len(body) > self._inline_limit_bytes:
            body, kind = wire.write_claim(wire.Claim(outgoing.digest, outgoing.size_bytes)), wire.CLAIM_TYPE
        return Message(
            queues,
            body,
            Basic.Properties(
                message_id=outgoing.document_key.hex,
                message_type=kind,
                content_type="application/xml" if kind == wire.PACKAGE_TYPE else "application/json",
                delivery_mode=PERSISTENT,
                headers={wire.DIGEST_HEADER: outgoing.digest, **_note_header(outgoing.note)},
            ),
        )

    def _groups(self, outgoing: Outgoing) -> Iterator[tuple[str, ...]]:
        """Split the targets so that a group's BCC header and note stay far under the broker's frame limit."""
        room = BCC_HEADER_BYTES_MAX - min(len(outgoing.note), wire.NOTE_HEADER_BYTES_MAX)
        group: list[str] = []
        used = 0
        for endpoint in outgoing.targets:
            cost = len(self._queue(endpoint, outgoing.lane) or "") + FIELD_OVERHEAD_BYTES
            if group and (len(group) == BCC_TARGETS_MAX or used + cost > room):
                yield tuple(group)
                group, used = [], 0
            group.append(endpoint)
            used += cost
        if group:
            yield tuple(group)

    def _queue(self, endpoint: str, kind: str) -> str | None:
        token = self._token_of(endpoint)
        return wire.inbox_queue(endpoint, token, kind) if token else None

    async def _channel(self) -> Channel:
        async with self._opening:
            if self._link and not self._link[1].is_closed:
                return self._link[1]
            self._drop()
            connection = await open_connection(self._broker, self._name)
            channel = cast(Channel, await connection.channel(publisher_confirms=True, on_return_raises=True))
            self._link = connection, channel
            return channel

    def _drop(self) -> None:
        """Throw the connection away without waiting for it; the next publication opens a new one."""
        if self._link:
            connection, self._link = self._link[0], None
            task = asyncio.ensure_future(close_quietly(connection))
            self._closers.add(task)
            task.add_done_callback(self._closers.discard)


def _whole(outgoing: Outgoing) -> Remainder:
    return Remainder(outgoing.outbox_id, outgoing.targets, outgoing.notices, outgoing.receipt is not None)


def _note_header(note: bytes) -> dict[str, str]:
    """Return the header that carries the note, or names it where it is too large: then the client gets it as a blob."""
    if len(note) <= wire.NOTE_HEADER_BYTES_MAX:
        return {wire.NOTE_HEADER: note.decode()}
    return {wire.NOTE_DIGEST_HEADER: wire.digest_of(note)}
