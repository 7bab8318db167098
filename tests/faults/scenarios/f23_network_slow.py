"""F23: the network to the broker is slow, then half open: octets vanish and nobody is told."""

import asyncio

from docaxis.domain.envelope import Attachment
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.simulator import endpoint_of

HEARTBEAT_S = 1
NOTICED_S = 3 * (HEARTBEAT_S + 1) + 2
LARGE_BYTES = 150_000
SLOWEST_S = 5.0


async def strike(stage: Stage) -> None:
    """Delay, then unplug, under load; before that, work that takes long must not be taken for a dead connection."""
    (hub,) = stage.hubs.running
    opened = stage.broker_cable.opened
    await _large_ones(stage, 10 * stage.scale)
    await stage.answered()
    assert stage.broker_cable.opened == opened, "a connection was given up while the hub was busy"
    async with stage.under_load(per_s=10):
        for _ in range(stage.scale):
            stage.broker_cable.delay_s = stage.dice.uniform(0.05, min(SLOWEST_S, 0.2 * stage.scale))
            await asyncio.sleep(2)
            stage.broker_cable.delay_s = 0.0
            stage.broker_cable.plugged.clear()
            await stage.hubs.is_unready(hub, "broker", NOTICED_S)
            stage.broker_cable.plugged.set()
            stage.book.count("networks half open")
            await stage.consumed(60)


async def _large_ones(stage: Stage, count: int) -> None:
    attachment = Attachment("tep-1", "Phụ lục.pdf", "application/pdf", content=b"%PDF-1.7 " + b"x" * LARGE_BYTES)
    for _ in range(count):
        stage.numbers += 1
        envelope = stage.country.envelope(stage.numbers, ["H01", "H05"], "G22", attachments=[attachment])
        package = stage.country.signed(envelope)
        receivers = frozenset(map(endpoint_of, ("H01", "H05")))
        await stage.agencies["G22"].send(package, f"large-{stage.numbers}", receivers, frozenset({"accepted"}))


SCENARIO = Scenario(
    title="the network to the broker is slow, then half open",
    faults=("F23",),
    strike=strike,
    sections={"broker": {"heartbeat_s": HEARTBEAT_S, "publish_timeout_s": 3}},
)
