"""The consumer against a real broker: whole messages, ranges acknowledged, everything again after a loss."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from aiormq.abc import AbstractChannel
from pamqp.commands import Basic

from docaxis.backends.amqp import Broker, connected
from docaxis.backends.consume import Consumer, Delivered, acknowledge
from docaxis.backends.declare import declare_hub
from docaxis.backends.sources import read_message
from docaxis.backends.topology import Topology
from docaxis.domain import wire
from tests.cable import Cable
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.broker

QUEUE = wire.ingress_queue("normal")


@asynccontextmanager
async def consuming(url: str, prefetch: int = 100) -> AsyncIterator[Consumer]:
    """Give a running consumer of the normal lane."""

    async def prepare(channel: AbstractChannel) -> None:
        await declare_hub(channel, Topology())

    consumer = Consumer(Broker(url), "test consumer", {QUEUE: prefetch}, prepare)
    task = asyncio.create_task(consumer.run())
    try:
        yield consumer
    finally:
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def sending(url: str) -> AsyncIterator[AbstractChannel]:
    """Give a channel on which the hub's queues are."""
    async with connected(Broker(url), "test sender") as connection:
        channel = await connection.channel()
        await declare_hub(channel, Topology())
        yield channel


async def send(channel: AbstractChannel, bodies: Sequence[bytes]) -> None:
    for number, body in enumerate(bodies):
        properties = Basic.Properties(
            message_id=f"m-{number}", message_type="claim", delivery_mode=2, headers={"x-hello": "chào", "CC": ["q"]}
        )
        await channel.basic_publish(
            body, exchange=wire.INGRESS_EXCHANGE, routing_key="e-h01.normal", properties=properties
        )


async def take(consumer: Consumer, count: int) -> list[Delivered]:
    """Take so many deliveries."""
    taken: list[Delivered] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(taken) < count:
            taken += await consumer.take(count - len(taken), 0.01)
    return taken


async def left(channel: AbstractChannel) -> int:
    """Return how many are ready."""
    return (await channel.queue_declare(QUEUE, passive=True)).message_count or 0


async def test_messages_of_every_size_come_whole_and_a_range_is_acknowledged(vhost: str) -> None:
    bodies = [b"x" * size for size in (0, 1, 10_000, 131_063, 131_064, 131_065, 262_144, 1_000_000)] * 3
    async with sending(vhost) as channel:
        await send(channel, bodies)
        async with consuming(vhost) as consumer:
            taken = await take(consumer, len(bodies))
            assert [one.message.body for one in taken] == bodies
            first = read_message(taken[0])
            assert (first.endpoint, first.lane, first.message_id) == ("e-h01", "normal", "m-0")
            assert (first.is_claim, first.has_carbon_copies, first.is_suspect) == (True, True, False)
            acknowledge(taken[1:])
            acknowledge(taken[:1])
            assert consumer.redelivered == 0
        await asyncio.sleep(0.2)
        assert await left(channel) == 0


async def test_what_was_not_acknowledged_comes_again_after_a_loss_and_is_counted(vhost: str) -> None:
    cable = Cable(vhost)
    async with sending(vhost) as channel, cable.laid() as through:
        await send(channel, [b"1", b"2", b"3", b"4"])
        async with consuming(through) as consumer:
            taken = await take(consumer, 4)
            acknowledge(taken[:1])
            # Nothing answers to an acknowledgement, so the broker is given time to read it.
            await asyncio.sleep(0.5)
            cable.cut()
            again = await take(consumer, 3)
            assert [one.message.body for one in again] == [b"2", b"3", b"4"]
            assert consumer.redelivered == 3
            assert all(one.message.redelivered for one in again)
            assert [one.message.properties.headers[b"x-delivery-count"] for one in again] == [1, 1, 1]
            # The acknowledgement of a lost connection goes nowhere and harms nobody.
            acknowledge(taken[1:])
            acknowledge(again)
            assert [one.is_suspect for one in map(read_message, again)] == [False] * 3
        await asyncio.sleep(0.2)
        assert await left(channel) == 0


async def test_prefetch_bounds_what_is_in_our_hands(vhost: str) -> None:
    async with sending(vhost) as channel:
        await send(channel, [b"x"] * 20)
        async with consuming(vhost, prefetch=5) as consumer:
            taken = await take(consumer, 5)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await consumer.take(1, 0)
            acknowledge(taken)
            acknowledge(await take(consumer, 5))
