"""A status or a recall that the hub has accepted from the other party and passes on, and the check that it is so.

The body is what the other party signed; beside it lies the hub's receipt of that very package, which is what we believe.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography import x509

from adapters.delivery import Parcel, UntrustedError, verify_sealed
from docaxis.domain import wire
from docaxis.domain.envelope import Envelope, StatusEnvelope
from docaxis.domain.receipt import Effect, Receipt
from docaxis.domain.verdict import Rejection
from docaxis.edxml.reader import read_envelope
from docaxis.edxml.safety import parse
from docaxis.trust.receipts import read_receipt

WITHDRAWING = "withdrawing"
TAKEN_BACK = frozenset({WITHDRAWING, "asked", "removed", "replaced"})
"""What a recall, a request for return or an update does to a copy of ours."""


@dataclass(frozen=True, slots=True)
class ReceivedStatus:
    """What the other party reports of a document: read, and as it was signed, with the hub's receipt of it."""

    status: StatusEnvelope
    octets: bytes = field(repr=False)
    receipt: Receipt
    receipt_octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReceivedRecall:
    """A recall or a request for return that concerns copies of ours, or what an update or a replacement does to them.

    package: None for an update or a replacement that is not addressed to us: its content is not ours to see.
    effects: those of them that name this endpoint. unread: keys of the documents whose copies were taken back before
    they were written, and never will be. written: keys of those that are here, so that a clerk answers 15 or 16.
    """

    package: Envelope | StatusEnvelope | None
    octets: bytes = field(repr=False)
    receipt: Receipt
    receipt_octets: bytes = field(repr=False)
    effects: tuple[Effect, ...]
    unread: tuple[str, ...]
    written: tuple[str, ...]

    @property
    def document_id(self) -> str:
        """Return the sender's id of the document that it is about, as the package names it, else as the hub does."""
        package = self.package
        if package is None:
            return next((one.document_id for one in self.effects if one.document_id), "")
        if isinstance(package, StatusEnvelope):
            return package.response_for.document_id
        if package.business and package.business.document_id:
            return package.business.document_id
        # Some systems name it only there; one that names none repeats the document's own header.
        return next((one.document_id for one in package.header.response_for), package.header.document_id)

    @property
    def reason(self) -> str:
        """Return why, in the other party's words."""
        package = self.package
        if package is None:
            return self.receipt.reason
        if isinstance(package, StatusEnvelope):
            return package.description
        return package.business.reason if package.business else ""


def verify_receipt(parcel: Parcel, octets: bytes, hub: Iterable[x509.Certificate], endpoint: str) -> Receipt:
    """Return the hub's receipt of a passed-on package, proven to be about it and about us; raises UntrustedError."""
    receipt = verify_sealed(read_receipt, octets, hub)
    if receipt.digest != (parcel.claim.digest if parcel.claim else wire.digest_of(parcel.body)):
        raise UntrustedError("the receipt is about another package")
    check_named(receipt, endpoint)
    return receipt


def check_named(receipt: Receipt, endpoint: str) -> None:
    """Raise UntrustedError for a receipt of something that was not accepted, or that does not concern this endpoint."""
    if receipt.outcome != "accepted":
        raise UntrustedError(f"a package that the hub has {receipt.outcome}")
    named = {one.endpoint for one in receipt.addressees} | {one.endpoint for one in receipt.effects}
    if endpoint not in named:
        raise UntrustedError("the receipt does not name this endpoint")


def read_package(octets: bytes) -> Envelope | StatusEnvelope:
    """Read what the other party signed; raises UntrustedError, since the hub passes on nothing that cannot be read."""
    parsed = parse(octets)
    read = parsed if isinstance(parsed, Rejection) else read_envelope(parsed)
    if isinstance(read, Rejection):
        raise UntrustedError(f"the package cannot be read: {read.code} {read.detail}".strip())
    return read
