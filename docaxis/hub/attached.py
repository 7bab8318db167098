"""Which blobs the parties of a document may read: its attachments by reference, and what is too large for a message."""

from collections.abc import Sequence
from uuid import UUID

from docaxis.domain import wire
from docaxis.hub.decide import Arrival
from docaxis.hub.rows import AttachmentRow


def blobs_of(document_key: UUID, attached: Sequence[str], note: bytes) -> list[AttachmentRow]:
    """Return the blobs that the document's receivers will ask for: attachments by reference, and a long note."""
    digests = {*attached}
    if len(note) > wire.NOTE_HEADER_BYTES_MAX:
        digests.add(wire.digest_of(note))
    return [AttachmentRow(document_key, digest) for digest in sorted(digests)]


def passed_on(
    document_key: UUID, arrival: Arrival, inline_limit_bytes: int, attached: Sequence[str] = (), receipt: bytes = b""
) -> list[AttachmentRow]:
    """Return the blobs of a package about an earlier document, which its parties get by their control queues."""
    whole = (arrival.digest,) if len(arrival.body) > inline_limit_bytes else ()
    return blobs_of(document_key, (*attached, *whole), receipt)
