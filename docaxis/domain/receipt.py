"""What the hub says and signs: receipt to the sender, delivery note to the receivers, notice to a level passed over."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class ReceiptAddressee(NamedTuple):
    """One resolved addressee: by which endpoint and rule; via is the agency that carries it, note tells of a succession."""

    organ_id: str
    endpoint: str
    rule: str
    state: str = "dispatched"
    addressed_as: str = ""
    via: str = ""
    note: str = ""


class Effect(NamedTuple):
    """What a status or a flow did to one addressee's copy of an earlier document.

    act: `advanced`, `recorded` (a status that changed nothing), `withdrawn` (it had not left the hub), `withdrawing` (it
    stands unfetched in the inbox), `asked` (it was fetched: consent is asked), `removed` or `replaced` (told so).
    document is the hub's key of the copy (32 hex digits, the delivery note's `NoteId`), lane and sequence are the copy's;
    code is the furthest status after it, two digits or empty; document_id is the sender's id of that document.
    """

    organ_id: str
    act: str
    endpoint: str
    document: str
    lane: str
    sequence: int
    code: str = ""
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The hub's answer to a submission; event_hash is the leaf of the audit log that records the act."""

    receipt_id: str
    hub: str
    endpoint: str
    message_id: str
    digest: str
    outcome: str
    received_at: datetime
    decided_at: datetime
    event_hash: str
    sender: str = ""
    document_id: str = ""
    code: str = ""
    detail: str = ""
    place: str = ""
    retry_at: datetime | None = None
    addressees: tuple[ReceiptAddressee, ...] = ()
    notified: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    reason: str = ""
    """Why, in the sender's words (`BussinessDocReason`), where there are effects."""


class NoteAddressee(NamedTuple):
    """An agency behind the endpoint that is meant; addressed_as differs when a list, an old code or a successor was used."""

    organ_id: str
    addressed_as: str = ""
    via: str = ""
    note: str = ""


class NoteEndpoint(NamedTuple):
    """One copy: the endpoint, its sequence number in the lane, and which of its agencies are addressed."""

    endpoint: str
    sequence: int
    addressees: tuple[NoteAddressee, ...]


@dataclass(frozen=True, slots=True)
class DeliveryNote:
    """Travels beside the unchanged package; signed once per document, names every endpoint's copy."""

    note_id: str
    hub: str
    digest: str
    size_bytes: int
    sender: str
    document_id: str
    lane: str
    accepted_at: datetime
    endpoints: tuple[NoteEndpoint, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Tells a level that was passed over: number, parties, time; the content only by digest where a rule allows it."""

    notice_id: str
    hub: str
    organ_id: str
    document_id: str
    code: str
    sender: str
    addressees: tuple[str, ...]
    accepted_at: datetime
    rule: str
    digest: str = ""
