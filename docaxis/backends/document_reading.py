"""One document for the pages: its story from the database, its octets from wherever they lie, what is verified in a thread."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography import x509
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.database import Database
from docaxis.backends.queries import Queries
from docaxis.backends.reading import DOCUMENT_COLUMNS, Reading
from docaxis.backends.tables import deliveries, documents, events, log_entries, submissions
from docaxis.domain.deadline import DeadlinePolicy, Duty
from docaxis.domain.envelope import Priority
from docaxis.domain.sniff import sniff
from docaxis.edxml.attachments import UnpackedFile, safe_name
from docaxis.hub.file_check import Bench, check_file, seal_of
from docaxis.hub.package_content import take_attachment, view_package
from docaxis.hub.rows import EventRow
from docaxis.hub.verification import Grounds
from docaxis.hub.views.documents import DocumentView, EventView, SubmissionView
from docaxis.hub.views.package import AttachedFile, CheckReport, CheckStep, PackageView, SealView
from docaxis.hub.views.timeline import Timeline


class SubmissionReading(Reading):
    """Look-ups by key that lists do not need."""

    async def named(self, document_key: UUID) -> DocumentView | None:
        """Return an accepted document without its story, or None."""
        named = select(*DOCUMENT_COLUMNS).where(documents.c.document_key == document_key)
        found = await self._rows(named, DocumentView)
        return found[0] if found else None

    async def submission(self, submission_id: UUID) -> SubmissionView | None:
        """Return an arrival, or None."""
        found = await self._rows(
            select(submissions).where(submissions.c.submission_id == submission_id), SubmissionView
        )
        return found[0] if found else None

    async def answers(self, message_id: str) -> list[SubmissionView]:
        """Return what was decided of messages with this id, by whatever endpoint they came, newest first."""
        named = select(submissions).where(submissions.c.message_id == message_id)
        return await self._rows(named.order_by(submissions.c.received_at.desc()), SubmissionView)

    async def event(self, event_id: UUID) -> EventView | None:
        """Return an act with its place in the log, or None."""
        query = (
            select(events, log_entries.c.leaf_index)
            .outerjoin(log_entries, log_entries.c.event_id == events.c.event_id)
            .where(events.c.event_id == event_id)
        )
        found = await self._rows(query, EventView)
        return found[0] if found else None

    async def ahead(self, endpoint: str, lane: str, sequence: int) -> int:
        """Return how many copies wait in the endpoint's line before this one."""

        async def work(connection: AsyncConnection) -> int:
            return int((await connection.execute(_ahead(endpoint, lane, sequence))).scalar_one())

        return await self._run(work)


