"""What one batch writes: plain rows, in the column order of `backends.tables`, made by pure code."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID


class PackageRow(NamedTuple):
    """The octets of a package; body is None where they lie in the blob store."""

    digest: str
    size_bytes: int
    body: bytes | None


class SubmissionRow(NamedTuple):
    """One arrival and what was answered; outcome is accepted, rejected, deferred or repeated."""

    submission_id: UUID
    endpoint: str
    message_id: str
    digest: str
    lane: str
    outcome: str
    code: str
    detail: str
    place: str
    sender: str
    document_id: str
    received_at: datetime
    decided_at: datetime
    retry_at: datetime | None
    event_id: UUID
    receipt: bytes


class DocumentRow(NamedTuple):
    """An accepted document; document_key is the submission that brought it."""

    document_key: UUID
    sender: str
    document_id: str
    digest: str
    size_bytes: int
    endpoint: str
    lane: str
    priority: int
    business_type: int
    code_number: str
    code_notation: str
    promulgated_on: date | None
    type_name: str
    subject: str
    folded: str
    due_on: date | None
    accepted_at: datetime
    signer: str
    salt: bytes
    note: bytes
    number_key: str | None = None
    paper: bool = False


class AttachmentRow(NamedTuple):
    """A blob that a document refers to; sender and addressees may read it."""

    document_key: UUID
    digest: str


class DeliveryRow(NamedTuple):
    """One addressee of a document; addressees behind one endpoint share its sequence number."""

    document_key: UUID
    organ_id: str
    addressed_as: str
    endpoint: str
    lane: str
    sequence: int
    state: str
    size_bytes: int
    rule: str
    via: str
    statuses: int = 0


class StatusRow(NamedTuple):
    """A status as it came; a recall order is a 13 to each addressee. current is the furthest code of its band after it."""

    submission_id: UUID
    document_key: UUID
    organ_id: str
    author: str
    party: str
    code: int
    applied: bool
    current: int
    description: str
    reported_at: datetime | None
    accepted_at: datetime
    digest: str


class LinkRow(NamedTuple):
    """What a package says about an earlier document: reply, update, replace or recall; target_key None: never seen here."""

    document_key: UUID
    kind: str
    target_key: UUID | None
    sender: str
    document_id: str


class DeadlineRow(NamedTuple):
    """When a document is to be looked at again, and for which duty."""

    document_key: UUID
    kind: str
    start_at: datetime
    due_at: datetime


class ReportRow(NamedTuple):
    """What the hub signed of itself."""

    report_id: UUID
    document_key: UUID
    kind: str
    at: datetime
    octets: bytes


class DeliveryChange(NamedTuple):
    """What becomes of one addressee's copy; written only where it still is as it was read."""

    document_key: UUID
    organ_id: str
    statuses_before: int
    state_before: str
    statuses: int
    state: str


class QuarantineRow(NamedTuple):
    """A package set aside for an operator to look at; event_id is that of the act that set it aside."""

    event_id: UUID
    origin: str
    endpoint: str
    message_id: str
    body: bytes
    reason: str
    quarantined_at: datetime


class EventRow(NamedTuple):
    """One act, with its canonical bytes (RFC 8785) and leaf hash (RFC 6962)."""

    event_id: UUID
    kind: str
    at: datetime
    document_key: UUID | None
    canonical: bytes
    leaf_hash: bytes


class OutboxRow(NamedTuple):
    """What is still to be published for a submission; leased to one process until leased_until."""

    outbox_id: UUID
    submission_id: UUID
    targets: Sequence[str]
    notices: Sequence[tuple[str, bytes]]
    with_receipt: bool
    leased_by: str
    leased_until: datetime
    created_at: datetime


@dataclass(slots=True)
class Batch:
    """Everything that one transaction writes; `redecided` replaces rows of submissions that were deferred before."""

    packages: list[PackageRow] = field(default_factory=list)
    submissions: list[SubmissionRow] = field(default_factory=list)
    redecided: list[SubmissionRow] = field(default_factory=list)
    documents: list[DocumentRow] = field(default_factory=list)
    deliveries: list[DeliveryRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    attachments: list[AttachmentRow] = field(default_factory=list)
    statuses: list[StatusRow] = field(default_factory=list)
    links: list[LinkRow] = field(default_factory=list)
    deadlines: list[DeadlineRow] = field(default_factory=list)
    reports: list[ReportRow] = field(default_factory=list)
    changes: list[DeliveryChange] = field(default_factory=list)
    changed_at: datetime | None = None
    """The moment of all that the batch writes; set where it changes earlier documents."""
    ended: list[tuple[UUID, str]] = field(default_factory=list)
    """Documents that are no longer active: key and new state."""
    quarantined: list[QuarantineRow] = field(default_factory=list)
