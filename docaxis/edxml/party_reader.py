"""Groups that documents and statuses share: organisations, answered documents, the person to ask."""

from docaxis.domain.envelope import Organization, ResponseFor, StaffInfo
from docaxis.edxml.fields import Fields

DOCUMENT_ID_LENGTH = 200
"""Longest DocumentId in characters; the standard names no limit."""


def read_organization(fields: Fields) -> Organization:
    """Read `From` or `To`; its OrganId may not be empty."""
    organ_id = fields.organ_id()
    if not organ_id:
        raise fields.empty("OrganId")
    return Organization(
        organ_id=organ_id,
        organ_name=fields.text("OrganName", 500),
        organization_in_charge=fields.text("OrganizationInCharge", 500),
        organ_add=fields.text("OrganAdd", 500),
        email=fields.text("Email", 255),
        telephone=fields.text("Telephone", 100),
        fax=fields.text("Fax", 100),
        website=fields.text("Website", 255),
    )


def read_response_for(fields: Fields) -> ResponseFor:
    """Read the answered document; every part may be empty."""
    return ResponseFor(
        organ_id=fields.organ_id(),
        code=fields.text("Code", 100),
        promulgation_date=fields.day("PromulgationDate"),
        document_id=fields.text("DocumentId", DOCUMENT_ID_LENGTH),
    )


def read_staff(fields: Fields | None) -> StaffInfo | None:
    """Read the person to ask, None when the element is absent."""
    if fields is None:
        return None
    return StaffInfo(
        department=fields.text("Department", 500),
        staff=fields.text("Staff", 255),
        email=fields.text("Email", 255),
        mobile=fields.text("Mobile", 100),
    )
