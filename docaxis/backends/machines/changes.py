"""The log for the API: read in portions for all clients together, one portion at a time."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.log_facts import LogFacts
from docaxis.backends.tables import log_entries
from docaxis.hub.changes import Change
from docaxis.hub.log_reading import LogReading

_SIZE = select(func.coalesce(func.max(log_entries.c.leaf_index) + 1, 0))


class MachineChanges:
    """Fulfils `api.v1.ports.Changes`; raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading = LogReading(LogFacts(database))

    async def changes(self, endpoint: str, first: int) -> tuple[Sequence[Change], int]:
        """Return an endpoint's changes in a portion of the log, and the first entry that was not read."""
        return await self._reading.changes(endpoint, first)

    async def size(self) -> int:
        """Return how many entries the log has."""

        async def work(connection: AsyncConnection) -> int:
            return int((await connection.execute(_SIZE)).scalar_one())

        return await self._database.run(work)
