"""F28: a version of before and the one at hand work side by side on the same queues and database, while they are exchanged."""

import asyncio

from tests.faults.old_version import starting, unpack
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.hub_child import Start
from tests.waiting import eventually

BEFORE = "e79a0afa7717"
"""The commit that is upgraded from. There is no release yet: when there is one, its tag stands here."""
SIDE_BY_SIDE_S = 3.0
DECIDED = "docaxis_submissions_total"


async def strike(stage: Stage) -> None:
    """Upgrade under load: the new one changes the schema under the old one, both work, each is killed and comes back."""
    old = starting(unpack(BEFORE, stage.places.folder))
    (first,) = stage.hubs.running
    narrow = {"broker": {"prefetch_normal": 2, "prefetch_urgent": 2}}
    async with stage.under_load():
        await asyncio.sleep(1)
        new = await stage.hubs.start(sections=narrow)
        await _both_decide(stage, first, new)
        stage.book.count("upgrades under load")
        for _ in range(stage.scale):
            await stage.hubs.kill(first)
            first = await _old_again(stage, old)
            if first not in stage.hubs.running:
                break
            await stage.hubs.kill(new)
            await asyncio.sleep(stage.dice.uniform(0, 1))
            new = await stage.hubs.start()
    if first in stage.hubs.running:
        await stage.hubs.terminate(first)


async def _both_decide(stage: Stage, *numbers: int) -> None:
    before = [await stage.hubs.metric_of(number, DECIDED) for number in numbers]

    async def more() -> bool:
        return all([await stage.hubs.metric_of(n, DECIDED) > b for n, b in zip(numbers, before, strict=True)])

    await eventually("both versions decide", more)
    await asyncio.sleep(SIDE_BY_SIDE_S)


async def _old_again(stage: Stage, old: Start) -> int:
    """Start the old one on the new schema: it works, or says in a line why it does not, and ends."""
    number = await stage.hubs.start(ready=False, by=old)
    child = stage.hubs.running[number]

    async def ready_or_ended() -> bool:
        return child.process.poll() is not None or (await child.get("/readyz"))[0] == 200

    await eventually("the old version works or refuses", ready_or_ended)
    if child.process.poll() is None:
        stage.book.count("old version worked on the new schema")
        return number
    del stage.hubs.running[number]
    assert child.process.poll() == 1, child.log[-4000:]
    assert "schema" in child.log.splitlines()[-1], child.log[-4000:]
    stage.book.count("old version refused the new schema")
    return number


SCENARIO = Scenario(
    title="two versions side by side", faults=("F28",), strike=strike, version_before=BEFORE, long_only=True
)
