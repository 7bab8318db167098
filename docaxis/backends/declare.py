"""Makes the topology exist on the broker; declaring again is harmless, so it is done at every start and change."""

from collections.abc import Iterable

from aiormq.abc import AbstractChannel

from docaxis.backends.topology import Queue, Topology
from docaxis.domain import wire


async def declare_hub(channel: AbstractChannel, topology: Topology) -> None:
    """Declare the hub's own exchanges and queues."""
    await channel.exchange_declare(exchange=topology.exchange, exchange_type="topic", durable=True)
    await channel.exchange_declare(exchange=topology.quarantine_exchange, exchange_type="fanout", durable=True)
    await declare_queues(channel, topology.queues, topology.exchange)
    await channel.queue_bind(wire.QUARANTINE_QUEUE, topology.quarantine_exchange)


async def declare_queues(channel: AbstractChannel, queues: Iterable[Queue], exchange: str) -> None:
    """Declare queues and their bindings to an exchange."""
    for queue in queues:
        await channel.queue_declare(queue.name, durable=True, arguments=dict(queue.arguments))
        for key in queue.binding_keys:
            await channel.queue_bind(queue.name, exchange, routing_key=key)
