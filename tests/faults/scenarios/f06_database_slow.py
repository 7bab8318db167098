"""F6: every word to the database and back takes seconds: the hub says so, loses nothing, and is quick again by itself."""

import asyncio

from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

ONE_WAY_S = 1.0
SLOW_S = 4.0


async def strike(stage: Stage) -> None:
    """Slow the line down `scale` times; each spell long enough for some statements, and longer than leases last."""
    (number,) = stage.hubs.running
    for _ in range(stage.scale):
        async with stage.under_load(per_s=5.0):
            stage.database_cable.delay_s = ONE_WAY_S
            assert "slow" in await stage.hubs.is_unready(number, "store")
            await asyncio.sleep(SLOW_S)
            stage.database_cable.mend()
            stage.book.count("slow spells")
            await stage.hubs.running[number].ready()


SCENARIO = Scenario(title="the database takes two seconds for a statement", faults=("F6",), strike=strike)
