"""The publishing half of the broker: a batch goes out as a whole, one publication a document (BCC), confirmed, bounded in time.

What fails is tried again in rounds: first everything together, then each inbox of a failed group alone, then once more after
its queues were made anew. A channel that timed out is thrown away with its connection: nobody knows what it still holds.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import structlog

from docaxis.backends.amqp import Broker, BrokerUnavailable, broker_calls
from docaxis.backends.confirms import Round
from docaxis.backends.frames import Message
from docaxis.backends.link import Link
from docaxis.backends.messages import Messages
from docaxis.hub.ports import Outgoing, Remainder

log = structlog.get_logger(__name__)


class Publisher:
    """Publishes what the outbox holds; `token_of` gives the random part of an endpoint's queue names."""

    def __init__(
        self, broker: Broker, name: str, token_of: Callable[[str], str | None], inline_limit_bytes: int
    ) -> None:
        self._timeout_s = broker.publish_timeout_s
        self._link = Link(broker, name, token_of)
        self._messages = Messages(token_of, inline_limit_bytes)

    @property
    def blocked(self) -> bool:
        """Whether the broker has said that it reads nothing from us now: an alarm of its memory or its disk."""
        return self._link.blocked

    @property
    def connections(self) -> int:
        """How many connections were opened; it only grows."""
        return self._link.connections

    async def publish(self, batch: Sequence[Outgoing]) -> Sequence[Remainder]:
        """Publish a batch and return what is left of each; nothing left means confirmed whole. Never raises for the broker."""
        lefts = [_Left(outgoing) for outgoing in batch]
        # A connection that breaks is no reason to wait for the next lease, a broker that cannot be reached is one.
        for _ in range(2):
            if self._link.resting or self._link.blocked:
                break
            try:
                await self._publish_left(lefts)
                break
            except BrokerUnavailable as error:
                log.warning("publish failed", publications=len(batch), error=str(error))
        for left in lefts:
            if left.targets:
                log.warning("not dispatched", document=str(left.outgoing.document_key), left=left.targets)
        return [left.remainder for left in lefts]

    async def close(self) -> None:
        """Close the connection within a bounded time."""
        await self._link.close()

    async def _publish_left(self, lefts: Sequence["_Left"]) -> None:
        """Publish what is left, and cross off what was confirmed; raises BrokerUnavailable with the rest still left."""
        failed = await self._confirmed([part for left in lefts for part in self._parts(left)])
        if not failed:
            return
        # One bad inbox must not hold back the others: each alone, and only the failing ones stay in the outbox.
        alone = [one for part in failed for one in self._alone(part)]
        self._link.forget_queues(part.endpoints[0] for part in failed if len(part.endpoints) == 1)
        failed = await self._confirmed(alone)
        self._link.forget_queues(part.endpoints[0] for part in failed)
        if await self._confirmed(failed):
            self._link.renew()

    async def _confirmed(self, parts: Sequence["_Part"]) -> list["_Part"]:
        """Publish, cross off what is confirmed, return what was refused, returned or did not come in time.

        Raises BrokerUnavailable where the connection is lost.
        """
        if not parts:
            return []
        channel = await self._link.channel()
        if self._link.blocked:
            raise BrokerUnavailable("the broker takes nothing now: an alarm of its memory or its disk")
        await self._link.assert_queues(endpoint for part in parts for endpoint in part.endpoints)
        sent = Round([part.message for part in parts])
        try:
            with broker_calls():
                async with asyncio.timeout(self._timeout_s) as limit:
                    await channel.publish(sent)
        except BrokerUnavailable:
            # Under an alarm the connection is kept: a new one would be blocked too, and late confirmations harm nobody.
            if not (limit.expired() and self._link.blocked):
                self._link.drop(channel)
            if not limit.expired():
                raise
            log.warning("not confirmed in time", messages=sent.confirmed.count(False), blocked=self._link.blocked)
        finally:
            failed = []
            for part, confirmed in zip(parts, sent.confirmed, strict=True):
                if confirmed:
                    part.cross_off()
                else:
                    failed.append(part)
        return failed

    def _parts(self, left: "_Left") -> Iterator["_Part"]:
        outgoing = left.outgoing
        for endpoints, message in self._messages.deliveries(outgoing, left.targets):
            yield _Part(left, endpoints, message)
        if left.with_receipt and (receipt := self._messages.receipt(outgoing)):
            yield _Part(left, (outgoing.sender_endpoint,), receipt, is_receipt=True)
        for endpoint, body in left.notices:
            if notice := self._messages.notice(endpoint, body):
                yield _Part(left, (endpoint,), notice, notice=(endpoint, body))

    def _alone(self, part: "_Part") -> Iterator["_Part"]:
        if len(part.endpoints) == 1:
            yield part
        else:
            for endpoints, message in self._messages.deliveries(part.left.outgoing, part.endpoints, most=1):
                yield _Part(part.left, endpoints, message)


class _Left:
    """What is left of a publication while it is under way."""

    def __init__(self, outgoing: Outgoing) -> None:
        self.outgoing = outgoing
        self.targets = outgoing.targets
        self.notices = outgoing.notices
        self.with_receipt = outgoing.receipt is not None

    @property
    def remainder(self) -> Remainder:
        return Remainder(self.outgoing.outbox_id, self.targets, self.notices, self.with_receipt)


class _Part(NamedTuple):
    """One message of a publication, and what its confirmation crosses off: a receipt, a notice, else deliveries."""

    left: _Left
    endpoints: tuple[str, ...]
    message: Message
    is_receipt: bool = False
    notice: tuple[str, bytes] | None = None

    def cross_off(self) -> None:
        left = self.left
        if self.is_receipt:
            left.with_receipt = False
        elif self.notice:
            left.notices = tuple(one for one in left.notices if one != self.notice)
        elif left.targets == self.endpoints:
            left.targets = ()
        else:
            done = frozenset(self.endpoints)
            left.targets = tuple(one for one in left.targets if one not in done)
