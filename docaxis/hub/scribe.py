"""Writes one outcome after another: rows for the store, sealed answers, and what is to be published."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from docaxis.domain import wire
from docaxis.hub import answers, flow_answers
from docaxis.hub.acts import act
from docaxis.hub.answers import Copy
from docaxis.hub.apply import Accept, Defer, Outcome, Refuse, Repeat
from docaxis.hub.apply_flows import Advanced, Taken, TakenBack
from docaxis.hub.attached import blobs_of, passed_on
from docaxis.hub.decide import Accepted, Arrival
from docaxis.hub.ids import new_id
from docaxis.hub.judged import Judged, Settings
from docaxis.hub.outgoing import answer, outbox_row
from docaxis.hub.ports import KnownDocument, Outgoing, Recorded
from docaxis.hub.present import Present
from docaxis.hub.reporting import add_report
from docaxis.hub.rows import (
    Batch,
    DeadlineRow,
    EventRow,
    LinkRow,
    PackageRow,
    QuarantineRow,
    SubmissionRow,
)
from docaxis.hub.sequences import Sequences
from docaxis.hub.window import Window
from docaxis.ledger.event import Json, commitment
from docaxis.trust.receipts import write_note, write_notice, write_receipt

SALT_BYTES = 16


@dataclass(slots=True)
class Composed:
    """One transaction's rows, what to publish once it is committed, and the outcomes for the metrics."""

    batch: Batch = field(default_factory=Batch)
    outgoing: list[Outgoing] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


