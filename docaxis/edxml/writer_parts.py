"""The groups of a package as elements; every function appends to its parent, empty optional fields are left out."""

from base64 import b64encode
from datetime import UTC, date, datetime

from lxml import etree

from docaxis.domain.envelope import (
    Attachment,
    Business,
    MessageHeader,
    Organization,
    OtherInfo,
    ResponseFor,
    StaffInfo,
    TraceHeader,
)
from docaxis.edxml.fields import VIETNAM
from docaxis.edxml.names import BLOB, EDXML, edxml


def add(parent: etree._Element, name: str) -> etree._Element:
    """Append an element of the package's namespace."""
    return etree.SubElement(parent, edxml(name))


def leaf(parent: etree._Element, name: str, text: str) -> None:
    """Append an element that holds text, unless the text is empty."""
    if text:
        add(parent, name).text = text


def write_organization(element: etree._Element, organization: Organization) -> None:
    """Fill `From` or `To`."""
    leaf(element, "OrganId", organization.organ_id)
    leaf(element, "OrganizationInCharge", organization.organization_in_charge)
    leaf(element, "OrganName", organization.organ_name)
    leaf(element, "OrganAdd", organization.organ_add)
    leaf(element, "Email", organization.email)
    leaf(element, "Telephone", organization.telephone)
    leaf(element, "Fax", organization.fax)
    leaf(element, "Website", organization.website)


def write_response(element: etree._Element, response: ResponseFor) -> None:
    """Fill `ResponseFor`."""
    leaf(element, "OrganId", response.organ_id)
    leaf(element, "Code", response.code)
    leaf(element, "DocumentId", response.document_id)
    leaf(element, "PromulgationDate", day(response.promulgation_date))


def write_staff(parent: etree._Element, staff: StaffInfo) -> None:
    """Append `StaffInfo`."""
    element = add(parent, "StaffInfo")
    leaf(element, "Department", staff.department)
    leaf(element, "Staff", staff.staff)
    leaf(element, "Email", staff.email)
    leaf(element, "Mobile", staff.mobile)


def write_header(message: etree._Element, header: MessageHeader) -> None:
    """Fill the `MessageHeader` of a document, in the order in which the axis writes it."""
    write_organization(add(message, "From"), header.sender)
    for organization in header.to:
        write_organization(add(message, "To"), organization)
    leaf(message, "DocumentId", header.document_id)
    code = add(message, "Code")
    leaf(code, "CodeNumber", header.code.code_number)
    leaf(code, "CodeNotation", header.code.code_notation)
    promulgation = add(message, "PromulgationInfo")
    leaf(promulgation, "Place", header.promulgation_info.place)
    leaf(promulgation, "PromulgationDate", day(header.promulgation_info.promulgation_date))
    kind = add(message, "DocumentType")
    leaf(kind, "Type", header.document_type.type)
    leaf(kind, "TypeDetail", header.document_type.type_detail)
    leaf(kind, "TypeName", header.document_type.type_name)
    leaf(message, "Subject", header.subject)
    leaf(message, "Content", header.content)
    signer = add(message, "SignerInfo")
    leaf(signer, "Competence", header.signer_info.competence)
    leaf(signer, "Position", header.signer_info.position)
    leaf(signer, "FullName", header.signer_info.full_name)
    leaf(message, "DueDate", day(header.due_date))
    _write_other(add(message, "OtherInfo"), header.other_info)
    for response in header.response_for:
        write_response(add(message, "ResponseFor"), response)
    leaf(message, "SteeringType", header.steering_type)
    _write_list(message, "ToPlaces", "Place", header.to_places)


def write_hop(element: etree._Element, hop: TraceHeader) -> None:
    """Fill a `TraceHeader`."""
    leaf(element, "OrganId", hop.organ_id)
    leaf(element, "Timestamp", moment(hop.timestamp))


def write_business(element: etree._Element, business: Business) -> None:
    """Fill `Bussiness`."""
    leaf(element, "DocumentId", business.document_id)
    leaf(element, "BussinessDocType", str(int(business.doc_type)))
    leaf(element, "BussinessDocReason", business.reason)
    leaf(element, "Paper", business.paper)
    if business.document_info or business.document_receiver or business.receivers:
        info = add(element, "BussinessDocumentInfo")
        leaf(info, "DocumentInfo", business.document_info)
        leaf(info, "DocumentReceiver", business.document_receiver)
        changes = add(info, "ReceiverList") if business.receivers else info
        for receiver in business.receivers:
            change = add(changes, "Receiver")
            leaf(change, "OrganId", receiver.organ_id)
            leaf(change, "ReceiverType", receiver.receiver_type)
    replaced = add(element, "ReplacementInfoList") if business.replacements else element
    for replacement in business.replacements:
        info = add(replaced, "ReplacementInfo")
        leaf(info, "DocumentId", replacement.document_id)
        _write_list(info, "OrganIdList", "OrganId", replacement.organ_ids)
    if business.staff is not None:
        write_staff(element, business.staff)


def write_reference(element: etree._Element, attachment: Attachment) -> None:
    """Fill a manifest's `Reference`; a blob's digest stands here, under the signature."""
    leaf(element, "ContentId", f"cid:{attachment.content_id}")
    leaf(element, "ContentType", attachment.content_type)
    leaf(element, "Description", attachment.description)
    leaf(element, "AttachmentName", attachment.attachment_name)
    if attachment.blob is not None:
        blob = etree.SubElement(element, f"{{{BLOB}}}BlobReference", nsmap={"blob": BLOB})
        blob.set("digest", attachment.blob.digest)
        blob.set("sizeBytes", str(attachment.blob.size_bytes))


def write_inline(element: etree._Element, attachment: Attachment) -> None:
    """Fill an `Attachment` with its octets."""
    leaf(element, "ContentId", f"cid:{attachment.content_id}")
    leaf(element, "AttachmentName", attachment.attachment_name)
    leaf(element, "Description", attachment.description)
    leaf(element, "ContentType", attachment.content_type)
    content = etree.SubElement(element, edxml("ContentTransferEncoded"), nsmap={"edXML": EDXML})
    content.text = b64encode(attachment.content).decode("ascii")


def day(value: date | None) -> str:
    """Return `yyyy/MM/dd`, empty for none."""
    return "" if value is None else f"{value.year:04}/{value.month:02}/{value.day:02}"


def moment(value: datetime | None) -> str:
    """Return `yyyy/MM/dd HH:mm:ss` in local time of Vietnam, empty for none; a naive time is taken as UTC."""
    if value is None:
        return ""
    local = (value if value.tzinfo is not None else value.replace(tzinfo=UTC)).astimezone(VIETNAM)
    return f"{day(local)} {local.hour:02}:{local.minute:02}:{local.second:02}"


def _write_other(element: etree._Element, other: OtherInfo) -> None:
    leaf(element, "Priority", str(int(other.priority)))
    leaf(element, "SphereOfPromulgation", other.sphere_of_promulgation)
    leaf(element, "TyperNotation", other.typer_notation)
    leaf(element, "PromulgationAmount", "" if other.promulgation_amount is None else str(other.promulgation_amount))
    leaf(element, "PageAmount", "" if other.page_amount is None else str(other.page_amount))
    leaf(element, "Direction", other.direction)
    _write_list(element, "Appendixes", "Appendix", other.appendixes)


def _write_list(parent: etree._Element, name: str, item: str, texts: tuple[str, ...]) -> None:
    if texts:
        holder = add(parent, name)
        for text in texts:
            leaf(holder, item, text)
