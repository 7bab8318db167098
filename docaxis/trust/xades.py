"""The optional XAdES part: signing time as claimed, and the certificate digest that ties the signature to its signer.

Source: ETSI EN 319 132-1, 5.2 (SigningTime, SigningCertificateV2) and TS 101 903 1.3.2 (SigningCertificate).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import new as new_hash

from cryptography import x509
from lxml import etree

from docaxis.domain.verdict import Reason, Rejection
from docaxis.edxml.names import XADES
from docaxis.edxml.safety import place
from docaxis.trust import der
from docaxis.trust.algorithms import DIGESTS, DS
from docaxis.trust.profile import SignatureParts
from docaxis.trust.shape import (
    BrokenProfileError,
    broken,
    check_attributes,
    children,
    only_children,
    read_base64,
    read_text,
)

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})")
_SECONDS_END = 19
_CERTIFICATES = ("SigningCertificateV2", "SigningCertificate")
_SIGNED_PARTS = (f"{{{XADES}}}SignedSignatureProperties", f"{{{XADES}}}SignedDataObjectProperties")
_PROPERTIES = tuple(f"{{{XADES}}}{name}" for name in ("SigningTime", *_CERTIFICATES))
_FORMAT = (f"{{{XADES}}}DataObjectFormat",)
_CERT = (f"{{{XADES}}}Cert",)


@dataclass(frozen=True, slots=True)
class SignedProperties:
    """What the signer says about the signature: the element, the time and the certificate that it names."""

    element: etree._Element
    signing_time: datetime | None
    digest_method: str
    digest_value: bytes
    serial: int | None
    issuer_serial: bytes
    """DER `IssuerSerial` as written, empty when absent."""
    certificate: etree._Element


def read_properties(parts: SignatureParts) -> SignedProperties | Rejection | None:
    """Read the XAdES properties of a well-shaped signature, None when it has none.

    Errors: SIG.FORMAT_FAILURE for anything but SigningTime, the signing certificate and the data object formats;
    SIG.CRYPTO_CONSTRAINTS_FAILURE for a weak certificate digest.
    """
    if parts.qualifying is None or parts.properties is None:
        return None
    try:
        return _read(parts.qualifying, parts.properties.id, parts.signature.get("Id", ""))
    except BrokenProfileError as error:
        return error.rejection


def check_signer(properties: SignedProperties, certificate: x509.Certificate, der_octets: bytes) -> Rejection | None:
    """Refuse a signature whose properties name another certificate: SIG.SIGNING_CERTIFICATE_MISMATCH."""
    digest = new_hash(DIGESTS[properties.digest_method], der_octets).digest()
    named = der.issuer_serial(certificate)
    if (
        digest == properties.digest_value
        and properties.serial in {None, certificate.serial_number}
        and properties.issuer_serial in {b"", named}
    ):
        return None
    return Rejection(Reason.SIG_SIGNING_CERTIFICATE_MISMATCH, "", place(properties.certificate))


def _read(holder: etree._Element, reference_id: str, signature_id: str) -> SignedProperties:
    check_attributes(holder, "Id")
    qualifying = _only(holder, "QualifyingProperties")
    check_attributes(qualifying, "Id", "Target")
    if not signature_id or qualifying.get("Target") != f"#{signature_id}":
        raise broken(qualifying, "Target")
    signed = _only(qualifying, "SignedProperties")
    check_attributes(signed, "Id")
    if signed.get("Id") != reference_id:
        raise BrokenProfileError(Rejection(Reason.SIG_PARTIAL_COVERAGE, "SignedProperties: Id", place(signed)))
    parts = only_children(signed, _SIGNED_PARTS)
    names = [etree.QName(part).localname for part in parts]
    if names[0] != "SignedSignatureProperties" or names.count("SignedSignatureProperties") > 1 or len(names) > 2:  # noqa: PLR2004
        raise broken(signed, "SignedSignatureProperties, SignedDataObjectProperties?")
    if len(parts) > 1:
        only_children(parts[1], _FORMAT)
    return _read_signature_properties(signed, parts[0])


def _read_signature_properties(signed: etree._Element, properties: etree._Element) -> SignedProperties:
    check_attributes(properties, "Id")
    found = only_children(properties, _PROPERTIES)
    by_name = {etree.QName(part).localname: part for part in found}
    named = [by_name[name] for name in _CERTIFICATES if name in by_name]
    if len(by_name) != len(found) or len(named) != 1:
        raise broken(properties, "SigningTime?, SigningCertificateV2")
    time = _read_time(by_name["SigningTime"]) if "SigningTime" in by_name else None
    check_attributes(named[0])
    # The first is the signer's (5.2.2); digests of its issuers may follow and say nothing that the chain does not.
    certificate = only_children(named[0], _CERT)[0]
    check_attributes(certificate)
    parts = children(certificate)
    names = [etree.QName(part).localname for part in parts if str(part.tag).startswith(f"{{{XADES}}}")]
    if (
        not names
        or len(names) != len(parts)
        or names not in (["CertDigest"], ["CertDigest", "IssuerSerialV2"], ["CertDigest", "IssuerSerial"])
    ):
        raise broken(certificate, "CertDigest, IssuerSerialV2?")
    method, value = _read_digest(parts[0])
    second = names[1] if len(names) > 1 else ""
    return SignedProperties(
        signed,
        time,
        method,
        value,
        _read_serial(parts[1]) if second == "IssuerSerial" else None,
        read_base64(parts[1]) if second == "IssuerSerialV2" else b"",
        certificate,
    )


def _read_digest(element: etree._Element) -> tuple[str, bytes]:
    check_attributes(element)
    parts = children(element)
    if [str(part.tag) for part in parts] != [f"{{{DS}}}DigestMethod", f"{{{DS}}}DigestValue"]:
        raise broken(element, "DigestMethod, DigestValue")
    check_attributes(parts[0], "Algorithm")
    check_attributes(parts[1])
    method = parts[0].get("Algorithm", "")
    if method not in DIGESTS or children(parts[0]):
        raise BrokenProfileError(Rejection(Reason.SIG_CRYPTO_CONSTRAINTS_FAILURE, method[-60:], place(parts[0])))
    return method, read_base64(parts[1])


def _read_serial(element: etree._Element) -> int:
    check_attributes(element)
    parts = children(element)
    if [str(part.tag) for part in parts] != [f"{{{DS}}}X509IssuerName", f"{{{DS}}}X509SerialNumber"]:
        raise broken(element, "X509IssuerName, X509SerialNumber")
    read_text(parts[0])
    text = read_text(parts[1]).strip(" \t\r\n")
    if not (text.isascii() and text.isdigit() and len(text) <= 60):  # noqa: PLR2004
        raise broken(parts[1], "0…9")
    return int(text)


def _read_time(element: etree._Element) -> datetime:
    check_attributes(element)
    text = read_text(element).strip(" \t\r\n")
    if not _TIME.fullmatch(text):
        raise broken(element, "yyyy-MM-ddTHH:mm:ss+07:00")
    try:
        zone = text[_SECONDS_END:].lstrip(".0123456789").replace("Z", "+00:00")
        return datetime.fromisoformat(text[:_SECONDS_END] + zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise broken(element, "yyyy-MM-ddTHH:mm:ss+07:00") from None


def _only(parent: etree._Element, name: str) -> etree._Element:
    found = children(parent)
    if len(found) != 1 or found[0].tag != f"{{{XADES}}}{name}":
        raise broken(parent, name)
    return found[0]
