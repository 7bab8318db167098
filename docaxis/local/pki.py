"""A certificate authority for development: open keys, certificates for whoever asks. Never for production.

DIR/anchors/root.pem          the root
DIR/intermediates/issuing.pem the authority that issues
DIR/crls/*.crl                what both have revoked
DIR/private/                  their keys and the list of what is revoked (0700; files 0600)
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypedDict

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from docaxis.local.issuing import (
    Authority,
    Kind,
    PrivateKey,
    Revocation,
    authority_extensions,
    certify,
    generate_key,
    leaf_extensions,
    name_of,
    revoke,
)

__all__ = ["WARNING", "DevelopmentAuthority", "Issued", "Kind"]

WARNING: Final = "DEVELOPMENT ONLY: keys without protection, certificates for whoever asks. Never trust this authority."

_ROOT: Final = "root"
_ISSUING: Final = "issuing"
_FOLDERS: Final = {_ROOT: "anchors", _ISSUING: "intermediates"}
_AUTHORITY_LIFE: Final = timedelta(days=3650)
# Clocks on a desk differ; a certificate that begins this very second is refused by the neighbour.
_EARLIER: Final = timedelta(hours=1)
_CRL_DAYS: Final = 30
_DAYS: Final = 365


class _Times(TypedDict):
    not_before_at: datetime
    not_after_at: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    """A new certificate with its key; chain is the certificate followed by the issuing authority."""

    key: PrivateKey = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = field(repr=False)

    def key_pem(self) -> bytes:
        """Return the key in PKCS #8, unprotected."""
        return _key_pem(self.key)

    def certificate_pem(self) -> bytes:
        """Return the certificate and the issuing authority's, so that receivers can build the path."""
        return b"".join(one.public_bytes(Encoding.PEM) for one in self.chain)

    def write(self, prefix: Path) -> tuple[Path, Path]:
        """Write `PREFIX.key.pem` (0600) and `PREFIX.cert.pem`; returns their paths."""
        prefix.parent.mkdir(parents=True, exist_ok=True)
        key, certificate = Path(f"{prefix}.key.pem"), Path(f"{prefix}.cert.pem")
        _write_private(key, self.key_pem())
        certificate.write_bytes(self.certificate_pem())
        return key, certificate


