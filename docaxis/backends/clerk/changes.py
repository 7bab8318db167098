"""What the log's newest entries mean to some agencies: which of their documents have changed, and nothing of what they say."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.database import Database
from docaxis.backends.log_facts import LogFacts
from docaxis.backends.tables import log_entries
from docaxis.hub.changes import changes_of
from docaxis.hub.views.work import Changed


class LogChanges:
    """Reads the log for the live pages; raises StoreUnavailable when the database cannot be used now."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._facts = LogFacts(database)

    async def size(self) -> int:
        """Return how many entries the log has."""

        async def work(connection: AsyncConnection) -> int:
            newest = await connection.scalar(select(func.max(log_entries.c.leaf_index)))
            return -1 if newest is None else newest

        return await self._database.run(work) + 1

    async def read(
        self, first: int, limit: int, organs: Collection[str], endpoints: Collection[str]
    ) -> tuple[int, Sequence[Changed]]:
        """Return where to go on from, and what the entries from `first` on change for these agencies behind these endpoints."""
        entries, facts = await self._facts.read(first, limit, frozenset(endpoints))
        found: dict[tuple[int, str, UUID], None] = {}
        for entry in entries:
            for _, change in changes_of(entry, facts):
                for organ_id in _concerned(change):
                    if organ_id in organs:
                        found[entry.leaf_index, organ_id, UUID(change["document"]["key"])] = None
        following = entries[-1].leaf_index + 1 if entries else first
        return following, [Changed(*one) for one in found]


def _concerned(change: Mapping[str, Any]) -> set[str]:
    """Return the agencies that a change of a document may be told to."""
    if "document" not in change:
        return set()
    addressees = {one["organ"] for one in change.get("addressees", ())}
    if change["role"] == "addressee":
        return addressees
    # Addressees behind the sender's own endpoint are not told apart; but nobody learns of a document before it has left.
    mine: set[str] = {change["document"]["sender"]}
    return mine if change["type"] == "document:accepted" else mine | addressees
