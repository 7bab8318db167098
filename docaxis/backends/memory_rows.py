"""The rows of the in-memory store, and what can be read off them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from docaxis.backends.clock import SET_BACK_S
from docaxis.domain.wire import LANES
from docaxis.hub.ports import (
    FetchRange,
    Known,
    KnownDelivery,
    KnownDocument,
    Outgoing,
    Recorded,
    Subject,
    SubmissionKey,
)
from docaxis.hub.rows import (
    Batch,
    DeadlineRow,
    DeliveryRow,
    DocumentRow,
    EventRow,
    LinkRow,
    OutboxRow,
    PackageRow,
    ReportRow,
    StatusRow,
    SubmissionRow,
)

Copy = tuple[str, str, int]
"""Endpoint, lane and sequence number."""


class MemoryRows:
    """Dictionaries in the place of tables, open to tests."""

    def __init__(self) -> None:
        """Begin empty."""
        self.packages: dict[str, PackageRow] = {}
        self.submissions: dict[UUID, SubmissionRow] = {}
        self.documents: dict[UUID, DocumentRow] = {}
        self.deliveries: list[DeliveryRow] = []
        self.statuses: list[StatusRow] = []
        self.links: list[LinkRow] = []
        self.deadlines: list[DeadlineRow] = []
        self.reports: list[ReportRow] = []
        self.ended: dict[UUID, str] = {}
        self.attachments: set[tuple[UUID, str]] = set()
        self.uploads: set[tuple[str, str]] = set()
        self.events: dict[UUID, EventRow] = {}
        self.outbox: dict[UUID, OutboxRow] = {}
        self.log_pending: list[UUID] = []
        self.log_entries: list[UUID] = []
        self.quarantined: dict[UUID, tuple[str, str, str, bytes, str]] = {}
        self.fetched_at: dict[Copy, datetime] = {}

    def record(self, event: EventRow) -> None:
        """Keep an event and queue it for its place in the log."""
        self.events[event.event_id] = event
        self.log_pending.append(event.event_id)

    def register_upload(self, endpoint: str, digest: str, size_bytes: int) -> None:
        """Note who brought octets to the blob store."""
        self.packages.setdefault(digest, PackageRow(digest, size_bytes, None))
        self.uploads.add((endpoint, digest))

    def known(self, key: SubmissionKey) -> Known:
        """Return what is known of an arrival."""
        message = [
            row
            for row in self.submissions.values()
            if (row.endpoint, row.message_id, row.digest) == (key.endpoint, key.message_id, key.digest)
        ]
        document = [
            self.submissions[row.document_key]
            for row in self.documents.values()
            if key.document_id and (row.sender, row.document_id) == (key.sender, key.document_id)
        ]
        number = [
            self.submissions[row.document_key]
            for row in self.documents.values()
            if key.number_key and row.number_key == key.number_key
        ]
        missing = tuple(digest for digest in key.blobs if not self.readable(key.endpoint, digest))
        subjects = tuple(self.subject(subject) for subject in key.subjects)
        return Known(_recorded(message), _recorded(document), _recorded(number), missing, subjects)

    def subject(self, subject: Subject) -> KnownDocument | None:
        """Return an earlier document that a package speaks of, by its sender and id."""
        for row in self.documents.values():
            if (row.sender, row.document_id) == (subject.sender, subject.document_id):
                copies = tuple(
                    KnownDelivery(
                        one.organ_id, one.endpoint, one.lane, one.sequence, one.state, one.statuses,
                        copy_of(one) in self.fetched_at,
                    )
                    for one in self.deliveries
                    if one.document_key == row.document_key and subject.organ_id in {"", one.organ_id}
                )  # fmt: skip
                state = self.ended.get(row.document_key, "active")
                return KnownDocument(
                    row.document_key, row.sender, row.document_id, row.endpoint, state, row.business_type, copies,
                    is_authors=row.sender == subject.author,
                )  # fmt: skip
        return None

    def write_flows(self, batch: Batch) -> None:
        """Write what a batch says of earlier documents."""
        self.statuses += batch.statuses
        self.links += batch.links
        self.deadlines += batch.deadlines
        self.reports += batch.reports
        self.ended.update(batch.ended)
        changed = {(one.document_key, one.organ_id): one for one in batch.changes}
        for place, row in enumerate(self.deliveries):
            if change := changed.get((row.document_key, row.organ_id)):
                self.deliveries[place] = row._replace(statuses=change.statuses, state=change.state)
        for set_aside in batch.quarantined:
            self.quarantined[set_aside.event_id] = set_aside[1:6]

    def readable(self, endpoint: str, digest: str) -> bool:
        """Tell whether the endpoint brought, sent or was sent the octets."""
        parts = {row.document_key for row in self.documents.values() if row.digest == digest}
        parts |= {key for key, part in self.attachments if part == digest}
        sent = any(self.documents[key].endpoint == endpoint for key in parts)
        delivered = any(
            row.document_key in parts and row.endpoint == endpoint and row.state == "dispatched"
            for row in self.deliveries
        )
        return (endpoint, digest) in self.uploads or sent or delivered

    def copies(self) -> dict[Copy, DeliveryRow]:
        """Return one delivery a copy: addressees behind one endpoint share it."""
        return {copy_of(row): row for row in self.deliveries}

    def in_order(self, endpoint: str, state: str) -> list[DeliveryRow]:
        """Return the copies of an endpoint in this state, urgent first, then by sequence."""
        found = [row for row in self.copies().values() if (row.endpoint, row.state) == (endpoint, state)]
        return sorted(found, key=lambda row: (row.lane != LANES[0], row.sequence))

    def lease(self, copies: Iterable[DeliveryRow], holder: str, now: datetime, lease_s: float) -> Sequence[Outgoing]:
        """Add a leased outbox row for each copy."""
        until = now + timedelta(seconds=lease_s)
        rows = [
            OutboxRow(uuid4(), copy.document_key, [copy.endpoint], [], False, holder, until, now) for copy in copies
        ]
        self.outbox.update({row.outbox_id: row for row in rows})
        return [self.outgoing(row) for row in rows]

    def outgoing(self, row: OutboxRow) -> Outgoing:
        """Return a publication whole."""
        submission = self.submissions[row.submission_id]
        package = self.packages.get(submission.digest)
        document = self.documents.get(row.submission_id)
        return Outgoing(
            outbox_id=row.outbox_id,
            submission_id=row.submission_id,
            document_key=None if document is None else document.document_key,
            sender_endpoint=submission.endpoint,
            message_id=submission.message_id,
            lane=submission.lane,
            digest=submission.digest,
            size_bytes=0 if package is None else package.size_bytes,
            body=package.body if package is not None and row.targets else None,
            note=submission.receipt if document is None else document.note,
            targets=tuple(row.targets),
            receipt=submission.receipt if row.with_receipt else None,
            notices=tuple(row.notices),
        )


def has_run_out(until: datetime, now: datetime, lease_s: float) -> bool:
    """Whether a lease has run out, or was taken before the clock was set back."""
    return until <= now or until > now + timedelta(seconds=lease_s + SET_BACK_S)


def copy_of(row: DeliveryRow) -> Copy:
    """Return which copy a delivery is part of."""
    return row.endpoint, row.lane, row.sequence


def runs_of(copies: Sequence[Copy]) -> Iterator[FetchRange]:
    """Yield sorted copies as ranges without gaps."""
    start = 0
    for i, (endpoint, lane, sequence) in enumerate(copies):
        if i + 1 == len(copies) or copies[i + 1] != (endpoint, lane, sequence + 1):
            yield FetchRange(endpoint, lane, copies[start][2], sequence)
            start = i + 1


def _recorded(rows: Sequence[SubmissionRow]) -> Recorded | None:
    return Recorded(rows[0].submission_id, rows[0].digest, rows[0].outcome, rows[0].receipt) if rows else None
