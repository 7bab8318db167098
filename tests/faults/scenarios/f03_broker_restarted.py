"""F3: the broker is killed and restarted in order, under load."""

import asyncio

from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

MOST = 10
"""Restarts in the long form."""
YOUNG_S = 1.5
"""A quorum queue that is younger than a second does not survive (see PrivateRabbitMQ.kill)."""


async def strike(stage: Stage) -> None:
    """Kill it, and in turn stop it in order; after each start every queue must have its consumer again."""
    (hub,) = stage.hubs.running
    async with stage.under_load():
        for turn in range(min(stage.scale, MOST)):
            await asyncio.sleep(YOUNG_S + stage.dice.random())
            killing = turn % 2 == 0
            await asyncio.to_thread(stage.broker.kill if killing else stage.broker.stop)
            await stage.hubs.is_unready(hub, "broker")
            await asyncio.to_thread(stage.broker.start)
            await stage.consumed()
            stage.book.count("broker kills" if killing else "broker restarts")


SCENARIO = Scenario(
    title="the broker is killed, and restarted in order",
    faults=("F3",),
    strike=strike,
    breaks_broker=True,
    soaks=True,
    flows=True,
)
