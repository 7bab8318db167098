"""The edXML envelope as values (QCVN 102:2016, variant A): names from the schema, order of elements without meaning."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum


class Priority(IntEnum):
    """Độ khẩn: how fast the law wants the document to travel."""

    NORMAL = 0
    URGENT = 1
    VERY_URGENT = 2
    IMMEDIATE = 3
    IMMEDIATE_TIMED = 4


class BusinessDocType(IntEnum):
    """Nghiệp vụ: what the document does to an earlier one (`BussinessDocType` in the schema)."""

    NEW = 0
    RECALL = 1
    UPDATE = 2
    REPLACE = 3


@dataclass(frozen=True, slots=True)
class Organization:
    """A sender or an addressee (`From`, `To`)."""

    organ_id: str
    organ_name: str = ""
    organization_in_charge: str = ""
    organ_add: str = ""
    email: str = ""
    telephone: str = ""
    fax: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """Số và ký hiệu: number and notation as printed."""

    code_number: str = ""
    code_notation: str = ""


@dataclass(frozen=True, slots=True)
class PromulgationInfo:
    """Place and day of issue (`yyyy/MM/dd` on the wire, Vietnam's calendar)."""

    place: str = ""
    promulgation_date: date | None = None


@dataclass(frozen=True, slots=True)
class DocumentType:
    """Loại văn bản; `type` is advisory in the field, the name is what people read."""

    type: str = ""
    type_detail: str = ""
    type_name: str = ""


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """Who signed the document itself (not the package)."""

    competence: str = ""
    position: str = ""
    full_name: str = ""


@dataclass(frozen=True, slots=True)
class OtherInfo:
    """Urgency, circulation and counts; counts are None where the sender left them out."""

    priority: Priority = Priority.NORMAL
    sphere_of_promulgation: str = ""
    typer_notation: str = ""
    promulgation_amount: int | None = None
    page_amount: int | None = None
    direction: str = ""
    appendixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponseFor:
    """The document that this one answers; in a status package, the document and the other party."""

    organ_id: str = ""
    code: str = ""
    promulgation_date: date | None = None
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class StaffInfo:
    """The person to ask."""

    department: str = ""
    staff: str = ""
    email: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class TraceHeader:
    """One hop; broken senders write `null` as organ_id, so it is text and proves nothing."""

    organ_id: str = ""
    timestamp: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """A change of the addressee list by an update: receiver_type 0 removed, 1 added."""

    organ_id: str
    receiver_type: str


@dataclass(frozen=True, slots=True)
class ReplacementInfo:
    """A replaced document and those who had received it."""

    document_id: str
    organ_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Business:
    """What is done (`Bussiness`, with the schema's spelling on the wire)."""

    doc_type: BusinessDocType = BusinessDocType.NEW
    document_id: str = ""
    reason: str = ""
    paper: str = ""
    document_info: str = ""
    document_receiver: str = ""
    receivers: tuple[Receiver, ...] = ()
    replacements: tuple[ReplacementInfo, ...] = ()
    staff: StaffInfo | None = None


@dataclass(frozen=True, slots=True)
class MessageHeader:
    """The header that routing and receipts act on; every field comes from signed octets."""

    sender: Organization
    to: tuple[Organization, ...]
    document_id: str
    subject: str
    code: Code = Code()
    promulgation_info: PromulgationInfo = PromulgationInfo()
    document_type: DocumentType = DocumentType()
    content: str = ""
    signer_info: SignerInfo = SignerInfo()
    due_date: date | None = None
    other_info: OtherInfo = OtherInfo()
    response_for: tuple[ResponseFor, ...] = ()
    steering_type: str = ""
    to_places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlobReference:
    """An attachment that lies in the blob store: `sha256:<hex>` of its bytes and their number."""

    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the package: inline octets as they were sent (often a zip of one file), or a blob reference."""

    content_id: str
    attachment_name: str
    content_type: str = ""
    description: str = ""
    content: bytes = b""
    blob: BlobReference | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A document package."""

    header: MessageHeader
    trace_headers: tuple[TraceHeader, ...] = ()
    business: Business | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusEnvelope:
    """A status package: who reports what about which document; the addressee is `response_for.organ_id`."""

    sender: Organization
    response_for: ResponseFor
    status_code: str
    description: str = ""
    timestamp: datetime | None = None
    staff: StaffInfo | None = None