class DocumentReading:
    """What `web.clerk.document_ports.Documents` asks for.

    policy is the operator's deadlines; grounds are what packages are judged by at a moment, seals the hub's certificates.
    """

    def __init__(
        self,
        queries: Queries,
        reading: SubmissionReading,
        blobs: FolderBlobs,
        database: Database,
        policy: DeadlinePolicy,
        grounds: Callable[[datetime], Grounds],
        seals: Sequence[x509.Certificate],
    ) -> None:
        self._queries, self._reading, self._blobs = queries, reading, blobs
        self._database, self._policy, self._grounds, self._seals = database, policy, grounds, seals

    async def document(
        self, document_key: UUID, with_events: Callable[[DocumentView], bool] | None = None
    ) -> Timeline | None:
        """Return everything about one accepted document, or None; its own events only where the document wants them."""
        return await self._queries.document(document_key, with_events)

    async def named(self, document_key: UUID) -> DocumentView | None:
        """Return an accepted document without its story, or None."""
        return await self._reading.named(document_key)

    async def submission(self, submission_id: UUID) -> SubmissionView | None:
        """Return an arrival, or None."""
        return await self._reading.submission(submission_id)

    async def answer(self, message_id: str, sender: str) -> SubmissionView | None:
        """Return what the hub has decided of an agency's message; one that could not be read names no sender."""
        found = await self._reading.answers(message_id)
        return next((one for one in found if one.sender in {"", sender}), None)

    async def event_of(self, submission_id: UUID) -> EventView | None:
        """Return the act that a submission's receipt names."""
        submission = await self._reading.submission(submission_id)
        return await self._reading.event(submission.event_id) if submission else None

    async def ahead(self, endpoint: str, lane: str, sequence: int) -> int:
        """Return how many copies stand before this one in the line of its endpoint."""
        return await self._reading.ahead(endpoint, lane, sequence)

    async def octets(self, digest: str) -> bytes | None:
        """Return the octets of a package: small ones lie in the database, large ones in the blob store."""
        return await self._queries.package(digest) or await self._blobs.read(digest)

    async def package(self, digest: str) -> PackageView | None:
        """Return what a package says, None where its octets are not kept."""
        octets = await self.octets(digest)
        return None if octets is None else await asyncio.to_thread(view_package, octets, digest)

    async def attachment(self, digest: str, content_id: str) -> AttachedFile | None:
        """Return a file of a package; a reference is streamed out of the blob store."""
        octets = await self.octets(digest)
        found = None if octets is None else await asyncio.to_thread(take_attachment, octets, content_id)
        if found is None:
            return None
        if isinstance(found, UnpackedFile):
            return AttachedFile(found.name, sniff(found.content), len(found.content), _once(found.content))
        if found.blob is None or await self._blobs.size_bytes(found.blob.digest) != found.blob.size_bytes:
            return None
        chunks = self._blobs.read_stream(found.blob.digest)
        return AttachedFile(safe_name(found.attachment_name), _UNKNOWN, found.blob.size_bytes, chunks)

    async def seal(self, receipt: bytes) -> SealView | None:
        """Return who sealed a receipt, None where none of the hub's seals holds over it."""
        return await asyncio.to_thread(seal_of, receipt, self._seals)

    async def check(self, octets: bytes, at: datetime) -> CheckReport:
        """Verify a package or a receipt; what the log says of it is the last step."""
        report = await asyncio.to_thread(check_file, octets, Bench(self._grounds(at), self._seals))
        if report.kind != "receipt" or report.verdict != "accepted":
            return report
        return _recorded(report, await self._named(octets, report))

    async def record(self, event: EventRow) -> None:
        """Write an act of a person into the log."""
        await self._database.record_alone(event)

    def dues(self, document: DocumentView) -> Mapping[Duty, datetime]:
        """Return until when its addressees have to do what."""
        priority = Priority(document.priority) if document.priority in _PRIORITIES else Priority.NORMAL
        return {one.kind: one.due_at for one in self._policy.of(priority, document.due_on, document.accepted_at)}

    async def _named(self, octets: bytes, report: CheckReport) -> EventView | None:
        """Return the act that a receipt names, where the hub has given that very receipt."""
        try:
            submission = await self._reading.submission(UUID(report.receipt_id))
        except ValueError:
            return None
        if submission is None or submission.receipt != octets:
            return None
        return await self._reading.event(submission.event_id)


_UNKNOWN = "application/octet-stream"
_PRIORITIES = frozenset(Priority)


def _recorded(report: CheckReport, event: EventView | None) -> CheckReport:
    known = event is not None and event.leaf_hash.hex() == report.event_hash
    steps = (*report.steps[:-1], CheckStep("recorded", "held" if known else "failed"))
    return replace(
        report,
        steps=steps,
        verdict="accepted" if known else "rejected",
        known=known,
        leaf_index=event.leaf_index if event and known else None,
    )


def _ahead(endpoint: str, lane: str, sequence: int) -> Select[Any]:
    # The partial index of the waiting copies answers this alone.
    return (
        select(func.count())
        .select_from(deliveries)
        .where(
            deliveries.c.endpoint == endpoint,
            deliveries.c.lane == lane,
            deliveries.c.sequence < sequence,
            deliveries.c.state == "waiting",
        )
    )


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
