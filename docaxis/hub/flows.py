"""What a package says about an earlier document: a status, a recall, an update, a replacement, a reply. Pure.

Codes are made canonical here, so that the store is asked by the same names that it keeps.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from docaxis.domain.directory import Directory
from docaxis.domain.envelope import BusinessDocType, Envelope, MessageHeader, Organization, StatusEnvelope
from docaxis.domain.organ import parse_organ_id
from docaxis.domain.rules import Policy
from docaxis.domain.status import StatusCode, parse_status_code
from docaxis.domain.verdict import Place, Reason, Rejection
from docaxis.hub.ports import Subject
from docaxis.trust.certificate import Signer

HEADER = "/edXML/edXMLEnvelope/edXMLHeader/MessageHeader"
BUSINESS = "/edXML/edXMLEnvelope/edXMLHeader/TraceHeaderList/Bussiness"
REMOVED, ADDED = "0", "1"

FlowKind = Literal["reply", "update", "replace"]


@dataclass(frozen=True, slots=True)
class Flow:
    """What a new document does to earlier ones; removed are the addressees that an update takes off the list."""

    kind: FlowKind
    subjects: tuple[Subject, ...]
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reported:
    """A proven status of an addressee: `subject` is its copy of the document, `party` the document's sender.

    party_endpoint: the system that reaches the sender now, empty where none does.
    """

    envelope: StatusEnvelope
    signer: Signer
    author: str
    code: StatusCode
    subject: Subject
    party_endpoint: str = ""

    @property
    def party(self) -> str:
        """Return the other side: the document's sender."""
        return self.subject.sender


@dataclass(frozen=True, slots=True)
class Recalling:
    """A proven request of a sender to take a document back, by status 13 (one addressee) or as an order (type 1).

    organ_ids are the addressees it is to be taken back from, empty for all of them. An order ends the document.
    """

    envelope: StatusEnvelope | Envelope
    signer: Signer
    author: str
    subject: Subject
    organ_ids: tuple[str, ...]
    reason: str
    reported_at: datetime | None = None

    @property
    def is_order(self) -> bool:
        """Whether it is a document package of type 1, with an id of its own."""
        return isinstance(self.envelope, Envelope)

    @property
    def blobs(self) -> tuple[str, ...]:
        """Return the digests of an order's attachments that must lie in the blob store before it can be passed on."""
        return blobs_of(self.envelope) if isinstance(self.envelope, Envelope) else ()

    @property
    def own_id(self) -> str:
        """Return the order's own document id, empty for a status."""
        return self.envelope.header.document_id if isinstance(self.envelope, Envelope) else ""


def read_report(
    envelope: StatusEnvelope, signer: Signer, directory: Directory, today: date
) -> Reported | Recalling | Rejection:
    """Say whose copy of which document a status is about."""
    code = parse_status_code(envelope.status_code)
    if code is None:
        return Rejection(Reason.FLW_CODE_UNKNOWN, envelope.status_code, Place(f"{HEADER}/StatusCode"))
    author = canonical(envelope.sender.organ_id, directory)
    other = canonical(envelope.response_for.organ_id, directory)
    document_id = envelope.response_for.document_id
    if code is StatusCode.RECALL_ASKED:
        subject = Subject(author, document_id, author)
        return Recalling(envelope, signer, author, subject, (other,), envelope.description, envelope.timestamp)
    reached = directory.connected(other, today)
    subject = Subject(other, document_id, author, author)
    return Reported(envelope, signer, author, code, subject, reached[0] if reached else "")


