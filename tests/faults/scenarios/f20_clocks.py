"""F20: clocks are wrong: of a hub's machine, or of the database's while hubs run; nothing waits for a time that never comes."""

import asyncio
from pathlib import Path

from docaxis.backends.clock import READ_INTERVAL_S
from tests.faults.altered import CLOCKS_VARIABLE
from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually

MINUTES, HOURS, DAYS = 60.0, 3600.0, 86400.0
MACHINES = (10 * MINUTES, -10 * MINUTES, 1 * DAYS, -1 * DAYS)
DATABASE_BACK = -2 * HOURS
PACKAGES = 10
TURNS_MOST = 5
ALARM_S = 30.0
"""From here on the rule in deploy/prometheus speaks."""


async def strike(stage: Stage) -> None:
    """Two hubs whose machines disagree; then one dies; then the clock of the database is set back under them."""
    (sound,) = stage.hubs.running
    await stage.hubs.terminate(sound)
    for turn in range(min(stage.scale, TURNS_MOST)):
        ahead, behind = stage.dice.sample(MACHINES, 2) if turn else (DAYS, -10 * MINUTES)
        files = [stage.places.folder / f"clocks-{turn}-{number}" for number in range(2)]
        for file, off_s in zip(files, (ahead, behind), strict=True):
            _set(file, off_s)
        numbers = [await stage.hubs.start(environment={CLOCKS_VARIABLE: str(file)}) for file in files]
        await _machines_disagree(stage, numbers, (ahead, behind))
        await _one_dies(stage, numbers)
        await stage.hubs.kill(numbers[1])
        await _database_set_back(stage, files[1], behind)


async def _machines_disagree(stage: Stage, numbers: list[int], off_s: tuple[float, float]) -> None:
    repeats = stage.book.wire_repeats
    await stage.send(PACKAGES)
    await stage.answered()
    for number, off in zip(numbers, off_s, strict=True):

        async def tells(number: int = number, off: float = off) -> bool:
            found = await stage.hubs.metric_of(number, "docaxis_clock_offset_seconds")
            return abs(found) > ALARM_S and abs(found - off) < ALARM_S

        await eventually("the metric tells the offset", tells)
    stage.book.count("machines with wrong clocks", 2)
    # Neither has taken the other's leases for run out.
    assert stage.book.wire_repeats == repeats, "published again what another was publishing"


async def _one_dies(stage: Stage, numbers: list[int]) -> None:
    sending = asyncio.create_task(stage.send(PACKAGES))
    await asyncio.sleep(stage.dice.uniform(0.1, 0.5))
    await stage.hubs.kill(numbers[0])
    await sending
    await stage.answered()
    await eventually("the other goes on with the log", lambda: _log_is_whole(stage))


async def _database_set_back(stage: Stage, file: Path, machine: float) -> None:
    # It dies with rows and the log leased until a time that its heir's clock will not reach for long.
    clocks = {CLOCKS_VARIABLE: str(file)}
    died = await stage.hubs.start("committed", ready=False, environment=clocks)
    await stage.send(PACKAGES)
    await stage.hubs.killed_by_itself(died)
    _set(file, machine, DATABASE_BACK)
    stage.book.count("database clock set back")
    heir = await stage.hubs.start(environment=clocks)
    await stage.send(PACKAGES)
    await stage.answered()
    await eventually("nothing waits for a clock", lambda: _log_is_whole(stage))
    if stage.scale > 1:
        # And once more under a running hub, to where it was.
        _set(file, machine)
        await asyncio.sleep(READ_INTERVAL_S)
        await stage.send(PACKAGES)
        await stage.answered()
    await stage.hubs.terminate(heir)


def _set(file: Path, machine: float, database: float = 0.0) -> None:
    file.write_text(f"{machine} {database}", encoding="utf-8")


async def _log_is_whole(stage: Stage) -> bool:
    return await stage.ground.count("log_pending") == 0 and await stage.ground.outbox_empty()


SCENARIO = Scenario(
    title="clocks are wrong",
    faults=("F20",),
    strike=strike,
    # Longer than a slow machine needs to publish: what is published again here must be the fault of a clock.
    sections={"intake": {"publish_lease_s": 6}},
)
