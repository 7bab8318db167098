"""Good packages, made by three hands (ours, libxmlsec, signxml), before three judges (ours, libxmlsec, signxml)."""

from datetime import UTC, datetime

import pytest
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml import reader, safety
from docaxis.edxml.status_writer import write_status
from docaxis.trust import signing, xmldsig
from tests.vectors import packages
from tests.vectors.craft import ECDSA, MARK, RSA, TEMPLATE, craft
from tests.vectors.hostile import with_digest, xades_template
from tests.vectors.judges import signxml_accepts, xmlsec_accepts
from tests.vectors.keys import certificate, key

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE_10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_11 = "http://www.w3.org/2006/12/xml-c14n11"


def verified(body: bytes) -> xmldsig.SignedPackage:
    parsed = safety.parse(body)
    assert isinstance(parsed, safety.ParsedXml), parsed
    outcome = xmldsig.verify(parsed)
    assert isinstance(outcome, xmldsig.SignedPackage), outcome
    return outcome


def refusal(body: bytes) -> Rejection:
    parsed = safety.parse(body)
    assert isinstance(parsed, safety.ParsedXml), parsed
    outcome = xmldsig.verify(parsed)
    assert isinstance(outcome, Rejection), "accepted"
    return outcome


@pytest.mark.parametrize("kind", ["rsa2048", "p256", "p384", "p521"])
@pytest.mark.parametrize("hash_name", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("pss", [False, True])
def test_every_algorithm_of_the_profile_holds_before_all_judges(kind, hash_name, pss):
    body = packages.signed(kind, hash_name=hash_name, pss=pss)
    signed = verified(body)
    assert signed.certificate == certificate(kind)
    assert hash_name in signed.digest_algorithm
    assert signxml_accepts(body, certificate(kind))
    assert xmlsec_accepts(body, certificate(kind))
    assert not xmlsec_accepts(body, certificate(f"{kind}-other"))


def odd_document() -> bytes:
    """Blanks, comments, CDATA, references, unused and re-declared namespaces, Windows line ends."""
    text = packages.unsigned().decode()
    text = text.replace("<edXML xmlns", '<edXML xmlns:unused="urn:u"  xmlns:b="urn:b"\n\txmlns', 1)
    text = text.replace("<edXML:Subject>", "<!-- between -->\r\n<edXML:Subject><![CDATA[<b> & ]]> &#13;&#9;&quot;x ", 1)
    text = text.replace(
        "<edXML:edXMLBody>", '<edXML:edXMLBody xmlns:b="urn:c" xmlns:edXML="' + safety_namespace() + '">'
    )
    return text.replace("</edXML:edXMLHeader>", "\n \t </edXML:edXMLHeader >").encode()


def safety_namespace() -> str:
    return "http://www.mic.gov.vn/TBT/QCVN_102_2016"


def by_xmlsec(body: bytes, template: str, kind: str = "rsa2048") -> bytes:
    """Have libxmlsec sign, as `xmlsec1 --sign` does."""
    root = etree.fromstring(body)
    header = next(root.iter("{*}edXMLHeader"))
    signature = etree.fromstring(template)
    signature.tail = "\n   "
    header.append(signature)
    context = xmlsec.SignatureContext()
    own = key(kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context.key = xmlsec.Key.from_memory(own, xmlsec.constants.KeyDataFormatPem)
    context.key.load_cert_from_memory(
        certificate(kind).public_bytes(Encoding.PEM), xmlsec.constants.KeyDataFormatCertPem
    )
    context.sign(signature)
    return etree.tostring(root)


BLANK = (
    TEMPLATE.replace(ECDSA, RSA)
    .replace("@DIGEST@", "")
    .replace("@VALUE@", "")
    .replace("<X509Certificate>@CERTIFICATE@</X509Certificate>", "")
)
PREFIXES = f'><InclusiveNamespaces xmlns="{EXCLUSIVE}" PrefixList="edXML #default unused"/></'
WITH_PREFIXES = BLANK.replace(
    f'<CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>',
    f'<CanonicalizationMethod Algorithm="{EXCLUSIVE}"{PREFIXES}CanonicalizationMethod>',
).replace(f'<Transform Algorithm="{EXCLUSIVE}"/>', f'<Transform Algorithm="{EXCLUSIVE}"{PREFIXES}Transform>')


@pytest.mark.parametrize(
    ("template", "signxml_too"),
    [
        pytest.param(BLANK, True, id="exclusive"),
        # signxml canonicalises SignedInfo without the namespaces that its ancestors declare: right for exclusive c14n,
        # wrong for the others. libxmlsec, which signed these, agrees with us.
        pytest.param(BLANK.replace(EXCLUSIVE, INCLUSIVE_10), False, id="inclusive 1.0"),
        pytest.param(BLANK.replace(EXCLUSIVE, INCLUSIVE_11), False, id="inclusive 1.1"),
        pytest.param(WITH_PREFIXES, False, id="exclusive with prefixes"),
    ],
)
@pytest.mark.parametrize("document", [packages.unsigned(), odd_document()], ids=["plain", "odd"])
def test_what_libxmlsec_signs_holds_here(document, template, signxml_too):
    body = by_xmlsec(document, template)
    assert verified(body).certificate == certificate("rsa2048")
    assert xmlsec_accepts(body, certificate("rsa2048"))
    assert signxml_accepts(body, certificate("rsa2048")) is signxml_too
    damaged = body.replace(b"7816", b"7817", 1)
    assert refusal(damaged).code is Reason.SIG_HASH_FAILURE
    assert not xmlsec_accepts(damaged, certificate("rsa2048"))


@pytest.mark.parametrize("document", [packages.unsigned(), odd_document()], ids=["plain", "odd"])
def test_what_signxml_signs_holds_here(document):
    root = etree.fromstring(document)
    header = next(root.iter("{*}edXMLHeader"))
    placeholder = etree.SubElement(header, "{http://www.w3.org/2000/09/xmldsig#}Signature", Id="placeholder")
    placeholder.tail = "\n  "
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    pem = certificate("rsa2048").public_bytes(Encoding.PEM).decode()
    made = signer.sign(root, key=key("rsa2048"), cert=pem, always_add_key_value=False)
    assert verified(etree.tostring(made)).certificate == certificate("rsa2048")


def test_the_odd_document_holds_in_every_canonical_form():
    for form in (EXCLUSIVE, INCLUSIVE_10):
        body = craft(
            odd_document().replace(b"</edXML:edXMLHeader >", f"{MARK}  \n</edXML:edXMLHeader>".encode()),
            TEMPLATE.replace(EXCLUSIVE, form),
        )
        verified(body)
        assert xmlsec_accepts(body, certificate("p256"))


def test_a_mark_at_the_start_is_not_part_of_the_document():
    verified(b"\xef\xbb\xbf" + packages.signed())


def test_comments_between_fields_are_left_out_of_the_signature_and_allowed():
    body = packages.signed().replace(b"<edXML:DocumentId>", b"<!-- note --><edXML:DocumentId>", 1)
    verified(body)


def test_several_certificates_may_come_and_the_one_that_verifies_is_the_signer():
    chain = [certificate("p256-other"), certificate("rsa2048"), certificate("p256")]
    body = signing.sign_package(packages.unsigned(), key("p256"), chain)
    assert isinstance(body, bytes)
    signed = verified(body)
    assert signed.certificate == certificate("p256")
    assert signed.hints == (certificate("p256-other"), certificate("rsa2048"))


def test_xades_gives_the_time_as_claimed():
    body = craft(packages.unsigned(), with_digest(xades_template()))
    signed = verified(body)
    assert signed.signing_time == datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
    assert xmlsec_accepts(body, certificate("p256"))


def test_xades_issuer_and_serial_must_be_the_certificates_own():
    from base64 import b64encode

    from docaxis.trust.der import issuer_serial

    own = b64encode(issuer_serial(certificate("p256"))).decode()
    template = with_digest(xades_template()).replace(
        "</xades:Cert>", f"<xades:IssuerSerialV2>{own}</xades:IssuerSerialV2></xades:Cert>"
    )
    verified(craft(packages.unsigned(), template))


def test_a_status_is_signed_the_same_way():
    assert verified(packages.signed_status()).certificate == certificate("p256")
    found = refusal(write_status(packages.STATUS))
    assert found.code is Reason.SIG_PROFILE_LEGACY


def test_no_signature_at_all_is_said_so():
    assert refusal(packages.unsigned()).code is Reason.SIG_MISSING


def test_a_digital_signature_element_of_the_field_is_legacy_and_readable():
    body = packages.unsigned().replace(b"</edXML:edXMLHeader>", b"<edXML:DigitalSignature/></edXML:edXMLHeader>")
    found = refusal(body)
    assert found.code is Reason.SIG_PROFILE_LEGACY
    assert "DigitalSignature" in found.detail
    parsed = safety.parse(body)
    assert isinstance(parsed, safety.ParsedXml)
    assert reader.read_envelope(parsed) == packages.DOCUMENT


def test_a_legacy_signature_can_be_replaced():
    legacy = packages.unsigned().replace(
        b"</edXML:edXMLHeader>", b"<Signature><SignedInfo/></Signature> <!-- x --></edXML:edXMLHeader>"
    )
    refused = signing.sign_package(legacy, key("p256"), [certificate("p256")])
    assert isinstance(refused, Rejection)
    made = signing.sign_package(legacy, key("p256"), [certificate("p256")], replace=True)
    assert isinstance(made, bytes)
    verified(made)


def test_a_refusal_tells_the_place():
    found = refusal(packages.signed().replace(b"xmlenc#sha256", b"xmlenc#sha111"))
    assert found.code is Reason.SIG_CRYPTO_CONSTRAINTS_FAILURE
    assert found.at.path == "/edXML/edXMLEnvelope/edXMLHeader/Signature/SignedInfo/Reference/DigestMethod"
    assert found.at.line > 1


def test_verifying_changes_nothing_in_the_tree():
    parsed = safety.parse(by_xmlsec(odd_document(), BLANK))
    assert isinstance(parsed, safety.ParsedXml)
    before = etree.tostring(parsed.root)
    assert xmldsig.verify(parsed) == xmldsig.verify(parsed)
    assert etree.tostring(parsed.root) == before
