"""F22 on SQLite: the database's disk is full, or read-only at a start: the hub waits with what it has, and goes on by itself."""

from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually

SENT = 20
LARGE_SENT, LARGE_BYTES = 5, 150_000
UNAVAILABLE = "docaxis_store_unavailable_total"


async def strike(stage: Stage) -> None:
    """Fill the disk, kill the hub on it and start it again, `scale` times; then start it where nothing can be written."""
    for _ in range(stage.scale):
        (number,) = stage.hubs.running
        await stage.answered()
        stage.disk.fill()
        stage.book.count("disk full")
        # SQLite keeps the file of its log and writes it again from the start: what it has room for is still committed.
        await eventually("commits fail", lambda: _commits_fail(stage))
        await stage.hubs.is_unready(number, "blobs")
        await stage.hubs.kill(number)
        number = await stage.hubs.start(ready=False)
        # It can read, so it starts; what it was given before comes again, and again there is no room.
        await eventually("commits fail again", lambda: stage.hubs.metric(UNAVAILABLE))
        await stage.hubs.is_unready(number, "blobs")
        stage.disk.empty()
        await stage.hubs.running[number].ready()
    await stage.answered()
    (number,) = stage.hubs.running
    await stage.hubs.terminate(number)
    stage.disk.make(writable=False)
    stage.book.count("disk read-only")
    number = await stage.hubs.start(ready=False)
    await _waits(stage, number)
    await stage.send(SENT)
    stage.disk.make(writable=True)
    await stage.hubs.running[number].ready()


async def _waits(stage: Stage, number: int) -> None:
    # Unready is every process at its start: it has tried, failed, and has not given up.
    async def has_tried() -> bool:
        return '"waiting"' in stage.hubs.running[number].log

    await eventually("it waits for its disk", has_tried)
    await stage.hubs.is_unready(number, "store")


async def _commits_fail(stage: Stage) -> bool:
    await stage.send(LARGE_SENT, content_bytes=LARGE_BYTES)
    return await stage.hubs.metric(UNAVAILABLE) > 0


SCENARIO = Scenario(
    title="the disk of SQLite's file is full, then read-only",
    faults=("F22",),
    strike=strike,
    database="sqlite",
    disk_bytes=48 * 1024 * 1024,
    seldom=True,
)
