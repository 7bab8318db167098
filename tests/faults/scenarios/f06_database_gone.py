"""F6: the database is stopped, killed, refuses, or has no connection left for the hub; each time it comes back by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import asyncpg
from sqlalchemy.engine import make_url

from docaxis.domain import wire
from docaxis.local.postgres import PrivatePostgres
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import PATIENCE_S, eventually

PREFETCH = 20
"""Of each lane; more than this is sent while the database is away, so that a hub without a bound would show."""


@asynccontextmanager
async def stopped(stage: Stage) -> AsyncIterator[None]:
    """Stop the server in order."""
    async with _ended_by(stage, PrivatePostgres.stop):
        yield


@asynccontextmanager
async def killed(stage: Stage) -> AsyncIterator[None]:
    """Kill it with everything that it has in memory."""
    async with _ended_by(stage, PrivatePostgres.kill):
        yield


@asynccontextmanager
async def _ended_by(stage: Stage, end: Callable[[PrivatePostgres], None]) -> AsyncIterator[None]:
    assert stage.places.postgres
    await asyncio.to_thread(end, stage.places.postgres)
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
    url = make_url(stage.places.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    async with AsyncExitStack() as stack:
        first = await asyncpg.connect(url, ssl=False)
        stack.push_async_callback(first.close, timeout=PATIENCE_S)
        # The hub is kept out until its own places are taken too: it would be quicker now and then.
        stage.database_cable.refuses = True
        stage.database_cable.cut()
        await eventually("the hub's places are free", lambda: _has_left(first))
        held = 1
        with suppress(asyncpg.TooManyConnectionsError):
            while True:
                stranger = await asyncpg.connect(url, ssl=False)
                stack.push_async_callback(stranger.close, timeout=PATIENCE_S)
                held += 1
        stage.database_cable.refuses = False
        stage.book.count("connections held by strangers", held)
        yield


async def _has_left(stranger: "asyncpg.Connection[asyncpg.Record]") -> bool:
    return not await stranger.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'docaxis'")


WAYS = (stopped, killed, refused, crowded)
WAYS_SHORT = (killed, crowded)
"""The others are a part of these."""


async def strike(stage: Stage) -> None:
    """Take the database away in every way, `scale` times, in an order that is diced; send while it is away."""
    (number,) = stage.hubs.running
    ways = stage.each_diced(WAYS_SHORT if stage.scale == 1 else WAYS)
    for way in ways:
        # Nobody is to have anything left to say: what the broker holds is counted below.
        await eventually("rest", stage.is_at_rest)
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
    flows=True,
)
