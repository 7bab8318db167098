"""What the register's pages ask of the world; `backends.register` fulfils it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from aiohttp import web

from docaxis.domain.people import Person
from docaxis.hub.views.register import Entry, NewEntry, Unregistered, Wanted


class Register(Protocol):
    """Every method raises StoreUnavailable where the database cannot be used now."""

    async def unregistered(self, organ_id: str, after: UUID | None = None) -> Unregistered:
        """Return a page of what was sent out to an agency and has no number yet."""

    async def enter(
        self, organ_id: str, entries: Sequence[NewEntry], person: Person, at: datetime
    ) -> Mapping[UUID, int] | None:
        """Give each document the next number of the year, in this order, and return the numbers by document.

        One that has a number keeps it. None, and nothing is written, where one of them was not sent to the agency.
        """

    async def amend(
        self, organ_id: str, entry: tuple[int, int], handed_to: str, note: str, person: Person, at: datetime
    ) -> bool:
        """Change who has an entry (year, number) and its note; False where there is no such entry."""

    async def entry(self, organ_id: str, year: int, number: int) -> Entry | None:
        """Return one entry."""

    async def entries(
        self, organ_id: str, wanted: Wanted, below: int | None = None, limit: int = 50
    ) -> Sequence[Entry]:
        """Return entries with the greatest number first; `below` is the last number of the page before."""

    async def years(self, organ_id: str) -> Sequence[int]:
        """Return the years that have entries, newest first."""

    async def note_export(
        self, organ_id: str, wanted: Wanted, form: str, count: int, person: Person, at: datetime
    ) -> None:
        """Record that entries were printed or exported."""


REGISTER = web.AppKey("register", Register)
