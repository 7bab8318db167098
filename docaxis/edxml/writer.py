"""From values to a document package, in the shape the national axis emits (variant A), unsigned.

Default namespace on the root, prefix `edXML` on the envelope and again on `ContentTransferEncoded`; `AttachmentEncoded`
without prefix.
"""

from lxml import etree

from docaxis.domain.envelope import Envelope
from docaxis.edxml.names import DS, EDXML, edxml
from docaxis.edxml.writer_parts import (
    add,
    write_business,
    write_header,
    write_hop,
    write_inline,
    write_reference,
)

CERTIFICATES_SLOT = f"{{{DS}}}X509Certificate"
"""Where a signing tool puts the certificates."""

_ENVELOPED = DS + "enveloped-signature"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


def write_envelope(envelope: Envelope, *, template: bool = False) -> bytes:
    """Return the document package as UTF-8 octets; reading them gives an equal envelope.

    With `template`, an empty signature of profile docaxis-1 stands in its place, for `xmlsec1 --sign`.
    Raises ValueError for a text that no XML can carry (control characters).
    """
    root, header = start_package()
    write_header(add(header, "MessageHeader"), envelope.header)
    if envelope.trace_headers or envelope.business is not None:
        trace = add(header, "TraceHeaderList")
        for hop in envelope.trace_headers:
            write_hop(add(trace, "TraceHeader"), hop)
        if envelope.business is not None:
            write_business(add(trace, "Bussiness"), envelope.business)
    manifest = add(add(root[0], "edXMLBody"), "edXMLManifest")
    manifest.set("version", "1.0")
    for attachment in envelope.attachments:
        write_reference(add(manifest, "Reference"), attachment)
    inline = [attachment for attachment in envelope.attachments if attachment.blob is None]
    encoded = add(root, "AttachmentEncoded") if inline else root
    for attachment in inline:
        write_inline(add(encoded, "Attachment"), attachment)
    return finish_package(root, header, template=template)


def signature_template(
    algorithm: str = _RSA_SHA256, digest: str = _SHA256, canonicalization: str = _EXCLUSIVE
) -> etree._Element:
    """Return an empty signature of profile docaxis-1: values and one X509Certificate left for the signing tool."""
    signature = etree.Element(f"{{{DS}}}Signature", nsmap={None: DS})
    signed_info = etree.SubElement(signature, f"{{{DS}}}SignedInfo")
    etree.SubElement(signed_info, f"{{{DS}}}CanonicalizationMethod", Algorithm=canonicalization)
    etree.SubElement(signed_info, f"{{{DS}}}SignatureMethod", Algorithm=algorithm)
    reference = etree.SubElement(signed_info, f"{{{DS}}}Reference", URI="")
    transforms = etree.SubElement(reference, f"{{{DS}}}Transforms")
    etree.SubElement(transforms, f"{{{DS}}}Transform", Algorithm=_ENVELOPED)
    etree.SubElement(transforms, f"{{{DS}}}Transform", Algorithm=canonicalization)
    etree.SubElement(reference, f"{{{DS}}}DigestMethod", Algorithm=digest)
    etree.SubElement(reference, f"{{{DS}}}DigestValue")
    etree.SubElement(signature, f"{{{DS}}}SignatureValue")
    data = etree.SubElement(etree.SubElement(signature, f"{{{DS}}}KeyInfo"), f"{{{DS}}}X509Data")
    etree.SubElement(data, CERTIFICATES_SLOT)
    etree.indent(signature, space="  ", level=3)
    return signature


def start_package() -> tuple[etree._Element, etree._Element]:
    """Return a new root and its empty edXMLHeader."""
    root = etree.Element(edxml("edXML"), nsmap={None: EDXML})
    envelope = etree.SubElement(root, edxml("edXMLEnvelope"), nsmap={"edXML": EDXML})
    return root, add(envelope, "edXMLHeader")


def finish_package(root: etree._Element, header: etree._Element, *, template: bool) -> bytes:
    """Return the octets of a filled package, with an empty signature where a template is wanted."""
    if template:
        header.append(signature_template())
    etree.indent(root, space="  ")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
