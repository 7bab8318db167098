"""F6 on SQLite: a stranger locks the database file, or it can only be read for a while; the hub waits and goes on."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from sqlalchemy.engine import make_url

from tests.faults.scenario import Scenario
from tests.faults.stage import Stage

SENT = 20
LOCKED_S = 3.0
LONG_LOCKED_S = 20.0
"""Longer than the hub lets SQLite wait for a lock (15 s)."""


@asynccontextmanager
async def locked(stage: Stage, for_s: float) -> AsyncIterator[None]:
    """Hold the file's write lock, as a backup program or a person with a shell does."""
    file = make_url(stage.places.database_url).database or ""
    with closing(sqlite3.connect(file, timeout=10, isolation_level=None, check_same_thread=False)) as stranger:
        await asyncio.to_thread(stranger.execute, "BEGIN EXCLUSIVE")
        yield
        await asyncio.sleep(for_s)
        stranger.execute("ROLLBACK")


async def strike(stage: Stage) -> None:
    """Lock the file for some seconds, in the long form for longer than the hub waits; send meanwhile."""
    (number,) = stage.hubs.running
    spells = [LOCKED_S] + [LONG_LOCKED_S] * (stage.scale - 1)
    for for_s in spells:
        await stage.answered()
        before = dict(stage.book.answers)
        async with locked(stage, for_s):
            stage.book.count("file locked")
            assert "slow" in await stage.hubs.is_unready(number, "store")
            await stage.send(SENT)
        assert stage.book.answers == before, "answered without a commit"
        await stage.hubs.running[number].ready()


SCENARIO = Scenario(title="SQLite's file is locked by a stranger", faults=("F6",), strike=strike, database="sqlite")
