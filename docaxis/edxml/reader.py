"""From a parsed package to values: the one reader of documents; statuses in `status_reader.py`.

It reads by name, never by position, and refuses what it would have to guess. Limits of characters are those of
Decree 30/2020 (annex VI) where it names any; where only one vendor's table does, they are wider, since the field is.
"""

from docaxis.domain.envelope import (
    Business,
    BusinessDocType,
    Code,
    DocumentType,
    Envelope,
    MessageHeader,
    Organization,
    OtherInfo,
    Priority,
    PromulgationInfo,
    Receiver,
    ReplacementInfo,
    ResponseFor,
    SignerInfo,
    StatusEnvelope,
    TraceHeader,
)
from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.attachment_reader import read_attachments
from docaxis.edxml.fields import Fields, RefusedError, check_fields_whole, parse_time, read_organ_id, read_text, refuse
from docaxis.edxml.party_reader import DOCUMENT_ID_LENGTH, read_organization, read_response_for, read_staff
from docaxis.edxml.safety import ParsedXml
from docaxis.edxml.schema import check_schema
from docaxis.edxml.status_reader import read_status

_PRIORITIES = "0 thường, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc, 4 hỏa tốc hẹn giờ"


def read_envelope(parsed: ParsedXml) -> Envelope | StatusEnvelope | Rejection:
    """Read a document or a status package, signed or not.

    Errors: PKG.NAMESPACE, SCHEMA, VALUE, HIDDEN_CONTENT, REPEATED_ADDRESSEE, MANIFEST_MISMATCH, ATTACHMENT_*;
    RTE.NO_ADDRESSEE.
    Source: QCVN 102:2016 as real packages show it.
    """
    return check_schema(parsed) or read_valid(parsed)


def read_valid(parsed: ParsedXml) -> Envelope | StatusEnvelope | Rejection:
    """Read a package that `check_schema` let pass; errors as `read_envelope`, PKG.NAMESPACE and SCHEMA excepted."""
    if parsed.has_hidden_nodes and (refusal := check_fields_whole(parsed.root)):
        return refusal
    try:
        return _read(parsed)
    except RefusedError as refused:
        return refused.rejection


def _read(parsed: ParsedXml) -> Envelope | StatusEnvelope:
    package = Fields(parsed.root)
    header = package.must("edXMLEnvelope").must("edXMLHeader")
    message = header.must("MessageHeader")
    if message.one("StatusCode") is not None:
        return read_status(message)
    trace = header.group("TraceHeaderList")
    hops = trace.all("TraceHeader") if trace is not None else []
    business = trace.group("Bussiness") if trace is not None else None
    return Envelope(
        header=_read_header(message),
        trace_headers=tuple(_read_hop(Fields(hop)) for hop in hops),
        business=_read_business(business) if business is not None else None,
        attachments=read_attachments(package, parsed.limits),
    )


def _read_header(message: Fields) -> MessageHeader:
    return MessageHeader(
        sender=read_organization(message.must("From")),
        to=_read_addressees(message),
        document_id=message.required("DocumentId", DOCUMENT_ID_LENGTH),
        subject=message.required("Subject", 500),
        code=_read_code(message.group("Code")),
        promulgation_info=_read_promulgation(message.group("PromulgationInfo")),
        document_type=_read_document_type(message.group("DocumentType")),
        content=message.text("Content", 2000),
        signer_info=_read_signer(message.group("SignerInfo")),
        due_date=message.day("DueDate"),
        other_info=_read_other(message.group("OtherInfo")),
        response_for=_read_responses(message),
        steering_type=message.code("SteeringType", "0123"),
        to_places=_read_list(message.group("ToPlaces"), "Place", 1000),
    )


def _read_addressees(message: Fields) -> tuple[Organization, ...]:
    found: dict[str, Organization] = {}
    for element in message.all("To"):
        organization = read_organization(Fields(element))
        if organization.organ_id in found:
            raise refuse(Reason.PKG_REPEATED_ADDRESSEE, organization.organ_id, element)
        found[organization.organ_id] = organization
    if not found:
        raise refuse(Reason.RTE_NO_ADDRESSEE, "To: 0", message.element)
    return tuple(found.values())


