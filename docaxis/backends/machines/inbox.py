"""The inbox of an endpoint that reads over HTTP: what it has acknowledged leaves its queues on the broker.

Nothing is taken out before the hub has recorded the acknowledgement: until then a queue that holds less than what stands as
unfetched would be filled again. What is not acknowledged is put back in its place. A queue that somebody consumes is left
alone: he takes out himself what he has written.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from uuid import UUID

import structlog
from aiormq import spec
from aiormq.abc import AbstractChannel, DeliveredMessage
from aiormq.exceptions import ChannelNotFoundEntity
from sqlalchemy import Uuid, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.amqp import Broker, BrokerUnavailable, broker_calls, connected
from docaxis.backends.covered import is_covered
from docaxis.backends.database import Database
from docaxis.backends.rowset import json_rows, rowset
from docaxis.backends.tables import deliveries
from docaxis.domain import wire
from docaxis.hub.ports import StoreUnavailable

log = structlog.get_logger(__name__)

AT_ONCE = 100
HELD_MOST = 2_000
"""Messages that are looked at in one round; more than the window of an endpoint stand in a queue only after repeats."""
LOOKS_S = (0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds between looks whether the hub has recorded; what is left then goes with the next acknowledgement."""


class Inboxes:
    """Empties inboxes in the background, one round an endpoint at a time."""

    def __init__(self, broker: Broker, name: str, database: Database, token_of: Callable[[str], str | None]) -> None:
        self._broker = broker
        self._name = name
        self._database = database
        self._token_of = token_of
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._told: dict[str, wire.Ranges] = {}

    def acknowledged(self, endpoint: str, ranges: wire.Ranges) -> None:
        """Take what these ranges name out of the endpoint's queues, as soon as the hub has recorded them."""
        told = self._told.setdefault(endpoint, {})
        for lane, pairs in ranges.items():
            told[lane] = [*told.get(lane, ()), *pairs][-wire.RANGES_MAX :]
        if endpoint not in self._tasks:
            task = asyncio.create_task(self._follow(endpoint), name=f"inbox of {endpoint}")
            self._tasks[endpoint] = task
            task.add_done_callback(lambda _: self._tasks.pop(endpoint, None))

    async def purge(self, endpoint: str, kinds: Iterable[str]) -> None:
        """Empty queues of an endpoint that nobody consumes; raises BrokerUnavailable."""
        async with connected(self._broker, self._name) as connection:
            for kind in kinds:
                if queue := self._queue(endpoint, kind):
                    with broker_calls():
                        channel = await connection.channel(publisher_confirms=False)
                        if await _is_left_alone(channel, queue):
                            await channel.queue_purge(queue)

    async def close(self) -> None:
        """End what is under way; the broker puts back what was held."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, endpoint: str) -> None:
        for wait_s in LOOKS_S:
            await asyncio.sleep(wait_s)
            with suppress(StoreUnavailable):
                if not await self._open(endpoint, self._told.get(endpoint, {})):
                    break
        lanes = tuple(self._told.pop(endpoint, {}))
        try:
            for lane in lanes:
                taken = await self.trim(endpoint, lane)
                log.debug("inbox emptied of what was acknowledged", endpoint=endpoint, lane=lane, messages=taken)
        except (BrokerUnavailable, StoreUnavailable) as error:
            log.info("inbox not emptied now", endpoint=endpoint, error=str(error))

    async def trim(self, endpoint: str, lane: str) -> int:
        """Take out of a lane what the hub has recorded as fetched or withdrawn; returns how many messages.

        Raises BrokerUnavailable, StoreUnavailable.
        """
        queue = self._queue(endpoint, lane)
        if queue is None:
            return 0
        taken = looked_at = 0
        async with connected(self._broker, self._name) as connection:
            with broker_calls():
                channel = await connection.channel(publisher_confirms=False)
                if not await _is_left_alone(channel, queue):
                    return 0
            while looked_at < HELD_MOST:
                with broker_calls():
                    messages = await _next(channel, queue)
                keys = {one.delivery.delivery_tag: _key(one) for one in messages}  # type: ignore[union-attr]
                done = await self._done(endpoint, [key for key in keys.values() if key])
                with broker_calls():
                    for tag, key in keys.items():
                        if key in done:
                            await channel.basic_ack(tag or 0)
                            taken += 1
                looked_at += len(messages)
                if len(messages) < AT_ONCE:
                    break
            # What is held is put back by the end of its channel, and stands where it stood.
            with broker_calls():
                await channel.close()
        return taken

    async def _done(self, endpoint: str, keys: Sequence[UUID]) -> set[UUID]:
        wanted = rowset(self._database.dialect, {"document_key": Uuid()})
        query = select(deliveries.c.document_key).where(
            deliveries.c.document_key.in_(select(wanted.c.document_key)),
            deliveries.c.endpoint == endpoint,
            or_(is_covered(), deliveries.c.state == "withdrawn"),
        )

        async def work(connection: AsyncConnection) -> set[UUID]:
            return set(await connection.scalars(query, json_rows((key,) for key in keys)))

        return await self._database.run(work) if keys else set()

    async def _open(self, endpoint: str, told: wire.Ranges) -> int:
        """Return how many copies of these ranges the hub has not recorded as fetched."""
        within = [
            (deliveries.c.lane == lane) & deliveries.c.sequence.between(first, last)
            for lane, pairs in told.items()
            for first, last in pairs[-AT_ONCE:]
        ]
        query = select(func.count()).where(
            deliveries.c.endpoint == endpoint, deliveries.c.state == "dispatched", ~is_covered(), or_(*within)
        )

        async def work(connection: AsyncConnection) -> int:
            return int(await connection.scalar(query) or 0)

        return await self._database.run(work) if within else 0

    def _queue(self, endpoint: str, kind: str) -> str | None:
        token = self._token_of(endpoint)
        return wire.inbox_queue(endpoint, token, kind) if token else None


async def _is_left_alone(channel: AbstractChannel, queue: str) -> bool:
    try:
        return not (await channel.queue_declare(queue, passive=True)).consumer_count
    except ChannelNotFoundEntity:
        return False


async def _next(channel: AbstractChannel, queue: str) -> list[DeliveredMessage]:
    found: list[DeliveredMessage] = []
    while len(found) < AT_ONCE:
        message = await channel.basic_get(queue)
        if isinstance(message.delivery, spec.Basic.GetEmpty):
            break
        found.append(message)
    return found


def _key(message: DeliveredMessage) -> UUID | None:
    """Return the document that a delivery brings; its message id is the key."""
    try:
        return UUID(message.header.properties.message_id or "")
    except ValueError:
        return None
