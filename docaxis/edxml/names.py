"""Names of the package: namespaces and the ready-made `{namespace}local` tags."""

EDXML = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
"""QCVN 102:2016, variant A: the only namespace that the axis accepts."""

BLOB = "urn:docaxis:blob:1"
"""Ours: an attachment by reference, inside the signed manifest."""

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
XML = "http://www.w3.org/XML/1998/namespace"

OTHER_VARIANTS = {
    "http://www.go.vn/eDoc": "variant B (go.vn/eDoc)",
    "http://www.e-doc.vn/Schema/": "variant C (official letter 2803)",
    "http://schemas.xmlsoap.org/soap/envelope/": "variant C (SOAP, official letter 2803)",
    "http://edxml.gov.vn/schema": "variant D (edxml.gov.vn)",
    "": "no namespace",
}
"""Shapes seen in the field that are not QCVN 102:2016, so that the refusal can name them."""


def edxml(local: str) -> str:
    """Return the tag of an element of the package."""
    return f"{{{EDXML}}}{local}"


def local_name(tag: str) -> str:
    """Return a tag without its namespace."""
    return tag.rpartition("}")[2]


ROOT = edxml("edXML")
ENVELOPE = edxml("edXMLEnvelope")
HEADER = edxml("edXMLHeader")
MESSAGE_HEADER = edxml("MessageHeader")
