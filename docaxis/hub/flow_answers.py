"""What the hub writes about a status or a flow: effects for the receipt, rows, bodies of events. Codes and keys, no content."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from docaxis.domain.envelope import Envelope, StatusEnvelope
from docaxis.domain.receipt import Effect, Receipt, ReceiptAddressee
from docaxis.domain.status import RECALL, StatusCode, business, recall
from docaxis.hub.apply_flows import Advanced, Link, Taken, TakenBack
from docaxis.hub.decide import Arrival
from docaxis.hub.flows import Recalling, Reported
from docaxis.hub.ports import KnownDelivery, KnownDocument
from docaxis.hub.rows import LinkRow, StatusRow
from docaxis.ledger.event import Json

TOLD = frozenset({"withdrawing", "asked", "removed", "replaced"})
"""The acts that an endpoint must hear of; a copy that never left the hub needs no word."""
DESCRIPTION_MAX = 2000


def status_effect(advanced: Advanced) -> Effect:
    """Return what a status did to its copy."""
    act = "advanced" if advanced.step.applied else "recorded"
    return _effect(advanced.document, advanced.delivery, act, advanced.step.statuses)


def effects_of(taken: Iterable[Taken]) -> tuple[Effect, ...]:
    """Return what became of copies that are taken back."""
    return tuple([_effect(one.document, one.delivery, one.act, one.statuses) for one in taken])


def with_effects(receipt: Receipt, envelope: Envelope, taken: Sequence[Taken]) -> Receipt:
    """Return a new document's receipt with what it does to copies of earlier ones, and why."""
    if not taken:
        return receipt
    reason = envelope.business.reason if envelope.business else ""
    return replace(receipt, effects=effects_of(taken), reason=reason)


def told_apart(receipt: Receipt, envelope: Envelope, taken: Sequence[Taken]) -> Iterator[tuple[str, Receipt]]:
    """Yield for each endpoint that must hear of it the receipt with nothing but what concerns its own copies."""
    bare = replace(receipt, addressees=(), notified=())
    own: dict[str, list[Taken]] = {}
    for one in taken:
        own.setdefault(one.delivery.endpoint, []).append(one)
    for endpoint in told_endpoints(taken):
        yield endpoint, with_effects(bare, envelope, own[endpoint])


def told_endpoints(taken: Iterable[Taken]) -> tuple[str, ...]:
    """Return the endpoints that must hear of it, each once."""
    return tuple(dict.fromkeys(one.delivery.endpoint for one in taken if one.act in TOLD))


def party_of(advanced: Advanced) -> ReceiptAddressee:
    """Return the other side of a status as the receipt tells it: the document's sender."""
    document = advanced.document
    # Where the sender is connected today: he may have moved to another system since.
    return ReceiptAddressee(document.sender, advanced.reported.party_endpoint or document.endpoint, "status")


def asked_parties(taken: Iterable[Taken]) -> tuple[ReceiptAddressee, ...]:
    """Return those to whom a recall goes, as the receipt tells them."""
    return tuple([ReceiptAddressee(t.delivery.organ_id, t.delivery.endpoint, "recall") for t in taken if t.act in TOLD])


def status_event(advanced: Advanced, arrival: Arrival) -> dict[str, Json]:
    """Return the body of a `status:accepted` event."""
    reported, step = advanced.reported, advanced.step
    return {
        "document": advanced.document.document_key.hex,
        "endpoint": arrival.endpoint,
        "received_at": arrival.received_at.isoformat(),
        "author": reported.author,
        "party": advanced.document.sender,
        "organ": advanced.delivery.organ_id,
        "code": advanced.code.written,
        "applied": step.applied,
        "current": _current(advanced.code, step.statuses).written,
        "package": arrival.digest,
    }


def recall_event(taken_back: TakenBack, arrival: Arrival) -> dict[str, Json]:
    """Return the body of a `recall:accepted` event: who had it, who has it no more, who was asked."""
    return {
        "document": taken_back.document.document_key.hex,
        "endpoint": arrival.endpoint,
        "received_at": arrival.received_at.isoformat(),
        "author": taken_back.recalling.author,
        "order": taken_back.recalling.is_order,
        "effects": effects_event(taken_back.taken),
        "package": arrival.digest,
    }


def effects_event(taken: Iterable[Taken]) -> list[Json]:
    """Return effects as an event lists them: document, addressee, endpoint, act."""
    return [[one.document.document_key.hex, one.delivery.organ_id, one.delivery.endpoint, one.act] for one in taken]


def status_row(advanced: Advanced, submission_id: UUID, arrival: Arrival, at: datetime) -> StatusRow:
    """Return the row of a status."""
    reported: Reported = advanced.reported
    return StatusRow(
        submission_id=submission_id,
        document_key=advanced.document.document_key,
        organ_id=advanced.delivery.organ_id,
        author=reported.author,
        party=advanced.document.sender,
        code=int(advanced.code),
        applied=advanced.step.applied,
        current=int(_current(advanced.code, advanced.step.statuses)),
        description=reported.envelope.description,
        reported_at=reported.envelope.timestamp,
        accepted_at=at,
        digest=arrival.digest,
    )


def recall_rows(taken_back: TakenBack, submission_id: UUID, arrival: Arrival, at: datetime) -> list[StatusRow]:
    """Return a 13 for each addressee that a recall is about."""
    recalling: Recalling = taken_back.recalling
    envelope = recalling.envelope
    return [
        StatusRow(
            submission_id=submission_id,
            document_key=taken_back.document.document_key,
            organ_id=one.delivery.organ_id,
            author=recalling.author,
            party=one.delivery.organ_id,
            code=int(StatusCode.RECALL_ASKED),
            applied=one.statuses != one.delivery.statuses,
            current=int(recall(one.statuses) or StatusCode.RECALL_ASKED),
            description=recalling.reason[:DESCRIPTION_MAX],
            reported_at=envelope.timestamp if isinstance(envelope, StatusEnvelope) else None,
            accepted_at=at,
            digest=arrival.digest,
        )
        for one in taken_back.taken
    ]


def link_rows(document_key: UUID, links: Sequence[Link]) -> list[LinkRow]:
    """Return what a document says of earlier ones."""
    return [
        LinkRow(document_key, link.kind, link.target, link.subject.sender, link.subject.document_id) for link in links
    ]


def _effect(document: KnownDocument, delivery: KnownDelivery, act: str, statuses: int) -> Effect:
    code = business(statuses)
    return Effect(
        organ_id=delivery.organ_id,
        act=act,
        endpoint=delivery.endpoint,
        document=document.document_key.hex,
        lane=delivery.lane,
        sequence=delivery.sequence,
        code=code.written if code else "",
        document_id=document.document_id,
    )


def _current(code: StatusCode, statuses: int) -> StatusCode:
    """Return the furthest code of the band that a status belongs to."""
    return (recall(statuses) if code in RECALL else business(statuses)) or code
