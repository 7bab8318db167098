"""F22 on PostgreSQL: the disk of its tables is full: the hub waits, accepts nothing, and goes on once there is room.

Its own log (WAL) lies on another disk, as everybody is told to have it: with that one full PostgreSQL stops by itself,
which is the fault of a database that is away.
"""

import asyncio

from sqlalchemy.engine import make_url

from tests.faults.scenario import Scenario
from tests.faults.stage import Stage
from tests.waiting import eventually

SENT, CONTENT_BYTES = 20, 100_000
UNAVAILABLE = "docaxis_store_unavailable_total"


async def strike(stage: Stage) -> None:
    """Move every table to a small disk, fill it `scale` times, and move them back."""
    postgres = stage.places.postgres
    assert postgres
    database = str(make_url(stage.places.database_url).database)

    async def sql(statement: str) -> None:
        await asyncio.to_thread(postgres.sql, statement, database)

    async def move(source: str, target: str) -> None:
        # With the hub kept out: both would lock the same tables, each in its own order.
        stage.database_cable.refuses = True
        stage.database_cable.cut()
        for kind in ("TABLE", "INDEX"):
            await sql(f"ALTER {kind} ALL IN TABLESPACE {source} SET TABLESPACE {target}")
        stage.database_cable.mend()

    (stage.disk.path / "space").mkdir()
    await asyncio.to_thread(postgres.stop)
    postgres.within = stage.disk.within
    await asyncio.to_thread(postgres.start)
    try:
        await sql(f"CREATE TABLESPACE small LOCATION '{stage.disk.point / 'space'}'")
        await move("pg_default", "small")
        for _ in range(stage.scale):
            await _fill(stage)
        await move("small", "pg_default")
        await sql("DROP TABLESPACE small")
    finally:
        await asyncio.to_thread(postgres.stop)
        postgres.within = ()
        await asyncio.to_thread(postgres.start)


async def _fill(stage: Stage) -> None:
    (number,) = stage.hubs.running
    await stage.hubs.running[number].ready()
    await stage.answered()
    before = await stage.hubs.metric(UNAVAILABLE)
    stage.disk.fill()
    stage.book.count("disk of the tables full")
    known = set(stage.book.answers)
    await stage.send(SENT, content_bytes=CONTENT_BYTES)

    async def fails() -> bool:
        return await stage.hubs.metric(UNAVAILABLE) > before + 1

    await eventually("commits fail", fails)
    accepted = stage.book.answers.keys() - known
    stored = await stage.ground.rows("SELECT message_id FROM submissions")
    assert accepted <= {message_id for (message_id,) in stored}, "answered without a commit"
    assert len(accepted) < SENT, "there was room after all"
    stage.disk.empty()
    await stage.answered()


SCENARIO = Scenario(
    title="the disk of PostgreSQL's tables is full",
    faults=("F22",),
    strike=strike,
    breaks_database=True,
    disk_bytes=64 * 1024 * 1024,
)
