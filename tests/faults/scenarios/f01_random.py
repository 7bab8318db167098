"""F1, F19: hub processes are killed at random moments, in turn, while others start; the log's writer among them."""

import asyncio

from docaxis.hub.sequencer import LEASE_NAME
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

KILLS_SHORT, KILLS = 12, 45
"""In the short form, and for each unit of scale in a longer one."""
HUBS = 3
LIFE_S = 1.2
"""At most so long between two kills; some die while they are starting."""


async def strike(stage: Stage) -> None:
    """Kill one of the processes after the other, and start another in its place."""
    async with stage.under_load():
        for _ in range(KILLS * stage.scale if stage.scale > 1 else KILLS_SHORT):
            await asyncio.sleep(stage.dice.uniform(0.0, LIFE_S / HUBS))
            await stage.hubs.kill(stage.dice.choice(sorted(stage.hubs.running)))
            await stage.hubs.start(ready=False)
    await stage.answered()
    ((fence,),) = await stage.ground.rows(f"SELECT fence FROM leases WHERE name = '{LEASE_NAME}'")  # noqa: S608
    # The log's writer was killed too, and another took its lease: the fence has grown.
    assert fence > 1, "the sequencer's lease never changed hands"
    stage.book.count("leases of the log taken over", fence - 1)


SCENARIO = Scenario(title="hub processes are killed at random moments", faults=("F1", "F19"), strike=strike, hubs=HUBS)
