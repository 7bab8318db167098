"""A delivery as a receiver sees it, and the check that it is the hub's: nothing else is ever written as good."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from aiormq.abc import DeliveredMessage
from cryptography import x509

from docaxis.domain import wire
from docaxis.domain.receipt import DeliveryNote, NoteAddressee
from docaxis.trust import receipts
from docaxis.trust.sealed import NotSealed

Sealed = TypeVar("Sealed")

NOTE_BYTES_MAX = 32 * 1024 * 1024


class UntrustedError(Exception):
    """A message that is not, or not provably, the hub's; it is set aside and the text says why."""


class TryLaterError(Exception):
    """Raised by a `write` callback, or on its behalf: this delivery cannot be written yet, the others can."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A package with the hub's note, verified; sequence counts per endpoint and lane, document_key never repeats."""

    document_key: str
    body: bytes = field(repr=False)
    note: DeliveryNote
    note_bytes: bytes = field(repr=False)
    addressees: tuple[NoteAddressee, ...]
    sequence: int
    lane: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that was refused, as it came, with the reason.

    Once kept it leaves the queue, so that it blocks nothing; it is never reported to the hub as fetched, so that the
    hub goes on showing it as open and may send it again.
    """

    queue: str
    message_id: str
    reason: str
    body: bytes = field(repr=False)
    note: bytes = field(repr=False, default=b"")

    @property
    def digest(self) -> str:
        """Return what makes two of them the same, `sha256:<hex>`."""
        return wire.digest_of(b"\0".join((self.queue.encode(), self.message_id.encode(), self.note, self.body)))


Write = Callable[[Delivery], Awaitable[None]]
Refuse = Callable[[SetAside], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery message taken apart, nothing of it proven: either the body itself or a claim."""

    document_key: str
    body: bytes
    claim: wire.Claim | None
    note: bytes
    note_digest: str


def read_parcel(message: DeliveredMessage) -> Parcel:
    """Take a delivery message apart; raises UntrustedError for one that the contract does not know."""
    properties = message.header.properties
    headers = properties.headers or {}
    kind = properties.message_type
    if kind not in {wire.PACKAGE_TYPE, wire.CLAIM_TYPE}:
        raise UntrustedError(f"message of type “{kind}”")
    try:
        claim = wire.parse_claim(message.body) if kind == wire.CLAIM_TYPE else None
    except wire.WireError as error:
        raise UntrustedError(f"claim: {error}") from None
    note_digest = str(headers.get(wire.NOTE_DIGEST_HEADER, ""))
    note = note_of(message)
    if not note and not wire.DIGEST.fullmatch(note_digest):
        raise UntrustedError("no delivery note")
    body = b"" if claim else bytes(message.body)
    return Parcel(properties.message_id or "", body, claim, note, note_digest)


def note_of(message: DeliveredMessage) -> bytes:
    """Return the note from the header, empty when it is not there."""
    value = (message.header.properties.headers or {}).get(wire.NOTE_HEADER, b"")
    match value:
        case str():
            return value.encode()
        case bytes() | bytearray():
            return bytes(value)
        case _:
            return b""


def verify_note(parcel: Parcel, note: bytes, hub: Iterable[x509.Certificate], endpoint: str) -> DeliveryNote:
    """Return the note once it is proven to be the hub's and about this message; raises UntrustedError."""
    read = verify_sealed(receipts.read_note, note, hub)
    if read.note_id != parcel.document_key:
        # Otherwise an old delivery could be played again under a new id.
        raise UntrustedError("the delivery note is about another delivery")
    if parcel.claim and (parcel.claim.digest, parcel.claim.size_bytes) != (read.digest, read.size_bytes):
        raise UntrustedError("the claim is not about the package of the delivery note")
    if all(one.endpoint != endpoint for one in read.endpoints):
        raise UntrustedError("the delivery note does not name this endpoint")
    if read.lane not in wire.LANES:
        raise UntrustedError(f"lane “{read.lane}”")
    return read


def check_body(body: bytes, note: DeliveryNote) -> None:
    """Raise UntrustedError when the octets are not those that the note is about."""
    if len(body) != note.size_bytes or wire.digest_of(body) != note.digest:
        raise UntrustedError("the package is not the one of the delivery note")


def delivery_of(parcel: Parcel, body: bytes, note: DeliveryNote, note_bytes: bytes, endpoint: str) -> Delivery:
    """Put the proven parts together for this endpoint."""
    own = next(one for one in note.endpoints if one.endpoint == endpoint)
    return Delivery(parcel.document_key, body, note, note_bytes, own.addressees, own.sequence, note.lane)


def verify_sealed(
    read: Callable[[bytes, x509.Certificate], Sealed], octets: bytes, hub: Iterable[x509.Certificate]
) -> Sealed:
    """Read what the hub has sealed, under any of its certificates (now and next); raises UntrustedError."""
    reason = "no certificate of the hub is configured"
    for certificate in hub:
        try:
            return read(octets, certificate)
        except NotSealed as error:
            reason = str(error)
        except (KeyError, ValueError) as error:
            reason = f"{type(error).__name__} in a sealed answer"
    raise UntrustedError(f"not sealed by the hub: {reason}")
