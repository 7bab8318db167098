"""What one of our agencies says of a delivery, as a signed status package."""

from datetime import datetime

from adapters.delivery import Delivery
from adapters.flows import FlowError, earlier_document, status_of
from adapters.sender_key import SenderKey
from docaxis.domain.envelope import Envelope, Organization, ResponseFor, StatusEnvelope
from docaxis.domain.receipt import DeliveryNote
from docaxis.domain.status import parse_status_code
from docaxis.domain.verdict import Rejection
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import parse
from docaxis.edxml.status_writer import write_status


def reported(
    document: Delivery | DeliveryNote, code: str, reason: str, organ_id: str, key: SenderKey, at: datetime
) -> bytes:
    """Return the signed status of the addressee organ_id about a delivery; raises FlowError, ValueError for a bad text."""
    return signed_status(key, code, named(document), Organization(organ_id), at, reason=reason)


def signed_status(
    key: SenderKey,
    code: str,
    earlier: ResponseFor,
    mine: Organization,
    at: datetime,
    *,
    reason: str = "",
    addressee: str = "",
) -> bytes:
    """Return a signed status about a document; addressee for code 13 only. Raises FlowError, ValueError for a bad text."""
    known = parse_status_code(code)
    if known is None:
        raise FlowError(f"không có trạng thái “{code}”", f"there is no status “{code}”")
    status: StatusEnvelope = status_of(earlier, known, mine, at, reason=reason, addressee=addressee)
    package = key.sign(write_status(status))
    if isinstance(package, Rejection):
        raise FlowError(f"không ký được: {package.code}", f"cannot be signed: {package.code}")
    return package


def named(document: Delivery | DeliveryNote) -> ResponseFor:
    """Name a document as its own package does, or as far as its id tells where that is not at hand; raises FlowError."""
    if isinstance(document, DeliveryNote):
        return earlier_document(document.document_id, document.sender)
    note = document.note
    parsed = parse(document.body)
    read = parsed if isinstance(parsed, Rejection) else read_envelope(parsed)
    if not isinstance(read, Envelope) or read.header.document_id != note.document_id:
        return named(note)
    code = "/".join(part for part in (read.header.code.code_number, read.header.code.code_notation) if part)
    return ResponseFor(note.sender, code, read.header.promulgation_info.promulgation_date, note.document_id)
