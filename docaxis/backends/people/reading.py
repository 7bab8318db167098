"""Reading about people through an engine that cannot write, so that a page never waits for a writer."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.reading import Reading

T = TypeVar("T")


class PeopleReading(Reading):
    """What sessions, accounts and passkeys are read through; on PostgreSQL it needs the writing role's rights."""

    async def run(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Do the work in one reading transaction; raises StoreUnavailable."""
        return await self._run(work)
