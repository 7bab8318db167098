"""What the pages of one document ask of the world; `backends.document_reading` and the hub's deadlines fulfil it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from aiohttp import web

from docaxis.domain.deadline import Duty
from docaxis.hub.rows import EventRow
from docaxis.hub.views.documents import DocumentView, EventView, SubmissionView
from docaxis.hub.views.package import AttachedFile, CheckReport, PackageView, SealView
from docaxis.hub.views.timeline import Timeline


class Documents(Protocol):
    """Reads one document; every method raises StoreUnavailable where database or blob store cannot be read now."""

    async def document(
        self, document_key: UUID, with_events: Callable[[DocumentView], bool] | None = None
    ) -> Timeline | None:
        """Return everything about one accepted document, or None; its own events only where the document wants them."""

    async def named(self, document_key: UUID) -> DocumentView | None:
        """Return an accepted document without its story, or None."""

    async def submission(self, submission_id: UUID) -> SubmissionView | None:
        """Return an arrival, or None."""

    async def answer(self, message_id: str, sender: str) -> SubmissionView | None:
        """Return what the hub has decided of an agency's message, None as long as it has not."""

    async def event_of(self, submission_id: UUID) -> EventView | None:
        """Return the act that a submission's receipt names."""

    async def ahead(self, endpoint: str, lane: str, sequence: int) -> int:
        """Return how many copies stand before this one in the line of its endpoint."""

    async def package(self, digest: str) -> PackageView | None:
        """Return what a package says, None where its octets are not kept."""

    async def attachment(self, digest: str, content_id: str) -> AttachedFile | None:
        """Return a file of a package, None where there is none of this id or its octets are not kept."""

    async def octets(self, digest: str) -> bytes | None:
        """Return the octets of a package as they were signed."""

    async def seal(self, receipt: bytes) -> SealView | None:
        """Return who sealed a receipt, None where the hub's seal does not hold over it."""

    async def check(self, octets: bytes, at: datetime) -> CheckReport:
        """Verify a package or a receipt as the hub would at a moment, step by step."""

    async def record(self, event: EventRow) -> None:
        """Write an act of a person into the log."""

    def dues(self, document: DocumentView) -> Mapping[Duty, datetime]:
        """Return until when its addressees have to do what."""


DOCUMENTS = web.AppKey("documents", Documents)
