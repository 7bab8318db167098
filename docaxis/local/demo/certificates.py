"""The demonstration's keys: an authority of its own, the hub's seal, the agencies', a revoked and an expired one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from docaxis.local.demo.cast import BY_BROWSER, PLAYERS, PROVINCES, VISITOR
from docaxis.local.pki import DevelopmentAuthority, Kind
from docaxis.trust.signing import PrivateKey

_RENEW_BEFORE = timedelta(days=7)
REVOKED = "revoked"
EXPIRED = "expired"
HUB = "hub"


@dataclass(frozen=True, slots=True)
class Identity:
    """A key with its certificate chain, leaf first."""

    key: PrivateKey
    chain: tuple[x509.Certificate, ...]


class Certificates:
    """What verifiers read in `folder/pki`, and what the players hold in `folder/keys`; kept between runs."""

    def __init__(self, folder: Path) -> None:
        self.pki = folder / "pki"
        self.keys = folder / "keys"
        self._authority = DevelopmentAuthority(self.pki)
        self._identities: dict[str, Identity] = {}

    def prepare(self) -> None:
        """Make what is missing or runs out within a week, and renew the revocation lists; some 0.2 s, RSA up to 1 s."""
        if not self._authority.exists:
            self._authority.create()
        self._ready(HUB, "", kind="hub", common_name="docaxis demo hub")
        for player in (*PLAYERS, VISITOR, BY_BROWSER):
            self._ready(player.organ_id, player.organ_id, key=player.key)
        for organ_id in PROVINCES:
            if organ_id not in self._identities:
                self._ready(organ_id, organ_id)
        revoked = self._ready(REVOKED, "G12")
        self._authority.revoke(revoked.chain[0], reason="keyCompromise")
        now = datetime.now(UTC)
        expired = self._authority.issue(
            "H41", not_before_at=now - timedelta(hours=20), not_after_at=now - timedelta(hours=1)
        )
        self._identities[EXPIRED] = Identity(expired.key, expired.chain)

    def identity(self, name: str) -> Identity:
        """Return the key of a sending agency by its code, or HUB, REVOKED, EXPIRED; KeyError for another name."""
        return self._identities[name]

    def files(self, name: str) -> tuple[Path, Path]:
        """Return the key file and the certificate file of a name."""
        return self.keys / f"{name}.key.pem", self.keys / f"{name}.cert.pem"

    def _ready(
        self, name: str, organ_id: str, *, kind: Kind = "agency", key: str = "p256", common_name: str = ""
    ) -> Identity:
        key_file, certificate_file = self.files(name)
        try:
            kept: Any = load_pem_private_key(key_file.read_bytes(), None)
            chain = tuple(x509.load_pem_x509_certificates(certificate_file.read_bytes()))
        except (OSError, ValueError):
            chain = ()
        if not chain or not self._usable(chain):
            issued = self._authority.issue(organ_id, kind=kind, key=key, common_name=common_name)
            issued.write(self.keys / name)
            kept, chain = issued.key, issued.chain
        self._identities[name] = Identity(kept, chain)
        return self._identities[name]

    def _usable(self, chain: tuple[x509.Certificate, ...]) -> bool:
        """Whether it is of the authority that is there now, and lasts."""
        lasts = chain[0].not_valid_after_utc - datetime.now(UTC) > _RENEW_BEFORE
        return lasts and chain[-1] == self._authority.issuing
