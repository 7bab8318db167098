"""A status in the shape of the axis: the element order of its samples, our schema, and a signature that holds."""

import pytest
from lxml import etree

from docaxis.domain.envelope import StatusEnvelope
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import ParsedXml, parse
from docaxis.edxml.schema import check_schema
from docaxis.edxml.status_writer import write_status
from docaxis.trust import xmldsig
from tests.vectors import packages

# The samples of the axis are not ours to publish; this is the order of their elements.
HEADER = "From ResponseFor StaffInfo StatusCode Description Timestamp"
FROM = "OrganId OrganName OrganizationInCharge OrganAdd Email Telephone Fax Website"
RESPONSE = "OrganId Code PromulgationDate DocumentId"
STAFF = "Department Staff Mobile Email"


def parsed(body: bytes) -> ParsedXml:
    made = parse(body)
    assert isinstance(made, ParsedXml), made
    return made


def names(root: etree._Element, inside: str) -> list[str]:
    return [etree.QName(child).localname for child in next(root.iter(f"{{*}}{inside}"))]


def full() -> StatusEnvelope:
    staff = packages.DOCUMENT.business.staff if packages.DOCUMENT.business else None
    return StatusEnvelope(
        packages.DOCUMENT.header.sender, packages.STATUS.response_for, "03", "Đã nhận", packages.STATUS.timestamp, staff
    )


def test_the_order_is_that_of_the_axis():
    root = parsed(write_status(full())).root
    for inside, order in {"MessageHeader": HEADER, "From": FROM, "ResponseFor": RESPONSE, "StaffInfo": STAFF}.items():
        assert names(root, inside) == order.split(), inside
    assert root.find(".//{*}To") is None


def test_written_and_signed_it_reads_as_itself():
    for body in (write_status(full()), packages.signed(body=write_status(full()))):
        assert check_schema(parsed(body)) is None
        assert read_envelope(parsed(body)) == full()


def test_the_signature_stands_last_and_holds():
    body = parsed(packages.signed(body=write_status(full())))
    assert names(body.root, "edXMLHeader") == ["MessageHeader", "Signature"]
    assert isinstance(xmldsig.verify(body), xmldsig.SignedPackage)


def test_a_changed_code_breaks_the_signature():
    body = packages.signed(body=write_status(full())).replace(b"Code>03<", b"Code>02<")
    assert not isinstance(xmldsig.verify(parsed(body)), xmldsig.SignedPackage)


def test_a_control_character_is_refused():
    with pytest.raises(ValueError, match="control"):
        write_status(StatusEnvelope(packages.STATUS.sender, packages.STATUS.response_for, "02", "\x01"))
