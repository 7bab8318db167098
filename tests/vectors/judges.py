"""The two outside judges: signxml and libxmlsec, each given the certificate and the place of the signature."""

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


def _tree(body: bytes) -> etree._Element:
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def signxml_accepts(body: bytes, certificate: x509.Certificate) -> bool:
    """Return whether signxml holds the first signature for this certificate's."""
    config = SignatureConfiguration(location=".//", expect_references=True)
    try:
        XMLVerifier().verify(_tree(body), x509_cert=certificate, expect_config=config)
    except Exception:  # noqa: BLE001 - a judge's refusal comes in many types
        return False
    return True


def xmlsec_accepts(body: bytes, certificate: x509.Certificate) -> bool:
    """Return whether libxmlsec holds the first signature for this certificate's."""
    try:
        root = _tree(body)
        signature = next(root.iter(_SIGNATURE))
        xmlsec.tree.add_ids(root, ["Id"])
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(
            certificate.public_bytes(Encoding.PEM), xmlsec.constants.KeyDataFormatCertPem
        )
        context.verify(signature)
    except Exception:  # noqa: BLE001 - the same
        return False
    return True
