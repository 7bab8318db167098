"""The decision about one arrival, pure: the arrival and an immutable snapshot go in, one of three outcomes comes out.

Read this first. Each step either hands a proven value to the next one or ends the decision with a refusal that has a code, a
sentence and a place. Nothing is read that was not signed; what the database must judge (duplicates) is left to `apply`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from docaxis.domain import wire
from docaxis.domain.calendar import day_of
from docaxis.domain.directory import Directory
from docaxis.domain.envelope import Envelope, MessageHeader, StatusEnvelope
from docaxis.domain.routing import Route, check_sender, route
from docaxis.domain.verdict import Deferral, Place, Reason, Rejection
from docaxis.edxml.limits import Limits
from docaxis.edxml.reader import read_valid
from docaxis.edxml.safety import ParsedXml, parse
from docaxis.edxml.schema import check_schema
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
    """Every step held: the signed envelope, who signed it, and where it goes."""

    envelope: Envelope
    signer: Signer
    route: Route

    @property
    def blobs(self) -> tuple[str, ...]:
        """Return the digests of attachments that must lie in the blob store before the document can be delivered."""
        return tuple(a.blob.digest for a in self.envelope.attachments if a.blob)


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


Decision = Accepted | Rejected | Deferred


def decide(arrival: Arrival, snapshot: Snapshot) -> Decision:
    """Decide one arrival: transport → proof (parse, schema, signature, envelope, signer) → who may speak → route."""
    if refusal := check_transport(arrival):
        return Rejected(refusal)
    proven = prove(
        arrival.body, snapshot.trust, snapshot.limits, arrival.received_at, snapshot.chains, arrival.decided_at
    )
    if not isinstance(proven, Proven):
        return proven
    if isinstance(proven.envelope, StatusEnvelope):
        return Rejected(STATUS_UNSUPPORTED)
    header, today = proven.envelope.header, day_of(arrival.received_at)
    if refusal := check_sender(header, arrival.endpoint, snapshot.directory, today):
        return Rejected(refusal, header)
    if refusal := check_speaker(proven, snapshot.directory, snapshot.bindings) or check_lane(header, arrival.lane):
        return Rejected(refusal, header)
    decided = route(header, snapshot.directory, snapshot.policy, today)
    if isinstance(decided, Rejection):
        return Rejected(decided, header)
    return Accepted(proven.envelope, proven.signer, decided)


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
    header = envelope.header if isinstance(envelope, Envelope) else None
    signer = verify_signer(signed.certificate, signed.hints, trust, received_at, chains, decided_at=decided_at)
    if isinstance(signer, Rejection):
        return Rejected(signer, header)
    if isinstance(signer, Deferral):
        return Deferred(signer, header)
    return Proven(envelope, signer)


def claimed_header(parsed: ParsedXml) -> MessageHeader | None:
    """Return what an unproven package says of itself: shown to its own sender in the refusal, used for nothing else."""
    envelope = read_valid(parsed)
    return envelope.header if isinstance(envelope, Envelope) else None


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
HEADER = "/edXML/edXMLEnvelope/edXMLHeader/MessageHeader"
STATUS_UNSUPPORTED = Rejection(Reason.PKG_KIND_UNSUPPORTED, "status", Place(f"{HEADER}/StatusCode"))


def check_transport(arrival: Arrival) -> Rejection | None:
    """Refuse a message without an id of its own (its receipt could not name it) or with carbon copies."""
    if not 0 < len(arrival.message_id) <= MESSAGE_ID_MAX:
        return Rejection(Reason.PKG_MESSAGE_ID_MISSING, f"1-{MESSAGE_ID_MAX}")
    if arrival.has_carbon_copies:
        return Rejection(Reason.PKG_CARBON_COPY, "CC")
    return None


def check_lane(header: MessageHeader, lane: str) -> Rejection | None:
    """Refuse a package whose lane is not that of its signed urgency: nobody may overtake unseen."""
    wanted = wire.lane_of(header.other_info.priority)
    if lane == wanted:
        return None
    detail = f"Priority {int(header.other_info.priority)}: {wanted}, {lane}"
    return Rejection(Reason.PKG_LANE_MISMATCH, detail, Place(f"{HEADER}/OtherInfo/Priority"))
