"""F25: the hub holds messages for longer than the broker lets a consumer wait with its acknowledgement."""

from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually

ACKNOWLEDGED_WITHIN_S = 1
USUAL_WITHIN_S, USUAL_TICK_S = 1800, 60


async def strike(stage: Stage) -> None:
    """Let commits hang until the broker closes the hub's channel; the hub must consume again and lose nothing."""
    # Channels take the limit over when they are opened, so the hub is started anew.
    _limit(stage, ACKNOWLEDGED_WITHIN_S, 0.5)
    await stage.hubs.kill(*stage.hubs.running)
    await stage.hubs.start()
    for _ in range(min(stage.scale, 3)):
        await _hold(stage)
    assert await stage.hubs.metric("docaxis_redeliveries_total") > 0
    _limit(stage, USUAL_WITHIN_S, USUAL_TICK_S)
    await stage.consumed()


def _limit(stage: Stage, within_s: float, tick_s: float) -> None:
    """Set how long the broker waits for acknowledgements, and how often it looks."""
    for name, value_s in (("consumer_timeout", within_s), ("channel_tick_interval", tick_s)):
        stage.broker.evaluate(f"application:set_env(rabbit, {name}, {round(value_s * 1000)})")


async def _hold(stage: Stage) -> None:
    connections = await stage.hubs.metric("docaxis_broker_connections_total")

    async def connected_anew() -> bool:
        return await stage.hubs.metric("docaxis_broker_connections_total") > connections

    stage.database_cable.plugged.clear()
    await stage.send(10)
    await eventually("consuming anew", connected_anew)
    stage.book.count("channels closed by the broker")
    stage.database_cable.plugged.set()
    await stage.answered()


SCENARIO = Scenario(
    title="acknowledgements come later than the broker allows", faults=("F25",), strike=strike, breaks_broker=True
)
