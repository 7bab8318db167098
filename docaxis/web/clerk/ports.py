"""What the lists of a clerk ask of the world; `backends.clerk` fulfils it. Every method raises StoreUnavailable."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from aiohttp import web

from docaxis.hub.rows import EventRow
from docaxis.hub.views.clerk import ByDuty, Overdue, Refused
from docaxis.hub.views.lists import Count, ListPage, Place, ReceivedRow, SentRow, Wanted
from docaxis.hub.views.work import AskedBack, Coming, LineState, SavedView, SentToday, WaitingHere


class Lists(Protocol):
    """Reads what an agency sent and received."""

    async def list_sent(
        self, organ_id: str, wanted: Wanted, after: Place | None = None, limit: int = 100
    ) -> ListPage[SentRow]:
        """Return a page of what the agency sent."""

    async def list_received(
        self, organ_id: str, wanted: Wanted, after: Place | None = None, limit: int = 100
    ) -> ListPage[ReceivedRow]:
        """Return a page of what was sent out to the agency."""

    async def count_listed(self, organ_id: str, wanted: Wanted, *, sent: bool, most: int = 100) -> Count:
        """Count what a list holds, up to so many."""

    async def count_all(self, organ_id: str, *, sent: bool) -> Count:
        """Count all that the agency sent or received, as far as that is cheap."""

    async def overdue(
        self, *, sender: str | None = None, organ_id: str | None = None, after: ByDuty | None = None, limit: int = 100
    ) -> Sequence[Overdue]:
        """Return missed duties that are still open."""

    async def refused_still(self, sender: str, limit: int) -> Sequence[Refused]:
        """Return refusals that the sender has to do something about."""

    async def waiting_here(self, organ_id: str, limit: int) -> Sequence[WaitingHere]:
        """Return what the agency has received and neither accepted nor refused."""

    async def asked_back(self, organ_id: str, limit: int) -> Sequence[AskedBack]:
        """Return what the agency is asked to give back."""

    async def coming(self, sender: str, now: datetime, limit: int) -> Sequence[Coming]:
        """Return the next deadlines of what the agency sent, soonest first."""

    async def sent_since(self, sender: str, since: datetime) -> SentToday:
        """Return how what was sent since a moment goes."""

    async def line(self, endpoint: str) -> LineState:
        """Return when an endpoint was last heard of, and what it has not fetched."""


class SavedViews(Protocol):
    """Keeps addresses for people, under names."""

    async def of(self, person_id: UUID) -> Sequence[SavedView]:
        """Return a person's views by their names."""

    async def save(self, person_id: UUID, name: str, address: str, at: datetime) -> bool:
        """Keep an address under a name, in place of what it named before; False where a person keeps too many."""

    async def rename(self, person_id: UUID, view_id: UUID, name: str) -> bool:
        """Give a view another name; False where there is no such view, or another one of this name."""

    async def remove(self, person_id: UUID, view_id: UUID) -> bool:
        """Forget a view; False where there is none."""


class Journal(Protocol):
    """Writes the acts of persons into the log."""

    async def record(self, event: EventRow) -> None:
        """Write an act; it has happened for the log once this returns."""


LISTS = web.AppKey("clerk_lists", Lists)
SAVED_VIEWS = web.AppKey("saved_views", SavedViews)
JOURNAL = web.AppKey("journal", Journal)