def _read_code(fields: Fields | None) -> Code:
    if fields is None:
        return Code()
    return Code(code_number=fields.text("CodeNumber", 30), code_notation=fields.text("CodeNotation", 100))


def _read_promulgation(fields: Fields | None) -> PromulgationInfo:
    if fields is None:
        return PromulgationInfo()
    return PromulgationInfo(place=fields.text("Place", 255), promulgation_date=fields.day("PromulgationDate"))


def _read_document_type(fields: Fields | None) -> DocumentType:
    if fields is None:
        return DocumentType()
    return DocumentType(
        type=fields.text("Type", 20), type_detail=fields.text("TypeDetail", 20), type_name=fields.text("TypeName", 255)
    )


def _read_signer(fields: Fields | None) -> SignerInfo:
    if fields is None:
        return SignerInfo()
    return SignerInfo(
        competence=fields.text("Competence", 100),
        position=fields.text("Position", 255),
        full_name=fields.text("FullName", 100),
    )


def _read_other(fields: Fields | None) -> OtherInfo:
    if fields is None:
        return OtherInfo()
    priority = fields.text("Priority")
    if priority == "5":
        # One vendor's own table counts 1 khẩn … 5 thường; read as such it would hurry every ordinary document.
        raise fields.wrong("Priority", f"{_PRIORITIES}; 5 → 0")
    if priority and priority not in {"0", "1", "2", "3", "4"}:
        raise fields.wrong("Priority", _PRIORITIES)
    return OtherInfo(
        priority=Priority(int(priority or "0")),
        sphere_of_promulgation=fields.text("SphereOfPromulgation", 255),
        typer_notation=fields.text("TyperNotation", 50),
        promulgation_amount=fields.count("PromulgationAmount"),
        page_amount=fields.count("PageAmount"),
        direction=fields.text("Direction", 20),
        appendixes=_read_list(fields.group("Appendixes"), "Appendix", 1000),
    )


def _read_responses(message: Fields) -> tuple[ResponseFor, ...]:
    # Senders that answer nothing leave the element there with empty parts.
    read = (read_response_for(Fields(element)) for element in message.all("ResponseFor"))
    return tuple(response for response in read if response != ResponseFor())


def _read_hop(fields: Fields) -> TraceHeader:
    return TraceHeader(organ_id=fields.text("OrganId", 100), timestamp=parse_time(fields.text("Timestamp")))


def _read_business(fields: Fields) -> Business:
    fields.required("BussinessDocType")
    info = fields.group("BussinessDocumentInfo")
    changes = info.group("ReceiverList") if info is not None else None
    replaced = fields.group("ReplacementInfoList")
    return Business(
        doc_type=BusinessDocType(int(fields.code("BussinessDocType", "0123"))),
        document_id=fields.text("DocumentId", DOCUMENT_ID_LENGTH),
        reason=fields.text("BussinessDocReason", 2000),
        paper=fields.text("Paper", 20),
        document_info=info.text("DocumentInfo", 20) if info is not None else "",
        document_receiver=info.text("DocumentReceiver", 20) if info is not None else "",
        receivers=tuple(_read_receiver(Fields(element)) for element in changes.all("Receiver"))
        if changes is not None
        else (),
        replacements=tuple(_read_replacement(Fields(e)) for e in replaced.all("ReplacementInfo"))
        if replaced is not None
        else (),
        staff=read_staff(fields.group("StaffInfo")),
    )


def _read_receiver(fields: Fields) -> Receiver:
    fields.required("OrganId")
    fields.required("ReceiverType")
    return Receiver(organ_id=fields.organ_id(), receiver_type=fields.code("ReceiverType", "01"))


def _read_replacement(fields: Fields) -> ReplacementInfo:
    receivers = fields.group("OrganIdList")
    codes = [read_organ_id(element) for element in receivers.all("OrganId")] if receivers is not None else []
    return ReplacementInfo(
        document_id=fields.required("DocumentId", DOCUMENT_ID_LENGTH), organ_ids=tuple(code for code in codes if code)
    )


def _read_list(fields: Fields | None, name: str, most: int) -> tuple[str, ...]:
    if fields is None:
        return ()
    texts = (read_text(element, most) for element in fields.all(name))
    return tuple(text for text in texts if text)
