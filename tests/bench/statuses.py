"""What addressees say of the bench's packages: three statuses each, signed by their own keys, kept beside the packages."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from adapters.flows import earlier_document, status_of
from docaxis.domain.envelope import Organization
from docaxis.domain.status import StatusCode
from docaxis.domain.verdict import Rejection
from docaxis.edxml.status_writer import write_status
from docaxis.local.pki import DevelopmentAuthority
from docaxis.local.service import ServiceError
from docaxis.trust.signing import sign_package
from docaxis.wiring import utc_now
from tests.bench.corpus import WARM_UP, Corpus
from tests.bench.signed_file import SignedFile, joined
from tests.bench.traffic import Package
from tests.simulator import PROVINCES, SENDER, Country, endpoint_of

CODES = (StatusCode.ARRIVED, StatusCode.ACCEPTED, StatusCode.FINISHED)


class Said(NamedTuple):
    """One status: of which document (from 0, those for warming up included), which code, by whom."""

    document: int
    code: StatusCode
    organ_id: str

    @property
    def message_id(self) -> str:
        """Return its message id."""
        return f"s-{self.document}-{self.code.written}"


@dataclass(frozen=True, slots=True)
class Statuses:
    """The statuses of a corpus; made from its packages' ids, by the keys of its authority."""

    corpus: Corpus

    @property
    def each(self) -> int:
        """Return how many statuses a document gets."""
        return len(CODES) * self.corpus.addressees

    def provide(self, documents: int, key: str) -> None:
        """See to it that the statuses of so many documents are there, signed by keys of this kind; by the lock's holder."""
        folder = self.corpus.folder
        authority = DevelopmentAuthority(self.corpus.pki)
        for organ_id in PROVINCES[: self.corpus.addressees]:
            if not (folder / f"{organ_id}.cert.pem").exists():
                authority.issue(organ_id, key=key).write(folder / organ_id)
        self._signed.provide(documents * self.each, partial(sign, folder, self.corpus.addressees))

    def said(self, first: int, documents: int) -> list[Said]:
        """Return what is said of some documents, all 01 first, then all 03, then all 06."""
        organ_ids = PROVINCES[: self.corpus.addressees]
        return [
            Said(document, code, organ_id)
            for code in CODES
            for document in range(first, first + documents)
            for organ_id in organ_ids
        ]

    def packages(self, first: int, documents: int) -> list[tuple[Said, bytes]]:
        """Return the same with the signed octets."""
        signed = list(self._signed.read(first * self.each, documents * self.each))
        return [
            (one, signed[number_of(one._replace(document=one.document - first), self.corpus.addressees)])
            for one in self.said(first, documents)
        ]

    @property
    def _signed(self) -> SignedFile:
        return SignedFile(self.corpus.folder / "statuses", self.corpus.folder / "statuses.count")


def number_of(said: Said, addressees: int) -> int:
    """Return the place of a status in its file, from 0: by document, code, addressee."""
    return (said.document * len(CODES) + CODES.index(said.code)) * addressees + PROVINCES.index(said.organ_id)


def said_at(place: int, addressees: int) -> Said:
    """Return which status stands at a place of the file."""
    rest, organ = divmod(place, addressees)
    document, code = divmod(rest, len(CODES))
    return Said(document, CODES[code], PROVINCES[organ])


def sign(folder: Path, addressees: int, numbers: range) -> bytes:
    """Return the statuses of these numbers (from 1), joined."""
    country, now = Country(now=utc_now()), utc_now()
    keys = {
        organ_id: (
            serialization.load_pem_private_key((folder / f"{organ_id}.key.pem").read_bytes(), None),
            x509.load_pem_x509_certificates((folder / f"{organ_id}.cert.pem").read_bytes()),
        )
        for organ_id in PROVINCES[:addressees]
    }
    signed = []
    for number in numbers:
        said = said_at(number - 1, addressees)
        original = country.envelope(said.document + 1)
        earlier = earlier_document(original.header.document_id, original=original)
        status = status_of(earlier, said.code, Organization(said.organ_id), now)
        package = sign_package(write_status(status), *keys[said.organ_id])  # type: ignore[arg-type]
        if isinstance(package, Rejection):
            raise ServiceError(f"no status can be signed: {package}")
        signed.append(package)
    return joined(signed)


def mixed(corpus: Corpus, documents: int) -> Iterator[Package]:
    """Yield new documents, and between them the statuses of those that went before: as many documents' as are new.

    A document's first status comes at the earliest some eight hundred packages after the document: more than a hub has in
    work at once, so the document has left the hub when somebody reports of it. The last ones get none.
    """
    statuses, sender, shipped = Statuses(corpus), endpoint_of(SENDER), corpus.packages(WARM_UP, documents)
    for first in range(0, documents, WARM_UP):
        count = min(WARM_UP, documents - first)
        said = statuses.packages(first, count)
        for number in range(count):
            yield sender, f"m-{first + number}", next(shipped)
            for one, octets in said[number * statuses.each : (number + 1) * statuses.each]:
                yield endpoint_of(one.organ_id), one.message_id, octets
