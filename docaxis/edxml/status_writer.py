"""From values to a status package, in the order in which the axis writes one: not quite that of a document."""

from lxml import etree

from docaxis.domain.envelope import Organization, ResponseFor, StaffInfo, StatusEnvelope
from docaxis.edxml.writer import finish_package, start_package
from docaxis.edxml.writer_parts import add, day, leaf, moment


def write_status(status: StatusEnvelope, *, template: bool = False) -> bytes:
    """Return the status package as UTF-8 octets, unsigned; reading them gives an equal status.

    With `template`, an empty signature of profile docaxis-1 stands in its place. Raises ValueError for a text that no XML
    can carry (control characters).
    """
    root, header = start_package()
    message = add(header, "MessageHeader")
    _write_sender(add(message, "From"), status.sender)
    _write_response(add(message, "ResponseFor"), status.response_for)
    if status.staff is not None:
        _write_staff(add(message, "StaffInfo"), status.staff)
    leaf(message, "StatusCode", status.status_code)
    leaf(message, "Description", status.description)
    leaf(message, "Timestamp", moment(status.timestamp))
    return finish_package(root, header, template=template)


def _write_sender(element: etree._Element, sender: Organization) -> None:
    leaf(element, "OrganId", sender.organ_id)
    leaf(element, "OrganName", sender.organ_name)
    leaf(element, "OrganizationInCharge", sender.organization_in_charge)
    leaf(element, "OrganAdd", sender.organ_add)
    leaf(element, "Email", sender.email)
    leaf(element, "Telephone", sender.telephone)
    leaf(element, "Fax", sender.fax)
    leaf(element, "Website", sender.website)


def _write_response(element: etree._Element, response: ResponseFor) -> None:
    leaf(element, "OrganId", response.organ_id)
    leaf(element, "Code", response.code)
    leaf(element, "PromulgationDate", day(response.promulgation_date))
    leaf(element, "DocumentId", response.document_id)


def _write_staff(element: etree._Element, staff: StaffInfo) -> None:
    leaf(element, "Department", staff.department)
    leaf(element, "Staff", staff.staff)
    leaf(element, "Mobile", staff.mobile)
    leaf(element, "Email", staff.email)
