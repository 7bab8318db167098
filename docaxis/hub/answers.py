"""What the hub writes about a submission: who gets it, as rows, in the event, the note and the receipt alike."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from docaxis.domain.folding import fold
from docaxis.domain.receipt import DeliveryNote, Effect, NoteAddressee, NoteEndpoint, Notice, Receipt, ReceiptAddressee
from docaxis.domain.route import Resolved, Route
from docaxis.domain.verdict import Deferral, Rejection
from docaxis.hub.apply_flows import FlowEffects
from docaxis.hub.decide import Accepted, Arrival
from docaxis.hub.flow_answers import effects_event
from docaxis.hub.judged import Judged
from docaxis.hub.rows import DeliveryRow, DocumentRow, EventRow, SubmissionRow
from docaxis.ledger.event import Json

NO_PAPER = ("", "0", "false")
"""What `Bussiness/Paper` holds where no paper copy follows."""


class Copy(NamedTuple):
    """One endpoint's copy: its sequence number in the lane and whether it goes out now or waits for the window."""

    endpoint: str
    sequence: int
    state: str


def addressees_of(route: Route, copies: Mapping[str, Copy]) -> tuple[ReceiptAddressee, ...]:
    """Return every addressee as receipt and note tell it, in the order of the route."""
    return tuple(
        [
            ReceiptAddressee(
                organ_id=one.organ_id,
                endpoint=one.endpoint,
                rule=one.rule,
                state=copies[one.endpoint].state,
                # The code that the sender wrote is told where it is another than the addressee's own.
                addressed_as="" if one.addressed_as == one.organ_id else one.addressed_as,
                via=one.via,
                note=note_of(one) if one.from_list or one.succession else "",
            )
            for one in route.addressees
        ]
    )


def note_of(addressee: Resolved) -> str:
    """Say in one line, in codes and days, how an addressee came to be somebody else than written; mostly empty."""
    parts = []
    if addressee.from_list:
        parts.append(f"list {addressee.from_list}")
    if succession := addressee.succession:
        parts.append(f"{succession.closed} closed {succession.closed_on}, successor {succession.successor}")
    return "; ".join(parts)


def receipt(
    hub: str,
    submission_id: UUID,
    arrival: Arrival,
    event: EventRow,
    outcome: str = "",
    sender: str = "",
    document_id: str = "",
    addressees: tuple[ReceiptAddressee, ...] = (),
    effects: tuple[Effect, ...] = (),
) -> Receipt:
    """Return what every receipt says, and the outcome where it is known already."""
    return Receipt(
        receipt_id=submission_id.hex,
        hub=hub,
        endpoint=arrival.endpoint,
        message_id=arrival.message_id,
        digest=arrival.digest,
        outcome=outcome,
        received_at=arrival.received_at,
        decided_at=event.at,
        event_hash=event.leaf_hash.hex(),
        sender=sender,
        document_id=document_id,
        addressees=addressees,
        effects=effects,
    )


def accepted_receipt(base: Receipt, accepted: Accepted, addressees: tuple[ReceiptAddressee, ...]) -> Receipt:
    """Return the receipt of an accepted document, with every addressee, its endpoint and the rule."""
    return replace(
        base,
        outcome="accepted",
        sender=accepted.route.sender,
        document_id=accepted.envelope.header.document_id,
        addressees=addressees,
        notified=tuple(one.organ_id for one in accepted.route.notices),
    )


def refusal_receipt(
    base: Receipt, outcome: str, reason: Rejection | Deferral, claimed: tuple[str, str], retry_at: datetime | None
) -> Receipt:
    """Return the receipt of a refusal or a deferral; claimed is (sender, document id) as the package says, unproven."""
    return replace(
        base,
        outcome=outcome,
        sender=claimed[0],
        document_id=claimed[1],
        code=reason.code.value,
        detail=reason.detail,
        place=str(reason.at),
        retry_at=retry_at,
    )


def delivery_note(
    hub: str,
    document_key: UUID,
    arrival: Arrival,
    accepted: Accepted,
    copies: Mapping[str, Copy],
    addressees: Sequence[ReceiptAddressee],
    at: datetime,
) -> DeliveryNote:
    """Return the note that travels beside the package to every endpoint."""
    behind: dict[str, list[NoteAddressee]] = {endpoint: [] for endpoint in copies}
    for one in addressees:
        behind[one.endpoint].append(NoteAddressee(one.organ_id, one.addressed_as, one.via, one.note))
    return DeliveryNote(
        note_id=document_key.hex,
        hub=hub,
        digest=arrival.digest,
        size_bytes=len(arrival.body),
        sender=accepted.route.sender,
        document_id=accepted.envelope.header.document_id,
        lane=arrival.lane,
        accepted_at=at,
        endpoints=tuple(
            [NoteEndpoint(copy.endpoint, copy.sequence, tuple(behind[copy.endpoint])) for copy in copies.values()]
        ),
    )


