"""What the pages of the made database are asked about: real keys of each person's documents, numbers, words, places of the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from docaxis.domain.deadline import DeadlinePolicy  # noqa: F401
from docaxis.domain.receipt import Receipt, ReceiptAddressee
from docaxis.trust.receipts import write_receipt
from docaxis.trust.seal import Seal
from tests.bench.page_rows import Sitter

DRAWN = 20
Connection = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True, slots=True)
class ClerkKeys:
    """Documents of a clerk's agency: the newest that it sent and received, and received ones by what can be said of them."""

    sent: Sequence[UUID]
    received: Sequence[UUID]
    old: Sequence[UUID]
    """Sent ones from all over the year."""
    by_act: dict[str, Sequence[UUID]]
    addressees: Sequence[tuple[UUID, str]]
    entries: Sequence[tuple[UUID, UUID]]
    """Document and entry of the log."""
    others: Sequence[str]
    """Agencies that it sent something to."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What belongs to nobody: the document that went to everybody, words, numbers, and rows of the log."""

    circular: UUID
    words: Sequence[str]
    rare: Sequence[str]
    numbers: Sequence[tuple[str, str]]
    documents: Sequence[dict[str, Any]]
    entries: Sequence[dict[str, Any]]
    newest_entries: Sequence[UUID]
    log_size: int
    quarantined: Sequence[UUID]
    proposals: Sequence[UUID]
    people: Sequence[UUID]
    end: datetime
