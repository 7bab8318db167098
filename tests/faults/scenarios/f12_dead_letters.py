"""F12, F13: where dead letters go is missing, or full; what the broker gives up delivering stays where it was."""

import asyncio
from urllib.parse import quote

import aiormq

from docaxis.domain import wire
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually

INGRESS = wire.ingress_queue("normal")
QUARANTINE = f"/api/queues/{{vhost}}/{wire.QUARANTINE_QUEUE}"
FULL = f"/api/policies/{{vhost}}/{quote('full quarantine')}"
ONE_TRY_S = 2.5
"""In the harness the broker tries again to hand on a dead letter after 2 s."""


async def strike(stage: Stage) -> None:
    """Have messages given up while their target is missing, then while it is full; the hub gets all of them in the end."""
    number = 5 * stage.scale
    await stage.hubs.kill(*stage.hubs.running)
    await stage.management("DELETE", QUARANTINE)
    await _give_up(stage, number)
    await _still_there(stage, number)
    stage.book.count("dead letters without a target", number)
    # The hub makes the queue again at its start.
    hub = await stage.hubs.start()
    await stage.answered()

    await stage.hubs.kill(hub)
    full = {"pattern": f"^{wire.QUARANTINE_QUEUE}$", "apply-to": "queues"}
    limits = {"max-length": 1, "overflow": "reject-publish"}
    await stage.management("PUT", FULL, {**full, "definition": limits})
    await _give_up(stage, number)
    await _still_there(stage, number)
    stage.book.count("dead letters for a full target", number)
    # It heals by being drained. Were the limit taken away instead, RabbitMQ 3.10 would not tell the source that there is
    # room again, and the rest would stay there until the queue's next election.
    await stage.hubs.start()
    await stage.answered()
    await stage.management("DELETE", FULL)


async def _give_up(stage: Stage, number: int) -> None:
    """Reject messages without asking for them again, as the broker does by itself after its limit of deliveries."""
    await stage.send(number)
    connection = await aiormq.connect(stage.ground.broker_url)
    try:
        channel = await connection.channel()
        for _ in range(number):
            got = await channel.basic_get(INGRESS)
            assert got.delivery_tag, "the queue is empty"
            await channel.basic_reject(got.delivery_tag, requeue=False)
    finally:
        await connection.close()


async def _still_there(stage: Stage, number: int) -> None:
    """The broker has not dropped any: what the target does not take stays with the queue that it was in."""
    await asyncio.sleep(ONE_TRY_S)

    async def all_held() -> bool:
        return await _held(stage) >= number

    await eventually("all still held", all_held)


async def _held(stage: Stage) -> int:
    """Return how many messages ingress and quarantine hold; dead letters on their way count with their source."""
    queues = {one["name"]: one for one in await stage.management("GET", "/api/queues/{vhost}")}
    return sum(int(queues.get(name, {}).get("messages", 0)) for name in (INGRESS, wire.QUARANTINE_QUEUE))


SCENARIO = Scenario(title="where dead letters go is missing, or full", faults=("F12", "F13"), strike=strike)
