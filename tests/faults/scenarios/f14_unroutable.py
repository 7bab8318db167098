"""F14: there is no way to the receiver: a binding is gone, a receiver's queue is gone."""

from urllib.parse import quote

import pytest

from adapters.publisher import SendError
from docaxis.domain import wire
from tests.faults.scenario import Scenario
from tests.faults.stage import PROVINCES, Stage
from tests.waiting import PATIENCE_S

BINDING = f"/api/bindings/{{vhost}}/e/{wire.INGRESS_EXCHANGE}/q/{wire.ingress_queue('normal')}/{quote('*.normal')}"
DEADLINE_S = 6.0


async def strike(stage: Stage) -> None:
    """Remove the way to the hub, then again and again the queue of a receiver under load."""
    (hub,) = stage.hubs.running
    # Held, so that it cannot put it right before the sender has seen it.
    stage.hubs.hold(hub)
    await stage.management("DELETE", BINDING)
    who, message_id, receivers, package = stage.package()
    with pytest.raises(SendError, match="not routed"):
        await stage.agencies[who].send(package, message_id, receivers, frozenset({"accepted"}), deadline_s=DEADLINE_S)
    stage.hubs.let_go(hub)
    # The hub puts it right while it runs, and senders who go on trying get through.
    who, message_id, receivers, package = stage.package()
    await stage.agencies[who].send(package, message_id, receivers, frozenset({"accepted"}), deadline_s=PATIENCE_S)
    stage.book.count("bindings removed")
    async with stage.under_load():
        for _ in range(stage.scale):
            agency = stage.agencies[stage.dice.choice(PROVINCES)]
            inbox = wire.inbox_queue(agency.endpoint, stage.ground.tokens[agency.endpoint], "normal")
            await stage.send(10)
            await stage.management("DELETE", f"/api/queues/{{vhost}}/{inbox}")
            stage.book.count("inboxes removed")
            await stage.send(10, to=[agency.organ_id], sender="G22")


SCENARIO = Scenario(
    title="there is no way to the hub, or to a receiver",
    faults=("F14",),
    strike=strike,
    sections={"intake": {"inspect_interval_s": 0.25}},
)
