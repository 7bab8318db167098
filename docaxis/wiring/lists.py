"""What the lists of a clerk stand on."""

import asyncio

import structlog
from aiohttp import web

from docaxis.backends.clerk.changes import LogChanges
from docaxis.backends.clerk.saved_views import SavedViews
from docaxis.backends.clerk.work import ClerkWork
from docaxis.backends.database import Database
from docaxis.domain.calendar import day_of
from docaxis.hub.rounds import again_and_again
from docaxis.hub.rows import EventRow
from docaxis.web.clerk.export import AT_ONCE, TURN
from docaxis.web.clerk.lists_changes import CHANGES, EVERY_S, Changes
from docaxis.web.clerk.ports import JOURNAL, LISTS, SAVED_VIEWS
from docaxis.wiring.parts import Parts
from docaxis.wiring.start import background

log = structlog.get_logger(__name__)


class Journal:
    """Writes acts of persons; raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, event: EventRow) -> None:
        """Write an act."""
        await self._database.record_alone(event)


async def put_lists(app: web.Application, parts: Parts) -> None:
    """Put the ports of the area in, and look at the log for the live pages."""
    site = parts.site

    def endpoint_of(organ_id: str) -> str | None:
        reached = site.directory().connected(organ_id, day_of(site.now()))
        return reached[0] if reached else None

    app[LISTS] = await parts.stack.enter_async_context(ClerkWork(parts.url))
    app[SAVED_VIEWS] = SavedViews(parts.database)
    app[JOURNAL] = Journal(parts.database)
    app[TURN] = asyncio.Semaphore(AT_ONCE)
    changes = app[CHANGES] = Changes(LogChanges(parts.database), endpoint_of)
    app.on_shutdown.append(changes.end)
    said = "live pages are not told of changes yet"
    await background(parts.stack, again_and_again(changes.look, EVERY_S, log, waits=said, failed=said))
