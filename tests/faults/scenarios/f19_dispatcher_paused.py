"""F19: a process dies, or stands still for longer than its leases, with rows and the log in its hands, and then goes on."""

import asyncio

from docaxis.hub.sequencer import LEASE_NAME
from tests.cable import Cable
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually

PACKAGES = 30
TURNS_MOST = 5
"""In each way: leases take their time."""
PUBLISH_DELAY_S = 0.6
WAYS = ("killed", "paused")
"""The short form leaves the first to the other scenarios, in which processes are killed all the time."""


async def strike(stage: Stage) -> None:
    """Take a process away, so often in each way, in an order that is diced."""
    ways = [way for way in WAYS for _ in range(min(stage.scale, TURNS_MOST))] if stage.scale > 1 else ["paused"]
    stage.dice.shuffle(ways)
    (first,) = stage.hubs.running
    await stage.hubs.terminate(first)
    for way in ways:
        await _one(stage, paused=way == "paused")
        stage.book.count(f"holder {way}")


async def _one(stage: Stage, *, paused: bool) -> None:
    cable = Cable(stage.places.broker_url)
    async with cable.laid() as slow_url:
        victim = await stage.hubs.start(sections={"broker": {"url": slow_url}})
        pid = stage.hubs.running[victim].process.pid
        await eventually("it writes the log", lambda: _writes_log(stage, pid))
        # What it publishes is long under way, so that it holds rows at any moment.
        cable.delay_s = PUBLISH_DELAY_S
        sending = asyncio.create_task(stage.send(PACKAGES))
        await eventually("it holds rows", lambda: _held(stage, pid))
        if paused:
            stage.hubs.hold(victim)
        else:
            await stage.hubs.kill(victim)
        held = await _held(stage, pid)
        assert held, "it held no rows any more"
        stage.book.count("rows held", held)
        heir = await stage.hubs.start()
        await sending
        await eventually("its rows are taken over", lambda: _taken_over(stage, pid))
        other = stage.hubs.running[heir].process.pid
        await eventually("the log is taken over", lambda: _writes_log(stage, other))
        if paused:
            # The one that stood still publishes again what is long settled, and must not write the log.
            stage.hubs.let_go(victim)
            await stage.send(PACKAGES)
            await stage.answered()
            assert await _writes_log(stage, other), "the log went back to the one that stood still"
            cable.delay_s = 0
            await stage.hubs.terminate(victim)
        await stage.answered()
        await stage.hubs.terminate(heir)


async def _held(stage: Stage, pid: int) -> int:
    return await stage.ground.count(f"outbox WHERE leased_by LIKE '%-{pid}-%'")


async def _taken_over(stage: Stage, pid: int) -> bool:
    return not await _held(stage, pid)


async def _writes_log(stage: Stage, pid: int) -> bool:
    return bool(await stage.ground.count(f"leases WHERE name = '{LEASE_NAME}' AND holder LIKE '%-{pid}-%'"))


SCENARIO = Scenario(title="the holder of leases dies or stands still", faults=("F19",), strike=strike, soaks=True)
