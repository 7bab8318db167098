"""Turns judged arrivals into the rows of one transaction and the publications that follow it; no I/O."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from docaxis.hub.apply import Accept, apply
from docaxis.hub.apply_flows import TakenBack
from docaxis.hub.judged import Judged, Settings
from docaxis.hub.ports import Known, KnownDelivery, KnownDocument, Recorded
from docaxis.hub.present import Present
from docaxis.hub.rows import Batch
from docaxis.hub.scribe import Composed, Scribe
from docaxis.hub.sequences import Sequences
from docaxis.hub.window import Window


def compose(
    judged: Sequence[Judged],
    known: Sequence[Known],
    settings: Settings,
    sequences: Sequences,
    window: Window,
    now: datetime,
) -> Composed:
    """Judge every arrival by what is known, in order, so that the second of two equal ones in a batch repeats the first."""
    messages: dict[tuple[str, str, str], Recorded] = {}
    documents: dict[tuple[str, str], Recorded] = {}
    numbers: dict[str, Recorded] = {}
    present = Present()
    scribe = Scribe(settings, sequences, window, present, now)
    for one, facts in zip(judged, known, strict=True):
        key = one.key
        message = facts.same_message or messages.get((key.endpoint, key.message_id, key.digest))
        document = facts.same_document or documents.get((key.sender, key.document_id))
        number = facts.same_number or numbers.get(key.number_key)
        subjects = tuple([present.see(subject) for subject in facts.subjects])
        standing = facts.standing
        if standing is None and (kept := document or number):
            standing = _accepted_in(scribe.composed.batch, kept.submission_id)
        seen = facts
        held = (facts.same_message, facts.same_document, facts.same_number, facts.subjects, facts.standing)
        if (message, document, number, subjects, standing) != held:
            seen = replace(
                facts,
                same_message=message,
                same_document=document,
                same_number=number,
                subjects=subjects,
                standing=standing,
            )
        outcome = apply(one.arrival, one.decision, seen, now, settings.defer_limit)
        recorded = scribe.write(one, outcome)
        if recorded:
            messages[key.endpoint, key.message_id, key.digest] = recorded
            if isinstance(outcome, Accept | TakenBack) and key.document_id:
                documents[key.sender, key.document_id] = recorded
            if key.number_key and isinstance(outcome, Accept):
                numbers[key.number_key] = recorded
    composed = scribe.composed
    composed.batch.changes, composed.batch.ended = present.changes, present.ended
    composed.batch.changed_at = now
    return composed


def _accepted_in(batch: Batch, document_key: UUID) -> KnownDocument | None:
    """Return a document that this batch has accepted, as the store will know it."""
    row = next((one for one in batch.documents if one.document_key == document_key), None)
    if row is None:
        return None
    copies = [
        KnownDelivery(one.organ_id, one.endpoint, one.lane, one.sequence, one.state, one.statuses)
        for one in batch.deliveries
        if one.document_key == document_key
    ]
    return KnownDocument(
        document_key, row.sender, row.document_id, row.endpoint, "active", row.business_type, tuple(copies)
    )
