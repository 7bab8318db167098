"""F1, F17, F18, F19: the hub is killed at each of its steps, under load with statuses in any order, and started again."""

from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

FAILPOINTS = ("received", "composed", "committed", "published", "unacknowledged", "confirmed")
"""Those that every package passes; the others have scenarios of their own."""


async def strike(stage: Stage) -> None:
    """Kill at every failpoint `scale` times, in an order that is diced; each time after some batches."""
    (healthy,) = stage.hubs.running
    await stage.hubs.kill(healthy)
    async with stage.under_load():
        for point in stage.each_diced(FAILPOINTS):
            number = await stage.hubs.start(f"{point}:{stage.dice.randint(1, 5)}", ready=False)
            await stage.hubs.killed_by_itself(number)
            stage.book.count(f"at {point}")


SCENARIO = Scenario(
    title="the hub is killed at each of its steps",
    faults=("F1", "F17", "F18", "F19"),
    strike=strike,
    soaks=True,
    flows=True,
)
