"""F26: the broker cancels consumers, because somebody deletes the queues that they consume."""

from docaxis.domain import wire
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually


async def strike(stage: Stage) -> None:
    """Delete the hub's queues and a receipts queue while they are empty; all must be there again, and consumed."""
    agency = stage.agencies["G22"]
    receipts = wire.inbox_queue(agency.endpoint, stage.ground.tokens[agency.endpoint], "receipts")
    hubs = [wire.ingress_queue("normal"), wire.FETCHED_QUEUE, wire.QUARANTINE_QUEUE]
    for _ in range(stage.scale):
        await stage.answered()
        # What an administrator deletes with a queue is gone: that is his deed, so only empty ones are taken here.
        await eventually("at rest", stage.is_at_rest)
        for queue in [*hubs, receipts]:
            await stage.management("DELETE", f"/api/queues/{{vhost}}/{queue}")
            stage.book.count("queues deleted")
        await stage.send(5)
        await stage.consumed()
        await stage.answered()


SCENARIO = Scenario(title="the broker cancels the hub's consumers", faults=("F26",), strike=strike)