class Scribe:
    """Gathers the rows of one transaction; every row of it carries the same time."""

    def __init__(
        self, settings: Settings, sequences: Sequences, window: Window, present: Present, now: datetime
    ) -> None:
        self.composed = Composed()
        self._batch = self.composed.batch
        self._settings = settings
        self._sequences = sequences
        self._window = window
        self._present = present
        self._now = now

    def write(self, one: Judged, outcome: Outcome) -> Recorded | None:
        """Write one outcome; returns what a later equal arrival is answered with, None where nothing new was recorded."""
        self.composed.outcomes.append(outcome)
        match outcome:
            case Accept():
                return self._accept(one, outcome)
            case Advanced():
                return self._advance(one, outcome)
            case TakenBack():
                return self._take_back(one, outcome)
            case Refuse() | Defer():
                return self._refuse(one, outcome)
            case Repeat():
                return self._repeat(one, outcome)

    def _accept(self, one: Judged, outcome: Accept) -> Recorded:
        arrival, hub, seal, now = one.arrival, self._settings.hub, self._settings.seal, self._now
        accepted, effects = outcome.accepted, outcome.effects
        document_id = accepted.envelope.header.document_id
        document_key = one.submission_id or new_id(now)
        salt = os.urandom(SALT_BYTES)
        copies = self._copies(arrival, accepted)
        addressees = answers.addressees_of(accepted.route, copies)
        event = self._act(
            "document:accepted",
            {
                "key": document_key.hex,
                "document": commitment(salt, document_id),
                "package": commitment(salt, arrival.digest),
                **answers.accepted_event(accepted, arrival, copies, effects),
            },
            document_key,
        )
        note = write_note(answers.delivery_note(hub, document_key, arrival, accepted, copies, addressees, now), seal)
        notices = [
            (endpoint, write_notice(notice, seal))
            for endpoint, notice in answers.notices(hub, document_key, arrival, accepted, now)
        ]
        said = answers.accepted_receipt(answers.receipt(hub, document_key, arrival, event), accepted, addressees)
        receipt = write_receipt(flow_answers.with_effects(said, accepted.envelope, effects.taken), seal)
        # Whose earlier copy is taken back or stale learns that alone: neither the content nor the new addressees are for it.
        notices += [
            (endpoint, write_receipt(own, seal))
            for endpoint, own in flow_answers.told_apart(said, accepted.envelope, effects.taken)
        ]
        self._keep_package(arrival)
        self._submit(answers.submission_row(one, document_key, "accepted", event, receipt), one)
        self._batch.links += flow_answers.link_rows(document_key, effects.links)
        self._change(effects.taken)
        for ended in effects.ended:
            self._present.end(ended, "replaced")
        self._batch.documents.append(answers.document_row(arrival, accepted, document_key, salt, note, now))
        self._batch.deliveries += answers.delivery_rows(arrival, accepted, document_key, copies)
        self._batch.attachments += blobs_of(document_key, accepted.blobs, note)
        header = accepted.envelope.header
        for duty in self._settings.deadlines.of(header.other_info.priority, header.due_date, now):
            self._batch.deadlines.append(DeadlineRow(document_key, *duty))
        targets = tuple([copy.endpoint for copy in copies.values() if copy.state == "dispatched"])
        self._publish(answer(one, self._now, document_key, receipt, document_key, note, targets, tuple(notices)))
        return Recorded(document_key, arrival.digest, "accepted", receipt)

    def _advance(self, one: Judged, advanced: Advanced) -> Recorded:
        """Record a status and pass it on to the document's sender, with the receipt beside it as the hub's word."""
        document, delivery, step = advanced.document, advanced.delivery, advanced.step
        submission_id = one.submission_id or new_id(self._now)
        party = flow_answers.party_of(advanced)
        event = self._act("status:accepted", flow_answers.status_event(advanced, one.arrival), document.document_key)
        said = answers.receipt(
            self._settings.hub,
            submission_id,
            one.arrival,
            event,
            outcome="accepted",
            sender=advanced.reported.author,
            document_id=document.document_id,
            addressees=(party,),
            effects=(flow_answers.status_effect(advanced),),
        )
        self._present.change(document.document_key, delivery, step.statuses, delivery.state)
        self._batch.statuses.append(flow_answers.status_row(advanced, submission_id, one.arrival, self._now))
        limit = self._settings.inline_limit_bytes
        self._batch.attachments += passed_on(document.document_key, one.arrival, limit)
        return self._pass_on(one, submission_id, event, write_receipt(said, self._settings.seal), (party.endpoint,))

    def _take_back(self, one: Judged, back: TakenBack) -> Recorded:
        """Record a recall, take back what has not left the hub, and pass it on to all who may have it."""
        recalling, document = back.recalling, back.document
        submission_id = one.submission_id or new_id(self._now)
        event = self._act("recall:accepted", flow_answers.recall_event(back, one.arrival), document.document_key)
        said = answers.receipt(
            self._settings.hub,
            submission_id,
            one.arrival,
            event,
            outcome="accepted",
            sender=recalling.author,
            document_id=recalling.own_id or document.document_id,
            addressees=flow_answers.asked_parties(back.taken),
            effects=flow_answers.effects_of(back.taken),
        )
        receipt = write_receipt(said, self._settings.seal)
        self._change(back.taken)
        self._batch.statuses += flow_answers.recall_rows(back, submission_id, one.arrival, self._now)
        if recalling.is_order:
            self._present.end(document.document_key, "recalled")
            key = document.document_key
            self._batch.links.append(LinkRow(submission_id, "recall", key, document.sender, document.document_id))
        limit = self._settings.inline_limit_bytes
        self._batch.attachments += passed_on(document.document_key, one.arrival, limit, recalling.blobs, receipt)
        return self._pass_on(one, submission_id, event, receipt, flow_answers.told_endpoints(back.taken))

    def _change(self, taken: Sequence[Taken]) -> None:
        for one in taken:
            self._present.change(one.document.document_key, one.delivery, one.statuses, one.state)

    def _pass_on(
        self, one: Judged, submission_id: UUID, event: EventRow, receipt: bytes, targets: tuple[str, ...]
    ) -> Recorded:
        self._keep_package(one.arrival)
        self._submit(answers.submission_row(one, submission_id, "accepted", event, receipt), one)
        self._publish(answer(one, self._now, submission_id, receipt, None, receipt, targets))
        return Recorded(submission_id, one.arrival.digest, "accepted", receipt)

    def _refuse(self, one: Judged, outcome: Refuse | Defer) -> Recorded | None:
        deferred = isinstance(outcome, Defer)
        if deferred and one.submission_id:
            # Still not to be told: the store has set the next try already, and nobody needs a second receipt.
            return None
        arrival = one.arrival
        reason = outcome.rejection if isinstance(outcome, Refuse) else outcome.deferral
        word, retry_at = "rejected", None
        if isinstance(outcome, Defer):
            word, retry_at = "deferred", self._now + (outcome.retry or self._settings.retry)
        submission_id = one.submission_id or new_id(self._now)
        event = self._act(f"submission:{word}", answers.refusal_event(reason, arrival))
        base = answers.receipt(self._settings.hub, submission_id, arrival, event)
        receipt = write_receipt(answers.refusal_receipt(base, word, reason, one.claimed, retry_at), self._settings.seal)
        self._keep_package(arrival)
        row = answers.submission_row(one, submission_id, word, event, receipt)
        row = row._replace(code=reason.code.value, detail=reason.detail, place=str(reason.at), retry_at=retry_at)
        self._submit(row, one)
        self._publish(answer(one, self._now, submission_id, receipt))
        if isinstance(outcome, Refuse) and outcome.standing:
            self._quarantine(arrival, outcome.standing, reason.code.value, event)
        return Recorded(submission_id, arrival.digest, word, receipt)

    def _quarantine(self, arrival: Arrival, standing: KnownDocument, code: str, event: EventRow) -> None:
        """Set another version of a standing document aside, and tell those who sent and have the first one."""
        body = arrival.body
        if len(body) > self._settings.inline_limit_bytes:
            # It lies in the blob store already.
            body = wire.write_claim(wire.Claim(arrival.digest, len(body)))
        row = QuarantineRow(event.event_id, arrival.lane, arrival.endpoint, arrival.message_id, body, code, self._now)
        self._batch.quarantined.append(row)
        copies = standing.deliveries
        endpoints = dict.fromkeys((standing.endpoint, *(one.endpoint for one in copies if one.state == "dispatched")))
        # Without the addressees: a list of thousands, told to each of thousands, is more than an outbox row can hold.
        add_report(self._batch, self._settings, "conflict", standing, (), endpoints, event, code)

    def _repeat(self, one: Judged, outcome: Repeat) -> Recorded | None:
        recorded = outcome.recorded
        if not outcome.is_new_message:
            # A redelivery: nothing new happened, so nothing is written; the answer goes out again.
            self.composed.outgoing.append(answer(one, self._now, recorded.submission_id, recorded.receipt))
            return None
        submission_id = one.submission_id or new_id(self._now)
        body: dict[str, Json] = {
            "endpoint": one.arrival.endpoint,
            "package": one.arrival.digest,
            "repeats": recorded.submission_id.hex,
        }
        event = self._act("submission:repeated", body, recorded.submission_id)
        self._submit(answers.submission_row(one, submission_id, "repeated", event, recorded.receipt), one)
        self._publish(answer(one, self._now, submission_id, recorded.receipt))
        return Recorded(submission_id, one.arrival.digest, "repeated", recorded.receipt)

    def _copies(self, arrival: Arrival, accepted: Accepted) -> dict[str, Copy]:
        """Give every endpoint of the route its copy: a sequence number, and its place in the broker or in the waiting line."""
        copies: dict[str, Copy] = {}
        for addressee in accepted.route.addressees:
            endpoint = addressee.endpoint
            if endpoint not in copies:
                state = "dispatched" if self._window.admit(endpoint, len(arrival.body), arrival.lane) else "waiting"
                copies[endpoint] = Copy(endpoint, self._sequences.next(endpoint, arrival.lane), state)
        return copies

    def _act(self, kind: str, body: Mapping[str, Json], document_key: UUID | None = None) -> EventRow:
        event = act(kind, self._now, body, document_key)
        self._batch.events.append(event)
        return event

    def _keep_package(self, arrival: Arrival) -> None:
        # A claim whose blob is missing has no octets yet; a large package lies in the blob store already.
        if arrival.body:
            inline = len(arrival.body) <= self._settings.inline_limit_bytes
            self._batch.packages.append(PackageRow(arrival.digest, len(arrival.body), arrival.body if inline else None))

    def _submit(self, row: SubmissionRow, one: Judged) -> None:
        (self._batch.redecided if one.submission_id else self._batch.submissions).append(row)

    def _publish(self, outgoing: Outgoing) -> None:
        self.composed.outgoing.append(outgoing)
        self._batch.outbox.append(outbox_row(outgoing, self._settings, self._now))
