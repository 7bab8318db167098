"""Answers that were given to endpoints, so that asking again changes nothing (`Idempotency-Key`)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.people_tables import answers
from docaxis.hub.views.machines import KeptAnswer

KEPT = timedelta(days=7)


class SqlAnswers:
    """Every method raises StoreUnavailable when the database cannot be used now."""

    def __init__(self, database: Database) -> None:
        """Keep them in this database."""
        self._database = database

    async def find(self, endpoint: str, key: str) -> KeptAnswer | None:
        """Return what was answered under a key."""
        query = select(answers).where(answers.c.endpoint == endpoint, answers.c.idempotency_key == key)

        async def work(connection: AsyncConnection) -> KeptAnswer | None:
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                return None
            return KeptAnswer(row.idempotency_key, row.request, row.status, row.content, row.answered_at)

        return await self._database.run(work)

    async def keep(self, endpoint: str, kept: Sequence[KeptAnswer]) -> None:
        """Keep answers for a week; those under keys that are there already stay as they are."""
        rows = sorted((endpoint, one.key, one.request, one.status, one.content, one.answered_at) for one in kept)

        async def work(connection: AsyncConnection) -> None:
            newest: datetime = max(one.answered_at for one in kept)
            await connection.execute(delete(answers).where(answers.c.answered_at < newest - KEPT))
            await self._database.bulk.insert_new(connection, answers, rows)

        if rows:
            await self._database.run(work)