class DevelopmentAuthority:
    """A root and an issuing authority in a folder; FileNotFoundError when it is used before `create`."""

    def __init__(self, directory: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Take the folder, and what tells the time where no time is given."""
        self.directory = directory
        self._clock = clock
        self._authorities: dict[str, Authority] = {}

    @property
    def exists(self) -> bool:
        """Whether the authority was created already."""
        return (self.directory / "private" / "state.json").exists()

    def create(self, *, key: str = "p256", at: datetime | None = None) -> "DevelopmentAuthority":
        """Make root, issuing authority and their first CRLs; FileExistsError rather than overwrite one."""
        if self.exists:
            raise FileExistsError(f"an authority exists in {self.directory}")
        now = self._now(at)
        for folder in (*_FOLDERS.values(), "crls"):
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        (self.directory / "private").mkdir(mode=0o700, exist_ok=True)
        root_name, issuing_name = name_of("docaxis DEVELOPMENT root"), name_of("docaxis DEVELOPMENT issuing CA")
        root_key, issuing_key = generate_key(key), generate_key(key)
        times: _Times = {"not_before_at": now - timedelta(days=1), "not_after_at": now + _AUTHORITY_LIFE}
        root = certify(root_key.public_key(), root_name, root_name, root_key, authority_extensions(1), **times)
        issuing = certify(issuing_key.public_key(), issuing_name, root_name, root_key, authority_extensions(0), **times)
        for word, authority in ((_ROOT, Authority(root, root_key)), (_ISSUING, Authority(issuing, issuing_key))):
            self._authorities[word] = authority
            _write_private(self.directory / "private" / f"{word}.key.pem", _key_pem(authority.key))
            path = self.directory / _FOLDERS[word] / f"{word}.pem"
            path.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
        self._write_state({"number": 0, _ROOT: [], _ISSUING: []})
        self.write_crls(at=now)
        return self

    @property
    def root(self) -> x509.Certificate:
        """Return the anchor."""
        return self._authority(_ROOT).certificate

    @property
    def issuing(self) -> x509.Certificate:
        """Return the certificate of the issuing authority."""
        return self._authority(_ISSUING).certificate

    def issue(
        self,
        organ: str = "",
        *,
        person: str = "",
        kind: Kind = "agency",
        key: str | PrivateKey = "p256",
        usage: str = "digitalSignature",
        common_name: str = "",
        hosts: Sequence[str] = ("localhost", "127.0.0.1"),
        not_before_at: datetime | None = None,
        not_after_at: datetime | None = None,
        days: int = _DAYS,
    ) -> Issued:
        """Issue a certificate: for an agency's packages, the hub's seal, a TLS server (hosts) or a TLS client.

        The common name is the given one, else the person, the organ, the first host or the kind. Nothing is recorded.
        """
        issuer = self._authority(_ISSUING)
        own_key = generate_key(key) if isinstance(key, str) else key
        begins_at = not_before_at or self._clock() - _EARLIER
        named = common_name or person or organ or (hosts[0] if kind == "tls-server" else kind)
        certificate = certify(
            own_key.public_key(),
            name_of(named, organ_id=organ, organization=organ if person else ""),
            issuer.certificate.subject,
            issuer.key,
            leaf_extensions(kind, usage, hosts),
            not_before_at=begins_at,
            not_after_at=not_after_at or begins_at + timedelta(days=days),
        )
        return Issued(own_key, certificate, (certificate, issuer.certificate))

    def revoke(self, certificate: x509.Certificate, *, reason: str = "unspecified", at: datetime | None = None) -> None:
        """Revoke a certificate and renew the CRLs; ValueError for a stranger's one or an unknown reason."""
        now = self._now(at)
        x509.ReasonFlags(reason)
        word = next((word for word in _FOLDERS if _is_issued_by(certificate, self._authority(word))), None)
        if word is None:
            raise ValueError("not a certificate of this authority")
        state = self._state()
        serial = f"{certificate.serial_number:x}"
        others = [entry for entry in state[word] if entry[0] != serial]
        state[word] = [*others, [serial, now.isoformat(), reason]]
        self._write_state(state)
        self.write_crls(at=now)

    def write_crls(self, *, days: float = _CRL_DAYS, at: datetime | None = None) -> None:
        """Write both CRLs anew with the next number, in force for so many days; each file is replaced as a whole."""
        now = self._now(at)
        state = self._state()
        state["number"] += 1
        # First the number: one that was lost is harmless, one that was used twice is not.
        self._write_state(state)
        for word in _FOLDERS:
            crl = revoke(
                self._authority(word),
                [
                    Revocation(int(serial, 16), datetime.fromisoformat(revoked_at), reason)
                    for serial, revoked_at, reason in state[word]
                ],
                number=state["number"],
                this_update_at=now,
                next_update_at=now + timedelta(days=days),
            )
            path = self.directory / "crls" / f"{word}.crl"
            fresh = path.with_suffix(".new")
            fresh.write_bytes(crl.public_bytes(Encoding.DER))
            fresh.replace(path)

    def _now(self, at: datetime | None) -> datetime:
        return at or self._clock()

    def _authority(self, word: str) -> Authority:
        if word not in self._authorities:
            certificate = (self.directory / _FOLDERS[word] / f"{word}.pem").read_bytes()
            key: Any = load_pem_private_key((self.directory / "private" / f"{word}.key.pem").read_bytes(), None)
            self._authorities[word] = Authority(x509.load_pem_x509_certificate(certificate), key)
        return self._authorities[word]

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((self.directory / "private" / "state.json").read_text())
        return state

    def _write_state(self, state: dict[str, Any]) -> None:
        _write_private(self.directory / "private" / "state.json", json.dumps(state, indent=1).encode())


def _is_issued_by(certificate: x509.Certificate, authority: Authority) -> bool:
    # By key, not by name: every development authority has the same name.
    try:
        certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _key_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_private(path: Path, octets: bytes) -> None:
    # Never readable by others, not even between making and closing.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(octets)
