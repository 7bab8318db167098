"""Rows for the tests of the store, as the hub's pure code would make them."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from docaxis.domain.folding import fold
from docaxis.hub.ports import Known, SubmissionKey
from docaxis.hub.rows import Batch, DeliveryRow, DocumentRow, EventRow, OutboxRow, PackageRow, SubmissionRow

NOW = datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=UTC)
SENDER = "H41"


def digest_of(body: bytes) -> str:
    """Return the digest as the store writes it."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def event_row(kind: str = "document:accepted", document_key: UUID | None = None) -> EventRow:
    """Return an event with a number of its own."""
    event_id = uuid4()
    return EventRow(event_id, kind, NOW, document_key, event_id.hex.encode(), hashlib.sha256(event_id.bytes).digest())


def document_key(document_id: str, message_id: str = "", endpoint: str = "north", body: bytes = b"") -> SubmissionKey:
    """Return the key of one arrival; by default each document has octets and a message of its own."""
    return SubmissionKey(
        endpoint, message_id or f"m-{document_id}", digest_of(body or document_id.encode()), SENDER, document_id
    )


def submission_row(key: SubmissionKey, outcome: str, event_id: UUID, lane: str = "normal") -> SubmissionRow:
    """Return the row of an arrival with a receipt that nobody else has."""
    submission_id = uuid4()
    retry_at = NOW if outcome == "deferred" else None
    return SubmissionRow(
        submission_id,
        key.endpoint,
        key.message_id,
        key.digest,
        lane,
        outcome,
        "",
        "",
        "",
        key.sender,
        key.document_id,
        NOW,
        NOW,
        retry_at,
        event_id,
        b"receipt " + submission_id.hex.encode(),
    )


def accept(
    batch: Batch,
    key: SubmissionKey,
    sequence: int,
    *,
    lane: str = "normal",
    state: str = "dispatched",
    endpoints: Sequence[str] = ("south",),
    organs_each: int = 2,
    size_bytes: int = 100,
    redecides: SubmissionRow | None = None,
    body: bytes | None = None,
    leased_until: datetime = NOW + timedelta(seconds=30),
) -> SubmissionRow:
    """Add an accepted document with its deliveries, event and outbox row to the batch."""
    octets = key.document_id.encode() if body is None else body
    event = event_row()
    row = submission_row(key, "accepted", event.event_id, lane)
    if redecides is None:
        batch.submissions.append(row)
        batch.packages.append(PackageRow(key.digest, size_bytes, octets))
    else:
        row = row._replace(submission_id=redecides.submission_id)
        batch.redecided.append(row)
    batch.events.append(event._replace(document_key=row.submission_id))
    batch.documents.append(
        DocumentRow(
            row.submission_id,
            key.sender,
            key.document_id,
            key.digest,
            size_bytes,
            key.endpoint,
            lane,
            0,
            0,
            "12",
            "QĐ-UBND",
            None,
            "Quyết định",
            f"Về việc {key.document_id}",
            fold(f"12 QĐ-UBND Về việc {key.document_id}"),
            None,
            NOW,
            "fingerprint",
            b"salt",
            b"note " + key.document_id.encode(),
        )
    )
    batch.deliveries.extend(
        DeliveryRow(
            row.submission_id, f"{to}.{i:02}", f"{to}.{i:02}", to, lane, sequence, state, size_bytes, "direct", ""
        )
        for to in endpoints
        for i in range(organs_each)
    )
    targets = endpoints if state == "dispatched" else ()
    batch.outbox.append(
        OutboxRow(uuid4(), row.submission_id, targets, [("north", b"\x00note")], True, "hub-1", leased_until, NOW)
    )
    return row


def composer(keys: Sequence[SubmissionKey], **options: object) -> Callable[[Sequence[Known]], Batch]:
    """Return a judge in small: a known message writes nothing, a known document is repeated or refused, else accepted."""

    def compose(known: Sequence[Known]) -> Batch:
        batch = Batch()
        for number, (key, facts) in enumerate(zip(keys, known, strict=True), start=1):
            if facts.same_message is not None:
                continue
            if facts.same_document is None:
                accept(batch, key, number, **options)  # type: ignore[arg-type]
                continue
            event = event_row("document:repeated")
            outcome = "repeated" if facts.same_document.digest == key.digest else "rejected"
            batch.events.append(event)
            batch.submissions.append(submission_row(key, outcome, event.event_id))
            batch.packages.append(PackageRow(key.digest, 100, b"later"))
        return batch

    return compose
