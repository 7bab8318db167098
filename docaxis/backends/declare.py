"""Makes the topology exist on the broker; declaring again is harmless, so it is done at every start and change."""

from collections.abc import Iterable

from aiormq.abc import AbstractChannel

from docaxis.backends.topology import Queue, Topology


async def declare_hub(channel: AbstractChannel, topology: Topology) -> None:
    """Declare the ingress exchange and the hub's own queues."""
    await channel.exchange_declare(exchange=topology.exchange, exchange_type="topic", durable=True)
    await declare_queues(channel, topology.queues, topology.exchange)


async def declare_queues(channel: AbstractChannel, queues: Iterable[Queue], exchange: str) -> None:
    """Declare queues and their bindings to an exchange."""
    for queue in queues:
        await channel.queue_declare(queue.name, durable=True, arguments=dict(queue.arguments))
        for key in queue.binding_keys:
            await channel.queue_bind(queue.name, exchange, routing_key=key)
