"""F5: an alarm of the broker's memory, then of its disk: it reads nothing from connections that publish."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from adapters.publisher import SendError
from docaxis.local.rabbitmq import PrivateRabbitMQ
from tests.alarm import disk_alarm, memory_alarm
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually

Alarm = Callable[[PrivateRabbitMQ], AbstractContextManager[None]]
HEARTBEAT_S = 1
LONGEST_SILENCE_S = 3 * (HEARTBEAT_S + 1)
"""When aiormq gives up a connection from which it hears nothing."""
DEADLINE_S = 4.0


async def strike(stage: Stage) -> None:
    """Raise an alarm, in the long form both of them."""
    for alarm in (memory_alarm, disk_alarm)[: 1 + (stage.scale > 1)]:
        await _under(alarm, stage, 20 * stage.scale)
        stage.book.count("alarms")


async def _under(alarm: Alarm, stage: Stage, number: int) -> None:
    """Let the hub take in what it can only publish after the alarm, and let a sender see what it is told."""
    (hub,) = stage.hubs.running
    before = await stage.ground.count("documents")

    async def all_committed() -> bool:
        return await stage.ground.count("documents") == before + number

    stage.hubs.hold(hub)
    await stage.send(number)
    with alarm(stage.broker):
        stage.hubs.let_go(hub)
        # Consuming has a connection of its own, so all is taken in.
        await eventually("all committed", all_committed)
        await eventually("blocked", lambda: stage.hubs.metric("docaxis_broker_blocked"))
        opened = stage.broker_cable.opened
        await _told_in_time(stage)
        await asyncio.sleep(LONGEST_SILENCE_S)
        assert stage.broker_cable.opened == opened, "the hub connects anew while it is blocked"
        assert await stage.hubs.metric("docaxis_outbox_rows") > 0
    await stage.answered()


async def _told_in_time(stage: Stage) -> None:
    """A sender hears by its own deadline that the broker takes nothing, and why."""
    who, message_id, receivers, package = stage.package()
    with pytest.raises(SendError, match="alarm"):
        await stage.agencies[who].send(package, message_id, receivers, frozenset({"accepted"}), deadline_s=DEADLINE_S)


SCENARIO = Scenario(
    title="an alarm of the broker's memory, then of its disk",
    faults=("F5",),
    strike=strike,
    breaks_broker=True,
    sections={"broker": {"heartbeat_s": HEARTBEAT_S, "publish_timeout_s": 2}},
)
