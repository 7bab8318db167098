"""A message goes back to the ingress as if its endpoint had just sent it: same routing key, same id, same octets."""

import asyncio

from aiormq import spec

from docaxis.backends.amqp import Broker, BrokerUnavailable, broker_calls, connected
from docaxis.domain import wire


class Ingress:
    """The hub's way into its own ingress; one short connection a message, since releases are rare."""

    def __init__(self, broker: Broker, name: str) -> None:
        self._broker = broker
        self._name = name

    async def publish(self, endpoint: str, lane: str, message_id: str, body: bytes) -> None:
        """Publish and return when the broker has confirmed; raises BrokerUnavailable."""
        is_claim = _is_claim(body)
        properties = spec.Basic.Properties(
            message_id=message_id,
            message_type=wire.CLAIM_TYPE if is_claim else wire.PACKAGE_TYPE,
            content_type="application/json" if is_claim else "application/xml",
            delivery_mode=2,
        )
        async with connected(self._broker, self._name) as connection:
            with broker_calls():
                async with asyncio.timeout(self._broker.publish_timeout_s):
                    channel = await connection.channel(publisher_confirms=True)
                    confirmed = await channel.basic_publish(
                        body,
                        exchange=wire.INGRESS_EXCHANGE,
                        routing_key=wire.routing_key(endpoint, lane),
                        properties=properties,
                        mandatory=True,
                    )
            if not isinstance(confirmed, spec.Basic.Ack):
                raise BrokerUnavailable("not taken")


def _is_claim(body: bytes) -> bool:
    try:
        wire.parse_claim(body)
    except wire.WireError:
        return False
    return True
