"""A certificate decoded, as an auditor reads it."""

from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from docaxis.hub.views.audit import CertificateView
from docaxis.trust.certificate import fingerprint_of, organ_ids_of


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
