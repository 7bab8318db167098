"""The register of incoming documents (sổ văn bản đến) as pages show it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from docaxis.hub.views.documents import DocumentView


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered document: its number of the year (số đến), by whom and when, and who has it now."""

    year: int
    number: int
    document: DocumentView
    registered_at: datetime
    registered_by: str
    handed_to: str
    note: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of a year: words of number, notation, subject; part of who has it; numbers from and to (0: any)."""

    year: int
    words: str = ""
    handed_to: str = ""
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A received document that is to be registered."""

    document_key: UUID
    handed_to: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unregistered:
    """Received documents without a number, newest first; following: where the next page begins, None at the end."""

    documents: tuple[DocumentView, ...]
    following: UUID | None
