"""Addresses that people keep under a name: a few rows a person, theirs alone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.people_tables import saved_views
from docaxis.hub.ids import new_id
from docaxis.hub.views.work import SavedView

KEPT_MOST = 50
"""Views that a person may keep."""

_COLUMNS = (saved_views.c.view_id, saved_views.c.name, saved_views.c.address, saved_views.c.created_at)


class SavedViews:
    """Raises StoreUnavailable when the database cannot be used now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, person_id: UUID) -> Sequence[SavedView]:
        """Return a person's views by their names."""
        query = select(*_COLUMNS).where(saved_views.c.person_id == person_id).order_by(saved_views.c.name)

        async def work(connection: AsyncConnection) -> list[SavedView]:
            return [SavedView(*row) for row in await connection.execute(query)]

        return await self._database.run(work)

    async def save(self, person_id: UUID, name: str, address: str, at: datetime) -> bool:
        """Keep an address under a name, in place of what it named before; False where a person keeps too many."""
        mine = saved_views.c.person_id == person_id
        change = update(saved_views).where(mine, saved_views.c.name == name).values(address=address)
        row = {
            "view_id": new_id(at),
            "person_id": person_id,
            "name": name,
            "address": address,
            "created_at": at,
        }

        async def work(connection: AsyncConnection) -> bool:
            if (await connection.execute(change)).rowcount:
                return True
            kept = await connection.scalar(select(func.count()).select_from(saved_views).where(mine))
            if (kept or 0) >= KEPT_MOST:
                return False
            await connection.execute(insert(saved_views).values(**row))
            return True

        return await self._database.run(work)

    async def rename(self, person_id: UUID, view_id: UUID, name: str) -> bool:
        """Give a view another name; False where the person has no such view, or another one of this name."""
        mine = (saved_views.c.person_id == person_id, saved_views.c.view_id == view_id)
        other = select(saved_views.c.view_id).where(
            saved_views.c.person_id == person_id, saved_views.c.name == name, saved_views.c.view_id != view_id
        )

        async def work(connection: AsyncConnection) -> bool:
            if (await connection.execute(other)).first() is not None:
                return False
            return (await connection.execute(update(saved_views).where(*mine).values(name=name))).rowcount == 1

        return await self._database.run(work)

    async def remove(self, person_id: UUID, view_id: UUID) -> bool:
        """Forget a view; False where the person has none such."""
        mine = (saved_views.c.person_id == person_id, saved_views.c.view_id == view_id)

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(delete(saved_views).where(*mine))).rowcount == 1

        return await self._database.run(work)
