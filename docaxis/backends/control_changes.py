"""Changes by AMQP: messages of type `change` on the endpoint's control queue, taken when the broker has confirmed."""

import asyncio
import hashlib
from collections.abc import Callable

from docaxis.backends.amqp import Broker, BrokerUnavailable, broker_calls
from docaxis.backends.confirms import Round
from docaxis.backends.frames import Message
from docaxis.backends.link import Link
from docaxis.domain import wire
from docaxis.hub.notifier import NotTaken
from docaxis.hub.subscription import Subscription


class ControlChanges:
    """Publishes on a connection of its own, opened at the first message; `token_of` as for every publisher."""

    def __init__(self, broker: Broker, name: str, token_of: Callable[[str], str | None]) -> None:
        self._timeout_s = broker.publish_timeout_s
        self._link = Link(broker, name, token_of)
        self._token_of = token_of

    async def deliver(self, to: Subscription, body: bytes, signature: str) -> None:
        """Return when the broker has confirmed; raises NotTaken."""
        token = self._token_of(to.endpoint)
        if token is None:
            raise NotTaken("no such endpoint, or it is disabled")
        message = Message(
            (wire.inbox_queue(to.endpoint, token, "control"),),
            body,
            # The same octets have the same id, so that a repeat can be told by it.
            message_id=hashlib.sha256(body).hexdigest(),
            message_type=wire.CHANGE_TYPE,
            content_type="application/json",
            headers={wire.SIGNATURE_HEADER: signature.encode()},
        )
        if self._link.resting or self._link.blocked:
            raise NotTaken("the broker takes nothing now")
        try:
            await self._publish(to.endpoint, message)
        except BrokerUnavailable as error:
            raise NotTaken(str(error)) from None

    async def close(self) -> None:
        """Close the connection within a bounded time."""
        await self._link.close()

    async def _publish(self, endpoint: str, message: Message) -> None:
        channel = await self._link.channel()
        await self._link.assert_queues([endpoint])
        sent = Round([message])
        try:
            with broker_calls():
                async with asyncio.timeout(self._timeout_s):
                    await channel.publish(sent)
        except BrokerUnavailable:
            self._link.drop(channel)
            raise
        if not sent.confirmed[0]:
            self._link.forget_queues([endpoint])
            raise NotTaken("the broker did not confirm")
