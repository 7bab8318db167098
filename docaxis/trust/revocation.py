"""Certificate revocation lists (RFC 5280, section 5): the bytes of one become a set of serial numbers, once a refresh.

Only complete lists are read. A delta list, an indirect list or a list of some reasons says nothing definite about a
certificate that is missing from it, so each is refused by name.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from docaxis.trust.strength import is_strong_signature

_PEM: Final = b"-----BEGIN"
_DER_TRUE: Final = b"\x01\x01\xff"
_UNDERSTOOD: Final = frozenset(
    {
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.CRL_NUMBER,
        ExtensionOID.ISSUING_DISTRIBUTION_POINT,
    }
)
# A key that may be in strange hands proves nothing of any date, so these refuse whatever day the list names.
_BACKDATING: Final = frozenset({"keyCompromise", "cACompromise", "aACompromise"})

Scope = Literal["all", "users", "authorities"]


class Revoked(NamedTuple):
    """When and why a certificate was revoked; the reason is RFC 5280's word, `certificateHold` for a suspended one."""

    revoked_at: datetime
    reason: str

    def counts(self, at: datetime) -> bool:
        """Tell whether the certificate was revoked at that time; a compromised key is revoked for all times."""
        return self.revoked_at <= at or self.reason in _BACKDATING


class ListProblem(NamedTuple):
    """Why a CRL cannot be used: a word for programs and the facts; it is for the operator, no sender ever sees it."""

    word: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RevocationList:
    """One complete CRL; `serials` gives the place of an entry, so that a date and a reason are only read on a hit."""

    issuer: bytes
    number: int
    this_update_at: datetime
    next_update_at: datetime
    digest: str
    scope: Scope
    points: frozenset[str]
    serials: Mapping[int, int] = field(repr=False, compare=False)
    crl: x509.CertificateRevocationList = field(repr=False, compare=False)

    def find(self, serial_number: int) -> Revoked | None:
        """Look a serial number up; None: not revoked as far as this list goes."""
        index = self.serials.get(serial_number)
        if index is None:
            return None
        entry = self.crl[index]
        return Revoked(entry.revocation_date_utc, _reason(entry))

    def is_signed_by(self, issuer: x509.Certificate) -> bool:
        """Tell whether this CA certificate issued the list: same name, keyUsage cRLSign, and the signature holds."""
        if issuer.subject.public_bytes() != self.issuer:
            return False
        try:
            usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
            key = issuer.public_key()
            return usage.crl_sign and self.crl.is_signature_valid(key)  # type: ignore[arg-type]  # odd keys raise TypeError
        except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
            return False
        except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
            return False

    def covers(self, certificate: x509.Certificate, *, is_authority: bool) -> bool:
        """Tell whether the list speaks about such a certificate (RFC 5280, 6.3.3 b), its issuer given."""
        if self.scope != "all" and (self.scope == "authorities") != is_authority:
            return False
        return not self.points or not self.points.isdisjoint(_points_of(certificate))


def read_revocation_list(data: bytes) -> RevocationList | ListProblem:
    """Read a CRL, DER or PEM; who signed it is still to be asked of it (`is_signed_by`).

    100,000 entries: some 0.1 s, because entries are only counted out and their dates and reasons are read on a hit.
    """
    try:
        if data.lstrip().startswith(_PEM):
            data = x509.load_pem_x509_crl(data).public_bytes(Encoding.DER)
        crl = x509.load_der_x509_crl(data)
        extensions = crl.extensions
        serials = {entry.serial_number: index for index, entry in enumerate(crl)}
        next_update_at = crl.next_update_utc
        this_update_at = crl.last_update_utc
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return ListProblem("crl-unreadable")
    if next_update_at is None:
        return ListProblem("crl-without-next-update")
    if not is_strong_signature(crl):
        return ListProblem("crl-weak-signature", crl.signature_algorithm_oid.dotted_string)
    if problem := _check_extensions(extensions) or _check_entries(crl, extensions, data):
        return problem
    scope, points = _scope(extensions)
    return RevocationList(
        issuer=crl.issuer.public_bytes(),
        number=_number(extensions),
        this_update_at=this_update_at,
        next_update_at=next_update_at,
        digest="sha256:" + hashlib.sha256(data).hexdigest(),
        scope=scope,
        points=points,
        serials=serials,
        crl=crl,
    )


def _check_extensions(extensions: x509.Extensions) -> ListProblem | None:
    for extension in extensions:
        if extension.oid == ExtensionOID.DELTA_CRL_INDICATOR:
            return ListProblem("crl-delta")
        if extension.critical and extension.oid not in _UNDERSTOOD:
            return ListProblem("crl-unknown-critical-extension", extension.oid.dotted_string)
        if isinstance(extension.value, x509.IssuingDistributionPoint):
            point = extension.value
            if point.indirect_crl:
                return ListProblem("crl-indirect")
            if point.only_some_reasons:
                return ListProblem("crl-some-reasons")
            if point.only_contains_attribute_certs or point.relative_name:
                return ListProblem("crl-scope")
    return None


def _check_entries(crl: x509.CertificateRevocationList, extensions: x509.Extensions, data: bytes) -> ListProblem | None:
    # Every critical extension has a DER TRUE. Where the list's own ones account for all of them, no entry has one: one
    # search instead of parsing 100,000 extension lists (0.8 s).
    if data.count(_DER_TRUE) == sum(extension.critical for extension in extensions):
        return None
    try:
        for entry in crl:
            for extension in entry.extensions:
                if extension.oid == x509.CertificateIssuer.oid:
                    return ListProblem("crl-indirect")
                if extension.critical and not isinstance(extension.value, x509.CRLReason):
                    return ListProblem("crl-unknown-critical-extension", extension.oid.dotted_string)
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return ListProblem("crl-unreadable")
    return None


def _scope(extensions: x509.Extensions) -> tuple[Scope, frozenset[str]]:
    try:
        point = extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return "all", frozenset()
    scope: Scope = "all"
    if point.only_contains_user_certs:
        scope = "users"
    elif point.only_contains_ca_certs:
        scope = "authorities"
    return scope, frozenset(map(_name, point.full_name or ()))


def _points_of(certificate: x509.Certificate) -> set[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return set()
    return {_name(name) for point in points for name in point.full_name or ()}


def _name(name: x509.GeneralName) -> str:
    value = name.value
    text = value.rfc4514_string() if isinstance(value, x509.Name) else str(value)
    return f"{type(name).__name__}:{text}"


def _number(extensions: x509.Extensions) -> int:
    try:
        return extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        return 0


def _reason(entry: x509.RevokedCertificate) -> str:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        return "unspecified"
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        # An entry that cannot be read still revokes, and for all times.
        return "keyCompromise"
