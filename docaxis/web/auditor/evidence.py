"""Evidence as files: entries with their octets, the certificates and receipts that belong to them, and how to check them."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from docaxis.domain.people import Mandate
from docaxis.domain.spreadsheet import harmless
from docaxis.hub.views.audit import EntryView
from docaxis.web.auditor.offline import commands_of, file_of, leaf_command_openssl, leaf_command_python

COLUMNS = ("leaf_index", "event_id", "kind", "at", "outcome", "sender", "number", "leaf_hash", "computed", "canonical")
"""Of the CSV: hashes in hexadecimal, canonical as text."""


def as_json_lines(entries: Iterable[EntryView]) -> bytes:
    """Return one object a line; canonical is the text whose UTF-8 octets are hashed."""
    lines = (json.dumps(_plain(one), ensure_ascii=False, separators=(",", ":")) for one in entries)
    return "".join(f"{line}\n" for line in lines).encode()


def as_csv(entries: Iterable[EntryView]) -> bytes:
    """Return CSV with a byte order mark; what a spreadsheet would take for a formula gets an apostrophe before it."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for one in entries:
        plain = _plain(one)
        writer.writerow([_field(plain[name]) for name in COLUMNS])
    return stream.getvalue().encode("utf-8-sig")


def as_zip(entries: Sequence[EntryView], mandate: Mandate, hub: str) -> bytes:
    """Return a ZIP file of everything; the same entries make the same octets."""
    files: dict[str, bytes] = {
        "README.txt": _read_me(entries, mandate, hub).encode(),
        "entries.jsonl": as_json_lines(entries),
        "entries.csv": as_csv(entries),
    }
    for one in entries:
        files[f"entries/{file_of(one)}"] = one.row.event.canonical
        if one.certificate is not None:
            name = one.certificate.fingerprint.removeprefix("sha256:")
            files[f"certificates/{name}.pem"] = one.certificate.pem.encode()
        for receipt_id, octets in one.receipts.items():
            files[f"receipts/{receipt_id}.xml"] = octets
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(files):
            packed.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _plain(entry: EntryView) -> dict[str, Any]:
    event = entry.row.event
    return {
        "leaf_index": event.leaf_index,
        "event_id": event.event_id.hex,
        "kind": event.kind,
        "at": event.at.isoformat(),
        "outcome": entry.row.outcome,
        "sender": entry.row.sender,
        "number": entry.row.number,
        "leaf_hash": event.leaf_hash.hex(),
        "computed": entry.computed.hex(),
        "is_canonical": entry.is_canonical,
        "canonical": event.canonical.decode("utf-8", "replace"),
        "certificate": entry.certificate.fingerprint if entry.certificate else None,
        "receipts": sorted(entry.receipts),
        "package": entry.package or None,
    }


def _field(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value


def _read_me(entries: Sequence[EntryView], mandate: Mandate, hub: str) -> str:
    example = file_of(entries[0]) if entries else "000000000000.json"
    package = next((text for one in entries if (text := commands_of(one).package)), "")
    return f"""CHỨNG CỨ TỪ NHẬT KÝ CỦA TRỤC / EVIDENCE FROM THE LOG OF THE HUB: {hub}

Phạm vi kiểm tra / mandate: {mandate.decision}, {mandate.first_day:%d/%m/%Y} - {mandate.last_day:%d/%m/%Y}
Số mục / entries: {len(entries)}

entries/        bản chuẩn của từng mục, đúng từng byte / canonical octets of each entry (RFC 8785)
entries.jsonl   các mục với mã băm lá / the entries with their leaf hashes, one JSON object a line
entries.csv     như trên, cho bảng tính / the same for a spreadsheet
certificates/   chứng thư người gửi (PEM) / certificates of the senders
receipts/       biên nhận trục đã ký / receipts that the hub signed

Tính lại mã băm của một mục, trong thư mục entries / compute an entry's hash again, inside entries:

    {leaf_command_openssl(example)}
    {leaf_command_python(example)}

Kết quả phải bằng leaf_hash của mục trong entries.jsonl và EventHash trong biên nhận.
The result must equal leaf_hash of the entry in entries.jsonl, and EventHash in the receipt.

Gói tin không nằm ở đây. Khi nơi gửi hoặc nơi nhận đưa gói tin:
The package is not in here. Where sender or addressee hands it over:

    sha256sum goi-tin.edxml
    {package or "docaxis package verify goi-tin.edxml --anchors certs/anchors --crls certs/crls"}

Chưa có bằng chứng nằm trong nhật ký và dấu mốc: trục chưa công bố.
There are no inclusion proofs and checkpoints yet: the hub does not publish them.
"""
