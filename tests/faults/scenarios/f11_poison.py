"""F11: a message that kills whoever reads it: kept aside with its reason after a few tries, and the others go on."""

import os

from tests.faults.altered import POISON_VARIABLE
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually

POISON = b"<poison/>"
"""The harness's hubs are made to die of it: no message is known that does this to a real one."""
TRIES_MOST = 4
HUBS = 2


async def strike(stage: Stage) -> None:
    """Send poison among good packages; hubs that die of it are started again, as a supervisor does."""
    for number in list(stage.hubs.running):
        await stage.hubs.terminate(number)
    for _ in range(HUBS):
        await _start(stage)
    for turn in range(stage.scale):
        kept = await stage.ground.count("quarantine")
        died = stage.book.counts["hubs killed by poison"]
        body = POISON + str(turn).encode()
        async with stage.under_load():
            await _send(stage, body)

            async def kept_aside(before: int = kept) -> bool:
                await _start_again(stage)
                return await stage.ground.count("quarantine") > before

            await eventually("the poison is kept aside", kept_aside)
        assert stage.book.counts["hubs killed by poison"] - died <= TRIES_MOST
        rows = await stage.ground.rows(
            "SELECT endpoint, body, reason FROM quarantine ORDER BY quarantined_at DESC LIMIT 1"
        )
        ((endpoint, octets, reason),) = rows
        assert (endpoint, bytes(octets)) == (stage.agencies["G22"].endpoint, body)
        assert "ended a process" in reason
    assert (await stage.ground.events())["message:quarantined"] == stage.scale
    # And the others go on.
    await stage.send(20)
    await stage.answered()


async def _send(stage: Stage, body: bytes) -> None:
    # Not through the book: nobody is told of our own fault, so there is no answer to wait for.
    client = stage.agencies["G22"].client
    await client.send(body, f"poison-{os.urandom(4).hex()}", lane="normal")


async def _start(stage: Stage) -> None:
    await stage.hubs.start(ready=False, environment={POISON_VARIABLE: POISON.decode()})


async def _start_again(stage: Stage) -> None:
    for number, child in list(stage.hubs.running.items()):
        if child.process.poll() is not None:
            await stage.hubs.killed_by_itself(number)
            stage.book.count("hubs killed by poison")
            await _start(stage)


SCENARIO = Scenario(title="a message that kills whoever reads it", faults=("F11",), strike=strike)
