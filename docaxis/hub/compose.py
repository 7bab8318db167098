"""Turns judged arrivals into the rows of one transaction and the publications that follow it; no I/O."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from docaxis.domain import wire
from docaxis.domain.folding import fold
from docaxis.hub import answers
from docaxis.hub.acts import act
from docaxis.hub.answers import Copy
from docaxis.hub.apply import Accept, Defer, Outcome, Refuse, Repeat, apply
from docaxis.hub.decide import Accepted, Arrival, Decision
from docaxis.hub.ids import new_id
from docaxis.hub.ports import Known, Outgoing, Recorded, SubmissionKey
from docaxis.hub.rows import AttachmentRow, Batch, DeliveryRow, DocumentRow, EventRow, OutboxRow, PackageRow, SubmissionRow
from docaxis.hub.sequences import Sequences
from docaxis.hub.window import Window
from docaxis.ledger.event import Json, commitment
from docaxis.trust.receipts import write_note, write_notice, write_receipt
from docaxis.trust.seal import Seal

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Settings:
    """What composing needs to know of the hub: name, seal, its holder name for leases, and times."""

    hub: str
    seal: Seal
    holder: str
    lease: timedelta
    retry: timedelta
    defer_limit: timedelta
    inline_limit_bytes: int


@dataclass(frozen=True, slots=True)
class Judged:
    """An arrival with its decision; submission_id is set where it was deferred before."""

    arrival: Arrival
    decision: Decision
    submission_id: UUID | None = None

    @property
    def claimed(self) -> tuple[str, str]:
        """Return sender and document id as the package says, or as proven once accepted; empty where it was not read."""
        if isinstance(self.decision, Accepted):
            return self.decision.route.sender, self.decision.envelope.header.document_id
        header = self.decision.header
        return (header.sender.organ_id, header.document_id) if header else ("", "")

    @property
    def key(self) -> SubmissionKey:
        """Return what the store looks this arrival up by; only an accepted document is looked up as a document."""
        arrival, accepted = self.arrival, isinstance(self.decision, Accepted)
        sender, document_id = self.claimed if accepted else ("", "")
        blobs = self.decision.blobs if isinstance(self.decision, Accepted) else ()
        # A submission decided again would otherwise find itself.
        message_id = "" if self.submission_id else arrival.message_id
        return SubmissionKey(arrival.endpoint, message_id, arrival.digest, sender, document_id, blobs)


@dataclass(slots=True)
class Composed:
    """One transaction's rows, what to publish once it is committed, and the outcomes for the metrics."""

    batch: Batch = field(default_factory=Batch)
    outgoing: list[Outgoing] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


def compose(judged: Sequence[Judged], known: Sequence[Known], settings: Settings, sequences: Sequences, window: Window, now: datetime) -> Composed:
    """Judge every arrival by what is known, in order, so that the second of two equal ones in a batch repeats the first."""
    composed = Composed()
    messages: dict[tuple[str, str, str], Recorded] = {}
    documents: dict[tuple[str, str], Recorded] = {}
    writer = _Writer(composed, settings, sequences, window, now)
    for one, facts in zip(judged, known, strict=True):
        key = one.key
        facts = replace(
            facts,
            same_message=facts.same_message or messages.get((key.endpoint, key.message_id, key.digest)),
            same_document=facts.same_document or documents.get((key.sender, key.document_id)),
        )
        outcome = apply(one.arrival, one.decision, facts, now, settings.defer_limit)
        composed.outcomes.append(outcome)
        recorded = writer.write(one, outcome)
        if recorded:
            messages[key.endpoint, key.message_id, key.digest] = recorded
            if isinstance(outcome, Accept):
                documents[key.sender, key.document_id] = recorded
    return composed


