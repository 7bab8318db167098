"""Signing a package under profile `docaxis-1`: what a sender's adapter, a test or the demonstration does."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import new as new_hash

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.names import HEADER, ROOT
from docaxis.edxml.safety import ParsedXml, parse, place
from docaxis.edxml.writer import CERTIFICATES_SLOT, signature_template
from docaxis.trust.algorithms import CURVE_OCTETS, DIGESTS, DS, EXCLUSIVE, INCLUSIVE_10, SIGNATURES
from docaxis.trust.canonical import document_without, subtree
from docaxis.trust.profile import Canonicalization

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_DS = f"{{{DS}}}"


def sign_package(
    unsigned: bytes,
    key: PrivateKey,
    certificate_chain: Sequence[x509.Certificate],
    *,
    pss: bool = False,
    hash_name: str = "sha256",
    exclusive: bool = True,
    replace: bool = False,
) -> bytes | Rejection:
    """Return the package with its Signature as last child of edXMLHeader, the signer's certificate first in KeyInfo.

    `replace` takes an existing signature (a legacy one) out first; without it, a signed package is refused.
    Errors: those of `parse`; PKG.SCHEMA without a header; SIG.FORMAT_FAILURE when it is signed already or has no
    canonical form. Raises ValueError for a key outside the profile or a hash that is not SHA-2.
    """
    return _sign(
        unsigned, key, certificate_chain, _method_uri(key, hash_name, pss=pss), hash_name, exclusive, replace, HEADER
    )


def sign_document(unsigned: bytes, key: PrivateKey, certificate_chain: Sequence[x509.Certificate]) -> bytes | Rejection:
    """Return any XML document with its Signature as last child of the root; SHA-256 and exclusive c14n.

    Errors: as `sign_package`.
    """
    return _sign(unsigned, key, certificate_chain, _method_uri(key, "sha256", pss=False), "sha256", True, False, "")


def _sign(
    unsigned: bytes,
    key: PrivateKey,
    chain: Sequence[x509.Certificate],
    method: str,
    hash_name: str,
    exclusive: bool,
    replace: bool,
    parent_tag: str,
) -> bytes | Rejection:
    parsed = parse(unsigned)
    if isinstance(parsed, Rejection):
        return parsed
    parent = _signature_parent(parsed, parent_tag)
    if isinstance(parent, Rejection):
        return parent
    old = list(parsed.root.iter("{*}Signature", "{*}DigitalSignature"))
    if old and not replace:
        return Rejection(Reason.SIG_FORMAT_FAILURE, f"Signature: {len(old)}", place(old[0]))
    for element in old:
        _take_out(element)
    signature = _insert(parent, method, hash_name, exclusive, chain)
    form = Canonicalization(EXCLUSIVE if exclusive else INCLUSIVE_10)
    document = document_without(signature, form)
    if isinstance(document, Rejection):
        return document
    signed_info = _part(signature, "SignedInfo")
    _part(signed_info, "Reference", "DigestValue").text = _text(new_hash(hash_name, document).digest())
    message = subtree(signed_info, form)
    if isinstance(message, Rejection):
        return message
    _part(signature, "SignatureValue").text = _text(
        _signature_value(key, SIGNATURES[method].family, message, SIGNATURES[method].hash)
    )
    return etree.tostring(parsed.root.getroottree(), encoding="UTF-8", xml_declaration=True)


def _signature_parent(parsed: ParsedXml, tag: str) -> etree._Element | Rejection:
    if not tag:
        return parsed.root
    header = parsed.root.find(f"*/{tag}") if parsed.root.tag == ROOT else None
    return Rejection(Reason.PKG_SCHEMA, "edXMLHeader: 0", place(parsed.root)) if header is None else header


def _insert(
    parent: etree._Element,
    method: str,
    hash_name: str,
    exclusive: bool,
    chain: Sequence[x509.Certificate],
) -> etree._Element:
    """Put the template in, indented like its neighbours: after signing no blank may change any more."""
    digest = next(uri for uri, name in DIGESTS.items() if name == hash_name)
    signature = signature_template(method, digest, EXCLUSIVE if exclusive else INCLUSIVE_10)
    data = next(signature.iter(f"{_DS}X509Data"))
    slot = next(data.iter(CERTIFICATES_SLOT))
    for certificate in chain:
        element = etree.SubElement(data, f"{_DS}X509Certificate")
        element.text = _text(certificate.public_bytes(Encoding.DER))
        element.tail = slot.tail
    data.remove(slot)
    last = parent[-1] if len(parent) else None
    if last is None:
        signature.tail = "\n"
    else:
        signature.tail = last.tail
        last.tail = parent.text
    parent.append(signature)
    return signature


def _take_out(element: etree._Element) -> None:
    """Remove an element and keep the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if before is not None:
        before.tail = element.tail
    parent.remove(element)


def _signature_value(key: PrivateKey, family: str, message: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        size = CURVE_OCTETS[key.curve.name]
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(algorithm)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    if family == "rsa-pss":
        return key.sign(message, padding.PSS(padding.MGF1(algorithm), algorithm.digest_size), algorithm)
    return key.sign(message, padding.PKCS1v15(), algorithm)


def _method_uri(key: PrivateKey, hash_name: str, *, pss: bool) -> str:
    family = "rsa-pss" if pss else "rsa"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        family = "ecdsa"
        if key.curve.name not in CURVE_OCTETS:
            message = f"curve {key.curve.name} is outside the profile"
            raise ValueError(message)
    for uri, method in SIGNATURES.items():
        if method.family == family and method.hash.name == hash_name:
            return uri
    message = f"hash {hash_name} is outside the profile"
    raise ValueError(message)


def _part(element: etree._Element, *path: str) -> etree._Element:
    found = element.find("/".join(f"{_DS}{name}" for name in path))
    if found is None:
        message = f"the signature template lacks {'/'.join(path)}"
        raise ValueError(message)
    return found


def _text(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")
