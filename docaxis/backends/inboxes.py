"""What the broker says of the endpoints' inboxes, by passive declaration: the same right that every hub has."""

from collections.abc import Callable, Mapping, Sequence

from aiormq.abc import AbstractChannel
from aiormq.exceptions import ChannelNotFoundEntity

from docaxis.backends.amqp import Broker, BrokerUnavailable, broker_calls, connected
from docaxis.backends.declare import declare_hub, declare_queues
from docaxis.backends.topology import Topology, inbox_queues
from docaxis.domain import wire


class BrokerInboxes:
    """Looks at inboxes and makes them; one short connection per look, since looks are rare."""

    def __init__(self, broker: Broker, name: str, tokens: Callable[[], Mapping[str, str]]) -> None:
        self._broker = broker
        self._name = name
        self._tokens = tokens

    async def declare(self) -> None:
        """Make the hub's own part and every endpoint's queues; raises BrokerUnavailable."""
        async with connected(self._broker, self._name) as connection:
            channel = await connection.channel(publisher_confirms=False)
            await declare_hub(channel, Topology())
            for endpoint, token in self._tokens().items():
                await declare_queues(channel, inbox_queues(endpoint, token), wire.INGRESS_EXCHANGE)

    async def declare_hub(self, channel: AbstractChannel) -> None:
        """Make the hub's own part on a channel that is about to consume it."""
        await declare_hub(channel, Topology())

    async def short_of(self, unfetched: Mapping[str, int]) -> Sequence[str]:
        """Return the endpoints whose lanes are missing (they are made anew) or hold too little while nobody consumes."""
        short: list[str] = []
        tokens = self._tokens()
        try:
            async with connected(self._broker, self._name) as connection:
                for endpoint, count in unfetched.items():
                    if endpoint not in tokens:
                        continue
                    ready, consumers = 0, 0
                    try:
                        channel = await connection.channel(publisher_confirms=False)
                        for lane in wire.LANES:
                            found = await channel.queue_declare(
                                wire.inbox_queue(endpoint, tokens[endpoint], lane), passive=True
                            )
                            ready += found.message_count or 0
                            consumers += found.consumer_count or 0
                        await channel.close()
                    except ChannelNotFoundEntity:
                        channel = await connection.channel(publisher_confirms=False)
                        await declare_queues(channel, inbox_queues(endpoint, tokens[endpoint]), wire.INGRESS_EXCHANGE)
                        await channel.close()
                    if ready < count and not consumers:
                        short.append(endpoint)
        except (BrokerUnavailable, *BROKER_ERRORS):
            return short
        return short
