"""Profile `docaxis-1`: one enveloped XML signature over the whole package, judged by structure first.

Written by hand on lxml's c14n and cryptography's verify, because here it is the product; signxml and xmlsec judge it in
the tests. KeyInfo is a hint: who may sign for whom is decided from the registry, in `certificate.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import new as new_hash
from hmac import compare_digest

from cryptography import x509
from lxml import etree

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.safety import ParsedXml, place
from docaxis.trust import xades
from docaxis.trust.algorithms import DIGESTS
from docaxis.trust.canonical import document_without, inherits_xml_attributes, subtree
from docaxis.trust.hidden import check_hidden, check_ids
from docaxis.trust.placement import find_any_signature, find_package_signature
from docaxis.trust.profile import SignatureParts, SignedReference, read_signature
from docaxis.trust.signer_key import LoadedCertificate, fits, holds, load_certificate

__all__ = ["SignedPackage", "verify", "verify_signature_only"]

_VOID = {name: new_hash(name, b"").digest() for name in DIGESTS.values()}


@dataclass(frozen=True, slots=True)
class SignedPackage:
    """A package whose signature holds; nothing is said yet about whose certificate that is."""

    certificate: x509.Certificate
    """The certificate whose key verifies."""
    certificate_der: bytes
    hints: tuple[x509.Certificate, ...]
    """The other certificates of KeyInfo, in their order: candidates for the chain, proven by nothing."""
    signature_algorithm: str
    digest_algorithm: str
    signing_time: datetime | None
    """The sender's claim (XAdES), UTC; None when absent."""


def verify(parsed: ParsedXml) -> SignedPackage | Rejection:
    """Verify the signature of a package (document or status) under profile `docaxis-1`.

    Errors: SIG.MISSING, PROFILE_LEGACY, FORMAT_FAILURE, PARTIAL_COVERAGE, CRYPTO_CONSTRAINTS_FAILURE, HASH_FAILURE,
    SIG_CRYPTO_FAILURE, NO_SIGNING_CERTIFICATE_FOUND, SIGNING_CERTIFICATE_MISMATCH; PKG.NAMESPACE, SCHEMA,
    HIDDEN_CONTENT, REPEATED_ID. Source: the design page, section 4.
    """
    signature = find_package_signature(parsed)
    return signature if isinstance(signature, Rejection) else _verify_at(parsed, signature)


def verify_signature_only(parsed: ParsedXml, signer: x509.Certificate | None) -> SignedPackage | Rejection:
    """Verify the one enveloped signature of any XML document, under the same profile, as the named signer's.

    Without a signer nothing is accepted: SIG.NO_SIGNING_CERTIFICATE_FOUND, whose detail tells that the mathematics hold
    and for which certificate. Further errors: those of `verify`, and SIG.SIGNER_MISMATCH.
    """
    signature = find_any_signature(parsed)
    if isinstance(signature, Rejection):
        return signature
    signed = _verify_at(parsed, signature)
    if isinstance(signed, Rejection):
        return signed
    fingerprint = "sha256:" + new_hash("sha256", signed.certificate_der).hexdigest()
    if signer is None:
        return Rejection(
            Reason.SIG_NO_SIGNING_CERTIFICATE, f"SignatureValue = {fingerprint}; signer: 0", place(signature)
        )
    return (
        signed if signer == signed.certificate else Rejection(Reason.SIG_SIGNER_MISMATCH, fingerprint, place(signature))
    )


def _verify_at(parsed: ParsedXml, signature: etree._Element) -> SignedPackage | Rejection:
    parts = read_signature(signature)
    if isinstance(parts, Rejection):
        return parts
    refusal = check_hidden(parsed, signature) or check_ids(parsed.root) or _check_inherited(parts)
    if refusal is not None:
        return refusal
    properties = xades.read_properties(parts)
    if isinstance(properties, Rejection):
        return properties
    refusal = _check_digest(document_without(signature, parts.document.canonicalization), parts.document)
    if refusal is None and parts.properties is not None and properties is not None:
        octets = subtree(properties.element, parts.properties.canonicalization)
        refusal = _check_digest(octets, parts.properties)
    if refusal is not None:
        return refusal
    signed_info = subtree(parts.signed_info, parts.canonicalization)
    if isinstance(signed_info, Rejection):
        return signed_info
    signer = _find_signer(parts, signed_info)
    if isinstance(signer, Rejection):
        return signer
    if properties is not None:
        refusal = xades.check_signer(properties, signer.certificate, signer.der)
        if refusal is not None:
            return refusal
    others = (load_certificate(der) for der in parts.certificates if der != signer.der)
    return SignedPackage(
        certificate=signer.certificate,
        certificate_der=signer.der,
        hints=tuple(other.certificate for other in others if other is not None),
        signature_algorithm=parts.method.uri,
        digest_algorithm=parts.document.digest_method,
        signing_time=properties.signing_time if properties is not None else None,
    )


def _check_inherited(parts: SignatureParts) -> Rejection | None:
    """Refuse `xml:*` attributes above an inclusively canonicalised signature: implementations differ there."""
    forms = [parts.canonicalization, parts.document.canonicalization]
    if parts.properties is not None:
        forms.append(parts.properties.canonicalization)
    if all(form.exclusive for form in forms) or not inherits_xml_attributes(parts.signature):
        return None
    return Rejection(Reason.SIG_FORMAT_FAILURE, "xml:*, c14n", place(parts.signature))


def _check_digest(octets: bytes | Rejection, reference: SignedReference) -> Rejection | None:
    """Refuse a digest that differs, has another length, or is that of nothing at all."""
    if isinstance(octets, Rejection):
        return octets
    name = DIGESTS[reference.digest_method]
    if reference.digest_value == _VOID[name]:
        return Rejection(Reason.SIG_HASH_FAILURE, "0 bytes", place(reference.element))
    if not compare_digest(new_hash(name, octets).digest(), reference.digest_value):
        return Rejection(Reason.SIG_HASH_FAILURE, "DigestValue", place(reference.element))
    return None


def _find_signer(parts: SignatureParts, message: bytes) -> LoadedCertificate | Rejection:
    """Return the certificate whose key made the signature value; the others are hints for the chain."""
    weaknesses: list[str] = []
    tried = 0
    for der in parts.certificates:
        loaded = load_certificate(der)
        if loaded is None:
            return Rejection(Reason.SIG_NO_SIGNING_CERTIFICATE, "X509Certificate: DER", place(parts.signature))
        if loaded.key is None:
            weaknesses.append(loaded.weakness)
        elif fits(loaded.key, parts.method):
            tried += 1
            if holds(loaded.key, parts.method, parts.value, message):
                return loaded
    if tried:
        return Rejection(Reason.SIG_CRYPTO_FAILURE, "SignatureValue", place(parts.signature))
    if weaknesses:
        return Rejection(Reason.SIG_CRYPTO_CONSTRAINTS_FAILURE, weaknesses[0], place(parts.signature))
    detail = f"{parts.method.uri[-40:]}: X509Certificate"
    return Rejection(Reason.SIG_NO_SIGNING_CERTIFICATE, detail, place(parts.signature))
