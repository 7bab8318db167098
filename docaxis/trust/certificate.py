"""Who signed: from a certificate to a proven signer, and whether that signer may speak for the sending agency.

The certificates that come with a signature are hints for the search of a path; what counts are the configured anchors.
An agency's certificate names its agency in the subject's organizationIdentifier (2.5.4.97); where the registry binds a
certificate or its key, the registry has the last word.
"""

import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from docaxis.domain.organ import parse_organ_id
from docaxis.domain.verdict import Deferral, Reason, Rejection
from docaxis.trust.anchors import TrustStore, authority_key, build_trust, load_trust, read_certificates
from docaxis.trust.path import Path, PathSearch, check_leaf, check_path

__all__ = [
    "ChainCache",
    "Signer",
    "TrustStore",
    "build_trust",
    "check_binding",
    "fingerprint_of",
    "load_trust",
    "read_certificates",
    "verify_signer",
]

HINTS_MAX: Final = 16
"""Certificates beside the signature that are looked at; a path is never longer than 8."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A proven signer: the certificate, its path to the anchor, and the time in which this proof holds.

    fingerprint, key_digest: `sha256:<hex>` of the certificate (DER) and of its public key (SubjectPublicKeyInfo);
    organ_ids: agencies that the certificate itself names; valid_until_at: the first of expiry and next CRL update.
    """

    certificate: x509.Certificate = field(repr=False)
    chain: tuple[x509.Certificate, ...] = field(repr=False, compare=False)
    fingerprint: str
    key_digest: str
    organ_ids: frozenset[str]
    valid_from_at: datetime
    valid_until_at: datetime

    @property
    def serial(self) -> str:
        """Return the certificate's serial number in hexadecimal digits."""
        return f"{self.certificate.serial_number:x}"


class ChainCache:
    """Remembers proven signers by certificate and trust store, so that a known one costs a microsecond; bounded.

    A new CRL makes a new generation of the trust store, so that nothing proven under the old one is ever found again.
    """

    def __init__(self, size: int = 10_000) -> None:
        """Take the number of signers to remember."""
        self._size = size
        # The certificate itself is the key: it is compared by all of its octets.
        self._signers: OrderedDict[tuple[str, x509.Certificate], Signer] = OrderedDict()

    def __len__(self) -> int:
        """Count the remembered signers."""
        return len(self._signers)

    def find(self, generation: str, leaf: x509.Certificate, at: datetime) -> Signer | None:
        """Return the signer, if it was proven under this trust store for a window that holds the time."""
        signer = self._signers.get((generation, leaf))
        return signer if signer is not None and signer.valid_from_at <= at < signer.valid_until_at else None

    def put(self, generation: str, signer: Signer) -> None:
        """Remember a signer; the oldest goes when there are too many."""
        self._signers[generation, signer.certificate] = signer
        while len(self._signers) > self._size:
            self._signers.popitem(last=False)


def verify_signer(
    leaf: x509.Certificate,
    hints: Sequence[x509.Certificate],
    trust: TrustStore,
    at: datetime,
    chains: ChainCache | None = None,
    *,
    decided_at: datetime | None = None,
) -> Signer | Rejection | Deferral:
    """Prove a signer at the time of reception: a path to an anchor, in force, for signing documents, not revoked.

    decided_at: when a deferred decision is taken again (`at` by default). `SIG.TRY_LATER` ends in
    `SIG.REVOCATION_UNKNOWN` once that lies more than `trust.defer_limit` after the CRL's nextUpdate or, where there
    never was a CRL, after `at`. Where nothing was known at reception, a later CRL decides about that time.
    """
    if chains is not None and (known := chains.find(trust.generation, leaf, at)):
        return known
    if refusal := check_leaf(leaf):
        return refusal
    search = PathSearch(trust.anchors, (trust.intermediates, _by_subject(hints[:HINTS_MAX])))
    first: Rejection | Deferral | None = None
    for path in search.paths((leaf,)):
        verdict = check_path(path, at) or _revocation_window(path, trust, at, decided_at or at)
        if isinstance(verdict, Rejection | Deferral):
            first = first or verdict
            continue
        signer = _signer(path, verdict)
        if chains is not None:
            chains.put(trust.generation, signer)
        return signer
    return first or search.weak or Rejection(Reason.SIG_NO_CERTIFICATE_CHAIN, f"{leaf.serial_number:x}")