def notices(
    hub: str, document_key: UUID, arrival: Arrival, accepted: Accepted, at: datetime
) -> list[tuple[str, Notice]]:
    """Return (endpoint, notice) for every level that the route passes over."""
    header = accepted.envelope.header
    code = f"{header.code.code_number}/{header.code.code_notation}".strip("/")
    return [
        (
            one.endpoint,
            Notice(
                notice_id=f"{document_key.hex}-{one.organ_id}",
                hub=hub,
                organ_id=one.organ_id,
                document_id=header.document_id,
                code=code,
                sender=accepted.route.sender,
                addressees=one.addressees,
                accepted_at=at,
                rule=one.rule,
                digest=arrival.digest if one.content else "",
            ),
        )
        for one in accepted.route.notices
    ]


def accepted_event(
    accepted: Accepted, arrival: Arrival, copies: Mapping[str, Copy], effects: FlowEffects
) -> dict[str, Json]:
    """Return the body of a `document:accepted` event: codes and numbers, never content."""
    flow: dict[str, Json] = {}
    if effects.links:
        flow["links"] = [[link.kind, link.target.hex if link.target else ""] for link in effects.links]
    if effects.taken:
        flow["effects"] = effects_event(effects.taken)
    return flow | {
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
        "business_type": int(accepted.envelope.business.doc_type) if accepted.envelope.business else 0,
        "paper": has_paper(accepted),
    }


def has_paper(accepted: Accepted) -> bool:
    """Whether the package announces that a paper copy follows."""
    business = accepted.envelope.business
    return bool(business and business.paper not in NO_PAPER)


def refusal_event(reason: Rejection | Deferral, arrival: Arrival) -> dict[str, Json]:
    """Return the body of a `submission:rejected` or `submission:deferred` event."""
    return {
        "endpoint": arrival.endpoint,
        "lane": arrival.lane,
        "received_at": arrival.received_at.isoformat(),
        "code": reason.code.value,
        "at": str(reason.at),
        "package": arrival.digest,
        "size_bytes": len(arrival.body),
    }


def submission_row(one: Judged, submission_id: UUID, outcome: str, event: EventRow, octets: bytes) -> SubmissionRow:
    """Return the row of an arrival; octets is the sealed receipt; code and place are filled in where it was refused."""
    sender, document_id = one.claimed
    arrival = one.arrival
    return SubmissionRow(
        submission_id=submission_id,
        endpoint=arrival.endpoint,
        message_id=arrival.message_id,
        digest=arrival.digest,
        lane=arrival.lane,
        outcome=outcome,
        code="",
        detail="",
        place="",
        sender=sender,
        document_id=document_id,
        received_at=arrival.received_at,
        decided_at=event.at,
        retry_at=None,
        event_id=event.event_id,
        receipt=octets,
    )


def document_row(
    arrival: Arrival, accepted: Accepted, document_key: UUID, salt: bytes, note: bytes, at: datetime
) -> DocumentRow:
    """Return the row of an accepted document, with what people search it by."""
    header, business = accepted.envelope.header, accepted.envelope.business
    return DocumentRow(
        document_key=document_key,
        sender=accepted.route.sender,
        document_id=header.document_id,
        digest=arrival.digest,
        size_bytes=len(arrival.body),
        endpoint=arrival.endpoint,
        lane=arrival.lane,
        priority=int(header.other_info.priority),
        business_type=int(business.doc_type) if business else 0,
        code_number=header.code.code_number,
        code_notation=header.code.code_notation,
        promulgated_on=header.promulgation_info.promulgation_date,
        type_name=header.document_type.type_name,
        subject=header.subject,
        folded=fold(f"{header.code.code_number} {header.code.code_notation} {header.subject}"),
        due_on=header.due_date,
        accepted_at=at,
        signer=accepted.signer.fingerprint,
        salt=salt,
        note=note,
        number_key=accepted.number_key or None,
        paper=has_paper(accepted),
    )


def delivery_rows(
    arrival: Arrival, accepted: Accepted, document_key: UUID, copies: Mapping[str, Copy]
) -> list[DeliveryRow]:
    """Return one row for each addressee; those behind one endpoint share its copy."""
    return [
        DeliveryRow(
            document_key=document_key,
            organ_id=one.organ_id,
            addressed_as=one.addressed_as,
            endpoint=one.endpoint,
            lane=arrival.lane,
            sequence=copies[one.endpoint].sequence,
            state=copies[one.endpoint].state,
            size_bytes=len(arrival.body),
            rule=one.rule,
            via=one.via,
        )
        for one in accepted.route.addressees
    ]
