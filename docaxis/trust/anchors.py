"""What the hub trusts: anchors pinned by key, intermediates and revocation lists; replaced as a whole on refresh."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from docaxis.trust.revocation import ListProblem, RevocationList, read_revocation_list

DEFER_LIMIT: Final = timedelta(hours=24)

_PEM: Final = b"-----BEGIN"
_CERTIFICATE_SUFFIXES: Final = frozenset({".pem", ".crt", ".cer", ".der"})
_LIST_SUFFIXES: Final = frozenset({".crl", ".pem", ".der"})


class AuthorityKey(NamedTuple):
    """A certificate authority as RFC 5280 knows it: its name and its public key, whichever certificate carries them."""

    name: bytes
    key: bytes


def authority_key(certificate: x509.Certificate) -> AuthorityKey:
    """Return the name and the key that certificates and CRLs of this authority are verified by."""
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return AuthorityKey(certificate.subject.public_bytes(), hashlib.sha256(spki).digest())


@dataclass(frozen=True, slots=True, eq=False)
class TrustStore:
    """Anchors, intermediates and CRLs of one moment; `generation` names them all, `problems` are for the operator.

    defer_limit: for how long a missing or outdated CRL puts a decision off before it refuses.
    """

    anchors: Mapping[bytes, tuple[x509.Certificate, ...]]
    intermediates: Mapping[bytes, tuple[x509.Certificate, ...]]
    lists: Mapping[AuthorityKey, tuple[RevocationList, ...]]
    unclaimed: Mapping[bytes, tuple[RevocationList, ...]]
    defer_limit: timedelta
    generation: str
    problems: tuple[str, ...]

    def list_for(
        self, certificate: x509.Certificate, issuer: x509.Certificate, *, is_authority: bool
    ) -> RevocationList | None:
        """Return the newest CRL of this issuer that speaks about the certificate; None when there is none."""
        lists = self.lists.get(authority_key(issuer))
        if lists is None:
            # An issuer that only the package brought: its list could not be checked when the store was built.
            lists = tuple(
                one for one in self.unclaimed.get(issuer.subject.public_bytes(), ()) if one.is_signed_by(issuer)
            )
        return next((one for one in lists if one.covers(certificate, is_authority=is_authority)), None)

    def lists_by_digest(self) -> dict[str, RevocationList]:
        """Return every list by the digest of its DER octets."""
        groups = (*self.lists.values(), *self.unclaimed.values())
        return {one.digest: one for lists in groups for one in lists}

    @property
    def next_update_at(self) -> datetime | None:
        """Return when the first CRL runs out; None without any."""
        return min((one.next_update_at for lists in self.lists.values() for one in lists[:1]), default=None)


def build_trust(
    anchors: Iterable[x509.Certificate],
    intermediates: Iterable[x509.Certificate] = (),
    lists: Iterable[RevocationList] = (),
    *,
    defer_limit: timedelta = DEFER_LIMIT,
    problems: Sequence[str] = (),
) -> TrustStore:
    """Build a trust store from values; CRLs of the known authorities are verified here, once."""
    anchors, intermediates, lists = tuple(anchors), tuple(intermediates), tuple(lists)
    claimed: dict[AuthorityKey, list[RevocationList]] = defaultdict(list)
    unclaimed: dict[bytes, list[RevocationList]] = defaultdict(list)
    authorities = {authority_key(certificate): certificate for certificate in (*intermediates, *anchors)}
    # The newest first: who looks a certificate up takes the first list that speaks about it.
    for one in sorted(lists, key=lambda one: (one.this_update_at, one.number), reverse=True):
        owners = [key for key, certificate in authorities.items() if one.is_signed_by(certificate)]
        for key in owners:
            claimed[key].append(one)
        if not owners:
            unclaimed[one.issuer].append(one)
    return TrustStore(
        anchors=_by_subject(anchors),
        intermediates=_by_subject(intermediates),
        lists=MappingProxyType({key: tuple(found) for key, found in claimed.items()}),
        unclaimed=MappingProxyType({name: tuple(found) for name, found in unclaimed.items()}),
        defer_limit=defer_limit,
        generation=_generation(anchors, intermediates, lists, defer_limit),
        problems=tuple(problems),
    )


def read_certificates(data: bytes) -> list[x509.Certificate]:
    """Read the certificates of a file: one in DER, or any number in PEM; ValueError when it holds none."""
    try:
        if _PEM in data:
            return x509.load_pem_x509_certificates(data)
        return [x509.load_der_x509_certificate(data)]
    except (TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as problem:
        raise ValueError(str(problem)) from problem


def load_trust(
    anchors_dir: Path,
    intermediates_dir: Path | None,
    crls_dir: Path,
    *,
    defer_limit_hours: float = 24,
    previous: TrustStore | None = None,
) -> TrustStore:
    """Read the folders and build the trust store; a file that cannot be used is a problem in it, never an exception.

    Files: `.pem .crt .cer .der` for certificates, `.crl .pem .der` for lists. Blocking: call it in a thread. Lists that
    the previous store has read already (large ones take 0.1 s) are taken from it.
    """
    problems: list[str] = []
    lists: list[RevocationList] = []
    read = previous.lists_by_digest() if previous else {}
    for path in _files(crls_dir, _LIST_SUFFIXES, problems):
        octets = path.read_bytes()
        found = read.get("sha256:" + hashlib.sha256(octets).hexdigest()) or read_revocation_list(octets)
        if isinstance(found, ListProblem):
            problems.append(f"{path.name}: {found.word} {found.detail}".rstrip())
        else:
            lists.append(found)
    return build_trust(
        _certificates(anchors_dir, problems),
        _certificates(intermediates_dir, problems) if intermediates_dir else (),
        lists,
        defer_limit=timedelta(hours=defer_limit_hours),
        problems=problems,
    )


def _certificates(folder: Path, problems: list[str]) -> list[x509.Certificate]:
    found: list[x509.Certificate] = []
    for path in _files(folder, _CERTIFICATE_SUFFIXES, problems):
        try:
            for certificate in read_certificates(path.read_bytes()):
                authority_key(certificate)
                found.append(certificate)
        except (ValueError, UnsupportedAlgorithm):
            problems.append(f"{path.name}: certificate-unreadable")
    return found


def _files(folder: Path, suffixes: frozenset[str], problems: list[str]) -> list[Path]:
    if not folder.is_dir():
        problems.append(f"{folder.name}: folder-missing")
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes and path.is_file())


def _by_subject(certificates: Iterable[x509.Certificate]) -> Mapping[bytes, tuple[x509.Certificate, ...]]:
    found: dict[bytes, list[x509.Certificate]] = defaultdict(list)
    for certificate in certificates:
        found[certificate.subject.public_bytes()].append(certificate)
    return MappingProxyType({name: tuple(group) for name, group in found.items()})


def _generation(
    anchors: Sequence[x509.Certificate],
    intermediates: Sequence[x509.Certificate],
    lists: Sequence[RevocationList],
    defer_limit: timedelta,
) -> str:
    whole = hashlib.sha256(str(defer_limit).encode())
    for role, certificates in ((b"anchors", anchors), (b"intermediates", intermediates)):
        whole.update(role)
        for der in sorted(certificate.public_bytes(Encoding.DER) for certificate in certificates):
            whole.update(hashlib.sha256(der).digest())
    whole.update(b"lists" + "".join(sorted(one.digest for one in lists)).encode())
    return "sha256:" + whole.hexdigest()
