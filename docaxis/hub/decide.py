"""The decision about one arrival, pure: the arrival and an immutable snapshot go in, one of three outcomes comes out.

Read this first. Each step either hands a proven value to the next one or ends the decision with a refusal that has a code, a
sentence and a place. Nothing is read that was not signed; what the database must judge (duplicates) is left to `apply`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from docaxis.domain import wire
from docaxis.domain.calendar import day_of
from docaxis.domain.directory import Directory
from docaxis.domain.envelope import BusinessDocType, Envelope, MessageHeader, StatusEnvelope
from docaxis.domain.routing import Route, check_sender, route
from docaxis.domain.verdict import Deferral, Place, Reason, Rejection
from docaxis.edxml.limits import Limits
from docaxis.edxml.reader import read_valid
from docaxis.edxml.safety import ParsedXml, parse
from docaxis.edxml.schema import check_schema
from docaxis.hub.flows import (
    HEADER,
    Flow,
    Recalling,
    Reported,
    addressed,
    blobs_of,
    number_key,
    read_flow,
    read_order,
    read_report,
)
from docaxis.hub.snapshot import Snapshot
from docaxis.trust import xmldsig
from docaxis.trust.certificate import ChainCache, Signer, TrustStore, check_binding, verify_signer


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came in: octets, the endpoint that the broker has proven, and when; digest is `sha256:<hex>` of the octets.

    decided_at: set where a deferred decision is taken again, later than the reception that it is judged by.
    """

    body: bytes
    endpoint: str
    message_id: str
    lane: str
    digest: str
    received_at: datetime
    has_carbon_copies: bool = False
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """A package that says who signed it and can prove it; whether he may send it, and where it goes, is not judged yet."""

    envelope: Envelope | StatusEnvelope
    signer: Signer

    @property
    def sender(self) -> str:
        """Return the organ id that the package is from, as it says."""
        envelope = self.envelope
        return (envelope if isinstance(envelope, StatusEnvelope) else envelope.header).sender.organ_id


@dataclass(frozen=True, slots=True)
class Accepted:
    """Every step held: the signed envelope, who signed it, where it goes, and what it does to earlier documents."""

    envelope: Envelope
    signer: Signer
    route: Route
    number_key: str = ""
    flow: Flow | None = None

    @property
    def blobs(self) -> tuple[str, ...]:
        """Return the digests of attachments that must lie in the blob store before the document can be delivered."""
        return blobs_of(self.envelope)


@dataclass(frozen=True, slots=True)
class Rejected:
    """The sender must change something; header is what the package claims of itself, if it could be read."""

    rejection: Rejection
    header: MessageHeader | None = None


@dataclass(frozen=True, slots=True)
class Deferred:
    """It cannot be told yet."""

    deferral: Deferral
    header: MessageHeader | None = None


Decision = Accepted | Reported | Recalling | Rejected | Deferred


def decide(arrival: Arrival, snapshot: Snapshot) -> Decision:
    """Decide one arrival: transport → proof (parse, schema, signature, envelope, signer) → who may speak → route."""
    if refusal := check_transport(arrival):
        return Rejected(refusal)
    proven = prove(
        arrival.body, snapshot.trust, snapshot.limits, arrival.received_at, snapshot.chains, arrival.decided_at
    )
    if not isinstance(proven, Proven):
        return proven
    today = day_of(arrival.received_at)
    if refusal := check_author(proven, arrival, snapshot, today):
        return Rejected(refusal, header_of(proven.envelope))
    if isinstance(proven.envelope, StatusEnvelope):
        reported = read_report(proven.envelope, proven.signer, snapshot.directory, today)
        return Rejected(reported) if isinstance(reported, Rejection) else reported
    return direct(proven.envelope, proven.signer, snapshot, today)


def direct(envelope: Envelope, signer: Signer, snapshot: Snapshot, today: date) -> Decision:
    """Say where a document goes: a recall order to those who had the document, any other by the rules of routing."""
    header, directory = envelope.header, snapshot.directory
    kind = envelope.business.doc_type if envelope.business else BusinessDocType.NEW
    if kind is BusinessDocType.RECALL:
        order = read_order(envelope, signer, directory, snapshot.policy)
        return Rejected(order, header) if isinstance(order, Rejection) else order
    flow = read_flow(envelope, directory)
    if isinstance(flow, Rejection):
        return Rejected(flow, header)
    decided = route(addressed(header, envelope, directory), directory, snapshot.policy, today)
    if isinstance(decided, Rejection):
        return Rejected(decided, header)
    return Accepted(envelope, signer, decided, number_key(decided.sender, header, kind, today), flow)


