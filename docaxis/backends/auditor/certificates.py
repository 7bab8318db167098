"""The sender's certificate out of a stored package, by its fingerprint; whether it may be believed is not asked here."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from docaxis.hub.views.audit import CertificateView
from docaxis.trust.certificate import fingerprint_of, organ_ids_of

_CERTIFICATE = re.compile(rb"<(?:\w+:)?X509Certificate(?:\s[^>]*)?>([A-Za-z0-9+/=\s]{1,24000})</")
_CERTIFICATES_MOST = 16


def certificate_in(package: bytes, fingerprint: str) -> x509.Certificate | None:
    """Return the certificate of this fingerprint that lies in a package, None where there is none."""
    for der in _all_in(package):
        if "sha256:" + hashlib.sha256(der).hexdigest() == fingerprint:
            try:
                return x509.load_der_x509_certificate(der)
            except ValueError:
                return None
    return None


def view_of(certificate: x509.Certificate, bindings: Mapping[str, frozenset[str]]) -> CertificateView:
    """Return a certificate decoded; bindings are those of the registry."""
    fingerprint = fingerprint_of(certificate)
    bound = bindings.get(fingerprint)
    return CertificateView(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        fingerprint=fingerprint,
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        organ_ids=tuple(sorted(organ_ids_of(certificate))),
        bound=None if bound is None else tuple(sorted(bound)),
        pem=certificate.public_bytes(Encoding.PEM).decode(),
    )


def _all_in(package: bytes) -> Iterator[bytes]:
    for number, found in enumerate(_CERTIFICATE.finditer(package)):
        if number == _CERTIFICATES_MOST:
            return
        try:
            yield base64.b64decode(found[1])
        except binascii.Error:
            continue
