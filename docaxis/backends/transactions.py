"""One transaction, tried again from its start after a lost race or a deadlock, with errors of our own only."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

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
            async with translated_errors(), engine.begin() as connection:
                return await work(connection)
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
