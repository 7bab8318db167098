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

from docaxis.backends.amqp import Broker, BrokerUnavailable, broker_calls, close_quietly, open_connection
from docaxis.backends.declare import declare_queues
from docaxis.backends.topology import inbox_queues
from docaxis.domain import wire
from docaxis.hub.ports import Outgoing, Remainder

log = structlog.get_logger(__name__)

PUBLISH_TIMEOUT_S = 10.0
REST_S = 1.0
"""How long nothing is tried after the broker could not be reached; what is committed waits in the outbox."""
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
        self._asserted: set[str] = set()
        self._resting_until = 0.0

    async def publish(self, batch: Sequence[Outgoing]) -> Sequence[Remainder]:
        """Publish a batch and return what is left of each; nothing left means confirmed whole. Never raises for the broker."""
        if asyncio.get_running_loop().time() < self._resting_until:
            return [_Left(outgoing).remainder for outgoing in batch]
        return await asyncio.gather(*(self._publish_one(outgoing) for outgoing in batch))

    async def close(self) -> None:
        """Close the connection within a bounded time."""
        if self._link:
            connection, self._link = self._link[0], None
            await close_quietly(connection)

    async def _publish_one(self, outgoing: Outgoing) -> Remainder:
        left = _Left(outgoing)
        # A connection that breaks is no reason to wait for the next lease, a broker that cannot be reached is one.
        for _ in range(2):
            try:
                await self._publish_parts(outgoing, left)
                break
            except BrokerUnavailable as error:
                log.warning("publish failed", document=str(outgoing.document_key), error=str(error))
        if left.targets:
            log.warning("not dispatched", document=str(outgoing.document_key), left=left.targets)
        return left.remainder

    async def _publish_parts(self, outgoing: Outgoing, left: "_Left") -> None:
        """Publish what is left, and cross off what was confirmed; raises BrokerUnavailable with the rest still left."""
        for group in self._groups(outgoing, left.targets):
            message = self._delivery(outgoing, group)
            if message and await self._confirmed(group, message):
                left.dispatched(group)
                continue
            # One bad inbox must not hold back the others: each alone, and only the failing ones stay in the outbox.
            for endpoint in group:
                alone = self._delivery(outgoing, (endpoint,))
                if alone and await self._confirmed_alone(endpoint, alone):
                    left.dispatched((endpoint,))
        if left.with_receipt and (receipt := self._receipt(outgoing)):
            left.with_receipt = not await self._confirmed_alone(outgoing.sender_endpoint, receipt)
        for endpoint, body in left.notices:
            if (notice := self._notice(endpoint, body)) and await self._confirmed_alone(endpoint, notice):
                left.notified((endpoint, body))

    async def _confirmed_alone(self, endpoint: str, message: Message) -> bool:
        """Publish to one queue; where it is missing it is made and tried once more."""
        if await self._confirmed((endpoint,), message):
            return True
        self._asserted.discard(endpoint)
        return await self._confirmed((endpoint,), message)

    async def _confirmed(self, endpoints: Sequence[str], message: Message) -> bool:
        """Publish and wait for the confirmation; False when it was refused, returned or did not come in time."""
        channel = await self._channel()
        await self._assert_queues(endpoints)
        first, *others = message.queues
        if others:
            message.properties.headers = {**(message.properties.headers or {}), "BCC": list(others)}
        try:
            with broker_calls():
                async with asyncio.timeout(PUBLISH_TIMEOUT_S) as limit:
                    await channel.basic_publish(
                        message.body, routing_key=first, properties=message.properties, mandatory=True, wait=False
                    )
        except BrokerUnavailable as error:
            if isinstance(error.__cause__, DeliveryError):
                return False
            self._drop(channel)
            if limit.expired():
                log.warning("not confirmed in time", queues=len(message.queues))
                return False
            raise
        return True

    async def _assert_queues(self, endpoints: Sequence[str]) -> None:
        """Make sure, once a connection, that the queues are there: the broker drops a blind copy to a missing one unseen."""
        if self._asserted.issuperset(endpoints):
            return
        async with self._opening:
            if self._link is None:
                raise BrokerUnavailable("connection lost")
            for endpoint in [one for one in endpoints if one not in self._asserted]:
                if token := self._token_of(endpoint):
                    await self._declare(self._link[0], endpoint, token)

    async def _declare(self, connection: AbstractConnection, endpoint: str, token: str) -> None:
        try:
            with broker_calls():
                async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                    # A channel of its own: one that is refused a declaration is closed, and this one's end harms nobody.
                    channel = await connection.channel(publisher_confirms=False)
                    await declare_queues(channel, inbox_queues(endpoint, token), wire.INGRESS_EXCHANGE)
                    await channel.close()
        except BrokerUnavailable as error:
            log.warning("queues not declared", endpoint=endpoint, error=str(error))
        self._asserted.add(endpoint)

    def _receipt(self, outgoing: Outgoing) -> Message | None:
        queue = self._queue(outgoing.sender_endpoint, "receipts")
        properties = Basic.Properties(
            message_id=f"receipt-{outgoing.outbox_id.hex}",
            correlation_id=outgoing.message_id,
            message_type=wire.RECEIPT_TYPE,
            content_type="application/xml",
            delivery_mode=PERSISTENT,
        )
        return Message((queue,), outgoing.receipt or b"", properties) if queue else None

    def _notice(self, endpoint: str, body: bytes) -> Message | None:
        queue = self._queue(endpoint, "control")
        properties = Basic.Properties(
            message_type=wire.NOTICE_TYPE, content_type="application/xml", delivery_mode=PERSISTENT
        )
        return Message((queue,), body, properties) if queue else None

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

    def _groups(self, outgoing: Outgoing, targets: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Split targets so that a group's BCC header and note stay far under the broker's frame limit."""
        room = BCC_HEADER_BYTES_MAX - min(len(outgoing.note), wire.NOTE_HEADER_BYTES_MAX)
        group: list[str] = []
        used = 0
        for endpoint in targets:
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
        if self._link and not self._link[1].is_closed:
            return self._link[1]
        async with self._opening:
            if self._link and not self._link[1].is_closed:
                return self._link[1]
            if self._link:
                self._drop(self._link[1])
            try:
                connection = await open_connection(self._broker, self._name)
                try:
                    with broker_calls():
                        async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                            opened = await connection.channel(publisher_confirms=True, on_return_raises=True)
                except BrokerUnavailable:
                    await close_quietly(connection)
                    raise
            except BrokerUnavailable:
                self._resting_until = asyncio.get_running_loop().time() + REST_S
                raise
            channel = cast(Channel, opened)
            self._link = connection, channel
            self._asserted.clear()
            return channel

    def _drop(self, channel: Channel) -> None:
        """Throw the channel's connection away without waiting for it; the next publication opens a new one."""
        if self._link and self._link[1] is channel:
            connection, self._link = self._link[0], None
            task = asyncio.ensure_future(close_quietly(connection))
            self._closers.add(task)
            task.add_done_callback(self._closers.discard)


class _Left:
    """What is left of a publication while it is under way."""

    def __init__(self, outgoing: Outgoing) -> None:
        self.outbox_id = outgoing.outbox_id
        self.targets = outgoing.targets
        self.notices = outgoing.notices
        self.with_receipt = outgoing.receipt is not None

    def dispatched(self, endpoints: Sequence[str]) -> None:
        self.targets = tuple(one for one in self.targets if one not in endpoints)

    def notified(self, notice: tuple[str, bytes]) -> None:
        self.notices = tuple(one for one in self.notices if one != notice)

    @property
    def remainder(self) -> Remainder:
        return Remainder(self.outbox_id, self.targets, self.notices, self.with_receipt)


def _note_header(note: bytes) -> dict[str, str]:
    """Return the header that carries the note, or names it where it is too large: then the client gets it as a blob."""
    if len(note) <= wire.NOTE_HEADER_BYTES_MAX:
        return {wire.NOTE_HEADER: note.decode()}
    return {wire.NOTE_DIGEST_HEADER: wire.digest_of(note)}
