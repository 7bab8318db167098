"""What the broker says of the endpoints' inboxes, by passive declaration: the same right that every hub has."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from aiormq.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import ChannelNotFoundEntity

from docaxis.backends.amqp import Broker, BrokerUnavailable, broker_calls, connected
from docaxis.backends.declare import declare_hub, declare_queues
from docaxis.backends.topology import Topology, inbox_queues
from docaxis.domain import wire

PATIENT_LOOKS = 32
"""So many looks in a row (some ten minutes) may a consumer hold what stands as unfetched, before that counts as lost."""


class BrokerInboxes:
    """Looks at inboxes and makes them; one short connection per look, since looks are rare."""

    def __init__(self, broker: Broker, name: str, tokens: Callable[[], Mapping[str, str]]) -> None:
        self._broker = broker
        self._name = name
        self._tokens = tokens
        self._held: Counter[str] = Counter()

    async def declare(self) -> None:
        """Make the hub's own part and every endpoint's queues; raises BrokerUnavailable."""
        async with connected(self._broker, self._name) as connection:
            with broker_calls():
                channel = await connection.channel(publisher_confirms=False)
                await declare_hub(channel, Topology())
                for endpoint, token in self._tokens().items():
                    await declare_queues(channel, inbox_queues(endpoint, token), wire.INGRESS_EXCHANGE)

    async def declare_hub(self, channel: AbstractChannel) -> None:
        """Make the hub's own part on a channel that is about to consume it."""
        await declare_hub(channel, Topology())

    async def short_of(self, unfetched: Mapping[str, int]) -> Sequence[str]:
        """Return the endpoints whose lanes are missing (they are made anew) or hold too little while nobody consumes.

        While somebody consumes, what is not in the queue is probably in his hands: that is believed for PATIENT_LOOKS,
        then for twice as many, and so on. Receivers drop repeats, so a wrong guess costs a copy and no more.
        """
        short: list[str] = []
        tokens = self._tokens()
        for endpoint in [one for one in self._held if one not in unfetched]:
            del self._held[endpoint]
        try:
            async with connected(self._broker, self._name) as connection:
                for endpoint, count in unfetched.items():
                    if endpoint in tokens and await self._is_short(connection, endpoint, tokens[endpoint], count):
                        short.append(endpoint)
        except BrokerUnavailable:
            return short
        return short

    async def _is_short(self, connection: AbstractConnection, endpoint: str, token: str, unfetched: int) -> bool:
        ready, consumers = 0, 0
        with broker_calls():
            try:
                channel = await connection.channel(publisher_confirms=False)
                for lane in wire.LANES:
                    found = await channel.queue_declare(wire.inbox_queue(endpoint, token, lane), passive=True)
                    ready += found.message_count or 0
                    consumers += found.consumer_count or 0
            except ChannelNotFoundEntity:
                channel = await connection.channel(publisher_confirms=False)
                await declare_queues(channel, inbox_queues(endpoint, token), wire.INGRESS_EXCHANGE)
                return True
            finally:
                await channel.close()
        if ready >= unfetched:
            del self._held[endpoint]
            return False
        self._held[endpoint] += 1
        looks = self._held[endpoint]
        return not consumers or (looks >= PATIENT_LOOKS and looks.bit_count() == 1)
