"""Ingress messages and acknowledgements as the hub wants them: who sent them is read from the proven routing key."""

from collections.abc import Callable
from typing import Generic, TypeVar

from docaxis.backends.consume import Consumer, Delivered, acknowledge
from docaxis.domain import wire
from docaxis.hub.intake import Message
from docaxis.hub.runner import Taken
from docaxis.hub.trial import SUSPECT_AFTER

Work = TypeVar("Work")


class BrokerSource(Generic[Work]):
    """A consumer whose deliveries are read into work."""

    def __init__(self, consumer: Consumer, read: Callable[[Delivered], Work]) -> None:
        self._consumer = consumer
        self._read = read

    async def run(self) -> None:
        """Keep consuming, whatever the broker does."""
        await self._consumer.run()

    async def take(self, most: int, wait_s: float) -> Taken[Work]:
        """Return the next batch."""
        batch = await self._consumer.take(most, wait_s)

        async def done() -> None:
            acknowledge(batch)

        return Taken([self._read(delivered) for delivered in batch], done)


def read_message(delivered: Delivered) -> Message:
    """Return an ingress message; the lane is the verb of the routing key."""
    message = delivered.message
    endpoint, lane = wire.parse_routing_key(message.routing_key)
    message_id = message.properties.message_id
    return Message(
        body=message.body,
        endpoint=endpoint,
        lane=lane,
        # Neither a receipt nor PostgreSQL can hold every character: an id with controls in it is none.
        message_id=message_id if message_id.isprintable() else "",
        is_claim=message.properties.message_type == wire.CLAIM_TYPE,
        has_carbon_copies=b"CC" in message.properties.headers,
        is_suspect=_is_suspect(delivered),
    )


def read_fetched(delivered: Delivered) -> tuple[str, bytes]:
    """Return the endpoint and the body of a transport acknowledgement."""
    endpoint, _ = wire.parse_routing_key(delivered.message.routing_key)
    return endpoint, delivered.message.body


def _is_suspect(delivered: Delivered) -> bool:
    """Whether it came from the quarantine, or was delivered before so often that it may have ended its readers."""
    if delivered.queue == wire.QUARANTINE_QUEUE:
        return True
    # On a first delivery the header would be the sender's own word; on later ones the broker has written it.
    count = delivered.message.properties.headers.get(b"x-delivery-count")
    return delivered.message.redelivered and count is not None and count >= SUSPECT_AFTER
