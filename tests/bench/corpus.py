"""The packages: signed beforehand by several processes and kept in var/bench, with the authority that they lead to."""

import fcntl
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import get_context
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
from tests.simulator import PROVINCES, SENDER, Country

WARM_UP = 100
"""Packages that go through before the clock runs: caches, prepared statements, first connections."""
_WORDS = "shipped 1"
"""Changes when packages are made otherwise, so that kept ones are not taken for new ones."""
_AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder with authority, hub key and packages; the first WARM_UP ones are for warming up."""

    folder: Path
    size_bytes: int
    addressees: int

    def provide(self, count: int) -> None:
        """See to it that `count` packages and WARM_UP more are there, signing what is not; by the lock's holder only."""
        _sign_missing(self, count + WARM_UP)

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

    def packages(self, first: int, count: int) -> Iterator[bytes]:
        """Yield packages from the file, one at a time."""
        with (self.folder / "packages").open("rb") as file:
            for number in range(first + count):
                size = int.from_bytes(file.read(4), "big")
                if number < first:
                    file.seek(size, os.SEEK_CUR)
                else:
                    yield file.read(size)

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


def _sign_missing(wanted: Corpus, count: int) -> None:
    counted = wanted.folder / "count"
    there = int(counted.read_text()) if counted.exists() else 0
    if there >= count:
        return
    numbers = range(there + 1, count + 1)
    parts = [numbers[at : at + _AT_ONCE] for at in range(0, len(numbers), _AT_ONCE)]
    # A count that was not written leaves a tail in the file that the next call would read as its own: cut it off.
    size = sum(len(body) + 4 for body in wanted.packages(0, there)) if there else 0
    workers = ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"))
    with workers, (wanted.folder / "packages").open("r+b" if there else "wb") as file:
        file.seek(size)
        file.truncate()
        for signed in workers.map(
            sign,
            parts,
            [wanted.folder] * len(parts),
            [wanted.size_bytes] * len(parts),
            [wanted.addressees] * len(parts),
        ):
            file.write(signed)
    counted.write_text(f"{count}\n")


def sign(numbers: range, folder: Path, size_bytes: int, addressees: int) -> bytes:
    """Return packages one behind the other, each after its length in four octets."""
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
        signed.append(len(package).to_bytes(4, "big") + package)
    return b"".join(signed)
