"""One transaction, tried again from its start after a lost race or a deadlock, with errors of our own only."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from docaxis.backends.engine import RaceLost, translated_errors
from docaxis.hub.ports import StoreRefused, StoreUnavailable

T = TypeVar("T")

_ATTEMPTS = 8
_PAUSE_S = 0.01


async def in_transaction(engine: AsyncEngine, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Do the work in one transaction, 8 times at most.

    Raises StoreUnavailable when the database cannot be used now and StoreRefused when it refuses what it is given.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            once = _once(engine, work)
            return await (_to_its_end(once) if engine.dialect.name == "sqlite" else once)
        except RaceLost as error:
            if attempt == _ATTEMPTS:
                message = f"lost {attempt} races in a row, the last: {error}"
                raise StoreRefused(message) from error
        except StoreUnavailable:
            # What the driver raises on its own is unseen by SQLAlchemy's pool, which would hand out dead connections.
            await engine.dispose()
            raise
        # Two losers of a deadlock that come back at the same moment would meet again.
        await asyncio.sleep(_PAUSE_S * attempt * random.random())  # noqa: S311 - no secret
    raise AssertionError


async def _once(engine: AsyncEngine, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    async with translated_errors(), engine.begin() as connection:
        return await work(connection)


async def _to_its_end(transaction: Coroutine[Any, Any, T]) -> T:
    """Wait for the end of a transaction even when cancelled meanwhile, and be cancelled then.

    SQLite's statements run in a thread. One that is abandoned there takes the file's lock when nobody is left to end
    its transaction, and no other process writes until the garbage collector comes by.
    """
    task = asyncio.ensure_future(transaction)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # nobody is left to be told
        raise
