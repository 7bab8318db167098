"""A connection to the broker that is kept for publishing: confirmed, bounded in time, opened anew after any loss."""

import asyncio

from aiormq import spec
from aiormq.abc import AbstractChannel, AbstractConnection

from docaxis.backends.amqp import Broker, BrokerUnavailable, broker_calls, close_quietly, open_connection
from docaxis.domain import wire

_PERSISTENT = 2


class KeptSender:
    """Publishes to the ingress; several publications may be under way at once."""

    def __init__(self, broker: Broker, name: str) -> None:
        self._broker = broker
        self._name = name
        self._opening = asyncio.Lock()
        self._link: tuple[AbstractConnection, AbstractChannel] | None = None

    async def publish(self, key: str, body: bytes, message_type: str, message_id: str = "") -> None:
        """Publish and return when the broker has confirmed; raises BrokerUnavailable. It may arrive twice."""
        for attempt in (1, 2):
            link = await self._opened()
            try:
                await self._publish(link[1], key, body, message_type, message_id)
            except BrokerUnavailable:
                await self._drop(link)
                # A connection that was lost while nothing was published says nothing of the broker.
                if attempt == 2:  # noqa: PLR2004 - the last of them
                    raise
            else:
                return

    async def close(self) -> None:
        """Close the connection within a bounded time."""
        if self._link:
            await self._drop(self._link)

    async def _publish(
        self, channel: AbstractChannel, key: str, body: bytes, message_type: str, message_id: str
    ) -> None:
        properties = spec.Basic.Properties(
            message_id=message_id or None,
            message_type=message_type,
            content_type="application/xml" if message_type == wire.PACKAGE_TYPE else "application/json",
            delivery_mode=_PERSISTENT,
        )
        with broker_calls():
            async with asyncio.timeout(self._broker.publish_timeout_s):
                confirmed = await channel.basic_publish(
                    body, exchange=wire.INGRESS_EXCHANGE, routing_key=key, properties=properties, mandatory=True
                )
        if not isinstance(confirmed, spec.Basic.Ack):
            raise BrokerUnavailable("not taken")

    async def _opened(self) -> tuple[AbstractConnection, AbstractChannel]:
        async with self._opening:
            if self._link and not self._link[1].is_closed:
                return self._link
            connection = await open_connection(self._broker, self._name)
            try:
                with broker_calls():
                    async with asyncio.timeout(self._broker.publish_timeout_s):
                        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            except BrokerUnavailable:
                await close_quietly(connection)
                raise
            self._link = connection, channel
            return self._link

    async def _drop(self, link: tuple[AbstractConnection, AbstractChannel]) -> None:
        if self._link is link:
            self._link = None
        await close_quietly(link[0])
