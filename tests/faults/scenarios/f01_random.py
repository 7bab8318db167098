"""F1, F19: hub processes are killed at random moments, in turn, while others start; the log's writer among them."""

import asyncio

from docaxis.hub.sequencer import LEASE_NAME
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import PATIENCE_S, eventually

KILLS_SHORT, KILLS = 12, 45
"""In the short form, and for each unit of scale in a longer one."""
HUBS = 3
PATIENCE_EACH_S = 15.0
"""For each unit of scale: how long the answers to what was in work may take."""
LIFE_S = 1.2
"""At most so long between two kills; some die while they are starting."""


async def strike(stage: Stage) -> None:
    """Kill one of the processes after the other, and start another in its place."""
    async with stage.under_load():
        for _ in range(KILLS * stage.scale if stage.scale > 1 else KILLS_SHORT):
            await asyncio.sleep(stage.dice.uniform(0.0, LIFE_S / HUBS))
            await stage.hubs.kill(stage.dice.choice(sorted(stage.hubs.running)))
            await stage.hubs.start(ready=False)
    # After hundreds of kills most of what was in work is suspect, and suspects are tried alone, twenty at a time.
    await stage.answered(max(PATIENCE_S, PATIENCE_EACH_S * stage.scale))
    before = await fence(stage)
    # Whoever writes the log now dies with all the others, so another must take its lease.
    for number in sorted(stage.hubs.running):
        await stage.hubs.kill(number)
    await stage.hubs.start()

    async def taken_over() -> bool:
        return await fence(stage) > before

    await eventually("another writes the log", taken_over)
    stage.book.count("leases of the log taken over", await fence(stage) - 1)


async def fence(stage: Stage) -> int:
    """Return how often the lease of the log has changed hands."""
    ((found,),) = await stage.ground.rows(f"SELECT coalesce(max(fence), 0) FROM leases WHERE name = '{LEASE_NAME}'")  # noqa: S608
    return int(found)


SCENARIO = Scenario(
    title="hub processes are killed at random moments",
    faults=("F1", "F19"),
    strike=strike,
    hubs=HUBS,
    flows=True,
    seldom=True,
)
