"""Which process attends a web endpoint: a lease each, so that two processes of the pages never receive for the same one."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.clock import read_time
from docaxis.backends.database import Database
from docaxis.backends.leases import take_lease
from docaxis.backends.tables import leases

_PREFIX = "web-endpoint:"


class EndpointLeases:
    """Leases by endpoint, held under this process's name and timed by the database's clock."""

    def __init__(self, database: Database, holder: str, lease_s: float) -> None:
        """Take the name of this process, and how long a lease lasts without being renewed, in seconds."""
        self._database = database
        self._holder = holder
        self.lease_s = lease_s

    async def take(self, endpoint: str) -> bool:
        """Take or renew the lease; False while another process has it. Raises StoreUnavailable."""

        async def work(connection: AsyncConnection) -> bool:
            now = await read_time(connection)
            return await take_lease(connection, _PREFIX + endpoint, self._holder, now, self.lease_s) is not None

        return await self._database.run(work)

    async def release(self, endpoint: str) -> None:
        """Give the lease up, so that another process need not wait for its end. Raises StoreUnavailable."""

        async def work(connection: AsyncConnection) -> None:
            now = await read_time(connection)
            ours = (leases.c.name == _PREFIX + endpoint) & (leases.c.holder == self._holder)
            await connection.execute(update(leases).where(ours).values(until=now))

        await self._database.run(work)
