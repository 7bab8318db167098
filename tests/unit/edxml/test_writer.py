from lxml import etree

from docaxis.edxml import safety, writer
from docaxis.trust import xmldsig
from tests.unit.trust.test_xmldsig import by_xmlsec
from tests.vectors import packages


def test_the_shape_is_what_the_axis_emits():
    text = packages.unsigned().decode()
    assert '<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016">' in text
    assert '<edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">' in text
    assert "\n  <AttachmentEncoded>\n    <Attachment>\n" in text
    assert '<edXML:ContentTransferEncoded xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">' in text


def test_a_template_is_ready_for_a_signing_tool():
    body = writer.write_envelope(packages.DOCUMENT, template=True)
    root = etree.fromstring(body)
    signature = next(root.iter("{http://www.w3.org/2000/09/xmldsig#}Signature"))
    template = etree.tostring(signature, with_tail=False).decode()
    next(root.iter("{*}edXMLHeader")).remove(signature)
    parsed = safety.parse(by_xmlsec(etree.tostring(root), template))
    assert isinstance(parsed, safety.ParsedXml)
    assert isinstance(xmldsig.verify(parsed), xmldsig.SignedPackage)
