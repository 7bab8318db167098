"""F6: the database is stopped, killed, refuses, or has no connection left for the hub; each time it comes back by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
from sqlalchemy.engine import make_url

from docaxis.domain import wire
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually

PREFETCH = 20
"""Of each lane; more than this is sent while the database is away, so that a hub without a bound would show."""


@asynccontextmanager
async def stopped(stage: Stage) -> AsyncIterator[None]:
    """Stop the server in order."""
    assert stage.places.postgres
    await asyncio.to_thread(stage.places.postgres.stop)
    yield
    await asyncio.to_thread(stage.places.postgres.start)


@asynccontextmanager
async def killed(stage: Stage) -> AsyncIterator[None]:
    """Kill it with everything that it has in memory."""
    assert stage.places.postgres
    await asyncio.to_thread(stage.places.postgres.kill)
    yield
    await asyncio.to_thread(stage.places.postgres.start)


@asynccontextmanager
async def refused(stage: Stage) -> AsyncIterator[None]:
    """End every connection of the hub and turn new ones away, as a firewall would."""
    stage.database_cable.refuses = True
    stage.database_cable.cut()
    yield
    stage.database_cable.refuses = False


@asynccontextmanager
async def crowded(stage: Stage) -> AsyncIterator[None]:
    """Let strangers hold every connection that the server gives out."""
    async with AsyncExitStack() as stack:
        held = await _hold_all(stage, stack)
        stage.database_cable.cut()
        # The hub's own places are free now, and it comes for them at the same moment: whoever is left out comes again.
        for _ in range(10):
            held += await _hold_all(stage, stack)
            await asyncio.sleep(0.1)
        stage.book.count("connections held by strangers", held)
        yield


async def _hold_all(stage: Stage, stack: AsyncExitStack) -> int:
    url = make_url(stage.places.database_url)
    held = 0
    while True:
        try:
            stranger = await asyncpg.connect(
                host=url.host, port=url.port, user=url.username, password=url.password, database=url.database, ssl=False
            )
        except asyncpg.TooManyConnectionsError:
            return held
        stack.push_async_callback(stranger.close, timeout=5)
        held += 1


WAYS = (stopped, killed, refused, crowded)


async def strike(stage: Stage) -> None:
    """Take the database away in every way, `scale` times, in an order that is diced; send while it is away."""
    (number,) = stage.hubs.running
    ways = [way for way in WAYS for _ in range(stage.scale)]
    stage.dice.shuffle(ways)
    for way in ways:
        await stage.answered()
        answered = dict(stage.book.answers)
        async with way(stage):
            stage.book.count(f"database {way.__name__}")
            await stage.hubs.is_unready(number, "store")
            await stage.send(2 * PREFETCH)
            await _nothing_is_acknowledged(stage, 2 * PREFETCH)
            assert stage.book.answers == answered, "answered without a commit"
        await stage.hubs.running[number].ready()


async def _nothing_is_acknowledged(stage: Stage, sent: int) -> None:
    async def all_there() -> bool:
        queue = await stage.management("GET", f"/api/queues/{{vhost}}/{wire.ingress_queue('normal')}")
        assert queue.get("messages_unacknowledged", 0) <= PREFETCH, "more in the hub than it asked for"
        return bool(queue.get("messages") == sent and queue.get("messages_unacknowledged") == PREFETCH)

    await eventually("everything sent is in the broker still", all_there)


SCENARIO = Scenario(
    title="the database is away and comes back",
    faults=("F6",),
    strike=strike,
    breaks_database=True,
    sections={"broker": {f"prefetch_{lane}": PREFETCH for lane in wire.LANES}},
)
