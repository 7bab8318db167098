"""F18: two writers commit in another order than that of their ids: no event is passed over, no copy is forgotten."""

from tests.cable import Cable
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

PACKAGES = 40
"""For each unit of scale."""
SLOW_S = 0.03
"""How much later every octet between the slow writer and the database arrives, each way."""
NARROW = {"broker": {"prefetch_normal": 10, "prefetch_urgent": 10}, "intake": {"batch_size": 5}}


async def strike(stage: Stage) -> None:
    """Let one process commit at once, and another one long after it has given its rows their ids."""
    (quick,) = stage.hubs.running
    await stage.hubs.terminate(quick)
    cable = Cable(stage.places.database_url)
    cable.delay_s = SLOW_S
    async with cable.laid() as slow_url:
        await stage.hubs.start(sections=NARROW)
        await stage.hubs.start(sections={**NARROW, "store": {"url": slow_url}})
        await stage.send(PACKAGES * stage.scale)
        await stage.answered()
        for number in list(stage.hubs.running):
            await stage.hubs.terminate(number)
    overtaken = await stage.ground.count(
        "log_entries l JOIN log_entries later ON later.leaf_index = l.leaf_index + 1 WHERE later.event_id < l.event_id"
    )
    # An id begins with its time, so a smaller one after a greater one was committed late.
    assert overtaken > 0, "the writers have not overtaken each other"
    stage.book.count("events committed after later ones", overtaken)
    rows = await stage.ground.rows(
        "SELECT endpoint, lane, count(DISTINCT sequence), count(DISTINCT document_key) FROM deliveries GROUP BY 1, 2"
    )
    assert [row for row in rows if row[2] != row[3]] == [], "two documents under one number of a lane"


SCENARIO = Scenario(title="two writers commit out of order", faults=("F18",), strike=strike)
