"""What the hub writes about an accepted document: who gets it, as rows, in the event, the note and the receipt alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from docaxis.domain.receipt import DeliveryNote, NoteAddressee, NoteEndpoint, Notice, Receipt, ReceiptAddressee
from docaxis.domain.route import Resolved, Route
from docaxis.hub.apply import Accept, Defer, Refuse
from docaxis.hub.decide import Accepted, Arrival
from docaxis.ledger.event import Json


@dataclass(frozen=True, slots=True)
class Copy:
    """One endpoint's copy: its sequence number in the lane and whether it goes out now or waits for the window."""

    endpoint: str
    sequence: int
    state: str


def note_of(addressee: Resolved) -> str:
    """Say in one line, in codes and days, how an addressee came to be somebody else than written; mostly empty."""
    parts = []
    if addressee.from_list:
        parts.append(f"list {addressee.from_list}")
    if addressee.succession:
        parts.append(f"succession {addressee.succession}")
    return "; ".join(parts)


def receipt_addressees(route: Route, copies: Mapping[str, Copy]) -> tuple[ReceiptAddressee, ...]:
    """Return the addressees as the sender's receipt lists them."""
    return tuple(
        ReceiptAddressee(
            organ_id=one.organ_id,
            endpoint=one.endpoint,
            rule=one.rule,
            state=copies[one.endpoint].state,
            addressed_as="" if one.addressed_as == one.organ_id else one.addressed_as,
            via=one.via,
            note=note_of(one),
        )
        for one in route.addressees
    )


def delivery_note(hub: str, note_id: str, arrival: Arrival, accepted: Accepted, copies: Mapping[str, Copy], at: datetime) -> DeliveryNote:
    """Return the note that travels beside the package to every endpoint."""
    behind: dict[str, list[NoteAddressee]] = {endpoint: [] for endpoint in copies}
    for one in accepted.route.addressees:
        as_written = "" if one.addressed_as == one.organ_id else one.addressed_as
        behind[one.endpoint].append(NoteAddressee(one.organ_id, as_written, one.via, note_of(one)))
    return DeliveryNote(
        note_id=note_id,
        hub=hub,
        digest=arrival.digest,
        size_bytes=len(arrival.body),
        sender=accepted.route.sender,
        document_id=accepted.envelope.header.document_id,
        lane=arrival.lane,
        accepted_at=at,
        endpoints=tuple(NoteEndpoint(c.endpoint, c.sequence, tuple(behind[c.endpoint])) for c in copies.values()),
    )


def notices(hub: str, note_id: str, arrival: Arrival, accepted: Accepted, at: datetime) -> list[tuple[str, Notice]]:
    """Return (endpoint, notice) for every level that the route passes over."""
    header = accepted.envelope.header
    return [
        (
            one.endpoint,
            Notice(
                notice_id=f"{note_id}-{one.organ_id}",
                hub=hub,
                organ_id=one.organ_id,
                document_id=header.document_id,
                code=f"{header.code.code_number}/{header.code.code_notation}".strip("/"),
                sender=accepted.route.sender,
                addressees=one.addressees,
                accepted_at=at,
                rule=one.rule,
                digest=arrival.digest if one.content else "",
            ),
        )
        for one in accepted.route.notices
    ]


def accepted_event(accepted: Accepted, arrival: Arrival, copies: Mapping[str, Copy], commitments: Mapping[str, str]) -> dict[str, Json]:
    """Return the body of a `document:accepted` event: codes and salted digests, never content."""
    return {
        **commitments,
        "endpoint": arrival.endpoint,
        "lane": arrival.lane,
        "received_at": arrival.received_at.isoformat(),
        "sender": accepted.route.sender,
        "signer": accepted.signer.fingerprint,
        "size_bytes": len(arrival.body),
        "addressees": [
            [one.organ_id, one.endpoint, one.rule, copies[one.endpoint].state, copies[one.endpoint].sequence]
            for one in accepted.route.addressees
        ],
        "notices": [[one.organ_id, one.endpoint, one.rule] for one in accepted.route.notices],
    }


def refusal_event(outcome: Refuse | Defer, arrival: Arrival) -> dict[str, Json]:
    """Return the body of a `submission:rejected` or `submission:deferred` event."""
    reason = outcome.rejection if isinstance(outcome, Refuse) else outcome.deferral
    return {
        "endpoint": arrival.endpoint,
        "lane": arrival.lane,
        "received_at": arrival.received_at.isoformat(),
        "code": reason.code.value,
        "at": str(reason.at),
        "package": arrival.digest,
        "size_bytes": len(arrival.body),
    }


def refusal_receipt(hub: str, receipt_id: str, arrival: Arrival, outcome: Refuse | Defer, claimed: tuple[str, str], decided_at: datetime, retry_at: datetime | None, event_hash: str) -> Receipt:
    """Return the receipt of a refusal or a deferral; claimed is (sender, document id) as the package says, unproven."""
    reason = outcome.rejection if isinstance(outcome, Refuse) else outcome.deferral
    return Receipt(
        receipt_id=receipt_id,
        hub=hub,
        endpoint=arrival.endpoint,
        message_id=arrival.message_id,
        digest=arrival.digest,
        outcome="rejected" if isinstance(outcome, Refuse) else "deferred",
        received_at=arrival.received_at,
        decided_at=decided_at,
        event_hash=event_hash,
        sender=claimed[0],
        document_id=claimed[1],
        code=reason.code.value,
        detail=reason.detail,
        place=str(reason.at),
        retry_at=retry_at,
    )


def accepted_receipt(hub: str, receipt_id: str, arrival: Arrival, outcome: Accept, copies: Mapping[str, Copy], decided_at: datetime, event_hash: str) -> Receipt:
    """Return the receipt of an accepted document."""
    route = outcome.accepted.route
    return Receipt(
        receipt_id=receipt_id,
        hub=hub,
        endpoint=arrival.endpoint,
        message_id=arrival.message_id,
        digest=arrival.digest,
        outcome="accepted",
        received_at=arrival.received_at,
        decided_at=decided_at,
        event_hash=event_hash,
        sender=route.sender,
        document_id=outcome.accepted.envelope.header.document_id,
        addressees=receipt_addressees(route, copies),
        notified=tuple(one.organ_id for one in route.notices),
    )
