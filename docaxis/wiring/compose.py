"""What writing and sending stands on: the desk with its web endpoints, drafts, uploads, and what the hub knows."""

import os
import socket
from collections.abc import Sequence
from datetime import date, datetime
from uuid import uuid4

from aiohttp import web

from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.clerk_queries import ClerkQueries
from docaxis.backends.drafts import SqlDrafts
from docaxis.backends.endpoint_leases import EndpointLeases
from docaxis.backends.sending_facts import SendingFacts
from docaxis.desk.archive import Archive
from docaxis.desk.desk import WebDesk
from docaxis.desk.endpoint import Shelf
from docaxis.desk.uploads import Uploads
from docaxis.domain.deadline import DeadlinePolicy
from docaxis.domain.envelope import Priority
from docaxis.hub.views.documents import DocumentView
from docaxis.web.app import UPLOAD_BYTES
from docaxis.web.compose.agencies import Finder
from docaxis.web.compose.ports import DRAFTS, FACTS, UPLOADS
from docaxis.web.compose.shown import FINDER
from docaxis.web.desk import DESK
from docaxis.wiring.configured import deadline_policy
from docaxis.wiring.parts import Parts
from docaxis.wiring.start import background

LEASE_S = 30.0
RECEIVED = 8


class _Facts(SendingFacts):
    """What the hub knows, with the operator's deadlines and the clerk's search."""

    def __init__(self, url: str, policy: DeadlinePolicy, clerk: ClerkQueries) -> None:
        super().__init__(url, pool_size=3)
        self._policy = policy
        self._clerk = clerk

    async def received(self, words: str, organ_id: str) -> Sequence[DocumentView]:
        """Return some documents that the agency received, newest first."""
        return await self._clerk.documents(words, received_by=organ_id, limit=RECEIVED)

    def due(self, priority: Priority, due_on: date | None, at: datetime) -> datetime:
        """Return until when addressees have to take a document that is accepted at this moment."""
        return self._policy.of(priority, due_on, at)[0].due_at


async def put_compose(app: web.Application, parts: Parts) -> None:
    """Put the ports of the area in, and let the desk run; it opens web endpoints as their folders come."""
    config = parts.config
    blobs = FolderBlobs(config.hub.state_dir / "blobs")
    holder = f"web-{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
    desk = WebDesk(
        Shelf(config.web.endpoints_dir),
        Archive(parts.queries, parts.database, blobs),
        EndpointLeases(parts.database, holder, LEASE_S),
        name_of=parts.site.name_of,
        now=parts.clock,
        package_bytes=config.limits.package_bytes,
    )
    await background(parts.stack, desk.run())
    app[DESK] = desk
    app[DRAFTS] = await parts.stack.enter_async_context(SqlDrafts(parts.url, parts.database))
    app[FACTS] = await parts.stack.enter_async_context(
        _Facts(parts.url, deadline_policy(config.deadlines), parts.clerk)
    )
    app[UPLOADS] = Uploads(
        blobs, min(config.web.upload_bytes, UPLOAD_BYTES, config.limits.blob_bytes), config.web.files
    )
    app[FINDER] = Finder()
