"""What a printed receipt says, sheet by sheet; the page and the PDF print the same facts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from docaxis.domain.calendar import VIETNAM
from docaxis.domain.directory import Directory
from docaxis.hub.views.documents import DocumentView
from docaxis.hub.views.package import SealView
from docaxis.hub.views.timeline import Timeline
from docaxis.web.clerk.matrix import NO_LEVEL, Matrix
from docaxis.web.clerk.matrix_rows import Cell, Row

FIRST_SHEET: Final = 14
NEXT_SHEETS: Final = 30
"""Addressees of a sheet; a reason for a refusal counts as one more."""
STEPS: Final = ("dispatched", "fetched", "01", "03")


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """An addressee: its number in the list, and what it did when; says is a sentence that takes the place of the rest."""

    number: int
    organ_id: str
    name: str
    cells: tuple[Cell, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of paper: its number, and the addressees on it."""

    number: int
    lines: tuple[ReceiptLine, ...]


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """All that a receipt says; number is `BN-year-entry`, code the hub's identifier of the receipt in groups of four.

    leaf_index is None as long as the log has not numbered the act; seal is None where the hub's seal cannot be shown.
    """

    number: str
    code: str
    address: str
    document: DocumentView
    sender_name: str
    received_at: datetime | None
    made_at: datetime
    day: date
    addressees: int
    accepted: int
    counts: Mapping[str, int]
    sheets: tuple[Sheet, ...]
    event_hash: str
    leaf_index: int | None
    seal: SealView | None


def receipt_facts(
    timeline: Timeline,
    table: Matrix,
    directory: Directory,
    made_at: datetime,
    check_address: str,
    seal: SealView | None,
    of: str = "",
) -> ReceiptFacts:
    """Return what the receipt of a document says; of names the one addressee that it is about, empty: all.

    table must hold every addressee, unfolded.
    """
    document = timeline.document
    event = next((one for one in timeline.events if one.kind == "document:accepted"), None)
    own = next((one for one in timeline.submissions if one.submission_id == document.document_key), None)
    agency = directory.find(document.sender)
    rows = [row for row in _in_order(table, directory) if not of or row.organ_id == of]
    return ReceiptFacts(
        number=receipt_number(document, event.leaf_index if event else None),
        code=in_fours(document.document_key.hex.upper()),
        address=check_address,
        document=document,
        sender_name=agency.name if agency else document.sender,
        received_at=own.received_at if own else None,
        made_at=made_at,
        day=table.day,
        addressees=table.addressees,
        accepted=table.accepted,
        counts=table.counts,
        sheets=tuple(_sheets(rows)),
        event_hash=event.leaf_hash.hex() if event else "",
        leaf_index=event.leaf_index if event else None,
        seal=seal,
    )


def receipt_number(document: DocumentView, leaf_index: int | None) -> str:
    """Return the receipt's number: by the entry of the log, before that by the beginning of its code."""
    year = document.accepted_at.astimezone(VIETNAM).year
    return f"BN-{year}-{leaf_index if leaf_index is not None else document.document_key.hex[:8].upper()}"


def in_fours(text: str) -> str:
    """Return text in groups of four signs."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def read_code(text: str) -> UUID | None:
    """Return the identifier that a code means, however it is grouped; None for what is no code."""
    plain = "".join(sign for sign in text if sign.isascii() and sign.isalnum())
    try:
        return UUID(hex=plain) if len(plain) == len(UUID(int=0).hex) else None
    except ValueError:
        return None


def _in_order(table: Matrix, directory: Directory) -> Sequence[Row]:
    """Return the rows by level and code: on paper nothing is put first because it needs attention."""
    ranks = {level.name: level.rank for level in directory.levels}
    rows = [
        (ranks.get(group.level.name, NO_LEVEL.rank), row.organ_id, row) for group in table.groups for row in group.rows
    ]
    return [row for _, _, row in sorted(rows, key=lambda one: one[:2])]


def _sheets(rows: Sequence[Row]) -> Sequence[Sheet]:
    sheets: list[Sheet] = []
    lines: list[ReceiptLine] = []
    room = FIRST_SHEET
    for number, row in enumerate(rows, start=1):
        taken = 2 if row.note else 1
        if room < taken and lines:
            sheets.append(Sheet(len(sheets) + 1, tuple(lines)))
            lines, room = [], NEXT_SHEETS
        cells = tuple(cell for cell in row.cells if cell.step in STEPS)
        lines.append(ReceiptLine(number, row.organ_id, row.short, cells, row.note))
        room -= taken
    sheets.append(Sheet(len(sheets) + 1, tuple(lines)))
    return sheets
