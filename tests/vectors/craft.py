"""Signatures by a holder of a real key who keeps to no profile: any template, any place, digests and value computed."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import new as new_hash

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from docaxis.trust.algorithms import EXCLUSIVE, INCLUSIVE_10, SIGNATURES
from docaxis.trust.signing import _signature_value
from tests.vectors.keys import certificate, key

DS = "http://www.w3.org/2000/09/xmldsig#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
MARK = "<!--SIGNATURE-->"

TEMPLATE = f"""<Signature xmlns="{DS}"><SignedInfo>
<CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>
<SignatureMethod Algorithm="{ECDSA}"/>
<Reference URI=""><Transforms><Transform Algorithm="{DS}enveloped-signature"/><Transform Algorithm="{EXCLUSIVE}"/></Transforms>
<DigestMethod Algorithm="{SHA256}"/><DigestValue>@DIGEST@</DigestValue></Reference>
</SignedInfo><SignatureValue>@VALUE@</SignatureValue>
<KeyInfo><X509Data><X509Certificate>@CERTIFICATE@</X509Certificate></X509Data></KeyInfo></Signature>"""


def craft(
    body: bytes,
    template: str = TEMPLATE,
    kind: str = "p256",
    *,
    document: Callable[[etree._Element], etree._Element] | None = None,
) -> bytes:
    """Put a signature in the place of MARK (else last in edXMLHeader) and compute it as the template says.

    `document` chooses another element than the whole document for `@DIGEST@`; `@PROPERTIES@` is the digest of the first
    SignedProperties.
    """
    text = body.decode()
    if MARK not in text:
        at = text.index("</edXML:edXMLHeader>") if "</edXML:edXMLHeader>" in text else text.rindex("</")
        text = text[:at] + MARK + text[at:]
    template = template.replace("@CERTIFICATE@", b64encode(certificate(kind).public_bytes(Encoding.DER)).decode())
    bare = _parse(text.replace(MARK, "").encode())
    covered = bare if document is None else document(bare)
    exclusive = f'Transform Algorithm="{EXCLUSIVE}"' in template
    template = template.replace("@DIGEST@", _digest(_c14n(covered, exclusive=exclusive)))
    root = _parse(text.replace(MARK, template).encode())
    signature = next(root.iter(f"{{{DS}}}Signature"), None)
    if signature is None:
        return text.replace(MARK, template).encode()
    properties = next(signature.iter("{*}SignedProperties"), None)
    if properties is not None:
        template = template.replace("@PROPERTIES@", _digest(_c14n(properties, exclusive=True)))
        root = _parse(text.replace(MARK, template).encode())
        signature = next(root.iter(f"{{{DS}}}Signature"))
    signed_info = signature.find(f"{{{DS}}}SignedInfo")
    if signed_info is None:
        return text.replace(MARK, template).encode()
    form = signed_info.find(f"{{{DS}}}CanonicalizationMethod")
    inclusive = form is not None and form.get("Algorithm") == INCLUSIVE_10
    message = _c14n(_parse(etree.tostring(signed_info, with_tail=False)), exclusive=not inclusive)
    found = signed_info.find(f"{{{DS}}}SignatureMethod")
    method = SIGNATURES.get(found.get("Algorithm", "") if found is not None else "", SIGNATURES[ECDSA])
    value = _signature_value(key(kind), method.family, message, method.hash)
    return text.replace(MARK, template.replace("@VALUE@", b64encode(value).decode())).encode()


def _parse(octets: bytes) -> etree._Element:
    return etree.fromstring(octets, etree.XMLParser(collect_ids=False, resolve_entities=False))


def _c14n(element: etree._Element, *, exclusive: bool) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=exclusive, with_comments=False)


def _digest(octets: bytes) -> str:
    return b64encode(new_hash("sha256", octets).digest()).decode()