def prove(
    body: bytes,
    trust: TrustStore,
    limits: Limits,
    received_at: datetime,
    chains: ChainCache | None = None,
    decided_at: datetime | None = None,
) -> Proven | Rejected | Deferred:
    """Prove a package: what it says, and who signed it. Nothing is read before it was verified."""
    # 1 The only parse; the same tree is validated, verified and read.
    parsed = parse(body, limits)
    if isinstance(parsed, Rejection):
        return Rejected(parsed)

    # 2 The schema: what is not a package of this kind is refused before any cryptography.
    if refusal := check_schema(parsed):
        return Rejected(refusal)

    # 3 The signature, under the profile docaxis-1. It covers the whole document, so all that is read from here on was signed.
    signed = xmldsig.verify(parsed)
    if isinstance(signed, Rejection):
        return Rejected(signed, claimed_header(parsed))

    # 4 The envelope.
    envelope = read_valid(parsed)
    if isinstance(envelope, Rejection):
        return Rejected(envelope)

    # 5 The signer: a chain to an anchor, in force and not revoked at reception.
    header = header_of(envelope)
    signer = verify_signer(signed.certificate, signed.hints, trust, received_at, chains, decided_at=decided_at)
    if isinstance(signer, Rejection):
        return Rejected(signer, header)
    if isinstance(signer, Deferral):
        return Deferred(signer, header)
    return Proven(envelope, signer)


def header_of(envelope: Envelope | StatusEnvelope) -> MessageHeader | None:
    """Return the header of a document; a status has none of that kind."""
    return envelope.header if isinstance(envelope, Envelope) else None


def claimed_header(parsed: ParsedXml) -> MessageHeader | None:
    """Return what an unproven package says of itself: shown to its own sender in the refusal, used for nothing else."""
    envelope = read_valid(parsed)
    return envelope.header if isinstance(envelope, Envelope) else None


def check_author(proven: Proven, arrival: Arrival, snapshot: Snapshot, today: date) -> Rejection | None:
    """Refuse a sender that the endpoint does not serve, a signer who may not speak for it, or the wrong lane."""
    return (
        check_sender(proven.sender, arrival.endpoint, snapshot.directory, today)
        or check_speaker(proven, snapshot.directory, snapshot.bindings)
        or check_lane(proven.envelope, arrival.lane)
    )


def check_speaker(proven: Proven, directory: Directory, bindings: Mapping[str, frozenset[str]]) -> Rejection | None:
    """Refuse a signer whose certificate is bound neither to the sending agency nor to an ancestor that may speak for it."""
    sender = directory.find(proven.sender)
    if sender is None:
        return check_binding(proven.signer, proven.sender, (), bindings)
    # A certificate may name its agency by a code of either generation.
    line = (sender, *directory.ancestors(sender.organ_id))
    codes = [code for agency in line for code in (agency.organ_id, *agency.aliases)]
    return check_binding(proven.signer, sender.organ_id, codes, bindings)


MESSAGE_ID_MAX = 255


def check_transport(arrival: Arrival) -> Rejection | None:
    """Refuse a message without an id of its own (its receipt could not name it) or with carbon copies."""
    if not 0 < len(arrival.message_id) <= MESSAGE_ID_MAX:
        return Rejection(Reason.PKG_MESSAGE_ID_MISSING, f"1-{MESSAGE_ID_MAX}")
    if arrival.has_carbon_copies:
        return Rejection(Reason.PKG_CARBON_COPY, "CC")
    return None


def check_lane(envelope: Envelope | StatusEnvelope, lane: str) -> Rejection | None:
    """Refuse a package whose lane is not that of its signed urgency: nobody may overtake unseen."""
    if isinstance(envelope, StatusEnvelope):
        wanted, what, at = wire.lane_of_status(envelope.status_code), f"StatusCode {envelope.status_code}", "StatusCode"
    else:
        priority = envelope.header.other_info.priority
        wanted, what, at = wire.lane_of(priority), f"Priority {int(priority)}", "OtherInfo/Priority"
    if lane == wanted:
        return None
    return Rejection(Reason.PKG_LANE_MISMATCH, f"{what}: {wanted}, {lane}", Place(f"{HEADER}/{at}"))
