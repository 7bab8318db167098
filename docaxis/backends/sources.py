"""Ingress messages and acknowledgements as the hub wants them: who sent them is read from the proven routing key."""

from collections.abc import Callable
from typing import Generic, TypeVar

from aiormq.abc import DeliveredMessage

from docaxis.backends.consume import Consumer, acknowledge
from docaxis.domain import wire
from docaxis.hub.intake import Message
from docaxis.hub.runner import Taken

Work = TypeVar("Work")


class BrokerSource(Generic[Work]):
    """A consumer whose deliveries are read into work."""

    def __init__(self, consumer: Consumer, read: Callable[[DeliveredMessage], Work]) -> None:
        self._consumer = consumer
        self._read = read

    async def run(self) -> None:
        """Keep consuming, whatever the broker does."""
        await self._consumer.run()

    async def take(self, most: int, wait_s: float) -> Taken[Work]:
        """Return the next batch."""
        batch = await self._consumer.take(most, wait_s)

        async def done() -> None:
            await acknowledge(batch)

        return Taken([self._read(delivered.message) for delivered in batch], done)


def read_message(delivered: DeliveredMessage) -> Message:
    """Return an ingress message; the lane is the verb of the routing key."""
    endpoint, lane = wire.parse_routing_key(delivered.routing_key or "")
    properties = delivered.header.properties
    message_id = properties.message_id or ""
    return Message(
        body=delivered.body,
        endpoint=endpoint,
        lane=lane,
        # Neither a receipt nor PostgreSQL can hold every character: an id with controls in it is none.
        message_id=message_id if message_id.isprintable() else "",
        is_claim=properties.message_type == wire.CLAIM_TYPE,
        has_carbon_copies="CC" in (properties.headers or {}),
    )


def read_fetched(delivered: DeliveredMessage) -> tuple[str, bytes]:
    """Return the endpoint and the body of a transport acknowledgement."""
    endpoint, _ = wire.parse_routing_key(delivered.routing_key or "")
    return endpoint, delivered.body
