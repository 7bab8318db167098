"""What an auditor is shown: rows of the log, one entry with its certificate, and what came of checking a range."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from math import inf
from typing import Any
from uuid import UUID

from docaxis.domain.verdict import Deferral, Rejection
from docaxis.hub.views.documents import EventView


@dataclass(frozen=True, slots=True)
class LogWanted:
    """Which entries are asked for: days (of Vietnam, both counted), one agency, kinds of event; empty: any.

    holding: a text that the canonical octets hold, such as a status code's.
    """

    first: date
    last: date
    agency: str = ""
    kinds: tuple[str, ...] = ()
    holding: str = ""


@dataclass(frozen=True, slots=True)
class LogRow:
    """An entry, and what the document that it is about is called; outcome is one of `outcome_of`."""

    event: EventView
    outcome: str
    sender: str = ""
    number: str = ""
    subject: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Rows, the place after which the next page begins (empty: this was the last), and whether the page is full.

    A page that is not full and has a next one ended because so many entries were looked through in vain. documents: of how
    many documents and refused packages these are the entries, 0 where the log itself was walked.
    """

    rows: Sequence[LogRow]
    following: str = ""
    is_full: bool = False
    documents: int = 0


class Found(StrEnum):
    """What a pasted text may be; the order of a `Recognised` is that of likelihood."""

    NUMBER = "number"
    DOCUMENT_ID = "document-id"
    MESSAGE_ID = "message-id"
    DIGEST = "digest"
    LEAF_HASH = "leaf-hash"
    EVENT_ID = "event-id"
    SERIAL = "serial"
    FINGERPRINT = "fingerprint"
    LEAF_INDEX = "leaf-index"


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A sender's certificate, decoded; fingerprint is `sha256:<hex>` of its DER, serial in hexadecimal digits.

    organ_ids: what it says of itself; bound: what the registry says instead, None where it says nothing.
    """

    subject: str
    issuer: str
    serial: str
    fingerprint: str
    valid_from: datetime
    valid_until: datetime
    organ_ids: tuple[str, ...]
    bound: tuple[str, ...] | None
    pem: str


@dataclass(frozen=True, slots=True)
class PackageReport:
    """What the verification of stored octets found; digest_matches: the octets are those of the digest.

    word: accepted, rejected or deferred. judged_at is the moment of reception that it was judged by.
    """

    digest: str
    size_bytes: int
    digest_matches: bool
    word: str
    cause: Rejection | Deferral | None
    judged_at: datetime


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry in full. computed is the leaf hash of the canonical octets now; receipts: id → sealed octets."""

    row: LogRow
    computed: bytes
    is_canonical: bool
    body: Mapping[str, Any]
    columns_agree: bool
    certificate: CertificateView | None = None
    receipts: Mapping[str, bytes] = field(default_factory=dict)
    receipt_agrees: bool | None = None
    package: str = ""
    package_bytes: int = 0
    received_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether everything that can be computed again is as it is stored."""
        hashes = self.computed == self.row.event.leaf_hash
        return hashes and self.is_canonical and self.columns_agree and self.receipt_agrees is not False


@dataclass(frozen=True, slots=True)
class Fault:
    """A place in the log that is not as it must be; what is one of FAULTS."""

    leaf_index: int
    what: str
    event_id: UUID | None = None


FAULTS = ("missing", "unreadable", "not-canonical", "hash", "columns", "receipt")
"""No entry of this number or no event to it; not JSON; another form; another hash; columns or receipt that disagree."""


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """What a portion of the log came to: entries and receipts that were checked, the faults, and what it took."""

    entries: int
    receipts: int
    faults: tuple[Fault, ...]
    last_at: datetime | None = None
    read_s: float = 0.0
    compute_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PastAct:
    """A verification or an export, as its event tells."""

    event_id: UUID
    at: datetime
    leaf_index: int | None
    body: Mapping[str, Any]


def in_log_order(rows: Iterable[LogRow]) -> list[LogRow]:
    """Return entries as they lie in the log, newest first; those that have no number yet are the newest."""

    def place(row: LogRow) -> tuple[float, datetime, UUID]:
        index = row.event.leaf_index
        return (inf if index is None else index, row.event.at, row.event.event_id)

    return sorted(rows, key=place, reverse=True)


def outcome_of(kind: str, body: Mapping[str, Any]) -> str:
    """Return what an act came to: accepted, rejected, deferred, refused, unapplied, late, withdrawn, failed or recorded."""
    if kind == "status:accepted":
        if body.get("applied") is False:
            return "unapplied"
        return "refused" if body.get("code") == "02" else "accepted"
    if kind == "log:verified":
        return "recorded" if body.get("faults") == 0 else "failed"
    return _OUTCOMES.get(kind, "recorded")


_OUTCOMES = {
    "document:accepted": "accepted",
    "recall:accepted": "accepted",
    "submission:rejected": "rejected",
    "submission:deferred": "deferred",
    "deadline:missed": "late",
    "document:expired": "late",
    "copies:withdrawn": "withdrawn",
    "message:quarantined": "failed",
    "subscription:disabled": "failed",
}
