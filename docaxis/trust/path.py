"""Paths from a signer's certificate to an anchor: found by name and signature, and judged as RFC 5280, section 6 does.

Certification policies are not processed: an authority that demands that (critical policyConstraints) is refused.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from docaxis.domain.verdict import Reason, Rejection
from docaxis.trust.names import names_of, permits
from docaxis.trust.strength import is_strong_key, is_strong_signature

PATH_MAX: Final = 8
"""Certificates of a path, leaf and anchor included."""

SIGNATURES_MAX: Final = 32
"""Signatures verified in one search: the certificates beside the signature are the sender's choice."""

Path = tuple[x509.Certificate, ...]
E = TypeVar("E", bound=x509.ExtensionType)

_UNDERSTOOD: Final = frozenset(
    {
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    }
)
# Purposes that are not the signing of documents; a certificate with nothing beyond these is refused.
_OTHER_PURPOSES: Final = frozenset(
    {
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CODE_SIGNING,
        ExtendedKeyUsageOID.TIME_STAMPING,
        ExtendedKeyUsageOID.OCSP_SIGNING,
        ExtendedKeyUsageOID.SMARTCARD_LOGON,
        ExtendedKeyUsageOID.KERBEROS_PKINIT_KDC,
        ExtendedKeyUsageOID.IPSEC_IKE,
    }
)
_UNREADABLE: Final = (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


class PathSearch:
    """One depth-first search for paths: shortest by our own certificates first, with a bounded number of signatures.

    `weak` is set when a link had to be left out because of its key or algorithm.
    """

    def __init__(
        self,
        anchors: Mapping[bytes, Iterable[x509.Certificate]],
        others: Sequence[Mapping[bytes, Iterable[x509.Certificate]]],
    ) -> None:
        """Take anchors and other authorities, each group by subject (DER)."""
        self.weak: Rejection | None = None
        self._anchors = anchors
        self._others = others
        self._left = SIGNATURES_MAX

    def paths(self, beneath: Path) -> Iterator[Path]:
        """Yield the paths, leaf first and anchor last, whose names chain and whose signatures hold."""
        name = beneath[-1].issuer.public_bytes()
        for anchor in self._anchors.get(name, ()):
            if self._issued(beneath[-1], anchor):
                yield (*beneath, anchor)
        if len(beneath) >= PATH_MAX - 1:
            return
        for source in self._others:
            for candidate in source.get(name, ()):
                if candidate not in beneath and self._issued(beneath[-1], candidate):
                    yield from self.paths((*beneath, candidate))

    def _issued(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
        # Judged before it is tried: a signature under a huge key costs milliseconds, and one by SHA-1 proves nothing.
        if not _has_strong_key(issuer) or not is_strong_signature(certificate):
            self.weak = Rejection(Reason.SIG_CRYPTO_CONSTRAINTS_FAILURE, _serial(certificate))
            return False
        self._left -= 1
        if self._left < 0:
            return False
        try:
            certificate.verify_directly_issued_by(issuer)
        except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
            return False
        return True


def check_leaf(leaf: x509.Certificate) -> Rejection | None:
    """Refuse a certificate that is not one for signing documents, whoever issued it."""
    if not _has_strong_key(leaf):
        return Rejection(Reason.SIG_CRYPTO_CONSTRAINTS_FAILURE, "key")
    extensions = _extensions(leaf)
    if extensions is None:
        return _constraints(leaf, "extensions-unreadable")
    if _is_authority(extensions):
        return _constraints(leaf, "authority")
    usage = _value(extensions, x509.KeyUsage)
    if usage is None or not (usage.digital_signature or usage.content_commitment):
        return _constraints(leaf, "keyUsage")
    purposes = _value(extensions, x509.ExtendedKeyUsage)
    if purposes is not None and _OTHER_PURPOSES.issuperset(purposes):
        return _constraints(leaf, "extendedKeyUsage")
    return None


def check_path(path: Path, at: datetime) -> Rejection | None:
    """Refuse a path with a certificate out of force at that time or with a violated constraint; leaf first."""
    for certificate in path:
        if at > certificate.not_valid_after_utc:
            return Rejection(
                Reason.SIG_EXPIRED, f"{_serial(certificate)} {certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}"
            )
        if at < certificate.not_valid_before_utc:
            return Rejection(
                Reason.SIG_NOT_YET_VALID,
                f"{_serial(certificate)} {certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
            )
    for certificate in path:
        extensions = _extensions(certificate)
        if extensions is None:
            return _constraints(certificate, "extensions-unreadable")
        if unknown := next((e for e in extensions if e.critical and e.oid not in _UNDERSTOOD), None):
            return _constraints(certificate, f"critical {unknown.oid.dotted_string}")
    for position in range(1, len(path)):
        if refusal := _check_authority(path[position], path[:position]):
            return refusal
    return None


def _check_authority(authority: x509.Certificate, beneath: Path) -> Rejection | None:
    extensions = _extensions(authority)
    if extensions is None or not _is_authority(extensions):
        return _constraints(authority, "basicConstraints")
    usage = _value(extensions, x509.KeyUsage)
    if usage is None or not usage.key_cert_sign:
        return _constraints(authority, "keyCertSign")
    basic = _value(extensions, x509.BasicConstraints)
    # A self-issued certificate renews a key of the same authority and counts for neither rule (RFC 5280, 6.1.4).
    counted = [one for one in beneath[1:] if one.subject != one.issuer]
    if basic is not None and basic.path_length is not None and len(counted) > basic.path_length:
        return _constraints(authority, "pathLen")
    constraints = _value(extensions, x509.NameConstraints)
    if constraints is not None:
        for one in (beneath[0], *counted):
            below = _extensions(one)
            if below is None or not permits(constraints, names_of(one, below)):
                return _constraints(one, "nameConstraints")
    return None


def _has_strong_key(certificate: x509.Certificate) -> bool:
    try:
        return is_strong_key(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm):
        return False


def _extensions(certificate: x509.Certificate) -> x509.Extensions | None:
    try:
        return certificate.extensions
    except _UNREADABLE:
        return None


def _is_authority(extensions: x509.Extensions) -> bool:
    basic = _value(extensions, x509.BasicConstraints)
    return basic is not None and basic.ca


def _value(extensions: x509.Extensions, kind: type[E]) -> E | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _serial(certificate: x509.Certificate) -> str:
    return f"{certificate.serial_number:x}"


def _constraints(certificate: x509.Certificate, what: str) -> Rejection:
    return Rejection(Reason.SIG_CHAIN_CONSTRAINTS_FAILURE, f"{_serial(certificate)} {what}")