def read_order(envelope: Envelope, signer: Signer, directory: Directory, policy: Policy) -> Recalling | Rejection:
    """Say what a recall order takes back, and from whom: those in `To`, or everybody where `To` holds a list."""
    header, business = envelope.header, envelope.business
    author = canonical(header.sender.organ_id, directory)
    named = [business.document_id] if business and business.document_id else []
    named += [one.document_id for one in header.response_for if one.document_id != header.document_id]
    organ_ids = []
    for position, one in enumerate(header.to, start=1):
        code = parse_organ_id(one.organ_id)
        agency = directory.find(code) if code else None
        if agency is not None:
            organ_ids.append(agency.organ_id)
        elif code is not None and policy.find_list(code):
            organ_ids = []
            break
        else:
            return Rejection(Reason.FLW_NOT_ADDRESSEE, one.organ_id, Place(f"{HEADER}/To[{position}]/OrganId"))
    return Recalling(
        envelope,
        signer,
        author,
        # An order that names no other document means the one whose header it repeats.
        Subject(author, named[0] if named else header.document_id, author),
        tuple(dict.fromkeys(organ_ids)),
        business.reason if business else "",
    )


def read_flow(envelope: Envelope, directory: Directory) -> Flow | Rejection | None:
    """Say what a document does to earlier ones; None for one that stands alone."""
    header, business = envelope.header, envelope.business
    author = canonical(header.sender.organ_id, directory)
    kind = business.doc_type if business else BusinessDocType.NEW
    if business and kind is BusinessDocType.UPDATE:
        if business.document_id in {"", header.document_id}:
            return Rejection(Reason.FLW_TARGET_MISSING, "2", Place(f"{BUSINESS}/DocumentId"))
        removed = [canonical(one.organ_id, directory) for one in business.receivers if one.receiver_type == REMOVED]
        return Flow("update", (Subject(author, business.document_id, author),), tuple(dict.fromkeys(removed)))
    if business and kind is BusinessDocType.REPLACE:
        named = dict.fromkeys(one.document_id for one in business.replacements)
        if not named or header.document_id in named:
            return Rejection(Reason.FLW_TARGET_MISSING, "3", Place(f"{BUSINESS}/ReplacementInfoList"))
        return Flow("replace", tuple(Subject(author, document_id, author) for document_id in named))
    answered = dict.fromkeys(
        Subject(canonical(one.organ_id, directory), one.document_id, author, author)
        for one in header.response_for
        if one.document_id
    )
    return Flow("reply", tuple(answered)) if answered else None


def addressed(header: MessageHeader, envelope: Envelope, directory: Directory) -> MessageHeader:
    """Return the header with the addressees that an update means: those added come in, those removed go out."""
    if envelope.business is None or not envelope.business.receivers:
        return header
    changes = {canonical(one.organ_id, directory): one for one in envelope.business.receivers}
    removed = {code for code, change in changes.items() if change.receiver_type == REMOVED}
    kept = [one for one in header.to if canonical(one.organ_id, directory) not in removed]
    held = {canonical(one.organ_id, directory) for one in kept}
    added = [
        Organization(change.organ_id)
        for code, change in changes.items()
        if change.receiver_type == ADDED and code not in held
    ]
    return replace(header, to=(*kept, *added))


def blobs_of(envelope: Envelope) -> tuple[str, ...]:
    """Return the digests of attachments by reference."""
    return tuple([one.blob.digest for one in envelope.attachments if one.blob])


def canonical(organ_id: str, directory: Directory) -> str:
    """Return an agency's own code for any code of it; what is not known is returned as it is."""
    agency = directory.find(parse_organ_id(organ_id) or organ_id)
    return agency.organ_id if agency else organ_id


def number_key(sender: str, header: MessageHeader, kind: BusinessDocType, today: date) -> str:
    """Return the second key of a document (NĐ 30/2020, Art. 15.1), empty where it has no number of its own.

    Number and notation start anew each year. An update and a recall repeat the number of the document that they change.
    """
    code, issued = header.code, header.promulgation_info.promulgation_date
    if kind in {BusinessDocType.RECALL, BusinessDocType.UPDATE} or not (code.code_number and code.code_notation):
        return ""
    number = code.code_number.lstrip("0") or "0"
    return f"{sender} {number}/{code.code_notation} {(issued or today).year}"