def check_binding(
    signer: Signer,
    sender_organ_id: str,
    directory_ancestors: Sequence[str],
    bindings: Mapping[str, frozenset[str]],
) -> Rejection | None:
    """Refuse a signer that is bound neither to the sending agency nor to an ancestor that may speak for it.

    bindings: certificate fingerprint or key digest (`sha256:<hex>`) → organ ids. An entry replaces what the certificate
    says of itself; an empty one shuts the signer out.
    """
    of_certificate, of_key = bindings.get(signer.fingerprint), bindings.get(signer.key_digest)
    registered = of_certificate if of_certificate is not None else of_key
    bound = signer.organ_ids if registered is None else registered
    if sender_organ_id in bound or not bound.isdisjoint(directory_ancestors):
        return None
    return Rejection(
        Reason.SIG_SIGNER_MISMATCH, f"{sender_organ_id}: {signer.serial} {' '.join(sorted(bound))}".rstrip()
    )


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the name of a certificate in the registry: `sha256:<hex>` of its DER octets."""
    return "sha256:" + hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def _revocation_window(
    path: Path, trust: TrustStore, at: datetime, decided_at: datetime
) -> tuple[datetime, datetime] | Rejection | Deferral:
    """Ask every issuer's CRL, the anchor's first; returns from when until when the answer holds."""
    starts = [certificate.not_valid_before_utc for certificate in path]
    ends = [certificate.not_valid_after_utc for certificate in path]
    unsure: Deferral | Rejection | None = None
    for position in range(len(path) - 2, -1, -1):
        certificate, issuer = path[position], path[position + 1]
        serial = f"{certificate.serial_number:x}"
        found = trust.list_for(certificate, issuer, is_authority=position > 0)
        revoked = found.find(certificate.serial_number) if found else None
        if revoked and revoked.counts(at):
            return Rejection(Reason.SIG_REVOKED, f"{serial} {_text(revoked.revoked_at)} {revoked.reason}")
        if revoked:
            ends.append(revoked.revoked_at)
        if found and at <= found.next_update_at:
            ends.append(found.next_update_at)
            continue
        # An outdated list still revokes (above), but it clears nobody; one revoked further down says more than this.
        since = found.next_update_at if found else at
        detail = f"{serial} CRL {_text(found.next_update_at) if found else '-'}"
        if decided_at - since > trust.defer_limit:
            unsure = unsure or Rejection(Reason.SIG_REVOCATION_UNKNOWN, detail)
        else:
            unsure = unsure or Deferral(Reason.SIG_TRY_LATER, detail)
    return unsure or (max(starts), min(ends))


def _signer(path: Path, window: tuple[datetime, datetime]) -> Signer:
    leaf = path[0]
    return Signer(
        certificate=leaf,
        chain=path,
        fingerprint=fingerprint_of(leaf),
        key_digest="sha256:" + authority_key(leaf).key.hex(),
        organ_ids=organ_ids_of(leaf),
        valid_from_at=window[0],
        valid_until_at=window[1],
    )


def organ_ids_of(certificate: x509.Certificate) -> frozenset[str]:
    """Return the agencies that a certificate names itself, canonical; whether to believe it is not asked."""
    named = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    codes = (parse_organ_id(found.value) for found in named if isinstance(found.value, str))
    return frozenset(code for code in codes if code)


def _by_subject(certificates: Sequence[x509.Certificate]) -> dict[bytes, list[x509.Certificate]]:
    found: dict[bytes, list[x509.Certificate]] = defaultdict(list)
    for certificate in certificates:
        found[certificate.subject.public_bytes()].append(certificate)
    return found


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
