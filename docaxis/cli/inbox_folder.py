"""One delivery as one folder on a desk: there whole or not at all."""

import hashlib
from pathlib import Path

from adapters.delivery import Delivery
from adapters.durable import write_folder
from docaxis.domain.envelope import Envelope
from docaxis.domain.verdict import Rejection
from docaxis.edxml import attachments, reader, safety

PACKAGE_FILE = "package.edxml"
NOTE_FILE = "note.xml"
_KEY_DIGITS = 12


def write_delivery(into: Path, delivery: Delivery) -> Path:
    """Write package, note and attachments durably; a delivery seen before is left as it is. Returns its folder.

    Attachments by reference stay in the blob store; the package tells their digests.
    """
    name = attachments.safe_name(f"{delivery.note.document_id.replace('/', '-')} {_key(delivery.document_key)}")
    folder = into / name
    files = {PACKAGE_FILE: delivery.body, NOTE_FILE: delivery.note_bytes}
    parsed = safety.parse(delivery.body)
    envelope = parsed if isinstance(parsed, Rejection) else reader.read_envelope(parsed)
    for attachment in envelope.attachments if isinstance(envelope, Envelope) else ():
        unpacked = attachments.unpack(attachment)
        if not isinstance(unpacked, Rejection):
            files[_free(unpacked.name, files)] = unpacked.content
    write_folder(folder, files)
    return folder


def is_written(into: Path, document_key: str) -> bool:
    """Return whether a delivery's folder is there."""
    return any(into.glob(f"* {_key(document_key)}"))


def _key(document_key: str) -> str:
    # Different documents may share an id; the hub's key never repeats.
    return hashlib.sha256(document_key.encode()).hexdigest()[:_KEY_DIGITS]


def _free(name: str, taken: dict[str, bytes]) -> str:
    lowered = {other.casefold() for other in taken}
    candidate, number = name, 1
    while candidate.casefold() in lowered:
        number += 1
        path = Path(name)
        candidate = f"{path.stem} ({number}){path.suffix}"
    return candidate
