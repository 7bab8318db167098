"""How long an inbox has not been emptied: the oldest copy that no range covers, found from the newest down."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from docaxis.backends import tables
from docaxis.backends.database import Database
from docaxis.backends.operator.figures import OperatorFigures
from tests.integration.clerk_rows import BEGIN, World

COPIES, AGENCIES = 3_000, ("H01", "H02")
BLOCKS = 150
"""The whole lane has more than ten times as many."""


@pytest.fixture
async def figures(database_url: str) -> AsyncIterator[OperatorFigures]:
    async with OperatorFigures(database_url) as opened:
        yield opened


async def fill(database: Database, copies: int, fetched: int) -> None:
    """Write documents a minute apart to two agencies behind one endpoint: one copy of each, of which so many were fetched."""
    world = World()
    for number in range(copies):
        world.document(f"VB-{number}", dict.fromkeys(AGENCIES, ()))
    for row in world.rows[tables.deliveries]:
        row["endpoint"] = "e"
    lane = {"endpoint": "e", "lane": "normal"}
    world.add(
        tables.lanes, **lane, next_sequence=copies + 1, dispatched=copies, dispatched_bytes=copies, fetched=fetched,
        fetched_bytes=fetched, waiting=0,
    )  # fmt: skip
    if fetched:
        world.add(tables.fetch_ranges, **lane, first_sequence=1, last_sequence=fetched, fetched_at=BEGIN)
    async with database.engine.begin() as connection:
        for table, rows in world.rows.items():
            await connection.execute(insert(table), rows)


@pytest.mark.parametrize(("fetched", "oldest"), [(0, 1), (27, 28), (29, 30), (30, None)])
async def test_the_oldest_copy_that_was_not_fetched(
    database: Database, figures: OperatorFigures, fetched: int, oldest: int | None
) -> None:
    await fill(database, 30, fetched)
    found = await figures.oldest_unfetched("e")
    assert found == (None if oldest is None else BEGIN + timedelta(minutes=oldest))
    assert await figures.oldest_unfetched("somebody-else") is None


async def test_what_was_fetched_is_not_read_again(database: Database, figures: OperatorFigures) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite does not tell what it reads")
    await fill(database, COPIES, COPIES - 10)
    async with database.engine.begin() as connection:
        await connection.execute(text("ANALYZE"))
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        asked.append((statement, values))

    event.listen(figures._engine.sync_engine, "before_cursor_execute", note)
    assert await figures.oldest_unfetched("e") == BEGIN + timedelta(minutes=COPIES - 9)
    ((statement, values),) = [one for one in asked if "fetch_ranges" in one[0]]
    async with database.engine.connect() as connection:
        explained = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
        plan = json.loads(json.dumps(explained.scalar_one()))
    told = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    assert told["Shared Hit Blocks"] + told["Shared Read Blocks"] < BLOCKS