class _Writer:
    """Writes the rows of one outcome after another."""

    def __init__(self, composed: Composed, settings: Settings, sequences: Sequences, window: Window, now: datetime) -> None:
        self._composed = composed
        self._batch = composed.batch
        self._settings = settings
        self._sequences = sequences
        self._window = window
        self._now = now

    def write(self, one: Judged, outcome: Outcome) -> Recorded | None:
        """Write one outcome; returns what a later equal arrival must be answered with, None for a mere redelivery."""
        match outcome:
            case Accept():
                return self._accept(one, outcome)
            case Refuse() | Defer():
                return self._refuse(one, outcome)
            case Repeat():
                return self._repeat(one, outcome)

    def _accept(self, one: Judged, outcome: Accept) -> Recorded:
        arrival, accepted = one.arrival, outcome.accepted
        header = accepted.envelope.header
        document_key = one.submission_id or new_id(self._now)
        salt = os.urandom(SALT_BYTES)
        copies = self._copies(arrival, accepted)
        commitments = {
            "document": commitment(salt, header.document_id),
            "package": commitment(salt, arrival.digest),
        }
        event = self._event("document:accepted", document_key, answers.accepted_event(accepted, arrival, copies, commitments))
        hub, seal = self._settings.hub, self._settings.seal
        note = write_note(answers.delivery_note(hub, document_key.hex, arrival, accepted, copies, self._now), seal)
        receipt = write_receipt(
            answers.accepted_receipt(hub, document_key.hex, arrival, outcome, copies, self._now, event.leaf_hash.hex()), seal
        )
        notices = [
            (endpoint, write_notice(notice, seal))
            for endpoint, notice in answers.notices(hub, document_key.hex, arrival, accepted, self._now)
        ]
        self._package(arrival)
        self._submission(one, document_key, "accepted", event, receipt)
        self._batch.documents.append(
            DocumentRow(
                document_key=document_key,
                sender=accepted.route.sender,
                document_id=header.document_id,
                digest=arrival.digest,
                size_bytes=len(arrival.body),
                endpoint=arrival.endpoint,
                lane=arrival.lane,
                priority=int(header.other_info.priority),
                business_type=int(accepted.envelope.business.doc_type) if accepted.envelope.business else 0,
                code_number=header.code.code_number,
                code_notation=header.code.code_notation,
                promulgated_on=header.promulgation_info.promulgation_date,
                type_name=header.document_type.type_name,
                subject=header.subject,
                folded=fold(f"{header.code.code_number} {header.code.code_notation} {header.subject}"),
                due_on=header.due_date,
                accepted_at=self._now,
                signer=accepted.signer.fingerprint,
                salt=salt,
                note=note,
            )
        )
        for addressee in accepted.route.addressees:
            copy = copies[addressee.endpoint]
            self._batch.deliveries.append(
                DeliveryRow(
                    document_key=document_key,
                    organ_id=addressee.organ_id,
                    addressed_as=addressee.addressed_as,
                    endpoint=addressee.endpoint,
                    lane=arrival.lane,
                    sequence=copy.sequence,
                    state=copy.state,
                    size_bytes=len(arrival.body),
                    rule=addressee.rule,
                    via=addressee.via,
                )
            )
        used = {*accepted.blobs}
        if len(note) > wire.NOTE_HEADER_BYTES_MAX:
            used.add(wire.digest_of(note))
        self._batch.attachments += [AttachmentRow(document_key, digest) for digest in sorted(used)]
        targets = tuple(copy.endpoint for copy in copies.values() if copy.state == "dispatched")
        self._publish(one, document_key, receipt, document_key, targets, notices, note)
        return Recorded(document_key, arrival.digest, "accepted", receipt)

    def _refuse(self, one: Judged, outcome: Refuse | Defer) -> Recorded | None:
        arrival, settings = one.arrival, self._settings
        submission_id = one.submission_id or new_id(self._now)
        deferred = isinstance(outcome, Defer)
        word = "deferred" if deferred else "rejected"
        retry_at = self._now + settings.retry if deferred else None
        if deferred and one.submission_id:
            # Still not to be told: the store has set the next try already, and nobody needs a second receipt.
            return None
        event = self._event(f"submission:{word}", None, answers.refusal_event(outcome, arrival))
        receipt = write_receipt(
            answers.refusal_receipt(
                settings.hub, submission_id.hex, arrival, outcome, one.claimed, self._now, retry_at, event.leaf_hash.hex()
            ),
            settings.seal,
        )
        self._package(arrival)
        self._submission(one, submission_id, word, event, receipt, outcome, retry_at)
        self._publish(one, submission_id, receipt)
        return Recorded(submission_id, arrival.digest, word, receipt)

    def _repeat(self, one: Judged, outcome: Repeat) -> Recorded | None:
        recorded = outcome.recorded
        if not outcome.is_new_message:
            # A redelivery: nothing new happened, so nothing is written; the answer goes out again.
            self._composed.outgoing.append(self._outgoing(one, new_id(self._now), recorded.submission_id, recorded.receipt))
            return None
        submission_id = one.submission_id or new_id(self._now)
        body: dict[str, Json] = {
            "endpoint": one.arrival.endpoint,
            "package": one.arrival.digest,
            "repeats": recorded.submission_id.hex,
        }
        event = self._event("submission:repeated", recorded.submission_id, body)
        self._submission(one, submission_id, "repeated", event, recorded.receipt)
        self._publish(one, submission_id, recorded.receipt)
        return Recorded(submission_id, one.arrival.digest, "repeated", recorded.receipt)

    def _copies(self, arrival: Arrival, accepted: Accepted) -> dict[str, Copy]:
        """Give every endpoint of the route its copy: a sequence number, and its place in the broker or in the waiting line."""
        copies: dict[str, Copy] = {}
        for addressee in accepted.route.addressees:
            endpoint = addressee.endpoint
            if endpoint not in copies:
                state = "dispatched" if self._window.admit(endpoint, len(arrival.body)) else "waiting"
                copies[endpoint] = Copy(endpoint, self._sequences.next(endpoint, arrival.lane), state)
        return copies

    def _event(self, kind: str, document_key: UUID | None, body: dict[str, Json]) -> EventRow:
        row = act(kind, self._now, body, document_key)
        self._batch.events.append(row)
        return row

    def _package(self, arrival: Arrival) -> None:
        if not arrival.body:
            return
        # A large package lies in the blob store already.
        body = arrival.body if len(arrival.body) <= self._settings.inline_limit_bytes else None
        self._batch.packages.append(PackageRow(arrival.digest, len(arrival.body), body))

    def _submission(self, one: Judged, submission_id: UUID, word: str, event: EventRow, receipt: bytes, outcome: Refuse | Defer | None = None, retry_at: datetime | None = None) -> None:
        reason = outcome.rejection if isinstance(outcome, Refuse) else outcome.deferral if outcome else None
        sender, document_id = one.claimed
        row = SubmissionRow(
            submission_id=submission_id,
            endpoint=one.arrival.endpoint,
            message_id=one.arrival.message_id,
            digest=one.arrival.digest,
            lane=one.arrival.lane,
            outcome=word,
            code=reason.code.value if reason else "",
            detail=reason.detail if reason else "",
            place=str(reason.at) if reason else "",
            sender=sender,
            document_id=document_id,
            received_at=one.arrival.received_at,
            decided_at=self._now,
            retry_at=retry_at,
            event_id=event.event_id,
            receipt=receipt,
        )
        (self._batch.redecided if one.submission_id else self._batch.submissions).append(row)

    def _publish(self, one: Judged, submission_id: UUID, receipt: bytes, document_key: UUID | None = None, targets: tuple[str, ...] = (), notices: Sequence[tuple[str, bytes]] = (), note: bytes = b"") -> None:
        row = OutboxRow(
            outbox_id=new_id(self._now),
            submission_id=submission_id,
            targets=targets,
            notices=tuple(notices),
            with_receipt=True,
            leased_by=self._settings.holder,
            leased_until=self._now + self._settings.lease,
            created_at=self._now,
        )
        self._batch.outbox.append(row)
        outgoing = self._outgoing(one, row.outbox_id, submission_id, receipt)
        self._composed.outgoing.append(
            replace(outgoing, document_key=document_key, targets=targets, notices=tuple(notices), note=note)
        )

    def _outgoing(self, one: Judged, outbox_id: UUID, submission_id: UUID, receipt: bytes) -> Outgoing:
        arrival = one.arrival
        return Outgoing(
            outbox_id=outbox_id,
            submission_id=submission_id,
            document_key=None,
            sender_endpoint=arrival.endpoint,
            message_id=arrival.message_id,
            lane=arrival.lane,
            digest=arrival.digest,
            size_bytes=len(arrival.body),
            body=arrival.body,
            note=b"",
            targets=(),
            receipt=receipt,
            notices=(),
        )
