"""The packages: signed beforehand by several processes and kept in var/bench, with the authority that they lead to."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from docaxis.domain.envelope import Attachment
from docaxis.domain.verdict import Rejection
from docaxis.edxml.writer import write_envelope
from docaxis.local.pki import DevelopmentAuthority
from docaxis.local.service import ServiceError
from docaxis.trust.signing import sign_package
from docaxis.wiring import utc_now
from tests.bench.plan import Plan
from tests.bench.signed_file import SignedFile, joined
from tests.simulator import PROVINCES, SENDER, Country

WARM_UP = 100
"""Packages that go through before the clock runs: caches, prepared statements, first connections."""
_WORDS = "shipped 1"
"""Changes when packages are made otherwise, so that kept ones are not taken for new ones."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder with authority, hub key and packages; the first WARM_UP ones are for warming up."""

    folder: Path
    size_bytes: int
    addressees: int

    def provide(self, count: int) -> None:
        """See to it that `count` packages and WARM_UP more are there, signing what is not; by the lock's holder only."""
        self._shipped.provide(count + WARM_UP, partial(sign, self.folder, self.size_bytes, self.addressees))

    @property
    def pki(self) -> Path:
        """Return the authority's folder: anchors, intermediates, crls."""
        return self.folder / "pki"

    @property
    def hub(self) -> tuple[Path, Path]:
        """Return the hub's key and certificate files."""
        return self.folder / "hub.key.pem", self.folder / "hub.cert.pem"

    @property
    def hub_certificate(self) -> x509.Certificate:
        """Return the certificate of the hub's seal."""
        return x509.load_pem_x509_certificates(self.hub[1].read_bytes())[0]

    @property
    def _shipped(self) -> SignedFile:
        return SignedFile(self.folder / "packages", self.folder / "count")

    def packages(self, first: int, count: int) -> Iterator[bytes]:
        """Yield packages, one at a time."""
        return self._shipped.read(first, count)

    def digests(self, first: int, count: int) -> list[bytes]:
        """Return the SHA-256 of packages."""
        return [sha256(body).digest() for body in self.packages(first, count)]


@contextmanager
def corpus(plan: Plan) -> Iterator[Corpus]:
    """Give the packages of a plan's kind; another bench waits for its turn meanwhile."""
    words = f"{_WORDS} {plan.key} {plan.size_bytes} {plan.addressees}"
    folder = plan.cache / f"packages-{sha256(words.encode()).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = Corpus(folder, plan.size_bytes, plan.addressees)
        authority = DevelopmentAuthority(found.pki)
        if not authority.exists:
            authority.create()
            authority.issue(SENDER, key=plan.key).write(folder / "sender")
            authority.issue(kind="hub").write(folder / "hub")
        authority.write_crls()
        yield found


def sign(folder: Path, size_bytes: int, addressees: int, numbers: range) -> bytes:
    """Return the packages of these numbers, joined."""
    key = serialization.load_pem_private_key((folder / "sender.key.pem").read_bytes(), None)
    chain = x509.load_pem_x509_certificates((folder / "sender.cert.pem").read_bytes())
    country = Country(now=utc_now())
    filling = 0
    signed = []
    for number in numbers:
        while True:
            content = b"%PDF-1.7 " + sha256(f"{number}".encode()).digest() * (filling // 32)
            attachments = [Attachment("tep-1", "Quyết định.pdf", "application/pdf", content=content)]
            envelope = country.envelope(number, PROVINCES[:addressees], attachments=attachments)
            package = sign_package(write_envelope(envelope), key, chain)  # type: ignore[arg-type]
            if isinstance(package, Rejection):
                raise ServiceError(f"no package can be signed: {package}")
            if filling or len(package) >= size_bytes:
                break
            filling = (size_bytes - len(package)) * 3 // 4
        signed.append(package)
    return joined(signed)
